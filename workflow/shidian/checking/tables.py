"""The records of a source as tables of units and periods, with the cell behind each value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import StudyError
from shidian.measures import parse_measure
from shidian.misprints.table import Table
from shidian.slips.records import unit_keys


@dataclass(frozen=True)
class CellTables:
    """Series of a source as tables; ``cells`` holds the position in the records of each value, -1 for none."""

    tables: list[Table]
    cells: dict[str, np.ndarray]


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """Give the rows of a frame, its columns as attributes."""
    return iter(frame.itertuples())


def unit_labels(records: pd.DataFrame) -> pd.Series:
    """Return how each record's unit is called in a report: its name, or its code, with its province in brackets."""
    names = records["unit_name"].fillna(records["unit_code"]).fillna("")
    return names.where(records["province"].isna(), names + " (" + records["province"].fillna("") + ")")


def cell_tables(records: pd.DataFrame, written: Callable[[int], str]) -> CellTables:
    """Return the series of numbers by period as tables; units in the order in which the records have them.

    Args:
        records: records of a source; one with a column ``key`` has the same in it for all records of a unit. Values
            of a series that is printed in several units of measure are brought to the first.
        written: gives the name of a period.
    """
    dated = records[records["year"].notna() & ~records["measure"].isin(["text", "category"])]
    unit, _ = pd.factorize(dated["key"] if "key" in dated else unit_keys(dated))
    years = dated["year"].to_numpy(dtype=np.int64)
    periods = np.unique(years)
    column = np.searchsorted(periods, years)
    labels = tuple(unit_labels(dated.iloc[np.unique(unit, return_index=True)[1]]))
    names = tuple(map(written, periods.tolist()))
    values, positions = dated["value"].to_numpy(), np.flatnonzero(records.index.isin(dated.index))
    measures = dated["measure"].to_numpy()
    tables, cells = [], {}
    for series, mine in dated.reset_index(drop=True).groupby("indicator", sort=False).indices.items():
        filled = np.full((len(labels), len(periods)), np.nan)
        filled[unit[mine], column[mine]] = values[mine] * _to_first(measures[mine])
        cells[str(series)] = np.full(filled.shape, -1)
        cells[str(series)][unit[mine], column[mine]] = positions[mine]
        tables.append(Table(str(series), str(measures[mine[0]]), labels, names, filled))
    return CellTables(tables, cells)


def _to_first(measures: np.ndarray) -> np.ndarray:
    """Return by what values are multiplied to be in the first of their units of measure; 1 where none is known."""
    factors = {}
    for measure in dict.fromkeys(measures):
        try:
            one, first = parse_measure(measure), parse_measure(measures[0])
        except StudyError:
            return np.ones(len(measures))
        factors[measure] = one.factor / first.factor if one.dims == first.dims else 1.0
    return np.array([factors[measure] for measure in measures])
