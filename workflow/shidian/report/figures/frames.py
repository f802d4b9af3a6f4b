"""Checked access to the frames and options behind a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import NothingToDrawError, ReportError, nearest
from shidian.exhibits.result import Figure
from shidian.period import Period


def frame(figure: Figure, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return one frame of the figure after checking that it is there, is not empty and has the columns.

    Raises:
        ReportError: frame absent, or a column absent.
        NothingToDrawError: the frame is empty.
    """
    where = f"figure of kind '{figure.kind}'"
    if name not in figure.data:
        raise ReportError(f"{where}: no data frame '{name}'; it has {_listed(figure.data)}{nearest(name, figure.data)}")
    found = figure.data[name]
    absent = [column for column in columns if column not in found.columns]
    if absent:
        raise ReportError(f"{where}: frame '{name}' lacks {_listed(absent)}; its columns are {_listed(found.columns)}")
    if found.empty:
        raise NothingToDrawError(f"{where}: frame '{name}' has no rows, so there is nothing to draw")
    return found


def numbers(found: pd.DataFrame, column: str) -> np.ndarray:
    """Return a column as floats, missing as nan."""
    return pd.to_numeric(found[column]).to_numpy(dtype=float, na_value=np.nan)


def minus(number: str) -> str:
    """Return a printed number with a minus sign instead of a hyphen."""
    return number.replace("-", "\N{MINUS SIGN}")


def in_order(names: pd.Series) -> list[str]:
    """Return the distinct names in order of appearance."""
    return [str(name) for name in names.drop_duplicates()]


def option(figure: Figure, name: str, default: Any) -> Any:
    """Return an option of the figure, or the default when it has none."""
    value = figure.options.get(name)
    return default if value is None else value


def period_text(figure: Figure, number: float) -> str:
    """Return the number of a period of the panel as the study writes it: a year, or 2013Q4."""
    period = Period.of(figure.options.get("period"))
    return f"{number:g}" if period.is_plain else period.label(round(number))


def _listed(names: Any) -> str:
    return ", ".join(str(name) for name in names) or "none"
