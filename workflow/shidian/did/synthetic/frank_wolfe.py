"""Frank-Wolfe steps over the unit simplex, stopped as the authors' program stops them.

The weights that the paper and R's synthdid, Stata's sdid and others print are not the exact solution of their
minimisation: they end where a step gains little, after weights that are small early on were set to zero.
"""

from __future__ import annotations

import numpy as np

FIRST_STEPS, STEPS = 100, 10_000
"""Steps before and after small weights are set to zero."""
SMALL = 4
"""Weights of at most the largest one's share of this are set to zero between."""


def frank_wolfe(A: np.ndarray, b: np.ndarray, ridge: float, least_gain: float) -> np.ndarray:
    """Return (k,) weights near those that minimise (|A x - b|² + ridge |x|²) / m over the simplex.

    Args:
        A: (m, k) candidates.
        b: (m,) what they are to match.
        ridge: penalty of the squared weights.
        least_gain: a step that gains its square or less is the last one.
    """
    start = np.full(A.shape[1], 1 / A.shape[1])
    early = _steps(A, b, ridge, least_gain, start, FIRST_STEPS)
    kept = np.where(early <= early.max() / SMALL, 0.0, early)
    return _steps(A, b, ridge, least_gain, kept / kept.sum(), STEPS)


def _steps(A: np.ndarray, b: np.ndarray, ridge: float, least_gain: float, x: np.ndarray, most: int) -> np.ndarray:
    m, at = len(b), A @ x
    last = np.inf
    for step in range(most):
        gradient = A.T @ (at - b) + ridge * x
        i = int(np.argmin(gradient))
        towards = -x
        towards[i] += 1.0
        moves = A[:, i] - at
        size = float(moves @ moves + ridge * (towards @ towards))
        if size > 0:
            share = min(1.0, max(0.0, float(-(gradient @ towards)) / size))
            x, at = x + share * towards, at + share * moves
        value = (ridge * float(x @ x) + float(np.square(at - b).sum())) / m
        if step > 0 and last - value <= least_gain**2:
            break
        last = value
    return x
