"""Files without sheets: .csv; what they may hold."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from shidian.errors import SourceError
from shidian.system_faults import physical_memory
from shidian.yearbook.columns import TextColumn
from shidian.yearbook.csv_columns import MOST_BLANK, read_in_full, read_plainly
from shidian.yearbook.grid import MOST_COLUMNS, ColumnGrid, Grid, column_letter
from shidian.yearbook.numbers import clean

CELL_BYTES = 60
"""Memory that a cell of a file without sheets takes while the file is read and its tables are written, at most."""


def read_csv(path: Path, encoding: str | None) -> Grid:
    """Read a .csv file in its declared encoding (UTF-8 when none is declared); all cells are text."""
    found = read_plainly(_utf8(path, encoding))
    if found is None:
        try:
            found = read_in_full(decode(path, encoding))
        except csv.Error as error:
            raise SourceError(f"{path}: not a readable .csv file ({error})") from None
    width = len(found.columns)
    if found.uneven:
        number, cells = found.uneven
        raise SourceError(f"{path}: row {number} has {cells} cells, the header row has {width}; is a comma missing?")
    if not width:
        raise SourceError(f"{path}: the file is empty")
    refuse_large(path, width, found.height, found.blank)
    header = [column[0].as_py() for column in found.columns]
    return ColumnGrid.of([TextColumn(column) for column in found.columns], _unique_labels(header))


def _utf8(path: Path, encoding: str | None) -> bytes:
    """Return a file's text as UTF-8, without the mark at its beginning; text in UTF-8 is not checked."""
    if encoding in (None, "utf-8"):
        return path.read_bytes().removeprefix(codecs.BOM_UTF8)
    return decode(path, encoding).encode("utf-8", "surrogatepass")


def refuse_large(path: Path, width: int, height: int, blank: int = 0) -> None:
    """Refuse more columns than a sheet may have, and more cells than memory holds, or than a small file may claim."""
    most = MOST_BLANK if width * blank > MOST_BLANK else physical_memory() // CELL_BYTES
    if width > MOST_COLUMNS or width * (blank if most == MOST_BLANK else height) > most:
        raise SourceError(
            f"{path}: {height:,} rows of {width:,} cells; at most {MOST_COLUMNS:,} columns and {most:,} cells are read"
        )


def decode(path: Path, encoding: str | None) -> str:
    """Return a file's text in its declared encoding, UTF-8 when none is declared."""
    try:
        return path.read_bytes().decode("utf-8-sig" if encoding in (None, "utf-8") else encoding)
    except LookupError:
        raise SourceError(f"{path}: there is no encoding '{encoding}'; declare utf-8 or gb18030") from None
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path}: not {encoding or 'utf-8'} text (byte {error.start}); declare encoding: utf-8 or gb18030"
        ) from None


def _unique_labels(headers: Sequence[str]) -> tuple[str, ...]:
    """Name the columns of a .csv file: the header, with the column's letter where blank or printed twice."""
    names = [clean(header) for header in headers]
    times = Counter(names)
    return tuple(name if name and times[name] == 1 else f"{name}[{column_letter(i)}]" for i, name in enumerate(names))
