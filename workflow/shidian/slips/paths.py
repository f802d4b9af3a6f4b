"""Columns of numbers by period and unit, and how they move from one period to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

LEAST_UNITS = 8
"""Units of two periods that a median of a whole volume rests on."""


@dataclass(frozen=True)
class Paths:
    """One column of numbers over the volumes.

    Attributes:
        name: of the series.
        periods: (T,) numbers of the periods, ascending.
        units: (U,) codes, those of all columns of the source.
        printed: (T, U) the numbers as printed, nan where there is none.
        size: (T,) factor of the declared unit of measure of each period, 1 where it is unknown.
        dims: what it measures; columns of equal dims can be compared.
        row: (T, U) row of the cell in its sheet, -1 where none is known.
        least: units that a median of a whole volume rests on.
    """

    name: str
    periods: np.ndarray
    units: np.ndarray
    printed: np.ndarray
    size: np.ndarray
    dims: object
    row: np.ndarray
    least: int = LEAST_UNITS

    @cached_property
    def logs(self) -> np.ndarray:
        """(T, U) logarithm of the absolute values in one unit of measure, nan where there is none and for zeros."""
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(np.abs(self.printed) * self.size[:, None])
        return np.where(np.isfinite(logs), logs, np.nan)

    @cached_property
    def steps(self) -> np.ndarray:
        """(T, U) change of the logarithm since the unit's period before, nan in the first."""
        return np.vstack([np.full((1, self.logs.shape[1]), np.nan), np.diff(self.logs, axis=0)])

    @cached_property
    def beside(self) -> np.ndarray:
        """(T, U) what the periods beside would let expect: the mean of both, or the one there is."""
        lagged, led = _shifted(self.logs, 1), _shifted(self.logs, -1)
        return mean_of(lagged + self.growth, led - self.growth)

    @cached_property
    def growth(self) -> float:
        """Median over the periods of the median change, 0 where there are no changes."""
        return float(middle(self.moves)) if np.isfinite(self.moves).any() else 0.0

    @cached_property
    def moves(self) -> np.ndarray:
        """(T,) median change of the units, nan where fewer than ``least`` have one."""
        counts = np.isfinite(self.steps).sum(axis=1)
        return np.where(counts >= self.least, middle(self.steps, axis=1), np.nan)

    @cached_property
    def unlike(self) -> np.ndarray:
        """(T,) median distance of the units from what the periods beside let expect."""
        return middle(np.abs(self.logs - self.beside), axis=1)

    @cached_property
    def jump(self) -> float:
        """Median over the periods of the median distance of a unit from its period before, growth apart."""
        away = middle(np.abs(self.steps[1:] - self.growth), axis=1)
        return float(middle(away)) if np.isfinite(away).any() else np.nan

    @property
    def is_rate(self) -> bool:
        """Whether it is a pure number, such as a growth rate, that may move by any factor."""
        return self.dims == ()

    @property
    def changes_sign(self) -> bool:
        """Whether numbers below zero are no exception, so that its logarithm has no level."""
        there = np.isfinite(self.printed)
        return bool((self.printed < 0).sum() > 0.02 * there.sum())

    @property
    def usual(self) -> float:
        """Median over the periods of the distance, which is how noisy the column is."""
        return float(middle(self.unlike)) if np.isfinite(self.unlike).any() else np.nan


PEAK, BESIDE_END = 1.5, 0.75
"""How many times the distance of a volume beside it a strange one has; of the last or first volume, which has the
strange one as its only neighbour, this share."""


def stands_out(away: np.ndarray, t: int) -> bool:
    """Say whether a volume's distance in (T,) is larger than those of the volumes beside it, which it draws along."""
    ends = (0, len(away) - 1)
    beside = [u for u in (t - 1, t + 1) if 0 <= u < len(away) and np.isfinite(away[u])]
    return all(away[t] >= (BESIDE_END if u in ends and t not in ends else PEAK) * away[u] for u in beside)


def _shifted(values: np.ndarray, by: int) -> np.ndarray:
    out = np.full_like(values, np.nan)
    if by > 0:
        out[by:] = values[:-by]
    else:
        out[:by] = values[-by:]
    return out


def mean_of(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the mean of two arrays, the one where the other is nan."""
    return np.where(np.isnan(one), other, np.where(np.isnan(other), one, (one + other) / 2))


def middle(values: np.ndarray, axis: int | None = None) -> np.ndarray:
    """Return the median of what is there, nan where nothing is; ``np.nanmedian`` of short rows is ten times as slow."""
    if axis is None:
        values, axis = np.ravel(values), 0
    counts = np.isfinite(values).sum(axis=axis, keepdims=True)
    if not values.shape[axis]:
        return np.full(np.squeeze(counts, axis).shape, np.nan)
    ordered = np.sort(values, axis=axis)
    low, high = (np.take_along_axis(ordered, np.maximum(at, 0), axis) for at in ((counts - 1) // 2, counts // 2))
    return np.asarray(np.squeeze(np.where(counts > 0, (low + high) / 2, np.nan), axis))


def spread(values: np.ndarray) -> float:
    """Return the scaled median absolute deviation of what is there, 0 where nothing is."""
    there = values[np.isfinite(values)]
    return float(1.4826 * np.median(np.abs(there - np.median(there)))) if len(there) else 0.0


def paths_of(
    values: pd.DataFrame,
    sizes: Mapping[str, tuple[float, object]],
    names: Sequence[str] | None = None,
    least: int = LEAST_UNITS,
) -> list[Paths]:
    """Return the columns of a source.

    Args:
        values: columns ``unit, period, series, value, measure, row``, a row a number; equal keys are none.
        sizes: unit of measure -> its factor and what it measures.
        names: the series, all by default, in this order.
        least: units that a median of a whole volume rests on.
    """
    periods, units = np.unique(values["period"].to_numpy()), np.unique(values["unit"].to_numpy(dtype=str))
    found = []
    for name in names if names is not None else sorted(values["series"].unique()):
        part = values[values["series"] == name]
        at = np.searchsorted(periods, part["period"]), np.searchsorted(units, part["unit"].to_numpy(dtype=str))
        printed, row = np.full((len(periods), len(units)), np.nan), np.full((len(periods), len(units)), -1)
        printed[at], row[at] = part["value"], part["row"]
        factor = part["measure"].map(lambda text: sizes.get(text, (1.0, text))[0]).to_numpy(dtype=float)
        size = np.ones(len(periods))
        size[at[0]] = factor
        dims = sizes.get(part["measure"].iloc[0], (1.0, part["measure"].iloc[0]))[1]
        found.append(Paths(name, periods, units, printed, size, dims, row, least))
    return found
