"""Reading one table: the numbers of each indicator, beside the units and years of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from shidian.errors import SourceError
from shidian.yearbook.headers import Headers, locate_headers
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import CORRECTED, cell_text, clean, match_key
from shidian.yearbook.parse import flag_counts, parse_column
from shidian.yearbook.rows import NO_YEAR, Keys, data_rows, read_keys
from shidian.yearbook.tables import Column


@dataclass(frozen=True)
class Numbers:
    """One column of numbers: values, flags, raw texts of the data rows ``index`` (positions in ``Keys``).

    ``years`` are ``NO_YEAR`` for facts without a year; ``flags`` are positions in ``FLAGS``.
    """

    column: Column
    position: int
    index: np.ndarray
    years: np.ndarray
    values: np.ndarray
    flags: np.ndarray
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
    rows = np.array(keys.rows, dtype=np.int64)
    taken = np.zeros(len(rows), dtype=bool)
    for column in place.table.columns:
        matching = _matching(place, column, headers, keys.rows)
        taken[matching] = True
        outside = 0
        first = len(numbers)
        for position, year in headers.values[column.indicator]:
            years = keys.year[matching] if year is None else np.full(len(matching), year)
            valid = _in_force(column, years)
            index = matching[valid]
            outside += len(matching) - len(index)
            parsed = parse_column(place, column, position, rows[index].tolist())
            numbers.append(Numbers(column, position, index, years[valid], *parsed, in_header=year is not None))
        validity = f"valid {column.valid_from or '...'} to {column.valid_to or '...'}"
        events.append(Event("outside validity years", outside, validity, column.indicator))
        for flag, count in flag_counts(np.concatenate([n.flags for n in numbers[first:]])):
            event = flag if flag == CORRECTED else f"read as missing: {flag}"
            events.append(Event(event, count, "", column.indicator))
    if not taken.all():
        lost = keys.rows[int(np.argmin(taken))]
        raise SourceError(
            f"{place}, row {lost + place.grid.first_row}: no column's 'where' takes this row: "
            f"{place.row_text(lost)}; declare its indicator"
        )
    return numbers, events


def _check_expected(place: Place, rows: Sequence[int], column: int, header: str, expected: str) -> None:
    for row in rows:
        text = clean(cell_text(place.grid.rows[row][column]))
        if match_key(text) != match_key(expected):
            raise SourceError(
                f"{place.at(row, column)}: '{header}' is '{text}', declared to be '{expected}' in every row"
            )


def _matching(place: Place, column: Column, headers: Headers, rows: list[int]) -> np.ndarray:
    """Positions (in the data rows) of the rows that belong to an indicator."""
    if not column.where:
        return np.arange(len(rows))
    tests = [(headers.single[header], match_key(text)) for header, text in column.where.items()]
    grid = place.grid.rows
    belongs = [all(match_key(cell_text(grid[row][p])) == text for p, text in tests) for row in rows]
    return np.flatnonzero(belongs)


def _in_force(column: Column, years: np.ndarray) -> np.ndarray:
    """True where a year lies in the indicator's years of validity; facts without a year always do."""
    first, last = column.valid_from or 0, column.valid_to or NO_YEAR
    return (years == NO_YEAR) | ((years >= first) & (years <= last))
