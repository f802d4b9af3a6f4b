"""Numbers that stand a second time: a column, or a block of one, of another period or series; a row of another unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from shidian.messages import say
from shidian.misprints.table import REPEATED, Slip, Table, is_rounded

BLOCK = 5
"""Fewest units, one below the other, and fewest different numbers that make a block."""
ROW = 4
"""Fewest numbers that make a row."""
USUAL = 0.25
"""Share of equal values from which on they are nothing odd: areas stay, rates of a province serve all its cities."""
STAY = ("公里", "km", "公顷", "hectare", "亩", "度", "degree", "category", "text", "year")
"""Parts of measures of what does not change."""


def repeated_slips(tables: Sequence[Table]) -> list[Slip]:
    """Return numbers that stand a second time; all tables have the same units and periods.

    Numbers of fewer than three significant digits do not count: they are equal by chance. Nor does what is equal as a
    rule: between most periods of a series, or in more than a quarter of the units.
    """
    told = [np.where(is_rounded(table.values), np.nan, table.values) for table in tables]
    found = [slip for table, values in zip(tables, told, strict=True) for slip in _periods(table, values)]
    for (first, one), (second, other) in combinations(zip(tables, told, strict=True), 2):
        if (one == other).any():
            found += _series(first, second, one, other)
    return [*found, *_rows(tables, told)]


def _periods(table: Table, values: np.ndarray) -> Iterator[Slip]:
    """Compare the periods of a series; ``values`` are those that are not rounded."""
    if any(part in table.measure.lower() for part in STAY) or table.values.shape[0] < BLOCK:
        return
    pairs = list(combinations(range(values.shape[1]), 2))
    blocks = {pair: _block(values[:, pair[0]], values[:, pair[1]]) for pair in pairs}
    beside = [blocks[t, t + 1] for t in range(values.shape[1] - 1)]
    if len(beside) > 1 and sum(map(bool, beside)) > max(1, USUAL * len(beside)):
        return
    told: set[int] = set()
    for (one, other), block in blocks.items():
        if block and other not in told:
            told.add(other)
            yield _slip(table, block, other, say(
                "{n} units, one below the other, have the numbers of {period}",
                n=len(block), period=table.periods[one],
            ))  # fmt: skip


def _series(first: Table, second: Table, one: np.ndarray, other: np.ndarray) -> Iterator[Slip]:
    """Compare two series in each period; ``one`` and ``other`` are their values that are not rounded."""
    blocks = {t: block for t in range(one.shape[1]) if (block := _block(one[:, t], other[:, t]))}
    if len(blocks) > 1 and (one == other).sum() > USUAL * (~np.isnan(first.values) & ~np.isnan(second.values)).sum():
        t, block = next(iter(blocks.items()))
        yield _slip(second, block, t, say("the numbers of '{series}', in most periods", series=first.series))
        return
    for t, block in blocks.items():
        n = len(block)
        yield _slip(second, block, t, say(
            "{n} units, one below the other, have the numbers of '{series}'", n=n, series=first.series
        ))  # fmt: skip


def _rows(tables: Sequence[Table], told: Sequence[np.ndarray]) -> Iterator[Slip]:
    """Compare the rows of all units: the numbers of all series in a period, or of one series in all periods."""
    if not tables:
        return
    cube = np.stack(told)
    for t in range(cube.shape[2]):
        for one, other in _equal_rows(cube[:, :, t].T):
            s = int(np.flatnonzero(~np.isnan(cube[:, other, t]))[0])
            yield Slip(REPEATED, tables[s].series, ((other, t),), say(
                "the row has the numbers of {unit}, in all series", unit=tables[s].units[one]
            ))  # fmt: skip
    for table, values in zip(tables, cube, strict=True):
        for one, other in _equal_rows(values):
            t = int(np.flatnonzero(~np.isnan(values[other]))[0])
            yield Slip(REPEATED, table.series, ((other, t),), say(
                "the row has the numbers of {unit}, in all periods", unit=table.units[one]
            ))  # fmt: skip


def _equal_rows(rows: np.ndarray) -> list[tuple[int, int]]:
    """Return pairs of rows that hold the same numbers, the first of its kind and another; none where many do."""
    known = ~np.isnan(rows)
    seen: dict[bytes, list[int]] = defaultdict(list)
    for i in np.flatnonzero(known.sum(axis=1) >= ROW).tolist():
        if len(np.unique(rows[i][known[i]])) >= ROW:
            seen[np.nan_to_num(rows[i], nan=np.inf).tobytes()].append(i)
    pairs = [(same[0], other) for same in seen.values() for other in same[1:]]
    return pairs if len(pairs) <= max(1, USUAL * len(rows)) else []


def _block(one: np.ndarray, other: np.ndarray) -> tuple[int, ...]:
    """Return the positions of the longest run of equal values that is long enough to be a block."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], one == other, [False]]).astype(int)))
    runs = sorted(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True), key=lambda run: run[0] - run[1])
    for start, stop in runs:
        if stop - start < BLOCK:
            break
        if len(np.unique(one[start:stop])) >= BLOCK:
            return tuple(range(start, stop))
    return ()


def _slip(table: Table, units: Sequence[int], period: int, why: str) -> Slip:
    return Slip(REPEATED, table.series, tuple((i, period) for i in units), why)
