"""Which units and periods a source covers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from shidian.misprints.table import Table


def counts_by_period(tables: Sequence[Table]) -> list[tuple[list[str], np.ndarray]]:
    """Return how many units have a value in each period, series with equal counts together, in their order."""
    groups: dict[bytes, tuple[list[str], np.ndarray]] = {}
    for table in tables:
        counts = (~np.isnan(table.values)).sum(axis=0)
        groups.setdefault(counts.tobytes(), ([], counts))[0].append(table.series)
    return list(groups.values())


def lacking(tables: Sequence[Table]) -> list[tuple[tuple[int, ...], list[str]]]:
    """Return positions of periods and the units that have no value of any series in just these, most units first."""
    if not tables:
        return []
    there = np.any([~np.isnan(table.values) for table in tables], axis=0)
    groups: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for name, row in zip(tables[0].units, there, strict=True):
        if not row.all():
            groups[tuple(np.flatnonzero(~row).tolist())].append(name)
    return sorted(groups.items(), key=lambda one: (-len(one[1]), one[0]))


def spans(positions: Sequence[int], names: Sequence[str]) -> list[str]:
    """Return periods that follow each other as spans: ["2004-2009", "2013"].

    >>> spans([0, 1, 3], ["2004", "2005", "2006", "2007"])
    ['2004-2005', '2007']
    """
    runs: list[list[int]] = []
    for at in positions:
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return [names[run[0]] if len(run) == 1 else f"{names[run[0]]}-{names[run[-1]]}" for run in runs]


def columns_of(counts: np.ndarray, names: Sequence[str]) -> list[tuple[str, np.ndarray]]:
    """Return the columns of a matrix (series, periods), equal ones that follow each other as one, with their name."""
    if not counts.shape[1]:
        return []
    changes = np.flatnonzero(np.any(counts[:, 1:] != counts[:, :-1], axis=0)) + 1
    starts = [0, *changes.tolist()]
    ends = [*changes.tolist(), counts.shape[1]]
    return [
        (spans(range(a, b), names)[0], counts[:, a]) for a, b in zip(starts, ends, strict=True)
    ]  # fmt: skip
