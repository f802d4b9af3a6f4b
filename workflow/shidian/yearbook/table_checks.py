"""What a declared table says that contradicts itself in a way that the schema cannot see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shidian.errors import SourceError
from shidian.yearbook.patterns import check_pattern, tokens_in

if TYPE_CHECKING:
    from shidian.yearbook.tables import Table


def _check_row_number(where: str, table: Table) -> None:
    """Refuse what says of a row which unit it describes where each row is one of its own."""
    unit = table.unit
    if not unit.row_number:
        return
    if unit.level != "other":
        raise SourceError(f"{where}.unit.level: with 'row_number' the rows are no regions: write 'level: other'")
    for key in ("code", "name", "province", "fixed_name", "fixed_code", "from_file", "from_sheet", "in_header",
                "indented", "fill_down", "aliases", "only", "skip", "province_rows"):  # fmt: skip
        if getattr(unit, key):
            raise SourceError(
                f"{where}.unit.{key}: with 'row_number' each row is a unit of its own; leave '{key}' out, or "
                "'row_number', and read the column of what a row lies in as a series"
            )
    for column in table.columns:
        if column.where:
            raise SourceError(
                f"{where}.columns.{column.series}.where: in a table with one row a series several rows describe a "
                "unit; 'row_number' would make each a unit of its own"
            )


def check_table(where: str, table: Table) -> None:
    """Refuse a table whose keys contradict each other (``SourceError``); ``where`` names the file and the table."""
    _check_row_number(where, table)
    _check_in_header(where, table)
    _check_sheets(where, table)
    _check_row_filters(where, table)
    read = [h for h in (*table.unit.headers.values(), table.year.header if table.year else None) if h]
    taken = {(str(header),) for header in read} | {column.header for column in table.columns}
    for path in table.ignore:
        if path in taken:
            raise SourceError(f"{where}.ignore: '{' / '.join(path)}' is also read; declare it once")
    seen: dict[tuple[Any, ...], str] = {}
    for column in table.columns:
        key = (column.header, column.occurrence, tuple(sorted(column.where.items())))
        if key in seen:
            header = " / ".join(column.header)
            raise SourceError(f"{where}.columns: {seen[key]} and {column.series} read the same column '{header}'")
        seen[key] = column.series
        if column.period and column.is_text:
            raise SourceError(f"{where}.columns.{column.series}: measure text has no 'period'")
        if column.valid_from is not None and column.valid_to is not None and column.valid_from > column.valid_to:
            raise SourceError(f"{where}.columns.{column.series}: valid_from is after valid_to")
    for name, patterns in (
        ("ignore_patterns", table.ignore_patterns),
        ("footer.patterns", table.footer.patterns),
    ):
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise SourceError(f"{where}.{name}: '{pattern}' is not a regular expression: {error}") from None


def _check_in_header(where: str, table: Table) -> None:
    """Refuse words in braces in headers of which nothing is read, and a header row that should hold two things."""
    unit_row, year_row = table.unit.in_header, table.year.in_header if table.year else 0
    tokens: set[str] = set()
    for column in table.columns:
        key = f"{where}.columns.{column.series}.header"
        mine = [part for part in column.header if tokens_in(part)]
        for part in mine:
            check_pattern(key, part, ("name", "code", "year"))
        said = {token for part in mine for token in tokens_in(part)}
        if "year" in said and not year_row:
            raise SourceError(f"{key}: a header that holds the year wants 'year: {{in_header: true}}'")
        if said & {"name", "code"} and not unit_row:
            raise SourceError(f"{key}: a header that holds the unit wants 'unit: {{in_header: true}}'")
        if unit_row and year_row and unit_row == year_row and not said:
            raise SourceError(
                f"{key}: units and years cannot both be the same header row; say which row each is, as 'in_header: 1' "
                "(the top one), or write '{name}{year}' as the header"
            )
        tokens |= said
    if table.layout == "flat" and max(unit_row, year_row) > 1:
        raise SourceError(f"{where}: 'in_header: {max(unit_row, year_row)}' belongs to a table of several header rows "
                          "(layout: yearbook)")  # fmt: skip


def _check_sheets(where: str, table: Table) -> None:
    """Refuse a family of sheets whose names are not read, and units or years of sheets without a family."""
    wanted = {
        "unit": table.unit.from_sheet,
        "year": bool(table.year and table.year.from_sheet),
    }
    if table.sheets is None:
        for key, said in wanted.items():
            if said:
                raise SourceError(
                    f"{where}.{key}.from_sheet: declare 'sheets: {{pattern: ...}}', how the sheets are named"
                )
        return
    if table.sheet is not None:
        raise SourceError(f"{where}: 'sheet' names one sheet and 'sheets' a family of them; keep one of the two")
    check_pattern(f"{where}.sheets.pattern", table.sheets)
    tokens = set(tokens_in(table.sheets))
    for key, of_key in (("unit", {"name", "code"}), ("year", {"year"})):
        written = " or ".join("{" + token + "}" for token in ("name", "code", "year") if token in of_key)
        if wanted[key] and not tokens & of_key:
            raise SourceError(f"{where}.{key}.from_sheet: the pattern '{table.sheets}' has no {written}")
        if tokens & of_key and not wanted[key]:
            raise SourceError(
                f"{where}.sheets.pattern: '{table.sheets}' holds {written}: read it by '{key}: {{from_sheet: true}}', "
                "or write {any} where it is not wanted"
            )


def _check_row_filters(where: str, table: Table) -> None:
    read = {*table.expect, *table.keep_rows, *table.drop_rows, *(h for column in table.columns for h in column.where)}
    for header in table.fill_down:
        if header not in read:
            raise SourceError(
                f"{where}.fill_down: '{header}' stands in no 'where', 'expect', 'keep_rows' or 'drop_rows'; for units "
                "and years declare 'fill_down' under 'unit' or 'year'"
            )
