"""Reading one cell that is no plain number: marks, dates, numbers that are written or shown in a declared way."""

from __future__ import annotations

import numpy as np

from shidian.errors import SourceError
from shidian.messages import say
from shidian.yearbook.cell_formats import Scaled, is_percent
from shidian.yearbook.layout import Place
from shidian.yearbook.number_forms import PERCENT, SAID
from shidian.yearbook.numbers import BLANK, MARK, cell_text, clean, mark_kind
from shidian.yearbook.periods import PeriodText
from shidian.yearbook.tables import Column

AS_SHOWN = say("numbers read as their cell's format shows them")


def parse_cell(place: Place, column: Column, row: int, position: int) -> tuple[float, tuple[str, ...]]:
    """Read one cell of any kind: its number, nan for a declared mark, and the events that it stands for."""
    cell = place.grid.rows[row][position]
    text = cell_text(cell)
    fault = None if text else place.grid.fault(row, position)
    if isinstance(cell, str) and text.strip() in column.missing and not fault:
        return np.nan, ()
    where = place.at(row, position)
    if fault:
        raise SourceError(f"{where}: {fault}")
    if not isinstance(cell, str) and not column.period:
        raise SourceError(f"{where}: '{text}' is not a number but a {type(cell).__name__}; correct the cell")
    if column.period:
        return _period_of(column.period, where, text), ()
    value, used = place.table.writing.read(text)
    if value is None:
        raise SourceError(f"{where}: {_unreadable(place, column, text)}")
    if PERCENT in used and not is_percent(column.measure):
        raise SourceError(
            f"{where}: '{clean(text)}' is a percentage, but the measure of '{column.series}' is '{column.measure}'; "
            'declare measure: "%"'
        )
    return value, tuple(SAID[form] for form in used)


def as_shown(place: Place, column: Column, row: int, position: int, stored: float, scaled: Scaled) -> float | None:
    """Return the number that a cell shows where that is the one to read, None where the stored one is.

    Raises:
        SourceError: neither the measure nor ``as_shown`` says which of the two is meant.
    """
    wanted = scaled.of_measure(column.measure) if column.as_shown is None else column.as_shown
    if wanted is False or stored == 0 or not np.isfinite(stored):
        return None
    where = f"{place.at(row, position)}: the cell stores {cell_text(stored)}, and its format '{scaled.format}'"
    if wanted is None or scaled.power is None:
        shows = f"shows it as {scaled.shown(stored):,.10g}{'%' if scaled.power == 2 else ''}"
        shows = "shows another number" if scaled.power is None else shows
        raise SourceError(
            f"{where} {shows}; say which of them is in '{column.measure}': columns.{column.series}.as_shown: true "
            "(what the cell shows) or false (what it stores)"
            if scaled.power is not None
            else f"{where} {shows}; declare columns.{column.series}.as_shown: false and the measure of what it stores"
        )
    return scaled.shown(stored)


def _period_of(reads: PeriodText, where: str, text: str) -> float:
    number = reads.read(text)
    if number is None:
        raise SourceError(f"{where}: {reads.refusal(text)}")
    return float(number)


def _unreadable(place: Place, column: Column, text: str) -> str:
    kind = mark_kind(text)
    if kind == BLANK:
        return f"blank, but '{column.series}' allows no blanks (missing: [\"\"] would)"
    if kind != MARK:
        return f"'{text}' is not a missing mark declared for '{column.series}'; add it if it means missing"
    texts = "texts, such as industry codes, are 'measure: category'; else " if any(map(str.isalpha, text)) else ""
    advice = place.table.writing.advice(text)
    return (
        f"'{clean(text)}' is not a number (series '{column.series}', column "
        f"'{' / '.join(column.header)}'); {texts}{f'{advice}; else ' if advice else ''}"
        "declare it as a missing mark or a footnote mark, declare the row as footer, or correct the cell"
    )
