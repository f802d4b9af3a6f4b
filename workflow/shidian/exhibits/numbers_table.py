"""A printed table of plain numbers whose every cell can be traced to an estimate of the long schema."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from shidian.estimates import normalise
from shidian.exhibits.regression_table import DASH, Style
from shidian.exhibits.result import Cell, Row, Table
from shidian.messages import say


def numbers_table(
    frame: pd.DataFrame, study: str, exhibit: str, stub: str, style: Style, whole: Collection[str] = ()
) -> tuple[pd.DataFrame, Table]:
    """Return estimates (column = the frame's column, term = its index) and the table that prints them.

    Columns in ``whole`` are counts, those whose name ends in a percent sign have two decimals. A missing number prints
    as a dash, with the reason in its estimate.
    """
    estimates: list[dict[str, str | float]] = []
    rows = []
    for term, values in frame.iterrows():
        cells = []
        for name, value in values.items():
            ref = (str(name), str(term))
            row: dict[str, str | float] = {"study": study, "exhibit": exhibit, "column": ref[0], "term": ref[1]}
            if pd.isna(value):
                estimates.append({**row, "reason": say("no value")})
                cells.append(Cell(DASH, (*ref, "reason")))
                continue
            estimates.append({**row, "estimate": float(value)})
            text = f"{int(value):,}" if name in whole else _number(str(name), float(value), style)
            cells.append(Cell(text, (*ref, "estimate")))
        rows.append(Row(str(term), tuple(cells)))
    header = (((stub, 1), *((str(name), 1) for name in frame.columns)),)
    return normalise(pd.DataFrame(estimates)), Table(header, tuple(rows))


def _number(name: str, value: float, style: Style) -> str:
    return style.rounded(value, 2) if name.endswith("%") else style.number(value)
