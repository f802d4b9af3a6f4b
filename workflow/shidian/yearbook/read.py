"""Reading one table: the numbers of each indicator, beside the units and years of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from shidian.errors import SourceError
from shidian.yearbook.headers import Headers, locate_headers
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import (
    AS_PRINTED,
    BLANK,
    CORRECTED,
    MARK,
    cell_text,
    clean,
    mark_kind,
    match_key,
    parse_number,
)
from shidian.yearbook.rows import Keys, data_rows, read_keys
from shidian.yearbook.tables import Column


@dataclass(frozen=True)
class Numbers:
    """One column of numbers: values, flags, raw texts of the data rows ``index`` (positions in ``Keys``)."""

    column: Column
    position: int
    index: list[int]
    years: list[int | None]
    values: np.ndarray
    flags: list[str]
    texts: list[str]
    in_header: bool = False


@dataclass(frozen=True)
class Event:
    """One line of the ledger: what was left out, read as missing, or changed, and how often."""

    event: str
    count: int
    detail: str = ""
    indicator: str = ""


@dataclass(frozen=True)
class Block:
    """One table as read."""

    place: Place
    keys: Keys
    numbers: list[Numbers]
    events: list[Event] = field(default_factory=list)


def read_table(place: Place, file_year: int | None) -> Block:
    """Read one located table.

    Args:
        place: the table in its sheet.
        file_year: the year that the whole file describes, if any.

    Raises:
        SourceError: headers moved, added or gone; a row that is neither data nor declared as footer; an
            unreadable number, year or code.
    """
    headers = locate_headers(place)
    found, blank, footers = data_rows(place)
    for header, text in place.table.expect.items():
        _check_expected(place, found, headers.single[header], header, text)
    keys = read_keys(place, headers, found, file_year)
    events = [
        Event("blank rows skipped", blank),
        Event("footer rows skipped", footers),
        Event("rows of other units skipped", len(found) - len(keys.rows)),
    ]
    numbers, column_events = _read_columns(place, headers, keys)
    return Block(place, keys, numbers, [event for event in events + column_events if event.count])


def _read_columns(place: Place, headers: Headers, keys: Keys) -> tuple[list[Numbers], list[Event]]:
    numbers: list[Numbers] = []
    events = []
    taken: set[int] = set()
    for column in place.table.columns:
        matching = _matching(place, column, headers, keys.rows)
        taken.update(matching)
        flags: list[str] = []
        outside = 0
        for position, year in headers.values[column.indicator]:
            index = [i for i in matching if _in_force(column, year or keys.year[i])]
            outside += len(matching) - len(index)
            parsed = parse_column(place, column, position, [keys.rows[i] for i in index])
            years = [year or keys.year[i] for i in index]
            numbers.append(Numbers(column, position, index, years, *parsed, in_header=year is not None))
            flags += numbers[-1].flags
        valid = f"valid {column.valid_from or '...'} to {column.valid_to or '...'}"
        events.append(Event("outside validity years", outside, valid, column.indicator))
        for flag in sorted(set(flags) - {AS_PRINTED}):
            event = flag if flag == CORRECTED else f"read as missing: {flag}"
            events.append(Event(event, flags.count(flag), "", column.indicator))
    if len(taken) < len(keys.rows):
        lost = next(row for i, row in enumerate(keys.rows) if i not in taken)
        raise SourceError(
            f"{place}, row {lost + place.grid.first_row}: no column's 'where' takes this row: "
            f"{place.row_text(lost)}; declare its indicator"
        )
    return numbers, events


def parse_column(
    place: Place, column: Column, position: int, rows: Sequence[int]
) -> tuple[np.ndarray, list[str], list[str]]:
    """Read one column of numbers.

    Returns:
        values (nan where a declared mark means missing), flags, and raw texts, one a row.

    Raises:
        SourceError: a cell holds neither a number nor a declared mark; the message gives cell and text.
    """
    grid = place.grid
    cells = [grid.rows[row][position] for row in rows]
    corrected = (
        {i for i, row in enumerate(rows) if (row, position) in grid.originals} if grid.originals else set()
    )
    if not corrected and set(map(type, cells)) <= {float, int}:
        return np.array(cells, dtype=float), [AS_PRINTED] * len(cells), list(map(cell_text, cells))
    values = np.empty(len(cells))
    flags, texts = [], []
    for i, cell in enumerate(cells):
        values[i], flag = _parse_cell(place, column, rows[i], position, cell)
        flags.append(CORRECTED if i in corrected else flag)
        texts.append(grid.printed(rows[i], position) if i in corrected else cell_text(cell))
    return values, flags, texts


def _parse_cell(place: Place, column: Column, row: int, position: int, cell: object) -> tuple[float, str]:
    if type(cell) is float or type(cell) is int:
        return cell, AS_PRINTED
    text = cell_text(cell)
    where = place.at(row, position)
    if not isinstance(cell, str):
        raise SourceError(f"{where}: '{text}' is not a number but a {type(cell).__name__}; correct the cell")
    fault = place.grid.fault(row, position) if not text else None
    if fault:
        raise SourceError(f"{where}: {fault}")
    if text.strip() in column.missing:
        return np.nan, mark_kind(text)
    value = parse_number(text, place.table.footnote_marks)
    if value is None:
        raise SourceError(f"{where}: {_unreadable(column, text)}")
    return value, AS_PRINTED


def _unreadable(column: Column, text: str) -> str:
    kind = mark_kind(text)
    if kind == BLANK:
        return f"blank, but '{column.indicator}' allows no blanks (missing: [\"\"] would)"
    if kind != MARK:
        return f"'{text}' is not a missing mark declared for '{column.indicator}'; add it if it means missing"
    return (
        f"'{clean(text)}' is not a number (indicator '{column.indicator}', column "
        f"'{' / '.join(column.header)}'); declare it as a missing mark or a footnote mark, declare the row as footer, or correct the cell"
    )


def _check_expected(place: Place, rows: Sequence[int], column: int, header: str, expected: str) -> None:
    for row in rows:
        text = clean(cell_text(place.grid.rows[row][column]))
        if match_key(text) != match_key(expected):
            raise SourceError(
                f"{place.at(row, column)}: '{header}' is '{text}', declared to be '{expected}' in every row"
            )


def _matching(place: Place, column: Column, headers: Headers, rows: list[int]) -> list[int]:
    """Positions (in the data rows) of the rows that belong to an indicator."""
    if not column.where:
        return list(range(len(rows)))
    tests = [(headers.single[header], match_key(text)) for header, text in column.where.items()]
    grid = place.grid.rows
    return [
        i
        for i, row in enumerate(rows)
        if all(match_key(cell_text(grid[row][p])) == text for p, text in tests)
    ]


def _in_force(column: Column, year: int | None) -> bool:
    return year is None or (column.valid_from or 0) <= year <= (column.valid_to or 9999)
