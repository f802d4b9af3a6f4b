"""Opening raw files: each sheet becomes one grid of cells, whatever the file format."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import numpy as np

from shidian.errors import SourceError, nearest
from shidian.yearbook.faults import find_faults
from shidian.yearbook.numbers import cell_text, clean, match_key

DEFAULT_PASSWORD = "VelvetSweatshop"
"""Excel's password for files that are encrypted although nobody chose a password: the usual yearbook .xls."""
EXCEL_SUFFIXES = (".xls", ".xlsx", ".xlsm")


@dataclass(frozen=True)
class Grid:
    """The cells of one sheet.

    Attributes:
        sheet: name of the sheet; empty for .csv and .dta files.
        rows: equally long rows, from the sheet's cell A1 on; blank cells are ``""``.
        labels: for files without cell addresses, one name a column.
        first_row: number printed for ``rows[0]``.
        merges: merged ranges, each the 0-based (row, column) of its first and last cell.
        originals: what the corrected cells hold in the file, by 0-based row and column.
    """

    sheet: str
    rows: Sequence[Sequence[object]]
    labels: tuple[str, ...] | None = None
    first_row: int = 1
    merges: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
    originals: Mapping[tuple[int, int], object] = field(default_factory=dict)
    faults: Callable[[], Mapping[tuple[int, int], str]] = field(default=dict)
    _words: dict[bool, list[tuple[int, int, str]]] = field(default_factory=dict, init=False)

    def words(self, ascii_only: bool) -> list[tuple[int, int, str]]:
        """Row, column and match key of the cells whose text is all ASCII (numbers too), or of all others."""
        if ascii_only not in self._words:
            self._words[ascii_only] = [
                (r, c, "".join(cell.split()) if ascii_only else match_key(cell))
                for r, row in enumerate(self.rows)
                for c, cell in enumerate(row)
                if type(cell) is str and cell.isascii() == ascii_only
            ]
        return self._words[ascii_only]

    def fault(self, row: int, column: int) -> str | None:
        """Say what is wrong with a cell that only looks blank: an error value, an uncalculated formula."""
        return self.faults().get((row, column))

    def printed(self, row: int, column: int) -> str:
        """Text that the file holds in a cell, corrected or not."""
        return cell_text(self.originals.get((row, column), self.rows[row][column]))

    def locate(self, address: str) -> tuple[int, int] | None:
        """Return the 0-based row and column of an address made by :meth:`cell`; None for no such cell."""
        if self.labels is not None:
            number, _, label = address.partition(":")
            column = self.labels.index(label) if label in self.labels else -1
        else:
            letters, number = re.fullmatch(r"([A-Z]*)(.*)", address).groups()  # type: ignore[union-attr]
            column = next((i for i in range(len(self.rows[0])) if column_letter(i) == letters), -1)
        row = int(number) - self.first_row if number.isdigit() else -1
        return (row, column) if column >= 0 and 0 <= row < len(self.rows) else None

    def column_name(self, column: int) -> str:
        """Letters of a column, or its label where the file has no letters."""
        return self.labels[column] if self.labels else column_letter(column)

    def cell(self, row: int, column: int) -> str:
        """Address of a cell given by 0-based positions: ``B3``; ``3:gdp`` where the file has no letters."""
        number, name = row + self.first_row, self.column_name(column)
        return f"{number}:{name}" if self.labels else f"{name}{number}"


def column_letter(index: int) -> str:
    """Return the spreadsheet letters of a 0-based column.

    >>> column_letter(0), column_letter(25), column_letter(26), column_letter(701)
    ('A', 'Z', 'AA', 'ZZ')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """Return the 0-based column of spreadsheet letters.

    >>> column_index('A'), column_index('AA')
    (0, 26)
    """
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


class Workbook:
    """An opened raw file. Sheets are read when asked for."""

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        """Open the file; SourceError when it is damaged, protected by a password, or of an unknown kind."""
        self.path = path
        self._suffix = path.suffix.lower()
        self._encoding = encoding
        self._book = open_excel(path) if self._suffix in EXCEL_SUFFIXES else None
        if self._book is None and self._suffix not in (".csv", ".dta"):
            known = ", ".join((*EXCEL_SUFFIXES, ".csv", ".dta"))
            raise SourceError(f"{path}: cannot read files of kind '{path.suffix}'; the reader knows {known}")

    @property
    def sheet_names(self) -> list[str]:
        """Names of the sheets; one empty name for files without sheets."""
        return list(self._book.sheet_names) if self._book is not None else [""]

    def grid(self, sheet: str | None) -> Grid:
        """Read one sheet (None for files without sheets)."""
        if self._book is None:
            if sheet is not None:
                raise SourceError(
                    f"{self.path}: a {self._suffix} file has no sheets; leave out 'sheet: {sheet}'"
                )
            return read_csv(self.path, self._encoding) if self._suffix == ".csv" else read_stata(self.path)
        if sheet is None:
            raise SourceError(
                f"{self.path}: say which sheet to read; found: {', '.join(map(repr, self.sheet_names))}"
            )
        if sheet not in self.sheet_names:
            found = ", ".join(map(repr, self.sheet_names))
            raise SourceError(
                f"{self.path}: no sheet '{sheet}'; found: {found}{nearest(sheet, self.sheet_names)}"
            )
        found = self._book.get_sheet_by_name(sheet)
        rows = found.to_python(skip_empty_area=False)
        if not any(cell != "" for row in rows for cell in row):
            raise SourceError(f"{self.path}, sheet '{sheet}': the sheet is empty")
        faults = cache(partial(find_faults, self.path, sheet))
        return Grid(sheet, rows, merges=found.merged_cell_ranges or (), faults=faults)


def open_excel(path: Path):  # type: ignore[no-untyped-def]
    """Open an Excel file with calamine, decrypting it first when it carries Excel's default password."""
    import python_calamine as calamine

    try:
        return calamine.CalamineWorkbook.from_path(str(path))
    except calamine.PasswordError:
        stream = decrypt(path)
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise SourceError(_damaged(path, error)) from None
    try:
        return calamine.CalamineWorkbook.from_filelike(stream)
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise SourceError(_damaged(path, error)) from None


def decrypt(path: Path) -> io.BytesIO:
    """Decrypt a workbook with Excel's default password."""
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


def read_csv(path: Path, encoding: str | None) -> Grid:
    """Read a .csv file in its declared encoding (UTF-8 when none is declared); all cells are text."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig" if encoding in (None, "utf-8") else encoding)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path}: not {encoding or 'utf-8'} text (byte {error.start}); declare encoding: utf-8 or gb18030"
        ) from None
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows:
        raise SourceError(f"{path}: the file is empty")
    width = len(rows[0])
    for number, row in enumerate(rows, start=1):
        if row and len(row) != width:
            raise SourceError(
                f"{path}: row {number} has {len(row)} cells, the header row has {width}; is a comma missing?"
            )
    return Grid("", [row or [""] * width for row in rows], _unique_labels(rows[0]))


def _unique_labels(headers: Sequence[str]) -> tuple[str, ...]:
    """Name the columns of a .csv file: the header, with the column's letter where blank or printed twice."""
    names = [clean(header) for header in headers]
    return tuple(
        name if name and names.count(name) == 1 else f"{name}[{column_letter(i)}]"
        for i, name in enumerate(names)
    )


def read_stata(path: Path) -> Grid:
    """Read a .dta file; stored single-precision numbers are widened exactly, missing values are blank cells.

    The variable names are row 0, observations are numbered from 1.
    """
    import pandas as pd

    try:
        frame = pd.read_stata(path, convert_categoricals=False, convert_dates=False)
    except (ValueError, OSError, KeyError) as error:
        raise SourceError(_damaged(path, error)) from None
    columns = [list(_stata_column(frame[name].to_numpy())) for name in frame.columns]
    labels = tuple(map(str, frame.columns))
    return Grid("", [list(labels), *map(list, zip(*columns, strict=True))], labels, first_row=0)


def _stata_column(values: np.ndarray) -> Iterator[object]:
    if values.dtype.kind == "f":
        values = values.astype(np.float64)
    for value in values.tolist():
        yield "" if value is None or value != value else value


def _damaged(path: Path, error: Exception) -> str:
    return f"{path}: not a readable workbook, damaged or cut short ({error}); get the file again"
