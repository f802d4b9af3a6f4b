"""The sheets of a file that its tables read, as they are: nothing corrected, nothing located."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shidian.errors import SourceError
from shidian.yearbook.grid import Grid
from shidian.yearbook.joined import joined
from shidian.yearbook.pdf_settings import RULED, SHEET, PdfSettings
from shidian.yearbook.sheets import sheets_of
from shidian.yearbook.source import Source, SourceFile
from shidian.yearbook.tables import Table
from shidian.yearbook.text_form import TextForm
from shidian.yearbook.texts import text_grid
from shidian.yearbook.workbook import LABELLED, R, Workbook


def open_sheets(source: Source, file: SourceFile, path: Path) -> list[Grid]:
    """Return the sheets of a file that the source reads.

    Raises:
        SourceError: the file, or one of these sheets, cannot be opened.
    """
    tables = source.tables_in(file.number)
    if source.is_text:
        return [document_grid(file, path, tables[0])]
    book = Workbook(path, text_form(file, tables))
    found = [one for table in tables for one in sheets_of(file, table, book, source.ignore_sheets)]
    sheets = dict.fromkeys(one.sheet for one in found)
    return [whole(file, book, [one for one in found if one.sheet == sheet]) for sheet in sheets]


def document_grid(file: SourceFile, path: Path, table: Table) -> Grid:
    """Return the grid of a file that is one document."""
    fields = {header: str(value) for header in ("code", "name") if (value := getattr(file, header)) is not None}
    return text_grid(path, table.encoding, table.skip_lines, fields)


def whole(file: SourceFile, book: Workbook, tables: Sequence[Table]) -> Grid:
    """Return a sheet, with those of further pages on which its tables go on."""
    sheet, further = tables[0].sheet, {table.continued for table in tables}
    if len(further) > 1:
        raise SourceError(
            f"{file.path}, sheet '{sheet}': its tables are 'continued' on different pages; they are one part"
        )
    (others,) = further
    return book.grid(sheet) if not others else joined(file.path, [book.body(one) for one in (sheet, *others)])


def text_form(file: SourceFile, tables: Sequence[Table]) -> TextForm:
    """Return how a text file is written, as its tables say, which must say the same."""
    said = {}
    for key in ("encoding", "separator", "quote"):
        values = {value for table in tables if (value := getattr(table, key))}
        if len(values) > 1:
            raise SourceError(
                f"{file.path}: its tables declare different values of '{key}': {', '.join(sorted(values))}"
            )
        said[key] = next(iter(values), None)
    labelled = tuple(dict.fromkeys(name for table in tables for name in table.value_labels))
    if labelled and not file.path.lower().endswith((*LABELLED, *R)):
        raise SourceError(f"{file.path}: value_labels are of files of Stata, SPSS, SAS and R; leave them out")
    return TextForm(**said, labelled=labelled, pages=settings_of_pages(file.path, tables))


def settings_of_pages(file: str, tables: Sequence[Table]) -> dict[int, PdfSettings]:
    """Return the settings of each page that a table of a file is read from.

    Raises:
        SourceError: tables of one page have different settings; the file is no .pdf; a sheet is no table of a page.
    """
    pages: dict[int, PdfSettings] = {}
    is_pdf = file.lower().endswith(".pdf")
    for table in tables:
        if not is_pdf:
            if table.pdf is not None or table.continued:
                key = "pdf" if table.pdf is not None else "continued"
                raise SourceError(f"{file}: '{key}' is of tables in .pdf files; leave it out")
            continue
        for sheet in (table.sheet, *table.continued):
            found = SHEET.fullmatch(sheet or "")
            if found is None and (table.pdf or table.continued):
                raise SourceError(
                    f"{file}: sheet '{sheet or ''}' is no table of a page; the first of page 3 is 'page 3 table 1'"
                )
            if found is None:
                continue
            page, settings = int(found[1]), table.pdf or RULED
            if pages.setdefault(page, settings) != settings:
                raise SourceError(
                    f"{file}: tables of page {page} declare different settings under 'pdf'; they are found together"
                )
    return pages
