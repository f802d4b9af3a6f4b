"""Two volumes that stand in each other's place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shidian.messages import say
from shidian.slips.finding import Finding, Grade
from shidian.slips.paths import LEAST_UNITS, Paths, middle

BETTER = 0.6
"""Roughness of a path with two volumes exchanged, as a share of what it is as printed, that speaks for the exchange."""
AGREEING = 0.6
"""Share of the columns that must speak for it."""
ROUGHER = 2.0
"""How many times as rough as elsewhere a path must be around the two volumes: seasons are rough throughout."""
SURE_COLUMNS = 3
"""Columns that speak for an exchange which stops: of one or two, a year that was unlike others is as likely."""


def volumes_exchanged(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find two periods after each other that most columns would run through more smoothly the other way round."""
    if not paths or len(paths[0].periods) < 4:
        return
    periods = paths[0].periods
    for t in range(len(periods) - 1):
        ratios = np.array([_roughness(path, t) for path in paths])
        told = np.isfinite(ratios)
        speaking = told & (ratios < BETTER)
        against = told & (ratios > 1 / BETTER)
        if speaking.sum() > AGREEING * (speaking | against).sum() and speaking.sum() >= max(1, 0.3 * told.sum()):
            speaks = [path for path, one in zip(paths, speaking, strict=True) if one]
            rough = [path for path in speaks if _rougher(path, t)]
            if not rough:
                continue
            said = say(
                "the volumes of {one} and {other} are exchanged: the other way round {count} of {columns} columns run "
                "more smoothly",
                one=str(int(periods[t])), other=str(int(periods[t + 1])), count=len(speaks), columns=int(told.sum()),
            )  # fmt: skip
            grade: Grade = "stop" if len(rough) >= SURE_COLUMNS else "warn"
            yield Finding(
                "volumes exchanged", grade, tuple(path.name for path in speaks), int(periods[t]), said, (),
                float(len(speaks)),
            )  # fmt: skip


def _roughness(path: Paths, t: int) -> float:
    """Return the roughness around two periods when they are exchanged over that as printed; nan where nothing tells."""
    order = _around(path, t)
    turned = order.copy()
    a, b = np.flatnonzero(order == t)[0], np.flatnonzero(order == t + 1)[0]
    turned[[a, b]] = turned[[b, a]]
    own, other = (_bends(path.logs[rows]).sum() for rows in (order, turned))
    return float(other / own) if own > 0 else np.nan


def _rougher(path: Paths, t: int) -> bool:
    """Tell whether a path is rougher around two periods than where neither of them is."""
    near = _around(path, t)
    elsewhere = np.array([
        bend for s, bend in enumerate(_bends(path.logs), start=1)
        if np.isfinite(bend) and not {s - 1, s, s + 1} & {t, t + 1}
    ])  # fmt: skip
    return len(elsewhere) > 0 and bool(_bends(path.logs[near]).mean() > ROUGHER * np.median(elsewhere))


def _around(path: Paths, t: int) -> np.ndarray:
    return np.arange(max(t - 2, 0), min(t + 3, len(path.periods) - 1) + 1)


def _bends(logs: np.ndarray) -> np.ndarray:
    """Return the median second difference at each inner period, nan where few units have one."""
    bends = np.abs(np.diff(logs, n=2, axis=0))
    enough = np.isfinite(bends).sum(axis=1) >= LEAST_UNITS
    return np.where(enough, middle(bends, axis=1), np.nan)
