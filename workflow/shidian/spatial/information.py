"""Covariance of the maximum-likelihood estimates of spatial panel models.

The score of every parameter p at the truth is linear plus quadratic in the errors,

    s_p = [Σ_t ℓ_pt' ε_t + Σ_t ε_t' M_p ε_t] / σ² − m tr M_p,

with ℓ = X for β, M = G = W(I − ρW)⁻¹ for ρ (and ℓ = GXβ), M = H = W(I − λW)⁻¹ for λ, M = I/(2σ²) for σ². So one
formula each gives the information and the robust covariance of all models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shidian.inference.scaled import inverse

Quadratic = np.ndarray | float | None
"""Matrix of the quadratic form of a score: (n, n), a multiple of the identity, or none."""


@dataclass(frozen=True)
class Scores:
    """Linear and quadratic parts of the scores of p parameters.

    Attributes:
        linear: (N, p) loadings ℓ on the errors, N = T·n, years first.
        quadratic: p matrices M; a number stands for that multiple of the identity, None for zero.
        sigma2: σ².
        n: units, ``periods`` the transformed periods m, ``n_eff`` the transformed observations.
    """

    linear: np.ndarray
    quadratic: Sequence[Quadratic]
    sigma2: float
    n: int
    periods: float
    n_eff: float


def information(scores: Scores) -> np.ndarray:
    """Return the expected information I_pq = ℓ_p'ℓ_q/σ² + m [tr(M_p M_q) + tr(M_p' M_q)]."""
    matrix = scores.linear.T @ scores.linear / scores.sigma2
    for p, M in enumerate(scores.quadratic):
        for q, K in enumerate(scores.quadratic[: p + 1]):
            value = _traces(M, K, scores)
            matrix[p, q] += value
            matrix[q, p] += value * (p != q)
    return np.asarray(matrix)


def _traces(M: Quadratic, K: Quadratic, scores: Scores) -> float:
    if M is None or K is None:
        return 0.0
    if isinstance(M, float) and isinstance(K, float):
        return 2 * M * K * scores.n_eff
    if isinstance(M, float) or isinstance(K, float):
        scale, full = (M, K) if isinstance(M, float) else (K, M)
        return float(2 * np.asarray(scale) * np.trace(np.asarray(full)) * scores.periods)
    return float(scores.periods * np.vdot(M, K + K.T))


def sandwich(scores: Scores, residuals: np.ndarray, clusters: np.ndarray | None) -> np.ndarray:
    """Return the (p, p) covariance A⁻¹BA⁻¹ with A the information and B the variance of the scores.

    Errors are taken as independent between observations (``clusters`` None: heteroskedasticity-robust) or between
    clusters of units, with anything inside a cluster. Of the quadratic forms, the part inside an observation or
    cluster is added to its linear score; products of errors of different ones have mean zero and are uncorrelated
    with each other and with all else, so B adds Σ_{g<h} of their squares. Summing scores by unit alone, as is often
    done, would leave that part out.

    Note that under heteroskedasticity the ML estimator itself of ρ or λ is consistent only where neighbourhoods are
    alike (Lin & Lee 2010); robust errors do not mend that.

    Args:
        scores: parts of the scores.
        residuals: (T, n) residuals ε.
        clusters: (n,) code of each unit's cluster, or None.
    """
    A = inverse(information(scores))
    if clusters is None:
        B = _meat_by_observation(scores, residuals)
    else:
        groups = int(clusters.max()) + 1
        B = _meat_by_cluster(scores, residuals, clusters) * groups / (groups - 1)
    return np.asarray(A @ B @ A)


def _meat_by_observation(scores: Scores, e: np.ndarray) -> np.ndarray:
    linear = scores.linear.reshape(*e.shape, -1)
    share = scores.n_eff / e.size
    own = np.stack([_diagonal(M, scores.n) for M in scores.quadratic], axis=-1)
    s = (linear * e[..., None] + own * (e**2)[..., None]) / scores.sigma2 - share * own
    flat = s.reshape(e.size, -1)
    squares = e**2
    meat = flat.T @ flat + _pairs(scores, squares.T @ squares)
    return np.asarray(meat * e.size / scores.n_eff)  # demeaned residuals are smaller than errors


def _meat_by_cluster(scores: Scores, e: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    members = np.equal.outer(np.arange(clusters.max() + 1), clusters).astype(np.float64)
    linear = np.einsum("tnp,tn->np", scores.linear.reshape(*e.shape, -1), e)
    products = e.T @ e
    inside = np.equal.outer(clusters, clusters)
    quadratic = np.zeros_like(linear)
    for p, M in enumerate(scores.quadratic):
        if isinstance(M, float):
            quadratic[:, p] = M * (np.diag(products) - scores.sigma2 * scores.n_eff / scores.n)
        elif M is not None:
            own = np.diag(M) * scores.sigma2 * scores.n_eff / scores.n
            quadratic[:, p] = np.sum(np.where(inside, M * products, 0.0), axis=1) - own
    s = members @ (linear + quadratic) / scores.sigma2
    if len(members) == scores.n:
        return np.asarray(s.T @ s + _pairs(scores, products**2))
    return np.asarray(s.T @ s + _cluster_pairs(scores, products, members, inside))


def _pairs(scores: Scores, squares: np.ndarray) -> np.ndarray:
    """Return Σ_{i<j} (M_ij + M_ji)(K_ij + K_ji) c_ij, with c the (n, n) squared products of two units' errors."""
    size = len(scores.quadratic)
    both: list[np.ndarray | None] = [M + M.T if isinstance(M, np.ndarray) else None for M in scores.quadratic]
    off = squares - np.diag(np.diag(squares))
    B = np.zeros((size, size))
    for p, M in enumerate(both):
        for q, K in enumerate(both):
            if M is not None and K is not None:
                B[p, q] = np.sum(M * K * off) / 2 / scores.sigma2**2
    return B


def _cluster_pairs(scores: Scores, products: np.ndarray, members: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return Σ_{g<h} of the products of the two clusters' quadratic terms."""
    size = len(scores.quadratic)
    terms: list[np.ndarray | None] = []
    for M in scores.quadratic:
        if isinstance(M, np.ndarray):
            between = members @ np.where(inside, 0.0, (M + M.T) * products) @ members.T
            terms.append(between)
        else:
            terms.append(None)
    B = np.zeros((size, size))
    for p, M in enumerate(terms):
        for q, K in enumerate(terms):
            if M is not None and K is not None:
                B[p, q] = np.sum(M * K) / 2 / scores.sigma2**2
    return B


def _diagonal(M: Quadratic, n: int) -> np.ndarray:
    if M is None:
        return np.zeros(n)
    return np.full(n, M) if isinstance(M, float) else np.diag(M).copy()
