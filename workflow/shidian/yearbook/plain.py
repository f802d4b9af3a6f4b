"""Text files of cells, .csv and the like; what files without sheets may hold."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from shidian.errors import SourceError
from shidian.messages import say
from shidian.system_faults import physical_memory
from shidian.yearbook.columns import TextColumn
from shidian.yearbook.csv_columns import MOST_BLANK, read_in_full, read_plainly
from shidian.yearbook.grid import ColumnGrid, Grid, column_letter
from shidian.yearbook.limits import LIMITS, Limits, where
from shidian.yearbook.numbers import clean
from shidian.yearbook.packed import content_of
from shidian.yearbook.text_form import (
    SEEN_CHARACTERS,
    SEPARATORS,
    UNDECLARED,
    TextForm,
    decode,
    encoding_of,
    seen_separator,
)

CELL_BYTES = 60
"""Memory that a cell of a file without sheets takes while the file is read and its tables are written, at most."""


def read_csv(path: Path, form: TextForm = UNDECLARED, limits: Limits = LIMITS) -> Grid:
    """Read a text file of cells, as declared (UTF-8 when no encoding is); all cells are text.

    The grid is as wide as most of its rows. Narrower ones end in blank cells, the text of a wider one stands in its
    first cell; the reader takes them for titles and notes alone.
    """
    content, separator = _utf8(path, form, limits)
    found = read_plainly(content, separator, form.around)
    if found is None:
        try:
            found = read_in_full(decode(path, form.encoding, limits), separator, form.around)
        except csv.Error as error:
            raise SourceError(f"{path}: not a readable {path.suffix} file ({error})") from None
    width = len(found.columns)
    if not width:
        raise SourceError(f"{path}: the file is empty")
    refuse_large(path, width, found.height, found.blank, limits)
    header = [column[found.header].as_py() for column in found.columns]
    said = say("separator of cells seen in the file")
    seen = () if separator == "," or form.separator else ((said, SEPARATORS[separator]),)
    columns = [TextColumn(column) for column in found.columns]
    return replace(ColumnGrid.of(columns, _unique_labels(header)), uneven=found.uneven, seen=seen)


def _utf8(path: Path, form: TextForm, limits: Limits) -> tuple[bytes, str]:
    """Return a file's text as UTF-8, without the mark at its beginning, and the separator of its cells."""
    content = content_of(path, limits)
    if encoding_of(path, content, form.encoding) not in ("utf-8", "utf-8-sig"):
        content = decode(path, form.encoding, limits).encode("utf-8", "surrogatepass")
    content = content.removeprefix(codecs.BOM_UTF8)
    if form.between is None:
        return content, seen_separator(path, content[: 2 * SEEN_CHARACTERS].decode("utf-8", "replace"), form)
    return content, form.between


def refuse_large(path: Path, width: int, height: int, blank: int = 0, limits: Limits = LIMITS) -> None:
    """Refuse more columns than a file may have, and more cells than memory holds, or than a small file may claim."""
    blanks = width * blank > MOST_BLANK
    held = MOST_BLANK if blanks else physical_memory() // CELL_BYTES
    most = held if limits.file_cells is None else min(held, limits.file_cells)
    if width > limits.columns or width * (blank if blanks else height) > most:
        key = "columns" if width > limits.columns else "file_cells"
        raise SourceError(
            f"{path}: {height:,} rows of {width:,} cells; at most {limits.columns:,} columns and {most:,} cells are "
            f"read {where(key)}"
        )


def _unique_labels(headers: Sequence[str]) -> tuple[str, ...]:
    """Name the columns of a .csv file: the header, with the column's letter where blank or printed twice."""
    names = [clean(header) for header in headers]
    times = Counter(names)
    return tuple(name if name and times[name] == 1 else f"{name}[{column_letter(i)}]" for i, name in enumerate(names))
