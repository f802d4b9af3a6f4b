"""Two volumes that stand in each other's place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shidian.messages import say
from shidian.slips.finding import Finding
from shidian.slips.paths import LEAST_UNITS, Paths, middle

BETTER = 0.6
"""Roughness of a path with two volumes exchanged, as a share of what it is as printed, that speaks for the exchange."""
AGREEING = 0.6
"""Share of the columns that must speak for it."""


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
            names = tuple(path.name for path, speaks in zip(paths, speaking, strict=True) if speaks)
            said = say(
                "the volumes of {one} and {other} are exchanged: the other way round {count} of {columns} columns run "
                "more smoothly",
                one=str(int(periods[t])), other=str(int(periods[t + 1])), count=int(speaking.sum()),
                columns=int(told.sum()),
            )  # fmt: skip
            yield Finding("volumes exchanged", "stop", names, int(periods[t]), said, (), float(speaking.sum()))


def _roughness(path: Paths, t: int) -> float:
    """Return the roughness around two periods when they are exchanged over that as printed; nan where nothing tells."""
    logs, last = path.logs, len(path.periods) - 1
    first, stop = max(t - 2, 0), min(t + 3, last)
    order = np.arange(first, stop + 1)
    turned = order.copy()
    a, b = np.flatnonzero(order == t)[0], np.flatnonzero(order == t + 1)[0]
    turned[[a, b]] = turned[[b, a]]
    own, other = (_bend(logs[rows]) for rows in (order, turned))
    return other / own if own > 0 else np.nan


def _bend(logs: np.ndarray) -> float:
    """Return the sum over the inner periods of the median second difference, nan where few units have them."""
    bends = np.abs(np.diff(logs, n=2, axis=0))
    enough = np.isfinite(bends).sum(axis=1) >= LEAST_UNITS
    return float(middle(bends, axis=1).sum()) if len(bends) and enough.all() else np.nan
