"""Least squares over the unit simplex, solved exactly: weights that are not negative and add up to one."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular

from shidian.errors import EstimationError
from shidian.messages import say

FLAT, ROUNDING = 1e-9, 1e-15
"""Gradient below the others' at which a weight of zero stays zero: as a share of the ridge, and of what it sums."""
MOST_STEPS = 20
PIVOTS = 30
"""Exchanges of many weights at once before weights are exchanged one by one."""
LARGE = 1e-6
"""Share of the squares in A from which on a ridge may be divided by."""


def simplex_least_squares(A: np.ndarray, b: np.ndarray, ridge: float) -> np.ndarray:
    """Return the (k,) weights x >= 0 with sum 1 that minimise |A x - b|² + ridge |x|².

    An active-set method: the weights that are not zero solve a linear system with the constraint of their sum; one that
    would fall below zero leaves, the one whose gradient promises most enters, until none does (Lawson and Hanson 1974,
    ch. 23, with the sum as equality). The result satisfies the conditions of Karush, Kuhn and Tucker.

    Args:
        A: (m, k) candidates.
        b: (m,) what they are to match.
        ridge: penalty of the squared weights, positive.

    Raises:
        EstimationError: no end after ``MOST_STEPS`` times as many steps as candidates.
    """
    k = A.shape[1]
    x = np.zeros(k)
    held = np.zeros(k, dtype=bool)
    scale = float(np.square(A).sum(axis=0).max() + np.abs(A.T @ b).max()) * len(b)
    pivoted = _pivoted(A, b, ridge) if ridge > LARGE * np.square(A).sum() else None
    if pivoted is None:
        first = int(np.argmin(np.square(A - b[:, None]).sum(axis=0)))
        x[first], held[first] = 1.0, True
    else:
        held = pivoted
        x[held] = 1 / held.sum()
    best, value = x, np.inf
    for _ in range(MOST_STEPS * k):
        x, held = _inside(A, b, ridge, x, held)
        now = float(np.square(A @ x - b).sum() + ridge * (x @ x))
        if now >= value:  # every step gains: what does not is rounding
            return best
        best, value = x, now
        gradient = A.T @ (A @ x - b) + ridge * x
        level = float(gradient[held].mean())
        gain = np.where(held, 0.0, level - gradient)
        entering = int(np.argmax(gain))
        if gain[entering] <= FLAT * ridge + ROUNDING * scale:
            return x
        held[entering] = True
    raise EstimationError(say("no weights were found: the search did not come to an end"))


def _pivoted(A: np.ndarray, b: np.ndarray, ridge: float) -> np.ndarray | None:
    """Return which weights are not zero, found by exchanging all that are wrong at once; None where that has no end.

    Block principal pivoting (Portugal, Judice and Vicente 1994), from all weights on: with a large ridge most stay.
    """
    held = np.ones(A.shape[1], dtype=bool)
    for _ in range(PIVOTS):
        at = np.flatnonzero(held)
        best = _equality_solution(A[:, at], b, ridge)
        gradient = A.T @ (A[:, at] @ best - b)
        gradient[at] += ridge * best
        wrong, entering = best <= 0, ~held & (gradient < gradient[at].mean() - FLAT * ridge)
        if not (wrong.any() or entering.any()):
            return held
        if wrong.all():
            return None
        held[at[wrong]] = False
        held |= entering
    return None


def _inside(
    A: np.ndarray, b: np.ndarray, ridge: float, x: np.ndarray, held: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Move to the best weights of those held; the first that would fall below zero on the way is let go, and again."""
    held = held.copy()
    while True:
        at = np.flatnonzero(held)
        best = _equality_solution(A[:, at], b, ridge)
        if (best > 0).all():
            out = np.zeros(len(x))
            out[at] = best
            return out, held
        here = x[at]
        falling = best <= 0
        steps = here[falling] / np.maximum(here[falling] - best[falling], np.finfo(float).tiny)
        step = float(min(1.0, steps.min()))
        moved = here + step * (best - here)
        moved[np.flatnonzero(falling)[steps <= step]] = 0.0
        x = np.zeros(len(x))
        x[at] = np.maximum(moved, 0.0)
        held = x > 0


def _equality_solution(A: np.ndarray, b: np.ndarray, ridge: float) -> np.ndarray:
    """Return the weights with sum 1, of any sign, that minimise |A x - b|² + ridge |x|²."""
    m, k = A.shape
    if k == 1:
        return np.ones(1)
    if k > 2 * m and ridge > LARGE * np.square(A).sum():  # (ridge I + A'A)^-1 by the (m, m) matrix ridge I + AA'
        both = np.column_stack([A.T @ b, np.ones(k)])
        small = ridge * np.eye(m) + A @ A.T
        to_own, to_unit = ((both - A.T @ np.linalg.solve(small, A @ both)) / ridge).T
    else:  # by QR of A above the root of the ridge, whose condition is the root of that of A'A + ridge I
        Q, R = np.linalg.qr(np.vstack([A, np.sqrt(ridge) * np.eye(k)]))
        to_own = solve_triangular(R, Q[:m].T @ b)
        to_unit = solve_triangular(R, solve_triangular(R, np.ones(k), trans="T"))
    return np.asarray(to_own + to_unit * (1 - to_own.sum()) / to_unit.sum())
