"""Conley (1999) standard errors: errors correlated between units near each other, and over years within a unit."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from shidian.errors import EstimationError
from shidian.messages import say
from shidian.spatial.near import Near

Kernel = Literal["uniform", "bartlett"]
SPARSE = 0.1
"""Share of pairs within the cut-off below which the product with their weights is a sparse one."""


def conley_covariance(
    X: np.ndarray,
    residuals: np.ndarray,
    unit: np.ndarray,
    year: np.ndarray,
    near: Near,
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
        unit: (N,) position of each row's unit among the places of ``near``.
        year: (N,) years.
        near: distances between units within a cut-off (``shidian.spatial.near``).
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
    norms = np.linalg.norm(X, axis=0)  # columns of unit norm, so that the regressors' units do not matter
    bread = np.linalg.inv((X / norms).T @ (X / norms)) / np.outer(norms, norms)
    s = (X @ bread) * residuals[:, None]  # influence of each row on the estimates
    meat = _over_space(s, unit, year, near, cutoff_km, kernel) + _over_years(s, unit, year, lags)
    return np.asarray((meat + meat.T) / 2)


def _over_space(
    s: np.ndarray, unit: np.ndarray, year: np.ndarray, near: Near, cutoff_km: float, kernel: Kernel
) -> np.ndarray:
    """Return Σ_t Σ_ij K(d_ij) s_it s_jt', some units i at a time."""
    years, t = np.unique(year, return_inverse=True)
    k = s.shape[1]
    by_unit = np.zeros((near.n, len(years), k))
    np.add.at(by_unit, (unit, t), s)
    flat = by_unit.reshape(near.n, -1)
    meat = np.zeros((k, k))
    for rows, distance in near.within(cutoff_km):
        weight = np.ones_like(distance.data) if kernel == "uniform" else 1 - distance.data / cutoff_km
        K = csr_array((weight, distance.indices, distance.indptr), shape=distance.shape)
        if K.nnz > SPARSE * (rows.stop - rows.start) * near.n:
            K = K.toarray()
        meat += flat[rows].reshape(-1, k).T @ (K @ flat).reshape(-1, k)
    return meat


def _over_years(s: np.ndarray, unit: np.ndarray, year: np.ndarray, lags: int) -> np.ndarray:
    """Return Σ_i Σ_{0<|t−r|≤L} (1 − |t − r|/(L + 1)) s_it s_ir'."""
    meat = np.zeros((s.shape[1], s.shape[1]))
    order = np.lexsort((year, unit))
    s, unit, year = s[order], unit[order], year[order]
    for shift in range(1, min(lags, len(s) - 1) + 1):  # rows of a unit so many places apart, gaps in years allowed for
        apart = year[shift:] - year[:-shift]
        weight = np.where((unit[shift:] == unit[:-shift]) & (apart <= lags), 1 - apart / (lags + 1), 0.0)
        cross = (s[shift:] * weight[:, None]).T @ s[:-shift]
        meat += cross + cross.T
    return meat
