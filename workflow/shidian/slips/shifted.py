"""Blocks of rows of one volume whose numbers belong some rows above or below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shidian.messages import say
from shidian.slips.finding import Finding, Mend
from shidian.slips.paths import Paths, middle

FARTHEST, MOST_ODDS = 3, 4.0
"""Rows by which a block may have slipped, and the most that one row speaks for or against it (a log likelihood)."""
LEAST_ROWS, LEAST_ODDS, LEAST_GAIN, BETTER = 5, 16.0, 3.0, 0.5
"""Rows of a block, the sum of what speaks for it and of the distances (logarithms) that it saves, from which on it is
one; and the largest median distance there, as a share of that of the rows as they stand."""
LEAST_SCATTER, APART = 0.02, 3.0
"""Scatter below which no column's is taken to be, and how many times that the units of a column must lie apart."""


def rows_shifted(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find blocks of rows that fit the past of the units some rows above or below better than that of their own."""
    for path in paths:
        for t in range(len(path.periods)):
            if found := _block(path, t):
                yield found


def _block(path: Paths, t: int) -> Finding | None:
    """Return the block of a column in one volume, None where there is none."""
    expected = path.beside[t]
    order = np.argsort(path.row[t], kind="stable")
    order = order[(path.row[t][order] >= 0) & np.isfinite(path.logs[t][order])]
    if len(order) < 2 * LEAST_ROWS:
        return None
    values = path.logs[t][order] - np.nan_to_num(middle(path.logs[t][order] - expected[order]))
    scatter = max(path.usual, LEAST_SCATTER)
    if not middle(np.abs(np.diff(expected[order]))) > APART * scatter:
        return None  # neighbours are too much alike to be told apart
    apart = np.abs(values - expected[order])
    best: tuple[float, int, int, int] | None = None
    for by in (*range(-FARTHEST, 0), *range(1, FARTHEST + 1)):
        moved = np.full(len(order), np.nan)
        moved[max(by, 0) : len(order) + min(by, 0)] = expected[order][max(-by, 0) : len(order) + min(-by, 0)]
        moved = np.abs(values - moved)
        odds = np.minimum(apart / scatter, MOST_ODDS) - np.minimum(moved / scatter, MOST_ODDS)
        start, stop, total = best_run(np.where(np.isfinite(odds), odds, -1.0))
        block = slice(start, stop)
        saved = np.nansum(np.minimum(apart[block], 1.0) - np.minimum(moved[block], 1.0))
        fits = saved > LEAST_GAIN and middle(moved[block]) < BETTER * middle(apart[block])
        if fits and stop - start >= LEAST_ROWS and total > (best[0] if best else LEAST_ODDS):
            best = total, start, stop, by
    if best is None:
        return None
    total, start, stop, by = best
    rows = path.row[t][order[start:stop]]
    said = say(
        "{series}: the numbers of {count} rows ({first}-{last}) are those of the units {by} rows {where}",
        series=path.name, count=stop - start, first=str(int(rows.min())), last=str(int(rows.max())),
        by=abs(by), where=say("above") if by > 0 else say("below"),
    )  # fmt: skip
    units = tuple(path.units[order[start:stop]])
    period = int(path.periods[t])
    mend = Mend((path.name,), period, rows=(int(rows.min()), int(rows.max())), belong=-by)
    return Finding("rows shifted", "stop", (path.name,), period, said, units, total, (mend,))


def best_run(gain: np.ndarray) -> tuple[int, int, float]:
    """Return start, stop and sum of the run of numbers with the largest sum (Bentley 1984)."""
    sums = np.concatenate([[0.0], np.cumsum(gain)])
    lowest = np.minimum.accumulate(sums)
    stop = int(np.argmax(sums - lowest))
    start = int(np.argmin(sums[: stop + 1]))
    return start, stop, float(sums[stop] - sums[start])
