"""Workbooks: .xls, .xlsx and .xlsb, also those that carry Excel's default password, and .ods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import python_calamine as calamine

from shidian.errors import SourceError
from shidian.yearbook import binary_workbook, open_document
from shidian.yearbook.cell_formats import Scaled
from shidian.yearbook.excel_limits import refuse_extent, refuse_file, sheet_extent, too_large
from shidian.yearbook.faults import find_faults, find_uncalculated
from shidian.yearbook.grid import Grid
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.mended_archive import mended
from shidian.yearbook.old_workbook import in_code_page, legible, own_codec, own_text, workbook_stream
from shidian.yearbook.opening import OLD, book_of, decrypt, in_words, opened
from shidian.yearbook.plain_book import PlainBook
from shidian.yearbook.sheet_facts import SheetFacts
from shidian.yearbook.sheet_formats import find_marked, find_scaled
from shidian.yearbook.sheet_xml import open_archive
from shidian.yearbook.stray import without_stray_cells
from shidian.yearbook.survival import survives

WITHOUT_CELLS = (calamine.SheetTypeEnum.ChartSheet, calamine.SheetTypeEnum.DialogSheet)
"""Kinds of sheets that hold no cells, or what a chart was drawn of."""


@dataclass(frozen=True)
class _Opened:
    """A file as the library reads it.

    Attributes:
        book: the opened workbook.
        text: makes the text of a cell of what the library read.
        is_unnamed: whether it is of Excel 5.0 or 95 and names no code page.
        sheets: name of each sheet of cells -> its name as the library reads it.
    """

    book: calamine.CalamineWorkbook
    text: Callable[[str], str]
    is_unnamed: bool
    sheets: Mapping[str, str]


class ExcelBook:
    """An opened Excel file: sheets that are written plainly are read as arrays, all others by the library."""

    def __init__(self, path: Path, encoding: str | None = None, limits: Limits = LIMITS) -> None:
        """Open the file, decrypting it first when it carries Excel's default password.

        Args:
            path: the file.
            encoding: that of the texts of a workbook of Excel 5.0 or 95 which names no code page.
            limits: how much of a file is read.
        """
        self._path, self._limits, self._encoding = path, limits, encoding
        self._content = path.read_bytes()
        with in_words(path):
            self._refuse()
            self._plain = PlainBook.of(open_archive(self._content), limits)
            if self._plain is None:
                _ = self._opened

    @cached_property
    def _opened(self) -> _Opened:
        """The file as the library reads it."""
        try:
            book, self._content = opened(self._path, self._content)
        except calamine.PasswordError:
            self._content = decrypt(self._path).getvalue()
            self._refuse()
            book = book_of(legible(self._content) if self._content[:4] == OLD else self._content)
        stream = workbook_stream(self._content) if self._content[:4] == OLD else b""
        unnamed = in_code_page(stream) and own_codec(stream) is None
        codec = self._encoding if unnamed else own_codec(stream)
        text = partial(self._own_text, codec) if in_code_page(stream) else _as_read
        listed = [one.name for one in book.sheets_metadata if one.typ not in WITHOUT_CELLS]
        return _Opened(book, text, unnamed, {text(name): name for name in listed})

    def _listed(self, sheet: str) -> str:
        """Return the name of a sheet as the file lists it, byte by byte where it names no code page."""
        return self._opened.sheets[sheet] if self._opened.is_unnamed else sheet

    def _own_text(self, codec: str | None, read: str) -> str:
        if codec is None and not read.isascii():
            raise SourceError(
                f"{self._path}: the workbook is of Excel 5.0 or 95 and does not name the code page of its texts, such "
                f"as '{read[:20]}'; declare it, as 'encoding: gb18030'"
            )
        return own_text(read, codec or "ascii")

    def _refuse(self) -> None:
        """Refuse contents that the library would not survive."""
        reason = refuse_file(self._content, self._limits)
        if not reason and self._content[:4] == OLD and not survives(self._content):
            reason = "opening it takes more memory or time than any workbook should; it is damaged, get the file again"
        if reason:
            raise SourceError(f"{self._path}: the workbook is not read: {reason}")

    @property
    def sheet_names(self) -> list[str]:
        """Names of all sheets of cells, hidden ones too; sheets that are charts or dialogs have none."""
        return list(self._plain.sheets if self._plain is not None else self._opened.sheets)

    def grid(self, sheet: str) -> Grid:
        """Read one sheet."""
        found = self._plain.grid(sheet) if self._plain else None
        return self._read(sheet) if found is None else found

    def _read(self, sheet: str) -> Grid:
        """Read one sheet by the library, and what it does not tell from the parts of the file."""
        with in_words(self._path):
            opened_book = self._opened.book  # which may have mended the content
            facts = other_facts(self._content, sheet, self._limits)
            if facts is not None:
                return self._grid_of(sheet, facts)
            reach = sheet_extent(self._content, sheet)
            cut = without_stray_cells(self._content, sheet, reach.cells, reach.rows, reach.columns) if reach else None
            reach = sheet_extent(cut.content, sheet) if cut else reach
            self._refuse_sheet(sheet, refuse_extent(reach, self._limits) if reach else None)
            book = book_of(cut.content) if cut else opened_book
            found = self._sheet(book, sheet)
            rows = self._in_own_texts(found.to_python(skip_empty_area=False))
            merges = found.merged_cell_ranges or ()
            never = dict.fromkeys(find_uncalculated(self._content, self._listed(sheet)), "")
            _put(rows, {**never, **find_marked(self._content, self._listed(sheet), self._encoding)})
        faults, scaled = cache(partial(self._faults, sheet)), cache(partial(self._scaled, sheet))
        beyond = (cut.rows, cut.columns) if cut else (0, 0)
        return Grid(sheet, rows, merges=merges, faults=faults, scaled=scaled, beyond=beyond)

    def _sheet(self, book: calamine.CalamineWorkbook, sheet: str) -> calamine.CalamineSheet:
        try:
            return book.get_sheet_by_name(self._opened.sheets[sheet])
        except calamine.CalamineError:
            if (content := mended(self._content)) is None:
                raise
            return book_of(content).get_sheet_by_name(sheet)

    def _in_own_texts(self, rows: list[list[Any]]) -> list[list[Any]]:
        if self._opened.text is _as_read:
            return rows
        return [[self._opened.text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]

    def _grid_of(self, sheet: str, facts: SheetFacts) -> Grid:
        """Read a sheet of an .xlsb or .ods file."""
        self._refuse_sheet(sheet, too_large(facts.rows, facts.columns, self._limits))
        found = self._opened.book.get_sheet_by_name(sheet)
        rows = found.to_python(skip_empty_area=False)
        _put(rows, {**facts.texts, **dict.fromkeys(facts.faults, "")})
        merges = found.merged_cell_ranges or ()
        return Grid(sheet, rows, merges=merges, faults=lambda: facts.faults, scaled=lambda: facts.scaled)

    def _refuse_sheet(self, sheet: str, reason: str | None) -> None:
        if reason:
            raise SourceError(f"{self._path}, sheet '{sheet}': the sheet is not read: {reason}")

    def _scaled(self, sheet: str) -> dict[tuple[int, int], Scaled]:
        with in_words(self._path):
            return find_scaled(self._content, self._listed(sheet))

    def _faults(self, sheet: str) -> dict[tuple[int, int], str]:
        with in_words(self._path):
            return find_faults(self._content, self._listed(sheet))


def _as_read(text: str) -> str:
    return text


def _put(rows: Sequence[list[Any]], texts: Mapping[tuple[int, int], str]) -> None:
    """Put texts into cells: a blank so that a result nobody calculated is nowhere taken for a number."""
    for (row, column), text in texts.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text


def other_facts(content: bytes, sheet: str, limits: Limits = LIMITS) -> SheetFacts | None:
    """Return what a sheet of an .xlsb or .ods file says of its cells, None for those of other kinds."""
    archive = open_archive(content)
    if archive is None:
        return None
    with archive:
        names = set(archive.namelist())
        if binary_workbook.WORKBOOK in names:
            return binary_workbook.read_facts(archive, sheet)
        return open_document.read_facts(archive, sheet, limits.sheet_cells) if open_document.CONTENT in names else None
