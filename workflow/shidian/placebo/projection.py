"""Partialling out fixed effects and controls exactly (Frisch & Waugh 1933; Lovell 1963), once for all draws.

The fixed effect nested in the units of assignment (the unit effects of a panel) is swept out group by group. All
other effects (years, province x year) become dummies Z, demeaned within those groups; their coefficients solve the
normal equations of Z, which a pseudo-inverse handles whatever their redundancy. No iteration is involved, so the
residuals are exact for unbalanced and weighted panels too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from shidian.errors import EstimationError
from shidian.messages import say

MAX_LEVELS = 5_000
"""Most levels of effects outside the units: their normal equations are held as a dense matrix."""

_RANK = 1e-10  # relative eigenvalue below which a combination of dummies is redundant


@dataclass(frozen=True)
class Projector:
    """The residual maker M of the fixed effects in the weighted inner product.

    Attributes:
        group: (N,) group of the swept-out effect; all zero-length groups are absent.
        group_weight: (H,) sum of weights by group; empty when no effect is swept out.
        weight: (N,) regression weights.
        dummies: (N, q) sparse dummies Z of the other effects, not demeaned.
        codes: (J, N) column of Z that holds 1, for each of the J other effects.
        inverse: (q, q) pseudo-inverse of the normal equations of the demeaned dummies.
        factor: (q, r) such that demeaned Z times it is orthonormal; r is the rank.
    """

    group: np.ndarray
    group_weight: np.ndarray
    weight: np.ndarray
    dummies: sparse.csr_array
    codes: np.ndarray
    inverse: np.ndarray
    factor: np.ndarray

    def within(self, columns: np.ndarray) -> np.ndarray:
        """Return (N, m) columns less their weighted group means."""
        if not len(self.group_weight):
            return columns.copy()
        sums = np.empty((len(self.group_weight), columns.shape[1]))
        for j in range(columns.shape[1]):
            sums[:, j] = np.bincount(self.group, self.weight * columns[:, j], len(self.group_weight))
        return columns - (sums / self.group_weight[:, None])[self.group]

    def residuals(self, columns: np.ndarray) -> np.ndarray:
        """Return (N, m) columns less their projection on all fixed effects."""
        left = self.within(np.asarray(columns, dtype=float))
        for _ in range(2 if self.dummies.shape[1] else 0):  # the second pass removes rounding
            kappa = self.inverse @ (self.dummies.T @ (self.weight[:, None] * left))
            left = left - self.within(self.dummies @ kappa)
        return left

    def basis(self) -> np.ndarray:
        """Return (N, r) columns that span the demeaned dummies, orthonormal in the weighted inner product."""
        if not self.factor.shape[1]:
            return np.empty((len(self.weight), 0))
        return orthonormal(self.within(self.dummies @ self.factor), self.weight)


def build_projector(swept: np.ndarray | None, others: Sequence[np.ndarray], weight: np.ndarray) -> Projector:
    """Return the projector of one swept-out effect (or None) and any number of other effects.

    Args:
        swept: (N,) integer codes 0..H-1, each used.
        others: (N,) integer codes 0..L-1 each.
        weight: (N,) positive weights.

    Raises:
        EstimationError: more than MAX_LEVELS levels among the other effects.
    """
    n_rows = len(weight)
    offsets = np.cumsum([0, *(int(c.max()) + 1 for c in others)])
    levels = int(offsets[-1])
    if levels > MAX_LEVELS:
        raise EstimationError(
            say(
                "the fixed effects beside the units have {levels} levels; the placebo engine takes {most}. "
                "Name as `assign_by` the column within which the largest effect lies, or use the draw-by-draw "
                "estimator",
                levels=levels,
                most=MAX_LEVELS,
            )
        )
    codes = np.array([c + o for c, o in zip(others, offsets[:-1], strict=True)], dtype=np.int64)
    codes = codes.reshape(len(others), n_rows)
    rows = np.tile(np.arange(n_rows), len(others))
    dummies = sparse.csr_array((np.ones(codes.size), (rows, codes.ravel())), shape=(n_rows, levels))
    group = np.zeros(n_rows, dtype=np.int64) if swept is None else swept.astype(np.int64)
    group_weight = np.empty(0) if swept is None else np.bincount(group, weight)
    gram = (dummies.T @ (sparse.diags_array(weight) @ dummies)).toarray()
    if swept is not None:
        totals = sparse.csr_array(
            (np.tile(weight, len(others)), (np.tile(group, len(others)), codes.ravel())),
            shape=(len(group_weight), levels),
        )
        gram -= (totals.T @ (sparse.diags_array(1 / group_weight) @ totals)).toarray()
    values, vectors = np.linalg.eigh(gram) if levels else (np.empty(0), np.empty((0, 0)))
    real = values > _RANK * values.max(initial=0.0)
    factor = vectors[:, real] / np.sqrt(values[real])
    return Projector(group, group_weight, weight, dummies, codes, factor @ factor.T, factor)


def orthonormal(columns: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis, in the weighted inner product, of (N, m) columns of full rank."""
    root = np.sqrt(weight)[:, None]
    return np.ascontiguousarray(np.linalg.qr(root * columns)[0] / root)


def independent(columns: np.ndarray, weight: np.ndarray, scale: np.ndarray, tolerance: float = 1e-9) -> np.ndarray:
    """Say for each of (N, m) residualised columns whether it adds rank to those before it.

    ``scale`` (m,) is each column's weighted sum of squares before partialling out: a column whose remaining share
    is below ``tolerance`` was absorbed.
    """
    root = np.sqrt(weight)[:, None]
    diagonal = np.abs(np.diag(np.linalg.qr(root * columns, mode="r"))) if columns.shape[1] else np.empty(0)
    return diagonal**2 > tolerance * scale
