"""Which workbook cells stand behind which rows of the panel, a column at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.trace.lineage import Origin, lineage

Pairs = tuple[np.ndarray, np.ndarray]
"""(k,) rows of the panel and (k,) codes of cells that enter there."""


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
        long: raw values behind it.
        origins: column -> how it is made.
    """

    def __init__(self, frame: pd.DataFrame, long: pd.DataFrame, origins: Mapping[str, Origin]) -> None:
        self.origins = origins
        self.unit, units = pd.factorize(frame["unit"])
        years = pd.Index([*sorted({*frame["year"].unique(), *long["year"].dropna().astype("int64").unique()})])
        self.year = years.get_indexer(pd.Index(frame["year"])) + 1
        self.years = years
        values = pd.DataFrame({
            "read": long["source_id"].astype(str) + "." + long["indicator"].astype(str),
            "unit": units.get_indexer(pd.Index(long["unit"])),
            "when": years.get_indexer(pd.Index(long["year"].astype("Int64"))) + 1,
            "cell": long["cell_id"].astype(str).str.split(" + ", regex=False),
        }).explode("cell")  # fmt: skip
        codes, ids = pd.factorize(values["cell"])
        self.ids = np.asarray(ids, dtype=object)
        self.file, self.files = pd.factorize(pd.Series(self.ids, dtype=str).str.extract("^([^/]*/[^/]*)", expand=False))
        values = values.assign(cell=codes)[values["unit"] >= 0].sort_values("unit", kind="stable")
        ends = np.arange(len(units) + 1)
        self.series = {
            str(read): _Series(np.searchsorted(part["unit"], ends), part["when"].to_numpy(), part["cell"].to_numpy())
            for read, part in values.groupby("read", sort=False)
        }
        self.behind: dict[str, Pairs] = {}

    def codes(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Return the distinct codes of the cells behind a column in some rows; ``ids`` maps a code to its cell."""
        if name not in self.behind:
            self.behind[name] = self._pairs(name)
        row, cell = self.behind[name]
        inside = np.zeros(len(self.unit), dtype=bool)
        inside[rows] = True
        return self.distinct([cell[inside[row]]])

    def distinct(self, codes: Iterable[np.ndarray]) -> np.ndarray:
        """Return the codes of cells that are in any of these arrays, each once."""
        found = np.zeros(len(self.ids), dtype=bool)
        for some in codes:
            found[some] = True
        return np.flatnonzero(found)

    def files_of(self, codes: np.ndarray) -> list[tuple[str, int]]:
        """Return source and number of the raw files in which cells lie; a cell's id begins with both."""
        places = sorted(str(self.files[at]).split("/") for at in np.unique(self.file[codes]))
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
