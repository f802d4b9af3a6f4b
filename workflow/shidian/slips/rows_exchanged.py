"""Two rows of a volume that stand in each other's place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shidian.messages import say
from shidian.slips.finding import Finding
from shidian.slips.paths import Paths, middle

FARTHEST, MOST_ODDS = 3, 4.0
"""Rows between the two, and the most that one column speaks for or against an exchange (a log likelihood)."""
LEAST_SERIES, AGREEING, LEAST_ODDS, BETTER = 3, 0.75, 9.0, 0.3
"""Columns that speak for it, their share of all that tell; the sum of what speaks, and the largest median distance
with the rows exchanged, as a share of that as printed."""


def rows_exchanged(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find two rows near each other, each of which goes on from the other's numbers in most columns."""
    if len(paths) < LEAST_SERIES:
        return
    scatter = np.array([max(float(np.nan_to_num(path.usual)), 0.02) for path in paths])[:, None]
    last = len(paths[0].periods) - 1
    found = {t: _pairs(paths, t, scatter) for t in range(last + 1)}
    for t, pairs in found.items():
        # at an end nothing but the volume beside it tells, which may be the wrong one
        beside = found[1] if t == 0 < last else found[last - 1] if t == last > 0 else {}
        for (a, b), (series, total) in pairs.items():
            if (a, b) in beside:
                continue
            units = tuple(map(str, paths[0].units[[a, b]]))
            said = say(
                "the rows of {one} and {other} are exchanged: in {count} columns each goes on in the other",
                one=units[0], other=units[1], count=len(series),
            )  # fmt: skip
            names = tuple(paths[k].name for k in series)
            yield Finding("rows exchanged", "stop", names, int(paths[0].periods[t]), said, units, total)


def _pairs(paths: Sequence[Paths], t: int, scatter: np.ndarray) -> dict[tuple[int, int], tuple[np.ndarray, float]]:
    """Return pairs of units that are exchanged in a volume, with the columns that say so and how much they say."""
    rows = np.array([path.row[t] for path in paths])
    place = np.where((rows >= 0).any(axis=0), rows.max(axis=0), -1)
    order = np.flatnonzero(place >= 0)
    order = order[np.argsort(place[order], kind="stable")]
    logs = np.array([path.logs[t][order] for path in paths])
    expected = np.array([path.beside[t][order] for path in paths])
    found = {}
    own = np.abs(logs - expected)
    for by in range(1, FARTHEST + 1):
        if len(order) <= by:
            break
        printed = (own[:, :-by] + own[:, by:]) / 2
        crossed = (np.abs(logs[:, :-by] - expected[:, by:]) + np.abs(logs[:, by:] - expected[:, :-by])) / 2
        odds = np.minimum(printed / scatter, MOST_ODDS) - np.minimum(crossed / scatter, MOST_ODDS)
        for at in np.flatnonzero(np.nansum(odds, axis=0) > LEAST_ODDS):
            here = odds[:, at]
            speaking = np.flatnonzero(here > 1)
            telling = (np.abs(np.nan_to_num(here)) > 1).sum()
            fits = middle(crossed[speaking, at]) < BETTER * middle(printed[speaking, at]) if len(speaking) else False
            if fits and len(speaking) >= max(LEAST_SERIES, AGREEING * telling):
                a, b = int(order[at]), int(order[at + by])
                found[min(a, b), max(a, b)] = speaking, float(np.nansum(here))
    return found
