"""Which workbook cells stand behind which rows of the panel, a column at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shidian.trace.lineage import Origin, lineage

BETWEEN = "interpolated"
"""Flag of a value that comes of two cells, whose ids are joined by ``+``."""


@dataclass(frozen=True)
class _Series:
    """The cells of one series: number of the unit, year (-1 for none) and number of the cell."""

    unit: np.ndarray
    when: np.ndarray
    cell: np.ndarray


class CellIndex:
    """The workbook cells behind each row of a panel, looked up by column and remembered.

    Args:
        frame: the panel, its index 0 to rows - 1.
        long: raw values behind it; without ``flag`` each is of one cell.
        origins: column -> how it is made.
    """

    def __init__(self, frame: pd.DataFrame, long: pd.DataFrame, origins: Mapping[str, Origin]) -> None:
        self.origins = origins
        self.units = pd.Index(frame["unit"].unique())
        self.unit = self.units.get_indexer(frame["unit"])
        self.year = frame["year"].to_numpy(dtype=np.int64)
        value, ids = _cells(long)
        self.place, self.places = _places(ids.dictionary)
        self.values = self._series(long, value, ids.indices.to_numpy())
        self.behind: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def _series(self, long: pd.DataFrame, value: np.ndarray, cell: np.ndarray) -> dict[str, _Series]:
        """Return ``source.series`` -> its cells; ``value`` is the raw value that each of the cells is behind."""
        source, series, unit = (long[name].astype("category").cat for name in ("source_id", "indicator", "unit"))
        units = self.units.get_indexer(unit.categories)[unit.codes.to_numpy()].astype(np.int32)
        when = long["year"].astype("Int64").fillna(-1).to_numpy(dtype=np.int32)
        read = source.codes.to_numpy().astype(np.int64) * len(series.categories) + series.codes.to_numpy()
        found = {}
        for code in pd.unique(read).tolist():
            s, i = divmod(code, len(series.categories))
            mine = np.flatnonzero(read[value] == code)
            at = value[mine]
            found[f"{source.categories[s]}.{series.categories[i]}"] = _Series(units[at], when[at], cell[mine])
        return found

    def codes(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Return the distinct codes of the cells behind a column in some rows, ascending."""
        if name not in self.behind:
            self.behind[name] = self._pairs(name)
        row, cell = self.behind[name]
        inside = np.zeros(len(self.unit), dtype=bool)
        inside[rows] = True
        seen = np.zeros(len(self.place), dtype=bool)
        seen[cell[inside[row]]] = True
        return np.flatnonzero(seen)

    def files(self, codes: np.ndarray) -> set[tuple[str, str]]:
        """Return source and number of the files in which cells lie."""
        return {self.places[place] for place in np.unique(self.place[codes]).tolist()}

    def _pairs(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return (row, cell) pairs: every cell that enters a column in every row."""
        found = [(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32))]
        for year in np.unique(self.year).tolist():
            rows = np.flatnonzero(self.year == year)
            row_of = np.full(len(self.units) + 1, -1, dtype=np.int32)  # the last stands for units not in the panel
            row_of[self.unit[rows]] = rows
            for (_, when), origin in lineage(self.origins, name, year).items():
                for read in origin.reads:
                    found += self._join(read, row_of, origin.years(read, when))
        row, cell = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return row, cell

    def _join(self, read: str, row_of: np.ndarray, years: set[int] | None) -> list[tuple[np.ndarray, np.ndarray]]:
        values = self.values.get(read)
        if values is None:
            return []
        row = row_of[values.unit]
        there = row >= 0
        if years is not None:
            there &= np.isin(values.when, [-1, *years])
        return [(row[there], values.cell[there])]


def cells_of(cell_id: str, flag: str) -> list[str]:
    """Return the ids of the cells that a value comes of; a column's name in them may hold `` + `` itself."""
    if flag != BETWEEN:
        return [cell_id]
    parts = cell_id.split(" + ")
    return [" + ".join(half) for half in (parts[: len(parts) // 2], parts[len(parts) // 2 :])]


def _cells(long: pd.DataFrame) -> tuple[np.ndarray, pa.DictionaryArray]:
    """Return each cell behind the raw values, with the position of the value that it is behind."""
    ids = pa.array(long["cell_id"], type=pa.string())
    ids = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    between = np.flatnonzero(
        (long["flag"] == BETWEEN).to_numpy() if "flag" in long else np.zeros(len(long), dtype=bool)
    )
    if not len(between):
        return np.arange(len(ids)), ids.dictionary_encode()
    several = [cells_of(text, BETWEEN) for text in ids.take(pa.array(between)).to_pylist()]
    alone = np.setdiff1d(np.arange(len(ids)), between)
    more = pa.array([text for cells in several for text in cells], type=pa.string())
    positions = np.concatenate([alone, np.repeat(between, [len(cells) for cells in several])])
    return positions, pa.concat_arrays([ids.take(pa.array(alone)), more]).dictionary_encode()


def _places(ids: pa.Array) -> tuple[np.ndarray, list[tuple[str, str]]]:
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
