"""How one number of an exhibit reads inside a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from shidian.audit.manuscript.finished import SIMULATED
from shidian.audit.manuscript.marks import NumberMark
from shidian.errors import AuditError
from shidian.messages import say
from shidian.printed import fixed, p_text

MINUS = "−"
COUNTS = ("n_obs", "n_units", "n_clusters")
_CELL = re.compile(r"[(\[]?(?P<number>(?:<\s*)?[-−]?[\d,]*\.?\d+(?:[eE][-+−]?\d+)?)(?P<percent>%?)[)\]]?(?P<stars>\**)")


@dataclass(frozen=True)
class PrintedCell:
    """The number of a printed cell without brackets, and its stars."""

    number: str
    stars: str

    @property
    def decimals(self) -> int:
        """How many decimals it has."""
        return len(self.number.rstrip("%").partition(".")[2])


def number_text(mark: NumberMark) -> str:
    """Return the number as the sentence prints it, its minus a true one; of simulated data with the word behind it.

    Without ``digits`` it is the printed cell's text, without its brackets.

    Raises:
        AuditError: there is no estimate, or no table prints it and the mark gives no digits.
    """
    value, cell = _value(mark), printed_cell(mark)
    text = _percentage(mark, value, cell) if mark.percent else _number(mark, value, cell)
    if mark.stars:
        if cell is None:
            raise AuditError(say("no table prints it, so its stars are not known"))
        text += cell.stars
    return text.replace("-", MINUS) + (f" ({SIMULATED})" if mark.exhibit.meta.simulated else "")


def printed_cell(mark: NumberMark) -> PrintedCell | None:
    """Return the cell of the exhibit's table that prints the number, None where none does."""
    table = mark.exhibit.result.table
    for row in table.rows if table is not None else ():
        for cell in row.cells:
            if cell.ref == (mark.column, mark.term, mark.field):
                found = _CELL.fullmatch(cell.text.strip())
                return PrintedCell(found["number"] + found["percent"], found["stars"]) if found else None
    return None


def _value(mark: NumberMark) -> float:
    estimates = mark.exhibit.result.estimates
    rows = estimates[(estimates["column"] == mark.column) & (estimates["term"] == mark.term)]
    if len(rows) != 1:
        raise AuditError(say("{n} estimates of its exhibit have this name", n=len(rows)))
    value = rows[mark.field].iloc[0]
    if pd.isna(value):
        reason = str(rows["reason"].iloc[0])
        said = f": {reason}" if reason else ""
        raise AuditError(say("the estimate has no {field}{reason}", field=mark.field, reason=said))
    return float(value)


def _number(mark: NumberMark, value: float, cell: PrintedCell | None) -> str:
    if mark.field in COUNTS and (cell is None or mark.digits is not None):
        return f"{value:,.{mark.digits or 0}f}"
    if mark.digits is not None:
        return p_text(value, mark.digits) if mark.field == "p" else fixed(value, mark.digits)
    if cell is not None:
        return cell.number
    if mark.field == "p":
        return p_text(value)
    raise AuditError(say("no table prints it: say how many digits (:.3f)"))


def _percentage(mark: NumberMark, value: float, cell: PrintedCell | None) -> str:
    if mark.digits is None and cell is None:
        raise AuditError(say("no table prints it: say how many digits (:.3f)"))
    digits = mark.digits if mark.digits is not None else max(0, cell.decimals - 2 if cell else 0)
    return f"{fixed(100 * value, digits)}%"
