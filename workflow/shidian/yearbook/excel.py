"""Workbooks: .xls, .xlsx and .xlsb, also those that carry Excel's default password, and .ods."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import python_calamine as calamine

from shidian.errors import SourceError
from shidian.yearbook import binary_workbook, open_document
from shidian.yearbook.cell_formats import Scaled
from shidian.yearbook.excel_limits import refuse_extent, refuse_file, sheet_extent, too_large
from shidian.yearbook.faults import find_faults, find_uncalculated
from shidian.yearbook.grid import Grid
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.sheet_facts import SheetFacts
from shidian.yearbook.sheet_formats import find_marked, find_scaled
from shidian.yearbook.sheet_xml import open_archive
from shidian.yearbook.stray import without_stray_cells
from shidian.yearbook.survival import survives
from shidian.yearbook.xls_strings import old_names, old_texts

DEFAULT_PASSWORD = "VelvetSweatshop"
"""Excel's password for files that are encrypted although nobody chose a password: the usual yearbook .xls."""
OLD = b"\xd0\xcf\x11\xe0"
"""First bytes of an .xls file, and of an encrypted one of any kind."""
UNREADABLE = (
    calamine.CalamineError, zipfile.BadZipFile, ElementTree.ParseError, struct.error, OSError, ValueError, KeyError,
)  # fmt: skip
"""What a damaged workbook ends in."""


class ExcelBook:
    """An opened Excel file."""

    def __init__(self, path: Path, limits: Limits = LIMITS) -> None:
        """Open the file, decrypting it first when it carries Excel's default password."""
        self._path, self._limits = path, limits
        self._content = path.read_bytes()
        with in_words(path):
            try:
                self._refuse()
                self._book = self._opened()
            except calamine.PasswordError:
                self._content = decrypt(path).getvalue()
                self._refuse()
                self._book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(self._content))
            self._old = old_names(self._content)

    def _opened(self) -> calamine.CalamineWorkbook:
        """Open the file as what its name says, else as what its bytes say."""
        try:
            return calamine.CalamineWorkbook.from_path(str(self._path))
        except calamine.PasswordError:
            raise
        except calamine.CalamineError:
            with suppress(calamine.CalamineError):
                return calamine.CalamineWorkbook.from_filelike(io.BytesIO(self._content))
            raise

    def _refuse(self) -> None:
        """Refuse contents that the library would not survive."""
        reason = refuse_file(self._content, self._limits)
        if not reason and self._content[:4] == OLD and not survives(self._content):
            reason = "opening it takes more memory or time than any workbook should; it is damaged, get the file again"
        if reason:
            raise SourceError(f"{self._path}: the workbook is not read: {reason}")

    @property
    def sheet_names(self) -> list[str]:
        """Names of all sheets, hidden ones too."""
        return self._old if len(self._old) == len(self._book.sheet_names) else list(self._book.sheet_names)

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
            book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(cut.content)) if cut else self._book
            found = (
                book.get_sheet_by_index(self.sheet_names.index(sheet)) if self._old else book.get_sheet_by_name(sheet)
            )
            rows = found.to_python(skip_empty_area=False)
            merges = found.merged_cell_ranges or ()
            _put(rows, old_texts(self._content, sheet) if self._old else {})
            never = dict.fromkeys(find_uncalculated(self._content, sheet), "")
            _put(rows, {**never, **find_marked(self._content, sheet)})
        faults, scaled = cache(partial(self._faults, sheet)), cache(partial(self._scaled, sheet))
        beyond = (cut.rows, cut.columns) if cut else (0, 0)
        return Grid(sheet, rows, merges=merges, faults=faults, scaled=scaled, beyond=beyond)

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
            return find_scaled(self._content, sheet)

    def _faults(self, sheet: str) -> dict[tuple[int, int], str]:
        with in_words(self._path):
            return find_faults(self._content, sheet)


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


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Raise a SourceError for what a damaged workbook ends in; a panic of the library is no Exception to Python."""
    try:
        yield
    except UNREADABLE as error:
        raise SourceError(_damaged(path, error)) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise SourceError(_damaged(path, error)) from None


def decrypt(path: Path) -> io.BytesIO:
    """Decrypt a workbook with Excel's default password.

    Raises:
        SourceError: it has another password, or is damaged.
    """
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError

    plain = io.BytesIO()
    try:
        with path.open("rb") as stream:
            office = msoffcrypto.OfficeFile(stream)
            office.load_key(password=DEFAULT_PASSWORD)
            office.decrypt(plain)
    except (InvalidKeyError, DecryptionError):
        raise SourceError(
            f"{path}: the workbook is protected by a password other than Excel's default; "
            "open it in Excel, remove the password and save it"
        ) from None
    except (FileFormatError, ValueError, OSError) as error:
        raise SourceError(_damaged(path, error)) from None
    plain.seek(0)
    return plain


def _damaged(path: Path, error: BaseException) -> str:
    return f"{path}: not a readable workbook, damaged or cut short ({error}); get the file again"
