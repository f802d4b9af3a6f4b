"""Numbers that a volume prints twice: those of another year, of the unit above, or of one row under two names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from shidian.messages import say
from shidian.slips.finding import Finding
from shidian.slips.paths import LEAST_UNITS, Paths, middle

EQUAL = 0.2
"""Share of equal numbers from which on a volume repeats another; other pairs have a quarter of it at most."""
LEAST_KINDS = 10
"""Different numbers of a volume below which equal ones tell nothing."""
LEAST_FILLED = 5
"""Rows with the number of the row above that are no chance; other volumes have a quarter of them at most."""
LEAST_SERIES, ALIKE = 3, 0.8
"""Columns that two rows must have in common, and the share of those that both have."""


def equal_shares(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return (T,) the share of the units whose numbers are equal, nan where few have both."""
    both = np.isfinite(one) & np.isfinite(other) & ((one != 0) | (other != 0))
    counts = both.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.where(counts >= LEAST_UNITS, (both & (one == other)).sum(axis=1) / np.maximum(counts, 1), np.nan)


def volumes_repeated(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find columns that hold another volume's numbers, unit by unit, where no two other volumes have equal ones."""
    for path in paths:
        last = len(path.periods)
        equal = np.full((last, last), np.nan)
        for by in range(1, last):
            equal[np.arange(by, last), np.arange(last - by)] = equal_shares(path.printed[by:], path.printed[:-by])
        for t, s in np.argwhere(np.nan_to_num(equal) >= EQUAL):
            others = equal.copy()
            others[t, s] = np.nan
            if not np.isfinite(others).any() or np.nanmax(others) > equal[t, s] / 4 or _few_kinds(path.printed[t]):
                continue
            here, there = (t, s) if t - s == 1 else _stranger(path, int(t), int(s))
            said = say(
                "{series}: {share:.0%} of the units have the numbers of {before} again, and in no other period",
                series=path.name, share=float(equal[t, s]), before=str(int(path.periods[there])),
            )  # fmt: skip
            yield Finding("volume repeated", "stop", (path.name,), int(path.periods[here]), said, (), equal[t, s])


def _few_kinds(values: np.ndarray) -> bool:
    return len(np.unique(values[np.isfinite(values)])) < LEAST_KINDS


def _stranger(path: Paths, t: int, s: int) -> tuple[int, int]:
    """Return two volumes with equal numbers, the one first in which they fit the volumes beside it less."""
    same = path.printed[t] == path.printed[s]
    away = [np.nan_to_num(middle(np.abs(path.logs[u] - path.beside[u])[same])) for u in (t, s)]
    return (t, s) if away[0] >= away[1] else (s, t)


def numbers_filled_down(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find columns in which rows have the number of the row above, where they have it in no other volume."""
    for path in paths:
        filled = [_filled(path, t) for t in range(len(path.periods))]
        counts = np.array([len(units) for units in filled])
        for t in np.flatnonzero(counts >= LEAST_FILLED):
            rest = np.delete(counts, t)
            there = np.isfinite(np.delete(path.printed, t, axis=0)).sum(axis=1) >= LEAST_UNITS
            if not there.any() or rest[there].max() > counts[t] / 4:
                continue
            said = say(
                "{series}: {count} rows have the number of the row above, in other periods {rest} at most",
                series=path.name, count=int(counts[t]), rest=int(rest[there].max()),
            )  # fmt: skip
            period = int(path.periods[t])
            yield Finding("numbers filled down", "stop", (path.name,), period, said, filled[t], float(counts[t]))


def _filled(path: Paths, t: int) -> tuple[str, ...]:
    """Return the units whose number, of three digits or more, is that of the row above."""
    order = np.flatnonzero(np.isfinite(path.printed[t]) & (path.row[t] >= 0))
    order = order[np.argsort(path.row[t][order], kind="stable")]
    values = path.printed[t][order]
    same = np.flatnonzero((values[1:] == values[:-1]) & long_numbers(values[1:])) + 1
    return tuple(path.units[order[same]])


def long_numbers(values: np.ndarray) -> np.ndarray:
    """Say of numbers whether they have three digits or more, zeros at the ends apart."""
    size = np.abs(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        two = 10.0 ** (np.floor(np.log10(size)) - 1)
        return np.nan_to_num(np.abs(size / two - np.round(size / two))) > 1e-9


def rows_repeated(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find units that have, in one volume, another unit's numbers in all columns."""
    if len(paths) < LEAST_SERIES:
        return
    printed = np.array([path.printed for path in paths])
    pairs = [_equal_rows(printed[:, t]) for t in range(printed.shape[1])]
    often = Counter(pair for found in pairs for pair in found)
    for t, found in enumerate(pairs):
        for (a, b), series in found.items():
            if often[a, b] > 1:
                continue
            names = tuple(paths[k].name for k in series)
            units = tuple(map(str, paths[0].units[[a, b]]))
            said = say(
                "units {one} and {other} have the same numbers in {count} columns", one=units[0], other=units[1],
                count=len(series),
            )  # fmt: skip
            yield Finding("row repeated", "stop", names, int(paths[0].periods[t]), said, units, float(len(series)))


def _equal_rows(values: np.ndarray) -> dict[tuple[int, int], tuple[int, ...]]:
    """Return the pairs of units whose long numbers in (K, U) are equal, with the columns in which they are."""
    telling = np.where(long_numbers(values), values, np.nan)
    shared: dict[tuple[int, int], list[int]] = {}
    for k, column in enumerate(telling):
        order = np.argsort(column, kind="stable")
        for at in np.flatnonzero(column[order][1:] == column[order][:-1]):
            pair = sorted((int(order[at]), int(order[at + 1])))
            shared.setdefault((pair[0], pair[1]), []).append(k)
    found = {}
    for (a, b), series in shared.items():
        both = np.isfinite(telling[:, a]) & np.isfinite(telling[:, b])
        kinds = len(np.unique(telling[series, a]))
        if kinds >= LEAST_SERIES and len(series) >= ALIKE * both.sum():
            found[a, b] = tuple(series)
    return found
