"""Fixed effects as arrays: codes of levels, or a slope of each level (``unit#c.year`` is a trend of each unit)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from shidian.crossed import slope_of

NOTHING = 1e-9
"""Share of its length in a level below which nothing is left of a slope's variable beside the level's intercept."""


@dataclass(frozen=True)
class Slopes:
    """A slope of ``x`` of each level, without the level's intercept.

    Attributes:
        codes: (n,) codes of the levels.
        x: (n,) what the slopes multiply.
    """

    codes: np.ndarray
    x: np.ndarray

    def __getitem__(self, rows: Any) -> Slopes:
        return Slopes(self.codes[rows], self.x[rows])


Effect: TypeAlias = np.ndarray | Slopes


def effects_of(frame: pd.DataFrame, names: Sequence[str]) -> list[Effect]:
    """Return the effects of some names on the rows of a sample, each (n,) codes in the order of the values, or slopes.

    Slopes alone leave the model its constant, which is an effect of one level then.
    """
    found: list[Effect] = []
    for name in names:
        codes = pd.factorize(frame[name], sort=True)[0]
        slope = slope_of(name)
        found.append(Slopes(codes, frame[slope].to_numpy(dtype=np.float64)) if slope else codes)
    if found and not plain(found):
        found.append(np.zeros(len(frame), dtype=np.int64))
    return found


def codes_of(effect: Effect) -> np.ndarray:
    """Return the (n,) codes of an effect's levels."""
    return effect.codes if isinstance(effect, Slopes) else effect


def plain(effects: Sequence[Effect]) -> list[np.ndarray]:
    """Return the effects that are intercepts of levels."""
    return [effect for effect in effects if not isinstance(effect, Slopes)]


def slopes(effects: Sequence[Effect]) -> list[Slopes]:
    """Return the effects that are slopes of levels."""
    return [effect for effect in effects if isinstance(effect, Slopes)]


def within_levels(fine: np.ndarray, coarse: np.ndarray) -> bool:
    """Say whether each level of (n,) codes lies in one level of others."""
    return len(np.unique(np.column_stack([fine, coarse]), axis=0)) == len(np.unique(fine))


def same_levels(first: np.ndarray, second: np.ndarray) -> bool:
    """Say whether two (n,) codes divide the rows into the same levels."""
    pairs = len(np.unique(np.column_stack([first, second]), axis=0))
    return pairs == len(np.unique(first)) == len(np.unique(second))


def _centred(effect: Effect, intercepts: Sequence[np.ndarray]) -> Effect:
    """Return slopes with x less its mean by level where intercepts span the difference: 2005 is far from zero."""
    if not isinstance(effect, Slopes) or not any(within_levels(codes, effect.codes) for codes in intercepts):
        return effect
    codes = np.unique(effect.codes, return_inverse=True)[1]
    x = effect.x - (np.bincount(codes, effect.x) / np.bincount(codes))[codes]
    left, whole = (np.sqrt(np.bincount(codes, v * v)) for v in (x, effect.x))
    return Slopes(effect.codes, np.where((left > NOTHING * whole)[codes], x, 0.0))


@dataclass(frozen=True)
class Block:
    """Intercept and slopes of the same levels, brought to columns that are orthonormal within each level.

    Attributes:
        codes: (n,) codes 0..L-1.
        basis: columns (n,), each of squares that sum to one in a level, or zero where nothing is left of it.
        found: for each column, whether something is left of it in a level, (L,).
    """

    codes: np.ndarray
    basis: tuple[np.ndarray, ...]
    found: tuple[np.ndarray, ...]

    def without(self, columns: np.ndarray) -> np.ndarray:
        """Return (n, k) columns less their projection on the block."""
        left = columns
        for q in self.basis:
            sums = np.column_stack([np.bincount(self.codes, q * column) for column in left.T])
            left = left - q[:, None] * sums[self.codes]
        return left


def blocks(effects: Sequence[Effect], root: np.ndarray) -> list[Block]:
    """Return the effects as blocks of the same levels, rows multiplied by ``root``, the roots of their weights."""
    groups: list[list[Effect]] = []
    for effect in (_centred(e, plain(effects)) for e in sorted(effects, key=lambda e: isinstance(e, Slopes))):
        alike = next((g for g in groups if same_levels(codes_of(g[0]), codes_of(effect))), None)
        if alike is None:
            groups.append([effect])
        else:
            alike.append(effect)
    return [_block(group, root) for group in groups]


def _block(group: Sequence[Effect], root: np.ndarray) -> Block:
    codes = np.unique(codes_of(group[0]), return_inverse=True)[1]
    basis: list[np.ndarray] = []
    found: list[np.ndarray] = []
    for effect in group:
        if not isinstance(effect, Slopes):
            if basis:
                continue  # the same intercept twice
            column = np.ones(len(codes))
        else:
            column = effect.x
        rest = whole = column * root
        for _ in range(2):  # twice is enough (Kahan & Parlett)
            for q in basis:
                rest = rest - q * np.bincount(codes, q * rest)[codes]
        length, left = (np.sqrt(np.bincount(codes, v * v)) for v in (whole, rest))
        kept = left > NOTHING * length
        basis.append(np.where(kept[codes], rest / np.where(kept, left, 1.0)[codes], 0.0))
        found.append(kept)
    return Block(codes, tuple(basis), tuple(found))
