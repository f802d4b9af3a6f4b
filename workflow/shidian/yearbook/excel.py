"""Workbooks: .xls, .xlsx and .xlsb, also those that carry Excel's default password, and .ods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
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
from shidian.yearbook.sheet_facts import SheetFacts
from shidian.yearbook.sheet_formats import find_marked, find_scaled
from shidian.yearbook.sheet_xml import open_archive
from shidian.yearbook.stray import without_stray_cells
from shidian.yearbook.survival import survives

WITHOUT_CELLS = (calamine.SheetTypeEnum.ChartSheet, calamine.SheetTypeEnum.DialogSheet)
"""Kinds of sheets that hold no cells, or what a chart was drawn of."""


class ExcelBook:
    """An opened Excel file."""

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
            try:
                self._refuse()
                self._book, self._content = opened(path, self._content)
            except calamine.PasswordError:
                self._content = decrypt(path).getvalue()
                self._refuse()
                plain = legible(self._content) if self._content[:4] == OLD else self._content
                self._book = book_of(plain)
            self._text = self._reader_of_texts()
            listed = [one.name for one in self._book.sheets_metadata if one.typ not in WITHOUT_CELLS]
            self._sheets = {self._text(name): name for name in listed}

    def _reader_of_texts(self) -> Callable[[str], str]:
        """Return what makes the text of a cell of what the library read."""
        stream = workbook_stream(self._content) if self._content[:4] == OLD else b""
        self._unnamed = in_code_page(stream) and own_codec(stream) is None
        if not in_code_page(stream):
            return _as_read
        return partial(self._own_text, self._encoding if self._unnamed else own_codec(stream))

    def _listed(self, sheet: str) -> str:
        """Return the name of a sheet as the file lists it, byte by byte where it names no code page."""
        return self._sheets[sheet] if self._unnamed else sheet

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
        return list(self._sheets)

    def grid(self, sheet: str) -> Grid:
        """Read one sheet."""
        with in_words(self._path):
            facts = other_facts(self._content, sheet, self._limits)
            if facts is not None:
                return self._grid_of(sheet, facts)
            reach = sheet_extent(self._content, sheet)
            cut = without_stray_cells(self._content, sheet, reach.cells, reach.rows, reach.columns) if reach else None
            reach = sheet_extent(cut.content, sheet) if cut else reach
            self._refuse_sheet(sheet, refuse_extent(reach, self._limits) if reach else None)
            book = book_of(cut.content) if cut else self._book
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
            return book.get_sheet_by_name(self._sheets[sheet])
        except calamine.CalamineError:
            if (content := mended(self._content)) is None:
                raise
            return book_of(content).get_sheet_by_name(sheet)

    def _in_own_texts(self, rows: list[list[Any]]) -> list[list[Any]]:
        if self._text is _as_read:
            return rows
        return [[self._text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]

    def _grid_of(self, sheet: str, facts: SheetFacts) -> Grid:
        """Read a sheet of an .xlsb or .ods file."""
        self._refuse_sheet(sheet, too_large(facts.rows, facts.columns, self._limits))
        found = self._book.get_sheet_by_name(sheet)
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
