"""Separated rows: those whose mean the likelihood drives to its bound, where no finite estimate exists.

A row at the bound of its outcome (0; of a logit or probit also 1) is separated where some combination of regressors and
effects moves its index towards the bound without moving any other row away from where it is. Such rows say nothing of
the other coefficients and are left out (Correia, Guimarães and Zylkin 2019; Albert and Anderson 1984). Two looks:
levels of an effect whose outcomes are all at the bound, and a linear program over all regressors and effects, which is
solved where a fitted mean has come near its bound.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shidian.did.nonlinear.families import Family
from shidian.inference.effects import Effect, Slopes, codes_of, plain

NEAR = 1e-6
"""A fitted mean this near its bound, relative to the outcome's mean, may be one that is driven there."""
SEPARATED = 1e-4
"""An index moved by more than this share of the most that any is moved is moved."""


def in_separated_levels(y: np.ndarray, effects: Sequence[Effect], family: Family) -> np.ndarray:
    """Say (n,) which rows lie in a level of an effect whose outcomes are all zero, or all one of a 0/1 outcome."""
    gone = np.zeros(len(y), dtype=bool)
    for codes in plain(effects):
        size, total = np.bincount(codes), np.bincount(codes, weights=y)
        flat = (total == 0) & (size > 0)
        if family.binary:
            flat |= (total == size) & (size > 0)
        gone |= flat[codes]
    return gone


def near_bound(y: np.ndarray, index: np.ndarray, family: Family) -> bool:
    """Say whether the fitted mean of a row at its bound has come near it."""
    if not family.binary:
        return bool((family.mean(index[y == 0]) < NEAR * y.mean()).any())
    return bool((family.mean(np.where(y == 1, -index, index)) < NEAR).any())


def separated(y: np.ndarray, X: np.ndarray, effects: Sequence[Effect], family: Family) -> np.ndarray:
    """Say (n,) which rows regressors (n, k) and effects separate, by a linear program.

    It moves the indices of rows at their bound towards it, each by one at most, as far in sum as it can.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # here: few regressions need it, and it takes a while

    A = _design(X, effects)
    side = np.where(y == 1, 1.0, -1.0) if family.binary else np.where(y == 0, -1.0, 0.0)
    towards = A.multiply(np.where(side == 0, 1.0, side)[:, None]).tocsr()
    most = np.where(side == 0, 0.0, 1.0)
    found = milp(
        -np.asarray(towards[side != 0].sum(axis=0)).ravel(),
        constraints=LinearConstraint(towards, np.zeros(len(y)), most), bounds=Bounds(-np.inf, np.inf),
    )  # fmt: skip
    if found.x is None:
        return np.zeros(len(y), dtype=bool)
    moved = towards @ found.x
    return (side != 0) & (moved > SEPARATED)


def _design(X: np.ndarray, effects: Sequence[Effect]):  # type: ignore[no-untyped-def]
    """Return regressors, about zero and at most one, and a column a level of each effect, as a sparse matrix."""
    from scipy.sparse import csr_array, hstack

    n = len(X)
    about = X - X.mean(axis=0)
    largest = np.abs(about).max(axis=0)
    parts = [csr_array(about / np.where(largest > 0, largest, 1.0))]
    for effect in effects:
        codes = np.unique(codes_of(effect), return_inverse=True)[1]
        values = effect.x / np.abs(effect.x).max() if isinstance(effect, Slopes) else np.ones(n)
        parts.append(csr_array((values, (np.arange(n), codes)), shape=(n, int(codes.max()) + 1)))
    if not effects:
        parts.append(csr_array(np.ones((n, 1))))
    return hstack(parts, format="csr")
