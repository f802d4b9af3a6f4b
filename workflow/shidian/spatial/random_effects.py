"""SAR, SDM and SEM panel models with random unit effects.

Log-likelihood (Elhorst 2014, eqs. 3.14-3.17): with φ² = σ²/(Tσ_μ² + σ²) and z* = z − (1 − φ) z̄ (unit means),
``−nT/2 ln(2πσ²) + T ln|I − ρW| + n/2 ln φ² − Σ (y* − ρ(Wy)* − X*β)² / (2σ²)``. In SEM the unit effects are lagged in
space like the disturbances, u = λWu + μ + ε (Kapoor, Kelejian & Prucha 2007), so that ρ(Wy)* and X* become λ(Wy)* and
(X − λWX)*. Year effects are taken out first, by Q_n, in the lags too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize_scalar

from shidian.estimates import LIKELIHOOD, Fit
from shidian.inference.scaled import inverse
from shidian.messages import say
from shidian.spatial.arrays import balanced, check_rank, within
from shidian.spatial.information import Scores, information
from shidian.spatial.likelihood import Concentrated, Point, maximise
from shidian.spatial.logdet import LogDeterminant, log_determinant
from shidian.spatial.transformed import CONSTANT, LAMBDA, RHO, Sample, lag_name
from shidian.spatial.weights import Weights, align

RandomModel = Literal["sar", "sdm", "sem"]
SMALLEST = 1e-4
"""Smallest φ tried; there the unit effects have 10⁸ times the variance of the rest."""


def fit_random_effects(
    panel: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    weights: Weights,
    model: RandomModel = "sdm",
    effects: Literal["unit", "twoway"] = "twoway",
    logdet: LogDeterminant | None = None,
    with_means: bool = False,
) -> Fit:
    """Fit SAR, SDM or SEM with random unit effects (and fixed year effects where ``effects`` is ``twoway``).

    ``extra`` holds phi (1 = no unit effects), sigma2 and log_likelihood. Covariance: expected information given φ.
    ``with_means`` adds the unit means of all regressors, as terms ``mean(name)`` (Mundlak 1978).

    Raises:
        EstimationError: see ``fit_spatial``.
    """
    data = balanced(panel, [outcome, *regressors])
    W = align(weights, data.codes)
    logdet = logdet or log_determinant(W)
    T, n = len(data.years), W.n
    raw, terms = _regressors(data.values, data.names, regressors, W, model, with_means)
    if effects == "unit":
        raw.append(np.ones((T, n)))
        terms.append(CONSTANT)
    own = np.stack([data.column(outcome), *raw])
    columns = np.stack([own, W.lag(own)]) if model == "sem" else np.stack([own, _lag_of_outcome(own, W)])
    if effects == "twoway":
        columns = within(columns, "time")
    check_rank(columns[0, 1:].reshape(len(raw), -1).T, own[1:].reshape(len(raw), -1).T, terms, "time")
    likelihood = _Profile(columns, tuple(terms), logdet, model == "sem")
    phi = _most_likely(likelihood)
    best = likelihood.at(phi)
    sigma2 = best.point.ssr / (T * n)
    matrix = inverse(information(likelihood.scores(best, sigma2)))[:-1, :-1]
    return Fit(
        terms=(*terms, LAMBDA if model == "sem" else RHO), coef=np.append(best.point.coef, best.spatial), vcov=matrix,
        df=float("inf"), n_obs=T * n, n_units=n,
        vcov_kind=say("from the expected information"), ssc=LIKELIHOOD,
        extra={"phi": phi, "sigma2": sigma2, "log_likelihood": best.log_likelihood},
    )  # fmt: skip


def mean_name(term: str) -> str:
    """Return the term of the unit means of a regressor."""
    return f"mean({term})"


def _regressors(
    values: np.ndarray, names: Sequence[str], regressors: Sequence[str], W: Weights, model: str, with_means: bool
) -> tuple[list[np.ndarray], list[str]]:
    """Return the (T, n) regressors, their lags in SDM, the unit means of all where asked for, and their terms."""
    found = [np.asarray(values[names.index(name)]) for name in regressors]
    terms = list(regressors)
    if model == "sdm":
        found += [W.lag(x) for x in found]
        terms += [lag_name(name) for name in regressors]
    if with_means:
        found += [np.broadcast_to(x.mean(axis=0), x.shape) for x in found]
        terms += [mean_name(term) for term in terms]
    return found, terms


def _lag_of_outcome(own: np.ndarray, W: Weights) -> np.ndarray:
    """Return the lag of the first column, and zeros in the place of those of the others, which SAR does not use."""
    lagged = np.zeros_like(own)
    lagged[0] = W.lag(own[0])
    return lagged


@dataclass(frozen=True)
class _AtPhi:
    """The maximum of the likelihood over everything else at one φ."""

    sample: Sample
    spatial: float
    point: Point
    log_likelihood: float
    residuals: np.ndarray


class _Profile:
    """The log-likelihood as a function of φ, all else at its maximum.

    Args:
        columns: (2, 1 + k, T, n) outcome and regressors, and their lags.
        terms: names of the k regressors.
        logdet: ln|I − ρW|.
        error: whether the error is lagged (SEM) and not the outcome.
    """

    def __init__(self, columns: np.ndarray, terms: tuple[str, ...], logdet: LogDeterminant, error: bool) -> None:
        self.columns, self.means = columns, columns.mean(axis=2, keepdims=True)
        self.terms, self.logdet, self.error = terms, logdet, error

    def at(self, phi: float) -> _AtPhi:
        """Maximise at φ."""
        _, _, T, n = self.columns.shape
        starred = (self.columns - (1 - phi) * self.means).reshape(2, len(self.terms) + 1, -1)
        WX = starred[1, 1:].T if self.error else None
        sample = Sample((starred[0, 0], starred[1, 0]), starred[0, 1:].T, WX, self.terms, T, n)
        likelihood = Concentrated(sample, self.logdet, (T, T * n, 0), not self.error, self.error)
        rho, lam = maximise(likelihood)
        point = likelihood.at(rho, lam)
        y, X = sample.filtered(rho, lam)
        value = likelihood.value(rho, lam, point) + n * np.log(phi)
        return _AtPhi(sample, lam if self.error else rho, point, float(value), y - X @ point.coef)

    def slope(self, phi: float) -> float:
        """Return the derivative of the log-likelihood times φ/n: of the residuals' variation, 1/T is between units."""
        best = self.at(phi)
        T = best.sample.T
        between = T * float(np.sum(best.residuals.reshape(T, -1).mean(axis=0) ** 2))
        return 1 - T * between / best.point.ssr

    def scores(self, best: _AtPhi, sigma2: float) -> Scores:
        """Return the parts of the scores of the slopes, ρ or λ, and σ² given φ."""
        sample = best.sample
        G = self.logdet.multiplier(best.spatial)
        _, X = sample.filtered(0.0, best.spatial) if self.error else sample.filtered(best.spatial, 0.0)
        pulled = np.zeros(len(X))
        if not self.error:
            pulled = ((X @ best.point.coef).reshape(sample.T, sample.n) @ G.T).ravel()
        linear = np.column_stack([X, pulled, np.zeros(len(X))])
        quadratic = [*[None] * len(self.terms), G, 1 / (2 * sigma2)]
        return Scores(linear, quadratic, sigma2, sample.n, sample.T, len(X))


def _most_likely(likelihood: _Profile) -> float:
    """Return the φ between ``SMALLEST`` and 1 that maximises the likelihood: a bounded search, then the root."""
    found = minimize_scalar(
        lambda phi: -likelihood.at(phi).log_likelihood, bounds=(SMALLEST, 1.0), method="bounded",
        options={"xatol": 1e-6},
    )  # fmt: skip
    low, high = max(float(found.x) * 0.99, SMALLEST), min(float(found.x) * 1.01, 1.0)
    if high == 1.0 and likelihood.slope(1.0) >= 0:
        return 1.0
    if low == SMALLEST and likelihood.slope(SMALLEST) <= 0:
        return SMALLEST
    if likelihood.slope(low) > 0 > likelihood.slope(high):
        return float(brentq(likelihood.slope, low, high, xtol=1e-14, rtol=1e-13))
    return float(found.x)
