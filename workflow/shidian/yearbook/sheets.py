"""Tables of a family of sheets or files, whose names say the unit or the year."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from shidian.errors import SourceError
from shidian.yearbook.patterns import said_by
from shidian.yearbook.periods import PeriodText
from shidian.yearbook.source import SourceFile
from shidian.yearbook.tables import Table, Year
from shidian.yearbook.workbook import Workbook


def sheets_of(file: SourceFile, table: Table, book: Workbook, ignored: Collection[str]) -> list[Table]:
    """Return the table once for each sheet of its family, unit and year as the sheet's name says; itself without one.

    Args:
        file: the file.
        table: the declared table.
        book: the opened file.
        ignored: names of sheets that are not read.

    Raises:
        SourceError: no sheet has a name as the pattern says.
    """
    if table.sheets is None:
        return [table]
    if not book.sheet_names:
        raise SourceError(f"{file.path}: a {book.path.suffix.lower()} file has no sheets; leave out 'sheets'")
    reads = table.year.text if table.year else PeriodText()
    found = []
    for sheet in book.sheet_names:
        if sheet in ignored or (said := said_by(table.sheets, sheet, reads)) is None:
            continue
        unit, year = table.unit, table.year
        if unit.from_sheet:
            unit = replace(unit, from_sheet=False, fixed_name=said.name, fixed_code=said.code)
        if year is not None and year.from_sheet:
            year = Year(fixed=said.year, text=year.text)
        found.append(replace(table, sheet=sheet, sheets=None, unit=unit, year=year))
    if not found:
        names = ", ".join(map(repr, book.sheet_names[:20]))
        raise SourceError(f"{file.path}: no sheet is named as '{table.sheets}' says; found: {names}")
    return found


def of_file(table: Table, file: SourceFile) -> Table:
    """Return a table whose unit is that of the file as one of this unit."""
    if not table.unit.from_file or table.layout == "text":
        return table
    unit = replace(table.unit, from_file=False, fixed_name=file.name, fixed_code=file.code)
    return replace(table, unit=unit)
