"""Columns of files that store numbers, texts, dates and truth values, as columns of cells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from shidian.yearbook.columns import CellColumn, NumberColumn, TextColumn
from shidian.yearbook.numbers import cell_text


def stored_column(name: str, values: np.ndarray) -> CellColumn:
    """Return a column below its name: numbers as they are stored, dates as 2013-04-30, missing values as blanks.

    Args:
        name: name of the column, the cell in row 0.
        values: floats (nan is missing), integers, datetimes, or objects of any of these, texts, dates and None.
    """
    if values.dtype.kind == "f":
        return NumberColumn(name, values.astype(np.float64, copy=False))
    if values.dtype.kind in "iu":
        return NumberColumn(name, values)
    cells = values.astype("datetime64[us]").astype(object) if values.dtype.kind == "M" else values
    texts = [_text(value) for value in cells.tolist()]
    return TextColumn(pa.array([name, *texts], type=pa.string()))


def labelled_column(name: str, values: np.ndarray, labels: Mapping[Any, str]) -> CellColumn:
    """Return the labels of some values below the name of the column; a value without one stays as it is."""
    texts = [labels.get(value, _text(value)) for value in values.tolist()]
    return TextColumn(pa.array([name, *texts], type=pa.string()))


def _text(value: object) -> str:
    if value is None or value != value:  # nan, and the missing date and time
        return ""
    if isinstance(value, datetime) and (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0):
        return value.date().isoformat()
    return cell_text(value)
