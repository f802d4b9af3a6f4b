"""The flat layout: one header row, one row a unit and year, an indicator a column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from shidian.errors import SourceError, nearest
from shidian.yearbook.blocks import Block, Event, Keys, Numbers, Place, flag_events, parse_column
from shidian.yearbook.numbers import cell_text, clean, parse_code, parse_year
from shidian.yearbook.source import Column, Footer, Table, Year
from shidian.yearbook.workbook import Grid


def read_flat(grid: Grid, table: Table, file: str, file_year: int | None) -> Block:
    """Read one flat table.

    Args:
        grid: the sheet.
        table: its declaration.
        file: name of the file for messages.
        file_year: the year that the whole file describes, if any.

    Raises:
        SourceError: headers moved, added or gone; a row that is neither data nor declared as footer; an
            unreadable number, year or code.
    """
    place = Place(file, grid, table.name)
    positions = locate_headers(place, table)
    events = []
    rows, blank_rows, footer_rows = data_rows(place, table.footer, table.header_row)
    events += [Event("blank rows skipped", blank_rows)] if blank_rows else []
    events += [Event("footer rows skipped", footer_rows)] if footer_rows else []
    if not rows:
        raise SourceError(f"{place}: no data row below the header row {table.header_row}")
    for header, text in table.expect.items():
        _check_expected(place, rows, positions[header], header, text)
    keys = read_keys(place, table, positions, rows, file_year)
    numbers = []
    taken: set[int] = set()
    for column in table.columns:
        matching = _matching(place, column, positions, rows)
        taken.update(matching)
        index = [i for i in matching if _in_force(column, keys.year[i])]
        if len(index) < len(matching):
            years = f"valid {column.valid_from or '...'} to {column.valid_to or '...'}"
            events.append(Event("outside validity years", len(matching) - len(index), years, column.indicator))
        position = positions[column.header]
        parsed = parse_column(place, column, position, [rows[i] for i in index], table.footnote_marks)
        numbers.append(Numbers(column, position, column.header, index, *parsed))
        events += flag_events(numbers[-1])
    if len(taken) < len(rows):
        lost = next(i for i in range(len(rows)) if i not in taken)
        raise SourceError(
            f"{place}, row {rows[lost] + grid.first_row}: no column's 'where' takes this row: "
            f"{_row_text(place, rows[lost])}; declare its indicator"
        )
    return Block(place, keys, numbers, events)


def locate_headers(place: Place, table: Table) -> dict[str, int]:
    """Find each declared header; every header must be declared, every declared header must be there once."""
    if table.header_row > len(place.grid.rows):
        raise SourceError(f"{place}: no row {table.header_row}; the sheet has {len(place.grid.rows)} rows")
    headers = [clean(cell_text(cell)) for cell in place.grid.rows[table.header_row - 1]]
    found = [header for header in headers if header]
    listing = f"headers found in row {table.header_row}: {' | '.join(found) or 'none'}"
    positions: dict[str, int] = {}
    for header in declared_headers(table):
        count = headers.count(header)
        if count != 1:
            problem = f"stands {count} times" if count else f"is not there{nearest(header, found)}"
            raise SourceError(f"{place}: the declared header '{header}' {problem}; {listing}")
        positions[header] = headers.index(header)
    declared = set(positions) | set(table.ignore)
    for header in table.ignore:
        if header not in found:
            raise SourceError(
                f"{place}: the header to ignore, '{header}', is not there{nearest(header, found)}; {listing}"
            )
    for header in found:
        if header not in declared and not any(re.fullmatch(p, header) for p in table.ignore_patterns):
            raise SourceError(
                f"{place}: the header '{header}' is neither read nor declared under ignore"
                f"{nearest(header, declared)}; {listing}"
            )
    blank = len(headers) - len(found)
    if blank != table.blank_headers:
        raise SourceError(f"{place}: {blank} columns without a header, declared: blank_headers: {table.blank_headers}")
    return positions


def declared_headers(table: Table) -> list[str]:
    """Headers of all the columns that a table's declaration reads, each once, in order of declaration."""
    unit, year = table.unit, table.year or Year()
    headers = [h for h in (unit.code, unit.name, unit.province, year.header) if h]
    headers += table.expect
    for column in table.columns:
        headers += [column.header, *column.where]
    return list(dict.fromkeys(headers))


def data_rows(place: Place, footer: Footer, header_row: int) -> tuple[list[int], int, int]:
    """Tell data rows from blank and footer rows: 0-based positions of the data rows, and the two counts."""
    patterns = [re.compile(pattern) for pattern in footer.patterns]

    def is_footer(text: str) -> bool:
        return text in footer.texts or any(pattern.fullmatch(text) for pattern in patterns)

    rows, blank, skipped = [], 0, 0
    for row in range(header_row, len(place.grid.rows)):
        texts = (text for cell in place.grid.rows[row] if cell != "" and (text := clean(cell_text(cell))))
        first = next(texts, None)
        if first is None:
            blank += 1
        elif is_footer(first) and all(map(is_footer, texts)):
            skipped += 1
        else:
            rows.append(row)
    if blank != footer.blank_rows:
        raise SourceError(
            f"{place}: {blank} blank rows below the header, declared: footer: blank_rows: {footer.blank_rows}"
        )
    return rows, blank, skipped


def read_keys(place: Place, table: Table, positions: Mapping[str, int], rows: list[int], file_year: int | None) -> Keys:
    """Read unit and year of each data row."""
    unit, year = table.unit, table.year
    columns = {positions[h]: h for h in (unit.code, unit.name, unit.province, year.header if year else None) if h}
    n = len(rows)

    def texts(header: str | None, fixed: str | None = None) -> list[str | None]:
        return [fixed] * n if header is None else [_text(place, row, positions[header], header) for row in rows]

    codes: list[str | None] = [unit.fixed_code] * n
    if unit.code is not None:
        codes = [_code(place, row, positions[unit.code], unit.code_kind) for row in rows]
    if year is None:
        years: list[int | None] = [None] * n
    elif year.header is not None:
        years = [_year(place, row, positions[year.header]) for row in rows]
    else:
        years = [year.fixed if year.fixed is not None else file_year] * n
    return Keys(rows, codes, texts(unit.name, unit.fixed_name), texts(unit.province), years, columns)


def _text(place: Place, row: int, column: int, header: str) -> str:
    text = clean(cell_text(place.grid.rows[row][column]))
    if not text:
        raise SourceError(
            f"{place.at(row, column)}: no {header}; the row is neither data nor declared as footer: "
            f"{_row_text(place, row)}"
        )
    return text


def _code(place: Place, row: int, column: int, kind: str) -> str:
    cell = place.grid.rows[row][column]
    code = parse_code(cell, kind)
    if code is None:
        expected = "a six-digit code" if kind == "gb2260" else "a code"
        raise SourceError(
            f"{place.at(row, column)}: '{cell_text(cell)}' is not {expected}; "
            f"if it is no data row declare it as footer: {_row_text(place, row)}"
        )
    return code


def _year(place: Place, row: int, column: int) -> int:
    cell = place.grid.rows[row][column]
    year = parse_year(cell)
    if year is None:
        raise SourceError(
            f"{place.at(row, column)}: '{cell_text(cell)}' is not a year; "
            f"if it is no data row declare it as footer: {_row_text(place, row)}"
        )
    return year


def _row_text(place: Place, row: int) -> str:
    return " | ".join(text for cell in place.grid.rows[row] if (text := clean(cell_text(cell))))[:200]


def _check_expected(place: Place, rows: Sequence[int], column: int, header: str, expected: str) -> None:
    for row in rows:
        text = clean(cell_text(place.grid.rows[row][column]))
        if text != expected:
            raise SourceError(
                f"{place.at(row, column)}: '{header}' is '{text}', declared to be '{expected}' in every row"
            )


def _matching(place: Place, column: Column, positions: Mapping[str, int], rows: list[int]) -> list[int]:
    """Positions (in the data rows) of the rows that belong to an indicator."""
    if not column.where:
        return list(range(len(rows)))
    tests = [(positions[header], text) for header, text in column.where.items()]
    grid = place.grid.rows
    return [i for i, row in enumerate(rows) if all(clean(cell_text(grid[row][p])) == text for p, text in tests)]


def _in_force(column: Column, year: int | None) -> bool:
    return year is None or (column.valid_from or 0) <= year <= (column.valid_to or 9999)
