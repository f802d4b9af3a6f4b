"""What an Excel file may ask for: checked in its bytes, before the library that reads it takes it at its word.

That library makes a rectangle from A1 to the outermost cell and ends the whole process where there is no memory for it.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator, Sequence

from shidian.yearbook.faults import sheet_part
from shidian.yearbook.grid import column_letter
from shidian.yearbook.limits import LIMITS, MEGABYTE, Limits, where
from shidian.yearbook.old_workbook import records, sheet_starts, workbook_stream
from shidian.yearbook.sheet_xml import Extent, extent, open_archive
from shidian.yearbook.true_kind import is_old_stream

MOST_ROWS = 1_048_576
"""Most rows that Excel knows."""
MOST_COLUMNS = 16_384
"""Most columns that it knows."""
NUMBERS = 0xBD
CELL_RECORDS = {0x06, 0x203, 0x204, 0x205, 0x27E, 0xFD, NUMBERS}
"""Records of an .xls file that are not blank and begin with a row and a column; those of several numbers in a row end
with the last column.
"""
PROTECTED = 0x2F


def refuse_file(content: bytes, limits: Limits = LIMITS) -> str | None:
    """Say why a workbook is not opened; None where it may be."""
    archive = open_archive(content)
    if archive is not None:
        with archive:
            parts = archive.infolist()
        size = sum(part.file_size for part in parts) / MEGABYTE
        return limits.over("entries", len(parts), "parts in its archive") or limits.over(
            "unpacked_mb", size, "megabytes, unpacked"
        )
    if content[:4] == b"\xd0\xcf\x11\xe0":
        return _refuse_xls(content, limits)
    found = is_old_stream(content)
    return "it is of Excel 4.0 or before, or was cut out of its container; save it in Excel as .xlsx" if found else None


def refuse_extent(found: Extent, limits: Limits = LIMITS) -> str | None:
    """Say why a sheet that reaches so far is not read; None where it may be."""
    if found.twice:
        return f"two cells have the address {found.twice}: one would be lost; save the file in Excel again"
    return limits.over("sheet_cells", found.cells, "cells") or too_large(found.rows, found.columns, limits)


def sheet_extent(content: bytes, sheet: str) -> Extent | None:
    """Return how far a sheet of an .xlsx file reaches, None for those of other kinds."""
    xml, _ = sheet_part(content, sheet)
    return None if xml is None else extent(xml)


def too_large(rows: int, columns: int, limits: Limits = LIMITS) -> str | None:
    """Say why a sheet that reaches to a row and a column is not read; None where it may be."""
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        return f"a cell lies in row {rows:,}, column {columns:,}, where no sheet has any; the file is damaged"
    if rows * columns > limits.sheet_cells:
        return (
            f"it reaches to {column_letter(columns - 1)}{rows}, {rows * columns:,} cells; at most "
            f"{limits.sheet_cells:,} are read {where('sheet_cells')}: delete the rows and columns beyond the table and "
            "save the file"
        )
    return limits.over("columns", columns, "columns")


def _refuse_xls(content: bytes, limits: Limits) -> str | None:
    import olefile  # type: ignore[import-untyped]

    try:
        with olefile.OleFileIO(content) as container:
            if any(_goes_in_circles(chain) for chain in (container.fat, container.minifat) if chain is not None):
                return "its table of sectors goes in circles"
        stream = workbook_stream(content)
    except (OSError, IndexError, struct.error, zipfile.BadZipFile) as problem:
        return str(problem)
    if any(kind == PROTECTED for kind, _ in records(stream, 0)):
        return None  # to be checked again once it is decrypted
    for name, start in sheet_starts(stream):
        places = [place for kind, body in records(stream, start) for place in _places(kind, body)]
        rows, columns = (max((place[i] + 1 for place in places), default=0) for i in (0, 1))
        if reason := too_large(rows, columns, limits):
            return f"sheet '{name}': {reason}"
    return None


def _places(kind: int, body: bytes) -> Iterator[tuple[int, int]]:
    """Give the row and column of the cell of a record, of several cells those of the first and the last."""
    if kind in CELL_RECORDS and len(body) >= 6:
        row, column = struct.unpack_from("<HH", body)
        yield row, column
        if kind == NUMBERS:
            yield row, struct.unpack_from("<H", body, len(body) - 2)[0]


def _goes_in_circles(following: Sequence[int]) -> bool:
    """Say whether a chain of sectors comes back to itself; each sector names the one that follows it."""
    done = bytearray(len(following))
    for first in range(len(following)):
        chain, sector = [], first
        while 0 <= sector < len(following) and not done[sector]:
            done[sector] = 1
            chain.append(sector)
            sector = following[sector]
        if 0 <= sector < len(following) and done[sector] == 1 and chain:
            return True
        for one in chain:
            done[one] = 2
    return False
