"""Hausman tests of spatial panel models: fixed against random unit effects, and least squares against SEM.

Each compares two estimators that agree under the null. A difference of covariances that is not positive definite gives
no statistic, and says so; the regression form (``mundlak``) tests the same null as fixed against random effects and
always gives one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from shidian.inference.scaled import inverse, quadratic_form, scales
from shidian.messages import say
from shidian.spatial.arrays import balanced
from shidian.spatial.lm import ChiSquared, wald_chi2
from shidian.spatial.logdet import LogDeterminant
from shidian.spatial.models import SpatialFit, fit_spatial
from shidian.spatial.random_effects import RandomModel, fit_random_effects
from shidian.spatial.transformed import LAMBDA, transform
from shidian.spatial.weights import Weights

FORMS = {"sdm": say("Hausman"), "sar": say("Hausman, SAR"), "sem": say("Hausman, SEM")}
PACE_LESAGE = say("Hausman, OLS against SEM (Pace and LeSage)")


def hausman(
    panel: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    weights: Weights,
    model: RandomModel = "sdm",
    effects: Literal["unit", "twoway"] = "twoway",
    logdet: LogDeterminant | None = None,
) -> ChiSquared:
    """Return the Hausman test of fixed against random unit effects, d'(V_F − V_R)⁻¹d.

    d holds β, θ and ρ; in SEM the slopes alone, λ being no slope (Mutl & Pfaffermayr 2011). Both fits are the direct
    approach with σ² of the fixed-effects fit, which keeps V_F − V_R positive where the random-effects estimator is
    efficient.
    """
    fixed = fit_spatial(panel, outcome, regressors, weights, model, None, effects, "iid", "none", logdet=logdet).fit
    random = fit_random_effects(panel, outcome, regressors, weights, model, effects, logdet)
    keep = [t for t in fixed.terms if t in random.terms and t != LAMBDA]
    f = [fixed.terms.index(t) for t in keep]
    r = [random.terms.index(t) for t in keep]
    efficient = random.vcov[np.ix_(r, r)] * fixed.extra["sigma2"] / random.extra["sigma2"]
    return _difference(
        FORMS[model], fixed.coef[f] - random.coef[r], fixed.vcov[np.ix_(f, f)], efficient,
        say("V(fixed) − V(random) is not positive definite"),
    )  # fmt: skip


def mundlak(
    panel: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    weights: Weights,
    model: RandomModel = "sdm",
    effects: Literal["unit", "twoway"] = "twoway",
    logdet: LogDeterminant | None = None,
) -> ChiSquared:
    """Return the Hausman test in regression form: are the unit means of X (and WX) zero in the random-effects model?

    Mundlak (1978). It tests the same null and always gives a statistic. The covariance takes errors as independent.
    """
    fit = fit_random_effects(panel, outcome, regressors, weights, model, effects, logdet, with_means=True)
    places = [i for i, term in enumerate(fit.terms) if term.startswith("mean(")]
    return wald_chi2(regression_form(model), fit.coef[places], fit.vcov[np.ix_(places, places)])


def regression_form(model: RandomModel) -> str:
    """Return what the Hausman test in regression form is called."""
    return say("{test}, regression form (Mundlak)", test=FORMS[model])


def pace_lesage(
    ols: SpatialFit, sem: SpatialFit, panel: pd.DataFrame, outcome: str, regressors: Sequence[str]
) -> ChiSquared:
    """Return Pace and LeSage's (2008) spatial Hausman test of least squares against SEM.

    Both estimate the same slopes where SEM is right; where it is not, say for a lag of the outcome left out, they
    differ. ``(b − β)' [σ² (X'X)⁻¹ X'ΩX (X'X)⁻¹ − V_SEM]⁻¹ (b − β)``, with Ω = (I − λW)⁻¹(I − λW')⁻¹ of the transformed
    W, σ² and V of SEM. R's ``spatialreg::Hausman.test`` has (I − λW)⁻² in the place of Ω, which is no covariance where
    W is not symmetric, and so another number.

    Args:
        ols: least squares, fitted as ``sem``.
        sem: SEM of the same regressors.
        panel: the sample of both.
        outcome: the outcome of both.
        regressors: the regressors of both.
    """
    data = balanced(panel, [outcome, *regressors])
    X = transform(data, ols.weights, outcome, regressors, (), ols.options).X
    k = X.shape[1]
    M = ols.weights.matrix
    if ols.options.effects in ("time", "twoway"):
        M = M - M.mean(axis=0)
        M = M - M.mean(axis=1, keepdims=True)
    B = np.eye(len(M)) - sem.value(LAMBDA) * M
    by_year = X.T.reshape(k, -1, len(M))
    filtered = np.linalg.solve(B.T, by_year.reshape(-1, len(M)).T).T.reshape(k, -1).T
    bread = inverse(X.T @ X)
    spread = sem.fit.extra["sigma2"] * bread @ (filtered.T @ filtered) @ bread
    d = ols.fit.coef - sem.fit.coef[:k]
    why = say("V(OLS) − V(SEM) is not positive definite")
    return _difference(PACE_LESAGE, d, spread, sem.fit.vcov[:k, :k], why)


def _difference(name: str, d: np.ndarray, wide: np.ndarray, narrow: np.ndarray, why: str) -> ChiSquared:
    """Return d'(wide − narrow)⁻¹d, or ``why`` there is none."""
    V, scale = wide - narrow, scales(wide)
    if np.linalg.eigvalsh(V / np.outer(scale, scale)).min() <= 1e-10:
        return ChiSquared(name, float("nan"), len(d), why)
    return ChiSquared(name, quadratic_form(d, V), len(d))
