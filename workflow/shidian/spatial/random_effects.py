"""SAR and SDM panel models with random unit effects, and the spatial Hausman test against fixed effects.

Log-likelihood (Elhorst 2014, eqs. 3.14-3.17): with φ² = σ²/(Tσ_μ² + σ²) and z* = z − (1 − φ) z̄ (unit means),
``−nT/2 ln(2πσ²) + T ln|I − ρW| + n/2 ln φ² − Σ (y* − ρ(Wy)* − X*β)² / (2σ²)``. Year effects are taken out first, by
Q_n, in the lag too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from shidian.estimates import Fit
from shidian.spatial.arrays import balanced, check_rank, within
from shidian.spatial.information import Scores, information
from shidian.spatial.likelihood import Concentrated, Point, maximise
from shidian.spatial.lm import ChiSquared, wald_chi2
from shidian.spatial.logdet import LogDeterminant, log_determinant
from shidian.spatial.models import fit_spatial
from shidian.spatial.transformed import CONSTANT, RHO, Sample, lag_name
from shidian.spatial.weights import Weights, align


def fit_random_effects(
    panel: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    weights: Weights,
    model: Literal["sar", "sdm"] = "sdm",
    effects: Literal["unit", "twoway"] = "twoway",
    logdet: LogDeterminant | None = None,
    with_means: bool = False,
) -> Fit:
    """Fit SAR or SDM with random unit effects (and fixed year effects where ``effects`` is ``twoway``).

    ``extra`` holds phi (1 = no unit effects), sigma2 and log_likelihood. Covariance: expected information given φ.
    ``with_means`` adds the unit means of all regressors, as terms ``mean(name)`` (Mundlak 1978).

    Raises:
        EstimationError: see ``fit_spatial``.
    """
    data = balanced(panel, [outcome, *regressors])
    W = align(weights, data.codes)
    logdet = logdet or log_determinant(W)
    T, n = len(data.years), W.n
    lags = regressors if model == "sdm" else ()
    raw = [data.column(name) for name in regressors] + [W.lag(data.column(name)) for name in lags]
    terms = [*regressors, *(lag_name(name) for name in lags)]
    if with_means:
        raw += [np.broadcast_to(x.mean(axis=0), (T, n)) for x in raw]
        terms += [mean_name(term) for term in terms]
    if effects == "unit":
        raw.append(np.ones((T, n)))
        terms.append(CONSTANT)
    y = data.column(outcome)
    columns = np.stack([y, W.lag(y), *raw])
    if effects == "twoway":
        columns = within(columns, "time")
    means = columns.mean(axis=1, keepdims=True)
    check_rank(columns[2:].reshape(len(raw), -1).T, np.stack(raw).reshape(len(raw), -1).T, terms, "time")

    def loss(phi: float) -> float:
        return -_at_phi(phi, columns, means, tuple(terms), logdet).log_likelihood

    found = minimize_scalar(loss, bounds=(1e-4, 1.0), method="bounded", options={"xatol": 1e-9})
    best = _at_phi(float(found.x), columns, means, tuple(terms), logdet)
    sigma2 = best.point.ssr / (T * n)
    G, X = logdet.multiplier(best.rho), best.sample.X
    pulled = ((X @ best.point.coef).reshape(T, n) @ G.T).ravel()
    scores = Scores(
        np.column_stack([X, pulled, np.zeros(T * n)]), [*[None] * len(terms), G, 1 / (2 * sigma2)], sigma2, n, T, T * n
    )
    matrix = np.linalg.inv(information(scores))[:-1, :-1]
    return Fit(
        terms=(*terms, RHO), coef=np.append(best.point.coef, best.rho), vcov=matrix, df=float("inf"), n_obs=T * n,
        n_units=n, vcov_kind="from the expected information", ssc="maximum likelihood",
        extra={"phi": float(found.x), "sigma2": sigma2, "log_likelihood": best.log_likelihood},
    )  # fmt: skip


@dataclass(frozen=True)
class _AtPhi:
    """The maximum of the likelihood over everything else at one φ."""

    sample: Sample
    rho: float
    point: Point
    log_likelihood: float


def _at_phi(
    phi: float, columns: np.ndarray, means: np.ndarray, terms: tuple[str, ...], logdet: LogDeterminant
) -> _AtPhi:
    """Maximise at φ; ``columns`` are the (2 + k, T, n) outcome, its lag and regressors, ``means`` over their years."""
    _, T, n = columns.shape
    starred = (columns - (1 - phi) * means).reshape(len(columns), -1).T
    sample = Sample((starred[:, 0], starred[:, 1]), starred[:, 2:], None, terms, T, n)
    likelihood = Concentrated(sample, logdet, (T, T * n, 0), True, False)
    rho, _ = maximise(likelihood)
    point = likelihood.at(rho, 0.0)
    return _AtPhi(sample, rho, point, likelihood.value(rho, 0.0, point) + n * np.log(phi))


def mean_name(term: str) -> str:
    """Return the term of the unit means of a regressor."""
    return f"mean({term})"


def mundlak(
    panel: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    weights: Weights,
    model: Literal["sar", "sdm"] = "sdm",
    effects: Literal["unit", "twoway"] = "twoway",
    logdet: LogDeterminant | None = None,
) -> ChiSquared:
    """Return the Hausman test in regression form: are the unit means of X (and WX) zero in the random-effects model?

    Mundlak (1978). It tests the same null and always gives a statistic. The covariance takes errors as independent.
    """
    fit = fit_random_effects(panel, outcome, regressors, weights, model, effects, logdet, with_means=True)
    places = [i for i, term in enumerate(fit.terms) if term.startswith("mean(")]
    d, V = fit.coef[places], fit.vcov[np.ix_(places, places)]
    return wald_chi2("Hausman, regression form (Mundlak)", d, V)


def hausman(
    panel: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    weights: Weights,
    model: Literal["sar", "sdm"] = "sdm",
    effects: Literal["unit", "twoway"] = "twoway",
    logdet: LogDeterminant | None = None,
) -> ChiSquared:
    """Return the Hausman test of fixed against random unit effects, d'(V_F − V_R)⁻¹d with d over (β, θ, ρ).

    Both fits are the direct approach with σ² of the fixed-effects fit, which keeps V_F − V_R positive where the
    random-effects estimator is efficient. A difference that is not positive definite gives no statistic, with the
    reason; ``mundlak`` always gives one.
    """
    fixed = fit_spatial(panel, outcome, regressors, weights, model, None, effects, "iid", "none", logdet=logdet).fit
    random = fit_random_effects(panel, outcome, regressors, weights, model, effects, logdet)
    keep = [t for t in fixed.terms if t in random.terms]
    f = [fixed.terms.index(t) for t in keep]
    r = [random.terms.index(t) for t in keep]
    d = fixed.coef[f] - random.coef[r]
    V = fixed.vcov[np.ix_(f, f)] - random.vcov[np.ix_(r, r)] * fixed.extra["sigma2"] / random.extra["sigma2"]
    scale = np.sqrt(np.diag(fixed.vcov)[f])
    if np.linalg.eigvalsh(V / np.outer(scale, scale)).min() <= 1e-10:
        reason = "V(fixed) − V(random) is not positive definite"
        return ChiSquared("Hausman", float("nan"), len(keep), reason)
    statistic = float((d / scale) @ np.linalg.solve(V / np.outer(scale, scale), d / scale))
    return ChiSquared("Hausman", statistic, len(keep))
