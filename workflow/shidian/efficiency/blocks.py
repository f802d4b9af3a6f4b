"""Blocks of similar columns of a large reference set: one bound prices a block, and most blocks need no more.

A column's reduced cost is linear in its values, so that over a box of values it is least at a corner. Columns are
sorted into boxes of few and similar columns (a k-d tree on logarithms, Bentley 1975); where the box's least reduced
cost is not negative, no column in it has a negative one. The bound holds for every program and for all signs of its
prices, and leaves out only what a certificate allows: the columns that enter, and every result, stay the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

BLOCK = 32
"""Most columns of a block."""
WORTH = 1000
"""Columns of a reference set from which blocks cost less than they save."""


class Blocks(NamedTuple):
    """A reference set of n columns in B blocks.

    Attributes:
        order: (n,) number of each sorted column in the reference set.
        columns: (K, n) the sorted columns.
        first: (B + 1,) first sorted column of each block, and n.
        low, high: (K, B) least and largest value of each variable in a block; with ``rays`` of its columns divided
            by their geometric means.
    """

    order: np.ndarray
    columns: np.ndarray
    first: np.ndarray
    low: np.ndarray
    high: np.ndarray


def blocks_of(Z: np.ndarray, rays: bool) -> Blocks:
    """Sort a reference set (K, n) into blocks.

    With ``rays`` columns that are multiples of each other count as one: right where no row counts intensities, so
    that only the sign of a reduced cost matters, which size does not change.
    """
    K, n = Z.shape
    if n < WORTH:
        return Blocks(np.zeros(0, np.int64), np.zeros((K, 0)), np.zeros(1, np.int64), *np.zeros((2, K, 0)))
    logs = np.log(Z)
    if rays:
        logs = logs - logs.mean(axis=0)
    parts = _split(logs, np.arange(n))
    order = np.concatenate(parts)
    first = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
    shape = np.exp(logs[:, order]) if rays else Z[:, order]
    low, high = (np.ascontiguousarray(f.reduceat(shape, first[:-1], axis=1)) for f in (np.minimum, np.maximum))
    return Blocks(order, np.ascontiguousarray(Z[:, order]), first, low, high)


def _split(logs: np.ndarray, members: np.ndarray) -> list[np.ndarray]:
    """Halve the members at the median of the variable that spreads most, until they are few."""
    if len(members) <= BLOCK:
        return [np.sort(members)]
    values = logs[:, members]
    widest = int(np.argmax(values.max(axis=1) - values.min(axis=1)))
    half = len(members) // 2
    ranked = members[np.argsort(values[widest], kind="stable")]
    return _split(logs, ranked[:half]) + _split(logs, ranked[half:])
