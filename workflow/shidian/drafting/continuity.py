"""Whether the numbers of volumes go on where their headers change: renamed columns, and what else there is to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.slips.find import find_slips
from shidian.slips.paths import LEAST_UNITS, Paths, middle
from shidian.slips.records import provinces_of, source_paths

FEWEST = 3
"""Fewest units whose numbers tell whether a column goes on in another."""
NEAR, AWAY = 0.3, 0.25
"""Largest change of the median unit, and distance of units from it (logarithms), of a column that goes on."""
MARGIN = 2.0
"""How many times worse the next best column must go on."""
OF_FEW = ("volume moved", "columns swapped", "column mistaken", "volume repeated")
"""Kinds of slips that also few units tell."""


@dataclass(frozen=True)
class Renamed:
    """A column that ends, the one in which its numbers go on, from which period, and by how much its median changes."""

    old: str
    new: str
    period: int
    change: float
    units: int


def paths_in(records: pd.DataFrame) -> list[Paths]:
    """Return the series of the volumes by period and unit, medians resting on as many units as there are."""
    units = records.loc[records["value"].notna(), "unit_name"].nunique()
    return source_paths(records, min(LEAST_UNITS, max(FEWEST, units)))


def renamed(paths: Sequence[Paths], apart: Mapping[str, object]) -> list[Renamed]:
    """Return the columns that end in one volume and go on, by their numbers, in one that begins in the next.

    Args:
        paths: the series.
        apart: series -> its table; columns of one table go on in each other only.
    """
    spans = [_span(path) for path in paths]
    found = []
    for a, old in enumerate(paths):
        for b, new in enumerate(paths):
            after = spans[a][1] + 1 == spans[b][0] and old.dims == new.dims
            if after and apart.get(old.name) == apart.get(new.name) and (fit := _fit(old, new, spans[b][0])):
                found.append((a, b, *fit))
    kept = []
    for a, b, away, change, units in found:
        rivals = [other for other in found if (other[0] == a) != (other[1] == b)]
        if all(other[2] > MARGIN * away + 0.01 for other in rivals):
            period = int(paths[b].periods[spans[b][0]])
            kept.append(Renamed(paths[a].name, paths[b].name, period, float(np.expm1(change)), units))
    return kept


def _span(path: Paths) -> tuple[int, int]:
    there = np.flatnonzero(np.isfinite(path.printed).any(axis=1))
    return int(there[0]), int(there[-1])


def _fit(old: Paths, new: Paths, t: int) -> tuple[float, float, int] | None:
    """Return how far the numbers are from going on, their median change, and how many; None where they do not."""
    steps = new.logs[t] - old.logs[t - 1]
    there = np.isfinite(steps)
    if there.sum() < FEWEST:
        return None
    change = float(middle(steps))
    away = float(middle(np.abs(steps - change)))
    apart = float(middle(np.abs(old.logs[t - 1][there] - middle(old.logs[t - 1][there]))))
    if abs(change) > NEAR or away > min(AWAY, apart / 2):
        return None
    return abs(change) + away, change, int(there.sum())


def questions(records: pd.DataFrame, paths: Sequence[Paths]) -> list[str]:
    """Return what the numbers of the volumes make one ask, one sentence a volume and fault."""
    if not paths:
        return []
    few = paths[0].least < LEAST_UNITS
    slips = find_slips(paths, provinces_of(records, list(paths)))
    asked = [f"{slip.period}: {slip.said}" for slip in slips if slip.kind in OF_FEW or not few]
    return [*asked, *_twice(records)]


def _twice(records: pd.DataFrame) -> list[str]:
    """Ask about numbers that two volumes give for one unit, year and series."""
    keys = ["unit_code", "unit_name", "province", "year", "indicator"]
    there = records[records["value"].notna()]
    again = there[there.duplicated(keys, keep=False)]
    if again.empty:
        return []
    groups = again.groupby(keys, dropna=False, observed=True)["value"]
    differ = int((groups.max() != groups.min()).sum())
    first = again.iloc[0]
    return [
        f"{groups.ngroups} numbers stand in two volumes ({differ} of them differ), such as {first['unit_name']} "
        f"{first['year']}, {first['indicator']}: a run refuses them; read each year from one volume (keep_rows, "
        "ignore_patterns)"
    ]
