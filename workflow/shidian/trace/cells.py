"""Which workbook cells stand behind which rows of the panel, a column at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shidian.trace.lineage import Origin, lineage

Pairs = tuple[np.ndarray, np.ndarray]
"""(k,) rows of the panel and (k,) codes of cells that enter there."""
SEVERAL = ("interpolated", "geometric", "mean_growth", "province_mean", "aggregated")
"""Flags of values that come of several cells of a source, whose ids are joined by ``+``."""


@dataclass(frozen=True)
class _Series:
    """The cells of one series, by unit: of which year (0 for a fact without one), and where each unit's begin."""

    starts: np.ndarray
    years: np.ndarray
    cells: np.ndarray


class CellIndex:
    """The workbook cells behind each row of a panel, looked up by column and remembered.

    Args:
        frame: the panel, its index 0 to rows - 1.
        long: raw values behind it; without ``flag`` each is of one cell.
        origins: column -> how it is made.
    """

    def __init__(self, frame: pd.DataFrame, long: pd.DataFrame, origins: Mapping[str, Origin]) -> None:
        self.origins = origins
        self.unit, units = pd.factorize(frame["unit"])
        years = pd.Index([*sorted({*frame["year"].unique(), *long["year"].dropna().astype("int64").unique()})])
        self.year = years.get_indexer(pd.Index(frame["year"])) + 1
        self.years = years
        value, ids = encoded_cells(long)
        self.file, self.files = _files(ids.dictionary)
        unit = long["unit"].astype("category").cat
        places = units.get_indexer(unit.categories)[unit.codes.to_numpy()].astype(np.int32)
        when = (years.get_indexer(pd.Index(long["year"].astype("Int64"))) + 1).astype(np.int32)
        cell, ends = ids.indices.to_numpy(), np.arange(len(units) + 1)
        self.series = {}
        for read, mine in _by_series(long, value):
            mine = mine[places[value[mine]] >= 0]
            mine = mine[np.argsort(places[value[mine]], kind="stable")]
            starts = np.searchsorted(places[value[mine]], ends)
            self.series[read] = _Series(starts, when[value[mine]], cell[mine])
        self.behind: dict[str, Pairs] = {}

    def codes(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Return the distinct codes of the cells behind a column in some rows, ascending."""
        if name not in self.behind:
            self.behind[name] = self._pairs(name)
        row, cell = self.behind[name]
        inside = np.zeros(len(self.unit), dtype=bool)
        inside[rows] = True
        return self.distinct([cell[inside[row]]])

    def distinct(self, codes: Iterable[np.ndarray]) -> np.ndarray:
        """Return the codes of cells that are in any of these arrays, each once."""
        found = np.zeros(len(self.file), dtype=bool)
        for some in codes:
            found[some] = True
        return np.flatnonzero(found)

    def files_of(self, codes: np.ndarray) -> list[tuple[str, int]]:
        """Return source and number of the raw files in which cells lie; a cell's id begins with both."""
        places = sorted(self.files[at] for at in np.unique(self.file[codes]).tolist())
        return [(source, int(number)) for source, number in places]

    def _pairs(self, name: str) -> Pairs:
        """Return every row with every cell that enters a column in it."""
        wanted = self._years_read(name)
        parts = [self._join(self.series[read], years) for read, years in wanted.items() if read in self.series]
        empty = np.empty(0, dtype=np.int64)
        return np.concatenate([empty, *(p[0] for p in parts)]), np.concatenate([empty, *(p[1] for p in parts)])

    def _years_read(self, name: str) -> dict[str, np.ndarray]:
        """Return series -> (years + 1, years + 1) whether rows of a year read its values of a year; place 0 is none."""
        size = len(self.years) + 1
        wanted: dict[str, np.ndarray] = {}
        for place in np.unique(self.year):
            for (_, when), origin in lineage(self.origins, name, int(self.years[place - 1])).items():
                for read in origin.reads:
                    table = wanted.setdefault(read, np.zeros((size, size), dtype=bool))
                    years = origin.years(read, when)
                    if years is None:
                        table[place] = True
                    else:
                        table[place, 0] = True
                        found = self.years.get_indexer(sorted(years))
                        table[place, found[found >= 0] + 1] = True
        return wanted

    def _join(self, series: _Series, reads: np.ndarray) -> Pairs:
        """Return the rows and cells of a series' units, in the years that a row reads."""
        first = series.starts[self.unit]
        read = np.asarray(reads.any(axis=1))[self.year]
        count = np.where(read, series.starts[self.unit + 1] - first, 0)
        row = np.repeat(np.arange(len(self.unit)), count)
        at = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
        kept = reads[self.year[row], series.years[at]]
        return row[kept], series.cells[at[kept]]


def cells_of(cell_id: str, flag: str) -> list[str]:
    """Return the ids of the cells that a value comes of; a column's name in them may hold `` + `` itself."""
    if flag not in SEVERAL:
        return [cell_id]
    return re.split(r" \+ (?=[a-z][a-z0-9_]*/\d+/)", cell_id)


def _by_series(long: pd.DataFrame, value: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Give each ``source.series`` with the positions of its cells; ``value`` is the raw value that a cell is behind."""
    source, series = (long[name].astype("category").cat for name in ("source_id", "indicator"))
    code = (source.codes.to_numpy().astype(np.int64) * len(series.categories) + series.codes.to_numpy())[value]
    for one in pd.unique(code).tolist():
        s, i = divmod(one, len(series.categories))
        yield f"{source.categories[s]}.{series.categories[i]}", np.flatnonzero(code == one)


def encoded_cells(long: pd.DataFrame) -> tuple[np.ndarray, pa.DictionaryArray]:
    """Return each cell behind the raw values, with the position of the value that it is behind."""
    ids = pa.array(long["cell_id"], type=pa.string())
    ids = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    between = np.flatnonzero(
        long["flag"].isin(SEVERAL).to_numpy() if "flag" in long else np.zeros(len(long), dtype=bool)
    )
    if not len(between):
        return np.arange(len(ids)), ids.dictionary_encode()
    several = [cells_of(text, SEVERAL[0]) for text in ids.take(pa.array(between)).to_pylist()]
    alone = np.setdiff1d(np.arange(len(ids)), between)
    more = pa.array([text for cells in several for text in cells], type=pa.string())
    positions = np.concatenate([alone, np.repeat(between, [len(cells) for cells in several])])
    return positions, pa.concat_arrays([ids.take(pa.array(alone)), more]).dictionary_encode()


def _files(ids: pa.Array) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Return the file of each cell as a position among (source, number); an id begins with these."""
    place, places = np.zeros(len(ids), dtype=np.int32), list[tuple[str, str]]()
    left = np.arange(len(ids))
    while len(ids):
        source, number, _ = ids[0].as_py().split("/", 2)
        mine = pc.starts_with(ids, f"{source}/{number}/").to_numpy(zero_copy_only=False)
        place[left[mine]] = len(places)
        places.append((source, number))
        left, ids = left[~mine], ids.filter(pa.array(~mine))
    return place, places
