"""Reading one table: the numbers of each series, beside the units and years of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from shidian.errors import SourceError
from shidian.messages import say
from shidian.yearbook.data_rows import data_rows, distinct_texts
from shidian.yearbook.events import Event
from shidian.yearbook.fills import Fills, fill_down, filled_headers
from shidian.yearbook.headers import Headers, locate_headers
from shidian.yearbook.layout import Place
from shidian.yearbook.measure_checks import measure_events
from shidian.yearbook.numbers import (
    AS_PRINTED,
    BLANK,
    CORRECTED,
    DASH,
    ELLIPSIS,
    FLAGS,
    MARK,
    clean,
    match_key,
)
from shidian.yearbook.parse import Numbers, Reading, count_flags, read_numbers
from shidian.yearbook.row_filters import filter_rows
from shidian.yearbook.rows import NO_YEAR, Keys, for_each_unit, read_keys
from shidian.yearbook.tables import Column
from shidian.yearbook.year_rows import year_rows

SAID = {
    CORRECTED: say("corrected"),
    BLANK: say("read as missing: {mark}", mark=say("blank")),
    DASH: say("read as missing: {mark}", mark=say("dash")),
    ELLIPSIS: say("read as missing: {mark}", mark=say("ellipsis")),
    MARK: say("read as missing: {mark}", mark=say("mark")),
}
"""Flag -> the event that it stands for."""


@dataclass(frozen=True)
class Block:
    """One table as read."""

    place: Place
    keys: Keys
    numbers: Numbers
    events: list[Event] = field(default_factory=list)


def read_table(place: Place, file_year: int | None, prefix: str = "") -> Block:
    """Read one located table.

    Args:
        place: the table in its sheet.
        file_year: the year that the whole file describes, if any.
        prefix: what stands before the number of a row that is a unit of its own.

    Raises:
        SourceError: headers moved, added or gone; a row that is neither data nor declared as footer; an
            unreadable number, year or code.
    """
    headers = locate_headers(place)
    rows = data_rows(place)
    if uneven := place.grid.uneven_row(place.region.header[1] - 1, np.append(range(*place.region.header), rows.data)):
        raise SourceError(f"{place}: {uneven}; a row that is no data is declared as footer")
    heads = year_rows(place, rows.data)
    data = rows.data if heads is None else heads.below
    fills = fill_down(place, headers, data)
    found, left_out = filter_rows(place, headers, fills, data)
    for header, text in place.table.expect.items():
        _check_expected(place, fills.rows(headers.single[header], found), headers.single[header], header, text)
    keys = read_keys(place, headers, found, file_year, prefix, fills, heads)
    events = [
        Event(say("blank rows skipped"), rows.blank),
        Event(say("footer rows skipped"), rows.footer),
        Event(say("repeated headers skipped"), rows.repeated),
        Event(say("rows that print the period of those below"), len(rows.data) - len(data)),
        *(Event(say("rows left out by '{header}'", header=one.header), one.count, one.detail) for one in left_out),
        Event(say("rows of other units skipped"), len(found) - len(keys.rows)),
        Event(say("columns of other units skipped"), headers.other_units),
        *_fill_events(fills, headers, place, keys),
    ]
    units = list(dict.fromkeys((one.name, one.code) for all_ in headers.values.values() for one in all_))
    if place.table.unit.in_header:
        keys = for_each_unit(keys, units)
    readings, outside = _plan_readings(place, headers, keys, fills, units)
    numbers = read_numbers(place, readings, keys.rows)
    events += [*measure_events(place, headers), *_column_events(place, numbers, outside)]
    events += [Event(event, count, "", series) for (series, event), count in numbers.said.items()]
    events += [Event(event, 1, detail) for event, detail in place.grid.seen]
    return Block(place, keys, numbers, [event for event in events if event.count])


def _fill_events(fills: Fills, headers: Headers, place: Place, keys: Keys) -> list[Event]:
    """Lines of the ledger for each column that is filled down."""
    columns = {str(header): headers.single[header] for header in filled_headers(place)}
    return [
        Event(say("rows whose '{header}' stands above", header=header), fills.count(column, keys.rows))
        for header, column in columns.items()
    ]


def _plan_readings(
    place: Place, headers: Headers, keys: Keys, fills: Fills, units: Sequence[tuple[str | None, str | None]]
) -> tuple[list[Reading], dict[str, int]]:
    """Say which cells each series takes, and how many it leaves out as outside its years of validity."""
    readings: list[Reading] = []
    outside = {}
    size = len(keys.rows) // keys.copies
    rows = [np.arange(size) + size * i for i in range(keys.copies)]  # of each unit that headers name, or of the table
    taken = np.zeros(size, dtype=bool)
    for column in place.table.columns:
        matching = _matching(place, column, headers, fills, keys.rows[:size]) if column.where else rows[0]
        taken[matching] = True
        outside[column.series] = 0
        for found in headers.values[column.series]:
            copy = units.index((found.name, found.code)) if place.table.unit.in_header else 0
            index = matching + size * copy if column.where else rows[copy]
            years = np.full(len(index), found.year)
            if found.year is None:
                years = keys.year[index] if column.where or copy or keys.copies > 1 else keys.year
            valid = _in_force(column, years)
            if valid is not None and not valid.all():  # else all series share one array
                outside[column.series] += int((~valid).sum())
                index, years = index[valid], years[valid]
            readings.append(Reading(column, found.position, index, years, found.year is not None, found.label))
    if not taken.all():
        lost = int(keys.rows[int(np.argmin(taken))])
        raise SourceError(
            f"{place}, row {place.grid.row_name(lost)}: no column's 'where' takes this row: "
            f"{place.row_text(lost)}; declare its series, or leave such rows out by 'drop_rows'"
        )
    return readings, outside


def _column_events(place: Place, numbers: Numbers, outside: dict[str, int]) -> list[Event]:
    """Lines of the ledger for each series: what was out of its years, read as missing, or corrected."""
    events = []
    counts = count_flags(numbers)
    seen = [flag for flag in sorted(set(FLAGS) - {AS_PRINTED}) if counts[:, FLAGS.index(flag)].any()]
    names = np.array([reading.column.series for reading in numbers.readings])
    for column in place.table.columns:
        if outside[column.series]:
            ends = (column.valid_from, column.valid_to)
            first, last = ("..." if year is None else place.table.written(year) for year in ends)
            validity = say("valid {first} to {last}", first=first, last=last)
            events.append(Event(say("outside validity years"), outside[column.series], validity, column.series))
        found = counts[names == column.series].sum(axis=0).tolist() if seen else ()
        events += [Event(SAID[flag], found[FLAGS.index(flag)], "", column.series) for flag in seen]
    return events


def _check_expected(place: Place, rows: np.ndarray, column: int, header: str, expected: str) -> None:
    texts, codes = distinct_texts(place.grid, rows, column)
    for code, text in enumerate(texts):
        if match_key(clean(text)) != match_key(expected):
            row = int(rows[np.argmax(codes == code)])
            raise SourceError(
                f"{place.at(row, column)}: '{header}' is '{clean(text)}', declared to be '{expected}' in every row"
            )


def _matching(place: Place, column: Column, headers: Headers, fills: Fills, rows: np.ndarray) -> np.ndarray:
    """Positions (in the data rows) of the rows that belong to a series that some rows hold."""
    belongs = np.ones(len(rows), dtype=bool)
    for header, wanted in column.where.items():
        at = headers.single[header]
        texts, codes = distinct_texts(place.grid, fills.rows(at, rows), at)
        belongs &= np.array([match_key(text) == match_key(wanted) for text in texts], dtype=bool)[codes]
    return np.flatnonzero(belongs)


def _in_force(column: Column, years: np.ndarray) -> np.ndarray | None:
    """True where a year lies in the series' years of validity; facts without a year always do. None: all do."""
    if column.valid_from is None and column.valid_to is None:
        return None
    first = -NO_YEAR if column.valid_from is None else column.valid_from
    last = NO_YEAR if column.valid_to is None else column.valid_to
    return (years == NO_YEAR) | ((years >= first) & (years <= last))
