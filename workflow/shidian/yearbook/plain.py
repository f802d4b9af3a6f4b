"""Files without sheets: .csv and .dta."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from shidian.errors import SourceError
from shidian.yearbook.grid import MOST_CELLS, MOST_COLUMNS, Grid, column_letter
from shidian.yearbook.numbers import clean


def read_csv(path: Path, encoding: str | None) -> Grid:
    """Read a .csv file in its declared encoding (UTF-8 when none is declared); all cells are text."""
    try:
        rows = list(csv.reader(io.StringIO(decode(path, encoding), newline="")))
    except csv.Error as error:
        raise SourceError(f"{path}: not a readable .csv file ({error})") from None
    if not rows:
        raise SourceError(f"{path}: the file is empty")
    width = len(rows[0])
    if width > MOST_COLUMNS or width * len(rows) > MOST_CELLS:
        raise SourceError(
            f"{path}: {len(rows):,} rows of {width:,} cells; at most {MOST_COLUMNS:,} columns and {MOST_CELLS:,} cells "
            "are read"
        )
    for number, row in enumerate(rows, start=1):
        if row and len(row) != width:
            raise SourceError(
                f"{path}: row {number} has {len(row)} cells, the header row has {width}; is a comma missing?"
            )
    return Grid("", [row or [""] * width for row in rows], _unique_labels(rows[0]))


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


def read_stata(path: Path) -> Grid:
    """Read a .dta file; stored single-precision numbers are widened exactly, missing values are blank cells.

    The variable names are row 0, observations are numbered from 1.
    """
    import pandas as pd

    try:
        frame = pd.read_stata(path, convert_categoricals=False, convert_dates=False)
    except Exception as error:  # whatever pandas stumbles over in a damaged file
        raise SourceError(f"{path}: not a readable .dta file, damaged or cut short ({error})") from None
    columns = [list(_stata_column(frame[name].to_numpy())) for name in frame.columns]
    labels = tuple(map(str, frame.columns))
    return Grid("", [list(labels), *map(list, zip(*columns, strict=True))], labels, first_row=0)


def _stata_column(values: np.ndarray) -> Iterator[object]:
    if values.dtype.kind == "f":
        values = values.astype(np.float64)
    for value in values.tolist():
        yield "" if value is None or value != value else value
