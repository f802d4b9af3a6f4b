"""The cells of a .csv file, column by column: by Arrow where it reads what Python's csv module reads, else by that."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from shidian.yearbook.text_form import csv_rows

BLOCK = 1 << 21
"""Cells that are turned into columns at a time."""
MOST_COLUMNS = 16_384
"""Most columns of a file that Arrow is trusted with."""
MOST_BLANK = 10_000_000
"""Most cells of blank rows: a small file may have any number of these."""
SLICE = 1 << 24


@dataclass(frozen=True)
class CsvColumns:
    """Columns as wide as most rows.

    Attributes:
        columns: the cells; of a file with too many blank rows only the first.
        uneven: 0-based rows of another width, and their widths; those without any cell do not count.
        height: number of rows.
        blank: how many of them are blank.
        header: the first row of the common width.
    """

    columns: list[pa.Array]
    uneven: Mapping[int, int] = field(default_factory=dict)
    height: int = 0
    blank: int = 0
    header: int = 0


def read_plainly(data: bytes, separator: str = ",", quote: str | None = '"') -> CsvColumns | None:
    """Read UTF-8 text fast; None where Arrow might read something else than Python's csv module.

    Arrow is trusted with rows of one width, none of them blank, at least two columns, and quotes only around whole
    cells. Whatever else there is, faults included, is left to :func:`read_in_full`.
    """
    if data[:1] in (b"\n", b"\r") or any(blank in data for blank in (b"\0", b"\n\n", b"\n\r", b"\r\r")):
        return None
    if not (separator + (quote or "")).isascii():
        return None
    quoted = quote is not None and quote.encode() in data
    width = len(next(csv_rows([_first_line(data)], separator, quote), []))
    if not 2 <= width <= MOST_COLUMNS or data.startswith(b"\xef\xbb\xbf"):
        return None
    if quoted and quote and not _quotes_stand_outside(data, separator, quote):
        return None
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(data),
            arrow_csv.ReadOptions(use_threads=False, autogenerate_column_names=True, block_size=1 << 22),
            arrow_csv.ParseOptions(
                delimiter=separator,
                quote_char=quote if quoted and quote else False,
                newlines_in_values=quoted,
                ignore_empty_lines=False,
            ),
            arrow_csv.ConvertOptions(
                column_types={f"f{i}": pa.string() for i in range(width)}, null_values=[], strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_columns != width or any(type_ != pa.string() for type_ in table.schema.types):
        return None
    columns = [pa.concat_arrays(column.chunks) for column in table.itercolumns()]
    if any(pc.max(pc.binary_length(column)).as_py() > csv.field_size_limit() // 4 for column in columns):
        return None
    return CsvColumns(columns, {}, len(columns[0]))


def _first_line(data: bytes) -> str:
    ends = [end for mark in (b"\n", b"\r") if (end := data.find(mark)) >= 0]
    return data[: min(ends, default=len(data))].decode("utf-8", "replace")


def _quotes_stand_outside(data: bytes, separator: str, quote: str) -> bool:
    """Say whether quotes stand in pairs around whole cells: what opens follows a break, what closes precedes one."""
    marks, opens = np.frombuffer(data, dtype=np.uint8), True
    breaks = tuple(map(ord, (separator, "\n", "\r")))
    for start in range(0, len(marks), SLICE):
        at = start + np.flatnonzero(marks[start : start + SLICE] == ord(quote))
        opening, closing = (at[0 if opens else 1 :: 2], at[1 if opens else 0 :: 2])
        opening, closing = opening[opening > 0], closing[closing < len(marks) - 1]
        if not (np.isin(marks[opening - 1], breaks).all() and np.isin(marks[closing + 1], breaks).all()):
            return False
        opens ^= bool(len(at) % 2)
    return opens


def read_in_full(text: str, separator: str = ",", quote: str | None = '"') -> CsvColumns:
    """Read by Python's csv module; a blank row is a row of blank cells. No columns: the text is empty.

    Raises:
        csv.Error: the text is not readable.
    """
    times = Counter(map(len, _rows(text, separator, quote)))
    height, blank = times.total(), times.pop(0, 0)
    if not times:
        return CsvColumns([])
    several = [width for width in times if width > 1]
    width = max(several or times, key=lambda width: (times[width], width))
    rows: Iterator[list[str]] = _rows(text, separator, quote)
    number, header, uneven, parts = 0, -1, dict[int, int](), list[list[pa.Array]]()
    while block := list(islice(rows, max(1, BLOCK // width))):
        for i, row in enumerate(block):
            if len(row) == width:
                header = number if header < 0 else header
            else:
                uneven |= {number: len(row)} if row else {}
                block[i] = _fitted(row, width, separator)
            number += 1
        if width * blank <= MOST_BLANK or not parts:  # else the file is refused, and only its rows are still counted
            parts.append([pa.array(cells, type=pa.string()) for cells in zip(*block, strict=True)])
    columns = [pa.concat_arrays(chunks) for chunks in zip(*parts, strict=True)]
    return CsvColumns(columns, uneven, height, blank, header)


def _rows(text: str, separator: str, quote: str | None) -> Iterator[list[str]]:
    return csv_rows(io.StringIO(text, newline=""), separator, quote)


def _fitted(row: list[str], width: int, separator: str) -> list[str]:
    """Return a row of another width as one of this: blank cells behind it, or its text as one cell."""
    cells = row if len(row) < width else [separator.join(row)]
    return cells + [""] * (width - len(cells))
