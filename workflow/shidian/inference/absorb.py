"""Absorb fixed effects: exact residuals from the projection on any number of sets of dummies.

The largest effect is swept out by group means; the others enter as sparse dummies whose normal equations are
solved once (Frisch-Waugh-Lovell), so the result is exact, not iterated to a tolerance, and does not depend on
the order of the effects.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array, hstack


class Absorption:
    """The projection off the span of the effects' dummies; without effects, off the constant.

    Args:
        n: number of rows.
        effects: one (n,) array of codes or labels a fixed effect.
        weights: (n,) non-negative weights of weighted least squares, or None for equal weights.
    """

    def __init__(self, n: int, effects: Sequence[np.ndarray] = (), weights: np.ndarray | None = None) -> None:
        self.weights = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
        codes = [np.unique(np.asarray(e), return_inverse=True)[1] for e in effects] or [np.zeros(n, dtype=int)]
        codes.sort(key=lambda c: -int(c.max()))
        self._group = codes[0]
        self._total = np.bincount(self._group, self.weights)
        self._dummies = None
        if len(codes) > 1:
            self._dummies = hstack([_dummies(c) for c in codes[1:]], format="csr")
            self._inverse = self._normal_equations()

    def residuals(self, columns: np.ndarray) -> np.ndarray:
        """Return the (n, k) columns, or the (n,) column, with the effects projected out."""
        x = np.asarray(columns, dtype=float)
        flat = x.reshape(len(x), -1)
        out = self._sweep(self._sweep(flat))  # the second pass removes what rounding left in the first
        return out.reshape(x.shape)

    def _sweep(self, x: np.ndarray) -> np.ndarray:
        x = x - self._means(x)[self._group]
        if self._dummies is None:
            return x
        b = self._inverse @ (self._dummies.T @ (self.weights[:, None] * x))
        fitted = self._dummies @ b
        return x - fitted + self._means(fitted)[self._group]

    def _means(self, x: np.ndarray) -> np.ndarray:
        sums = np.column_stack([np.bincount(self._group, self.weights * column) for column in x.T])
        return sums / np.where(self._total > 0, self._total, 1.0)[:, None]

    def _normal_equations(self) -> np.ndarray:
        """Return the pseudo-inverse of D'M D, D the remaining dummies, M the sweep of the largest effect."""
        assert self._dummies is not None
        weighted = self._dummies * self.weights[:, None]
        cross = _dummies(self._group).T @ weighted
        inverse_total = 1 / np.where(self._total > 0, self._total, 1.0)
        gram = self._dummies.T @ weighted - cross.T @ (cross * inverse_total[:, None])
        return np.linalg.pinv(gram.toarray(), rcond=1e-11, hermitian=True)


def _dummies(codes: np.ndarray) -> csr_array:
    n = len(codes)
    return csr_array((np.ones(n), (np.arange(n), codes)), shape=(n, int(codes.max()) + 1))
