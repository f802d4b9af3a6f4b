"""Excel files: .xls and .xlsx, also those that carry Excel's default password."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from xml.etree import ElementTree

import python_calamine as calamine

from shidian.errors import SourceError
from shidian.yearbook.cell_formats import Scaled
from shidian.yearbook.excel_limits import refuse_file, refuse_sheet
from shidian.yearbook.faults import find_faults, find_uncalculated
from shidian.yearbook.grid import Grid
from shidian.yearbook.sheet_formats import find_marked, find_scaled
from shidian.yearbook.survival import survives

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

    def __init__(self, path: Path) -> None:
        """Open the file, decrypting it first when it carries Excel's default password."""
        self._path = path
        self._content = path.read_bytes()
        with in_words(path):
            try:
                self._refuse()
                self._book = calamine.CalamineWorkbook.from_path(str(path))
            except calamine.PasswordError:
                self._content = decrypt(path).getvalue()
                self._refuse()
                self._book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(self._content))

    def _refuse(self) -> None:
        """Refuse contents that the library would not survive."""
        reason = refuse_file(self._content)
        if not reason and self._content[:4] == OLD and not survives(self._content):
            reason = "opening it takes more memory or time than any workbook should; it is damaged, get the file again"
        if reason:
            raise SourceError(f"{self._path}: the workbook is not read: {reason}")

    @property
    def sheet_names(self) -> list[str]:
        """Names of all sheets, hidden ones too."""
        return list(self._book.sheet_names)

    def grid(self, sheet: str) -> Grid:
        """Read one sheet."""
        with in_words(self._path):
            if reason := refuse_sheet(self._content, sheet):
                raise SourceError(f"{self._path}, sheet '{sheet}': the sheet is not read: {reason}")
            found = self._book.get_sheet_by_name(sheet)
            rows = found.to_python(skip_empty_area=False)
            merges = found.merged_cell_ranges or ()
            for row, column in find_uncalculated(self._content, sheet):
                if row < len(rows) and column < len(rows[row]):
                    rows[row][column] = ""  # so that it is nowhere taken for a number; its fault says why
            for (row, column), text in find_marked(self._content, sheet).items():
                if row < len(rows) and column < len(rows[row]):
                    rows[row][column] = text
        faults, scaled = cache(partial(self._faults, sheet)), cache(partial(self._scaled, sheet))
        return Grid(sheet, rows, merges=merges, faults=faults, scaled=scaled)

    def _scaled(self, sheet: str) -> dict[tuple[int, int], Scaled]:
        with in_words(self._path):
            return find_scaled(self._content, sheet)

    def _faults(self, sheet: str) -> dict[tuple[int, int], str]:
        with in_words(self._path):
            return find_faults(self._content, sheet)


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
