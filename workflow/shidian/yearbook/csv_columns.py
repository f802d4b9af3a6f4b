"""The cells of a .csv file, column by column: by Arrow where it reads what Python's csv module reads, else by that."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

BLOCK = 1 << 21
"""Cells that are turned into columns at a time."""
MOST_BLANK = 10_000_000
"""Most cells of blank rows: a small file may have any number of these."""
SLICE = 1 << 24
QUOTE, BREAKS = ord('"'), (ord(","), ord("\n"), ord("\r"))


@dataclass(frozen=True)
class CsvColumns:
    """Columns as wide as the first row.

    Attributes:
        columns: the cells; of a file with too many blank rows only the first.
        uneven: number of the first row of another width, and its width.
        height: number of rows.
        blank: how many of them are blank.
    """

    columns: list[pa.Array]
    uneven: tuple[int, int] | None = None
    height: int = 0
    blank: int = 0


def read_plainly(data: bytes) -> CsvColumns | None:
    """Read UTF-8 text fast; None where Arrow might read something else than Python's csv module.

    Arrow is trusted with rows of one width, none of them blank, at least two columns, and quotes only around whole
    cells. Whatever else there is, faults included, is left to :func:`read_in_full`.
    """
    if data[:1] in (b"\n", b"\r") or any(blank in data for blank in (b"\0", b"\n\n", b"\n\r", b"\r\r")):
        return None
    quoted = b'"' in data
    width = len(next(csv.reader([_first_line(data)]), ()))
    if width < 2 or data.startswith(b"\xef\xbb\xbf") or (quoted and not _quotes_stand_outside(data)):
        return None
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(data),
            arrow_csv.ReadOptions(use_threads=False, autogenerate_column_names=True, block_size=1 << 22),
            arrow_csv.ParseOptions(
                quote_char='"' if quoted else False, newlines_in_values=quoted, ignore_empty_lines=False
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
    return CsvColumns(columns, None, len(columns[0]))


def _first_line(data: bytes) -> str:
    ends = [end for mark in (b"\n", b"\r") if (end := data.find(mark)) >= 0]
    return data[: min(ends, default=len(data))].decode("utf-8", "replace")


def _quotes_stand_outside(data: bytes) -> bool:
    """Say whether quotes stand in pairs around whole cells: what opens follows a break, what closes precedes one."""
    marks, opens = np.frombuffer(data, dtype=np.uint8), True
    for start in range(0, len(marks), SLICE):
        at = start + np.flatnonzero(marks[start : start + SLICE] == QUOTE)
        opening, closing = (at[0 if opens else 1 :: 2], at[1 if opens else 0 :: 2])
        opening, closing = opening[opening > 0], closing[closing < len(marks) - 1]
        if not (np.isin(marks[opening - 1], BREAKS).all() and np.isin(marks[closing + 1], BREAKS).all()):
            return False
        opens ^= bool(len(at) % 2)
    return opens


def read_in_full(text: str) -> CsvColumns:
    """Read by Python's csv module; a blank row is a row of blank cells. No columns: the text is empty.

    Raises:
        csv.Error: the text is not readable.
    """
    rows: Iterator[list[str]] = csv.reader(io.StringIO(text, newline=""))
    first = next(rows, None)
    if first is None:
        return CsvColumns([])
    width, number, blank, uneven, rows = len(first), 0, 0, None, chain([first], rows)
    parts: list[list[pa.Array]] = []
    while block := list(islice(rows, max(1, BLOCK // max(1, width)))):
        for i, row in enumerate(block):
            number += 1
            if len(row) != width:
                uneven = uneven or ((number, len(row)) if row else None)
                blank += not row
                block[i] = [""] * width
        if width * blank <= MOST_BLANK:  # else the file is refused, and only its rows are still counted
            parts.append([pa.array(cells, type=pa.string()) for cells in zip(*block, strict=True)])
    return CsvColumns([pa.concat_arrays(chunks) for chunks in zip(*parts, strict=True)], uneven, number, blank)
