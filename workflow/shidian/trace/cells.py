"""Which workbook cells stand behind which rows of the panel, a column at a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shidian.trace.lineage import Origin, lineage


class CellIndex:
    """The workbook cells behind each row of a panel, looked up by column and remembered.

    Args:
        frame: the panel, its index 0 to rows - 1.
        long: raw values behind it.
        origins: column -> how it is made.
    """

    def __init__(self, frame: pd.DataFrame, long: pd.DataFrame, origins: Mapping[str, Origin]) -> None:
        self.origins = origins
        self.rows = frame[["unit", "year"]].assign(row=np.arange(len(frame)))
        values = pd.DataFrame({
            "read": long["source_id"].astype(str) + "." + long["indicator"].astype(str),
            "unit": long["unit"], "when": long["year"].astype("Int64"),
            "cell": long["cell_id"].astype(str).str.split(" + ", regex=False),
        }).explode("cell")  # fmt: skip
        codes, ids = pd.factorize(values["cell"])
        self.ids = np.asarray(ids, dtype=object)
        self.values = {str(read): part for read, part in values.assign(cell=codes).groupby("read", sort=False)}
        self.behind: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def codes(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Return the distinct codes of the cells behind a column in some rows; ``ids`` maps a code to its cell."""
        if name not in self.behind:
            self.behind[name] = self._pairs(name)
        row, cell = self.behind[name]
        inside = np.zeros(len(self.rows), dtype=bool)
        inside[rows] = True
        return np.unique(cell[inside[row]])

    def _pairs(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return (row, cell) pairs: every cell that enters a column in every row."""
        found = [pd.DataFrame({"row": [], "cell": []}, dtype=np.int64)]
        for year, rows in self.rows.groupby("year"):
            for (_, when), origin in lineage(self.origins, name, int(str(year))).items():
                for read in origin.reads:
                    found += self._join(read, rows, origin.years(read, when))
        pairs = pd.concat(found, ignore_index=True).drop_duplicates()
        return pairs["row"].to_numpy(np.int64), pairs["cell"].to_numpy(np.int64)

    def _join(self, read: str, rows: pd.DataFrame, years: set[int] | None) -> list[pd.DataFrame]:
        values = self.values.get(read)
        if values is None:
            return []
        if years is not None:
            values = values[values["when"].isna() | values["when"].isin(years)]
        return [rows.merge(values[["unit", "cell"]], on="unit")[["row", "cell"]]]
