"""Columns of one volume whose order, coverage or signs are not those of all other volumes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shidian.messages import say
from shidian.slips.finding import Finding, Grade
from shidian.slips.paths import LEAST_UNITS, Paths

HOLDS, BROKEN, LEAST_BROKEN = 0.998, 0.05, 4
"""Share of the rows of other volumes in which an order holds, and the share and number of rows that break it."""
MANY = 0.1
"""Share of the units of a volume from which on zeros or negative numbers, which no other volume has, stop."""
LEAST_ROWS = 60
"""Rows of other volumes that an order is learnt from."""
LEAST_GROUP, LOST = 3, 0.8
"""Units of a province that are missed together; share of the units of the volumes beside it that must be there."""


def orders_broken(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find columns that exceed, in one volume, a column that they never exceed else, as a part its total."""
    for dims in dict.fromkeys(path.dims for path in paths):
        alike = [path for path in paths if path.dims == dims]
        values = np.array([path.printed * path.size[:, None] for path in alike])
        for a, part in enumerate(alike):
            above, below, both = _compared(values[a], values)
            rest = [counts.sum(axis=1, keepdims=True) - counts for counts in (above, below, both)]
            learnt = (rest[2] >= LEAST_ROWS) & (rest[0] <= (1 - HOLDS) * rest[2]) & (rest[1] > 0.9 * rest[2])
            for b, t in zip(*np.nonzero(learnt & (above >= LEAST_BROKEN) & (above > BROKEN * both)), strict=True):
                said = say(
                    "{part} exceeds {total} in {count} of {units} units, and in {rest} of {rows} rows of other periods",
                    part=part.name, total=alike[b].name, count=int(above[b, t]), units=int(both[b, t]),
                    rest=int(rest[0][b, t]), rows=int(rest[2][b, t]),
                )  # fmt: skip
                weight = float(above[b, t] / both[b, t])
                names = (part.name, alike[b].name)
                yield Finding("order broken", "warn", names, int(part.periods[t]), said, (), weight)


def _compared(one: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (K, T) in how many units a column exceeds each of K others, stays below it, and both are there."""
    close = 1e-9 * np.abs(one)
    above, below = (one - close > others).sum(axis=2), (one + close < others).sum(axis=2)
    return above, below, (np.isfinite(one) & np.isfinite(others)).sum(axis=2)


def coverage_lost(paths: Sequence[Paths], groups: np.ndarray) -> Iterator[Finding]:
    """Find columns that lack, in one volume, units that the volumes before and after it have: many, or a province."""
    for path in paths:
        there = np.isfinite(path.printed)
        for t in range(1, len(path.periods) - 1):
            both = there[t - 1] & there[t + 1]
            lost = both & ~there[t]
            if both.sum() >= LEAST_UNITS and lost.sum() > max(2, (1 - LOST) * both.sum()):
                said = say(
                    "{series}: {lost} of {units} units of the periods before and after have no number",
                    series=path.name, lost=int(lost.sum()), units=int(both.sum()),
                )  # fmt: skip
                yield Finding("coverage lost", "warn", (path.name,), int(path.periods[t]), said, ())
                continue
            for label in np.unique(groups[lost & (groups != "")]):
                inside = both & (groups == label)
                if inside.sum() >= LEAST_GROUP and lost[inside].all():
                    said = say("{series}: no unit of {group} has a number", series=path.name, group=str(label))
                    units = tuple(path.units[inside])
                    yield Finding("coverage lost", "warn", (path.name,), int(path.periods[t]), said, units)


def signs_changed(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find columns with zeros or negative numbers in one volume only."""
    for path in paths:
        there = np.isfinite(path.printed).sum(axis=1)
        for what, hit in (("zero", path.printed == 0), ("below zero", path.printed < 0)):
            count = hit.sum(axis=1)
            for t in np.flatnonzero(count > np.maximum(2, BROKEN * there)):
                rest = np.delete(count, t).sum()
                if there.sum() - there[t] >= LEAST_ROWS and rest <= (1 - HOLDS) * (there.sum() - there[t]):
                    said = say(
                        "{series}: {count} of {units} units are {what}, in other periods {rest}",
                        series=path.name, count=int(count[t]), units=int(there[t]), rest=int(rest),
                        what=say("zero") if what == "zero" else say("below zero"),
                    )  # fmt: skip
                    grade: Grade = "stop" if count[t] > MANY * there[t] else "warn"
                    yield Finding("signs changed", grade, (path.name,), int(path.periods[t]), said, ())
