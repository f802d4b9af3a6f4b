"""How a missing year of a unit is filled from its printed years, or from other units of its province."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from shidian.messages import say

Cells = tuple[str, ...]
ProvinceYear = Mapping[int, tuple[float, Cells]]
"""Year -> mean of a province's printed values, and their cells."""
NEEDS_POSITIVE = say("a growth rate needs two values of the unit, both above zero")
NEEDS_OTHERS = say("no other unit of the province has a value in the year")


@dataclass(frozen=True)
class Printed:
    """The printed years of one unit, ascending, with their values and cells, and the means of its province."""

    years: np.ndarray
    values: np.ndarray
    cells: np.ndarray
    province: ProvinceYear = field(default_factory=dict)

    def after(self, year: int) -> int:
        """Return the position of the first printed year after a missing one; 0 or their number at the ends."""
        return int(np.searchsorted(self.years, year))

    def gap(self, year: int) -> tuple[int, bool]:
        """Return how many years the gap has in which a missing year lies, and whether printed years enclose it.

        At the ends it is how far the nearest printed year is away.
        """
        after = self.after(year)
        if 0 < after < len(self.years):
            return int(self.years[after] - self.years[after - 1]) - 1, True
        return abs(year - int(self.years[0 if after == 0 else -1])), False

    def nearest(self, year: int) -> int:
        """Return the position of the nearest printed year, of two equally near ones the earlier."""
        return int(np.argmin(np.abs(self.years - year)))


@dataclass(frozen=True)
class Filled:
    """A value that was filled in: its flag and the cells that it comes of."""

    value: float
    flag: str
    cells: Cells


@dataclass(frozen=True)
class Method:
    """A way of filling: ``fill`` returns None where the values do not allow it, of which ``lacks`` is the reason."""

    said: str
    fill: Callable[[Printed, int], Filled | None]
    lacks: str = ""


def linear(given: Printed, year: int) -> Filled | None:
    """Fill a year between two printed ones by the straight line through them, others by the nearest value."""
    after = given.after(year)
    if not 0 < after < len(given.years):
        return _carried(given, year)
    a, b = after - 1, after
    share = (year - given.years[a]) / (given.years[b] - given.years[a])
    value = given.values[a] + share * (given.values[b] - given.values[a])
    return Filled(float(value), "interpolated", (str(given.cells[a]), str(given.cells[b])))


def geometric(given: Printed, year: int) -> Filled | None:
    """Fill a year between two printed ones at the constant growth rate that leads from one to the other."""
    after = given.after(year)
    if not 0 < after < len(given.years):
        return _carried(given, year)
    a, b = after - 1, after
    first, last = given.values[a], given.values[b]
    if not (first > 0 and last > 0):
        return None
    share = (year - given.years[a]) / (given.years[b] - given.years[a])
    return Filled(float(first * (last / first) ** share), "geometric", (str(given.cells[a]), str(given.cells[b])))


def mean_growth(given: Printed, year: int) -> Filled | None:
    """Fill a year by the printed one before it, at the unit's mean growth rate; before the first, backwards from it.

    The rate is the geometric mean over all the years from the unit's first printed one to its last.
    """
    first, last = given.values[0], given.values[-1]
    start = max(given.after(year) - 1, 0)
    if len(given.years) < 2 or not (first > 0 and last > 0 and given.values[start] > 0):
        return None
    rate = (last / first) ** (1 / (given.years[-1] - given.years[0]))
    value = given.values[start] * rate ** float(year - given.years[start])
    return Filled(float(value), "mean_growth", tuple(dict.fromkeys(str(given.cells[at]) for at in (start, 0, -1))))


def province_mean(given: Printed, year: int) -> Filled | None:
    """Fill a year by the mean of the values that units of the same province print for it."""
    if year not in given.province:
        return None
    value, cells = given.province[year]
    return Filled(value, "province_mean", cells)


def nearest(given: Printed, year: int) -> Filled | None:
    """Fill a year by the value of the nearest printed one, of two equally near ones the earlier."""
    at = given.nearest(year)
    return Filled(float(given.values[at]), "nearest", (str(given.cells[at]),))


def _carried(given: Printed, year: int) -> Filled:
    at = given.nearest(year)
    return Filled(float(given.values[at]), "carried", (str(given.cells[at]),))


METHODS: dict[str, Method] = {
    "linear": Method(say("interpolated"), linear),
    "geometric": Method(say("interpolated at a constant growth rate"), geometric, NEEDS_POSITIVE),
    "mean_growth": Method(say("continued at the unit's mean growth rate"), mean_growth, NEEDS_POSITIVE),
    "province_mean": Method(say("mean of the province in the year"), province_mean, NEEDS_OTHERS),
    "nearest": Method(say("value of the nearest year"), nearest),
}
"""What a study file may write as ``how``."""
FLAGS: dict[str, str] = {
    "interpolated": METHODS["linear"].said,
    **{how: METHODS[how].said for how in ("geometric", "mean_growth", "province_mean", "nearest")},
    "carried": say("carried{on}", on=""),  # not what a regression carried
}
"""Flags of filled values in ``panel_long``, and what the ledger says of them."""
