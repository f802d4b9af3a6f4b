"""Scores by unit and observed Hessian of a spatial model: the robust covariance that Stata's xsmle prints.

``vce(robust)`` of xsmle (Belotti, Hughes & Mortari 2017) is the sandwich H⁻¹ (Σ_g s_g s_g') H⁻¹ G/(G − 1) of Stata's
``ml``: H the Hessian at the estimates, s_g the scores summed over the years of the units of cluster g, in which each
unit carries one nth of the log-determinant. It leaves out that the score of ρ is quadratic in the errors of different
units (``information.sandwich`` has these products); under independent errors it is too small for ρ and WX.
"""

from __future__ import annotations

import numpy as np

from shidian.inference.scaled import inverse
from shidian.spatial.logdet import LogDeterminant
from shidian.spatial.transformed import LAMBDA, RHO, Sample


def xsmle_covariance(
    sample: Sample,
    logdet: LogDeterminant,
    theta: np.ndarray,
    sigma2: float,
    spatial: tuple[str, ...],
    shape: tuple[float, float, bool],
    clusters: np.ndarray,
) -> np.ndarray:
    """Return the (p, p) covariance of (β, θ, ρ, λ, σ²) at the maximum of the likelihood.

    Args:
        sample: the transformed sample.
        logdet: ln|I − ρW|.
        theta: coefficients of the terms, then the spatial ones.
        sigma2: σ².
        spatial: names of the spatial ones.
        shape: transformed periods, transformed observations, whether W loses its eigenvalue one.
        clusters: (n,) code of each unit's cluster.
    """
    e, slopes = _residuals_and_slopes(sample, theta, spatial)
    A = inverse(_minus_hessian(sample, logdet, theta, sigma2, spatial, shape, e, slopes))
    by_unit = _unit_scores(sample, logdet, theta, sigma2, spatial, shape, e, slopes)
    groups = int(clusters.max()) + 1
    s = np.zeros((groups, by_unit.shape[1]))
    np.add.at(s, clusters, by_unit)
    return np.asarray(A @ (s.T @ s) @ A * groups / (groups - 1))


def _residuals_and_slopes(sample: Sample, theta: np.ndarray, spatial: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return (N,) ε and (N, k + spatial) minus its derivatives with respect to the coefficients."""
    k = len(sample.terms)
    rho, lam = (_value(theta, k, spatial, name) for name in (RHO, LAMBDA))
    y, X = sample.filtered(rho, lam)
    columns = [X]
    twice = sample.y[2] if len(sample.y) == 3 else np.zeros_like(y)
    if RHO in spatial:
        columns.append((sample.y[1] - lam * twice)[:, None])
    if LAMBDA in spatial and sample.WX is not None:
        columns.append((sample.y[1] - rho * twice - sample.WX @ theta[:k])[:, None])
    return y - X @ theta[:k], np.concatenate(columns, axis=1)


def _minus_hessian(
    sample: Sample, logdet: LogDeterminant, theta: np.ndarray, sigma2: float, spatial: tuple[str, ...],
    shape: tuple[float, float, bool], e: np.ndarray, slopes: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return minus the matrix of second derivatives of the log-likelihood."""
    periods, n_eff, less = shape
    k, p = len(sample.terms), slopes.shape[1]
    H = np.zeros((p + 1, p + 1))
    H[:p, :p] = slopes.T @ slopes / sigma2
    H[:p, p] = H[p, :p] = slopes.T @ e / sigma2**2
    H[p, p] = float(e @ e) / sigma2**3 - n_eff / (2 * sigma2**2)
    for at, name in enumerate(spatial, start=k):
        value = float(theta[at])
        H[at, at] += periods * (float(logdet.trace_slope(value)) - (1 / (1 - value) ** 2 if less else 0.0))
        if name == LAMBDA and sample.WX is not None:  # (I − λW) multiplies X and ρ
            H[:k, at] += sample.WX.T @ e / sigma2
            if RHO in spatial:
                H[at - 1, at] += float(sample.y[2] @ e) / sigma2
            H[at, :at] = H[:at, at]
    return H


def _unit_scores(
    sample: Sample, logdet: LogDeterminant, theta: np.ndarray, sigma2: float, spatial: tuple[str, ...],
    shape: tuple[float, float, bool], e: np.ndarray, slopes: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return (n, p) scores summed over each unit's years, the log-determinant shared equally among units."""
    periods, n_eff, less = shape
    k, n = len(sample.terms), sample.n
    products = np.column_stack([slopes * e[:, None] / sigma2, e**2 / (2 * sigma2**2)])
    scores = products.reshape(sample.T, n, -1).sum(axis=0)
    for at in range(k, k + len(spatial)):
        value = float(theta[at])
        scores[:, at] -= periods * (float(logdet.trace(value)) - (1 / (1 - value) if less else 0.0)) / n
    scores[:, -1] -= n_eff / (2 * sigma2) / n
    return np.asarray(scores)


def _value(theta: np.ndarray, k: int, spatial: tuple[str, ...], name: str) -> float:
    return float(theta[k + spatial.index(name)]) if name in spatial else 0.0
