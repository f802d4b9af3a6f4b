"""Conley (1999) standard errors: errors correlated between units near each other, and over years within a unit."""

from __future__ import annotations

from typing import Literal

import numpy as np

from shidian.errors import EstimationError
from shidian.messages import say

Kernel = Literal["uniform", "bartlett"]


def conley_covariance(
    X: np.ndarray,
    residuals: np.ndarray,
    unit: np.ndarray,
    year: np.ndarray,
    distance_km: np.ndarray,
    cutoff_km: float,
    kernel: Kernel = "uniform",
    lags: int = 0,
) -> np.ndarray:
    """Return the (k, k) covariance of least squares robust to correlation in space and time.

    ``(X'X)⁻¹ [Σ_t Σ_ij K(d_ij) s_it s_jt' + Σ_i Σ_{0<|t−r|≤L} (1 − |t − r|/(L + 1)) s_it s_ir'] (X'X)⁻¹`` with scores
    s = x e; K = 1 up to the cut-off (``uniform``) or 1 − d/cut-off (``bartlett``). The form of Hsiang (2010); no
    small-sample factor. It need not be positive semi-definite, as with a uniform kernel: see ``make_positive``.

    Args:
        X: (N, k) regressors after partialling the fixed effects out.
        residuals: (N,) residuals.
        unit: (N,) position of each row's unit in ``distance_km``.
        year: (N,) years.
        distance_km: (n, n) distances.
        cutoff_km: distance beyond which errors are uncorrelated.
        kernel: weight of pairs within the cut-off.
        lags: years over which a unit's own errors are correlated, 0 for none; at most T − 1 leaves no pair out.

    Raises:
        EstimationError: a cut-off or number of lags that makes no sense, an unknown kernel.
    """
    if cutoff_km <= 0 or lags < 0:
        raise EstimationError(
            say(
                "Conley errors want a positive cut-off and lags of 0 or more, not {cutoff}, {lags}",
                cutoff=cutoff_km,
                lags=lags,
            )
        )
    if kernel not in ("uniform", "bartlett"):
        raise EstimationError(say("no Conley kernel '{kernel}': uniform or bartlett", kernel=kernel))
    near = distance_km <= cutoff_km
    K = near.astype(np.float64) if kernel == "uniform" else np.where(near, 1 - distance_km / cutoff_km, 0.0)
    norms = np.linalg.norm(X, axis=0)  # columns of unit norm, so that the regressors' units do not matter
    bread = np.linalg.inv((X / norms).T @ (X / norms)) / np.outer(norms, norms)
    s = (X @ bread) * residuals[:, None]  # influence of each row on the estimates
    meat = np.zeros((X.shape[1], X.shape[1]))
    for t in np.unique(year):
        rows = year == t
        meat += s[rows].T @ K[np.ix_(unit[rows], unit[rows])] @ s[rows]
    order = np.lexsort((year, unit))
    s, unit, year = s[order], unit[order], year[order]
    for shift in range(
        1, min(lags, len(s) - 1) + 1
    ):  # rows of a unit ``shift`` places apart, gaps in years allowed for
        apart = year[shift:] - year[:-shift]
        weight = np.where((unit[shift:] == unit[:-shift]) & (apart <= lags), 1 - apart / (lags + 1), 0.0)
        cross = (s[shift:] * weight[:, None]).T @ s[:-shift]
        meat += cross + cross.T
    return (meat + meat.T) / 2
