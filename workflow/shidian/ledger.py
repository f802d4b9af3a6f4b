"""The sample ledger, line by line: what was dropped, filled, corrected or unmatched, and why.

Whoever loses a row says so here; the report gathers the lines of all steps (``shidian.report.ledger``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from shidian.messages import say

LEDGER_COLUMNS = ("step", "subject", "units", "rows", "reason")


def ledger_row(step: str, subject: str, reason: str, *, units: int = 0, rows: int = 0) -> dict[str, Any]:
    """Return one line of the ledger.

    Args:
        step: at which step of the work.
        subject: what it befell: a variable, a unit, a column of an exhibit.
        reason: what was done, and why.
        units: how many units it touches.
        rows: how many rows it touches.
    """
    return {"step": step, "subject": subject, "units": int(units), "rows": int(rows), "reason": reason}


def about(exhibit: str, column: str, what: Any = None) -> str:
    """Return the subject of a line on a column of an exhibit, or on what of the column (a term, a list of them)."""
    if what is None:
        return say("{exhibit} {column}", exhibit=exhibit, column=column)
    return say("{exhibit} {column}: {what}", exhibit=exhibit, column=column, what=what)


def ledger_row_of(touched: pd.DataFrame, step: str, subject: str, reason: str, *, unit: str = "unit") -> dict[str, Any]:
    """Return the line on these rows, counted; ``unit`` is the column or index level that holds their units."""
    units = touched[unit] if unit in touched else touched.index.get_level_values(unit)
    return ledger_row(step, subject, reason, units=units.nunique(), rows=len(touched))


def at_step(step: str, lines: Iterable[Mapping[Any, Any]]) -> list[dict[Any, Any]]:
    """Return lines as those of a step, whatever the code that made them calls it."""
    return [{**line, "step": step} for line in lines]


def ledger_frame(rows: Iterable[Mapping[Any, Any]]) -> pd.DataFrame:
    """Return the ledger's frame, typed, also when it is empty."""
    frame = pd.DataFrame(list(rows), columns=list(LEDGER_COLUMNS))
    return frame.astype({"step": str, "subject": str, "units": "int64", "rows": "int64", "reason": str})
