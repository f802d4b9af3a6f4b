"""Lagrange-multiplier tests for a spatial lag and a spatial error on panel residuals.

Anselin, Bera, Florax & Yoon (1996) for cross-sections; Elhorst (2014, eqs. 3.7-3.10) for panels with fixed effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from shidian.did.wald import wald_statistic
from shidian.errors import EstimationError
from shidian.messages import say
from shidian.spatial.arrays import Effects, balanced, within
from shidian.spatial.models import SpatialFit, fit_spatial
from shidian.spatial.transformed import Demeaning, LeeYu
from shidian.spatial.weights import Weights
from shidian.variance import variance_reasons


@dataclass(frozen=True)
class ChiSquared:
    """A test statistic with its chi-squared p-value; ``reason`` says why there is none."""

    name: str
    statistic: float
    df: int
    reason: str = ""

    @property
    def p(self) -> float:
        """Upper tail of the chi-squared distribution."""
        return float(stats.chi2.sf(self.statistic, self.df)) if np.isfinite(self.statistic) else float("nan")


def wald_chi2(name: str, estimates: np.ndarray, vcov: np.ndarray) -> ChiSquared:
    """Return the Wald test that the (q,) estimates are zero, χ²(q); their covariance must be positive definite."""
    lacking = next((why for why in variance_reasons(estimates, np.diag(vcov)) if why), "")
    if lacking:
        return ChiSquared(name, float("nan"), len(estimates), lacking)
    what = say("{n} coefficients", n=len(estimates))
    try:
        statistic = wald_statistic(estimates, vcov, np.sqrt(np.diag(vcov)), what)
    except EstimationError as error:
        return ChiSquared(name, float("nan"), len(estimates), str(error))
    return ChiSquared(name, statistic, len(estimates))


def lm_tests(
    panel: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    weights: Weights,
    effects: Effects = "twoway",
    lee_yu: LeeYu = "transformation",
    demeaning: Demeaning = "lag_first",
) -> tuple[ChiSquared, ChiSquared, ChiSquared, ChiSquared]:
    """Return LM lag, LM error, robust LM lag, robust LM error of the non-spatial model, each χ²(1).

    With ``lee_yu`` ``transformation`` the tests count the (n − 1)(T − 1) transformed observations (Debarsy & Ertur
    2010); with ``none`` they are Elhorst's, which count nT and so reject too often by T/(T − 1).

    Raises:
        EstimationError: see ``fit_spatial``.
    """
    ols = fit_spatial(panel, outcome, regressors, weights, "ols", (), effects, "iid", lee_yu, demeaning)
    return tests_of_residuals(ols, panel, outcome, regressors)


def tests_of_residuals(
    ols: SpatialFit, panel: pd.DataFrame, outcome: str, regressors: Sequence[str]
) -> tuple[ChiSquared, ChiSquared, ChiSquared, ChiSquared]:
    """Return the four tests for a fitted ``ols`` model."""
    options, W = ols.options, ols.weights
    year_effects = options.effects in ("time", "twoway") and options.lee_yu == "transformation"
    data = balanced(panel, [outcome, *regressors])
    sigma2 = ols.fit.extra["sigma2"]
    e = ols.residuals
    periods = len(ols.years) - (options.effects in ("unit", "twoway") and options.lee_yu == "transformation")

    def demeaned(values: np.ndarray) -> np.ndarray:
        return within(values, options.effects)

    first = options.demeaning == "lag_first"
    y = data.column(outcome)
    Wy = demeaned(W.lag(y)) if first else W.lag(demeaned(y))
    X = demeaned(np.stack([data.column(name) for name in regressors])) if regressors else np.empty((0, *y.shape))
    if options.effects == "none":
        X = np.concatenate([X, np.ones((1, *y.shape))])
    fitted = W.lag(np.tensordot(ols.fit.coef, X, axes=1))
    if year_effects or first:
        fitted = demeaned(fitted)
    columns = X.reshape(len(X), -1).T
    basis = np.linalg.qr(columns)[0]
    rest = fitted.ravel() - basis @ (basis.T @ fitted.ravel())
    M = W.matrix
    if year_effects:
        M = M - M.mean(axis=0)
        M = M - M.mean(axis=1, keepdims=True)
    trace = periods * float(np.sum(M * M.T) + np.sum(M * M))
    J = float(rest @ rest) / sigma2 + trace
    lag, error = float(np.sum(e * Wy)) / sigma2, float(np.sum(e * W.lag(e))) / sigma2
    return (
        ChiSquared(say("LM lag"), lag**2 / J, 1),
        ChiSquared(say("LM error"), error**2 / trace, 1),
        ChiSquared(say("Robust LM lag"), (lag - error) ** 2 / (J - trace), 1),
        ChiSquared(say("Robust LM error"), (error - trace / J * lag) ** 2 / (trace * (1 - trace / J)), 1),
    )
