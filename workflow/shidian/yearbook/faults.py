"""Cells that look blank to the workbook library but are not: error values, uncalculated formulas."""

from __future__ import annotations

import codecs
import io
import struct
from collections.abc import Iterator
from functools import lru_cache

from shidian.yearbook.sheet_xml import (
    may_have_errors,
    may_have_formulas,
    open_archive,
    part_of,
    read_cells,
    recalculates,
    uncalculated,
)

NEVER_CALCULATED = "the cell holds a formula that was never calculated; open the file in Excel and save it"
ERRORS = dict(
    zip(
        (0x00, 0x07, 0x0F, 0x17, 0x1D, 0x24, 0x2A),
        ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"),
        strict=True,
    )
)
BEGIN, CODE_PAGE, BIFF8 = 0x809, 0x42, 0x600
END, BOUND_SHEET, FORMULA, BOOL_ERROR, UNCALCULATED, CALCULATED_BY = 0x0A, 0x85, 0x06, 0x205, 0x5E, 0x1C1
CALCULATE_ON_LOAD = 0x2
"""Flag of a formula by which a writer that does not calculate asks Excel to.

Excel itself sets it only where it saves as Excel 5.
"""


def find_faults(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Find the cells of one sheet that hold an error value, or a formula whose result is not there or not calculated.

    Args:
        content: the bytes of the workbook, decrypted: .xlsx, or .xls of Excel 5 and later ([MS-XLS]).
        sheet: name of the sheet.

    Returns:
        0-based (row, column) -> what is wrong.
    """
    xml, whole_book = sheet_part(content, sheet)
    return _xls_faults(content, sheet) if xml is None else _xlsx_faults(xml, whole_book)


def find_uncalculated(content: bytes, sheet: str) -> set[tuple[int, int]]:
    """Find the formulas of one sheet whose stored results the workbook itself says were not calculated."""
    xml, whole_book = sheet_part(content, sheet)
    if xml is not None:
        return uncalculated(xml, whole_book)
    old = is_old(workbook_stream(content))
    records = list(sheet_records(content, sheet))
    every = any(kind == UNCALCULATED for kind, _ in records)
    return {
        struct.unpack_from("<HH", body)
        for kind, body in records
        if kind == FORMULA and len(body) >= 16 and (every or _asks(body, old))
    }


def _asks(body: bytes, old: bool) -> bool:
    """Say whether a formula asks to be calculated; in a file of Excel 5 one whose stored result is not 0 was."""
    return bool(body[14] & CALCULATE_ON_LOAD) and not (old and any(body[6:14]))


@lru_cache(maxsize=1)
def sheet_part(content: bytes, sheet: str) -> tuple[bytes | None, bool]:
    """Return the XML of a sheet of an .xlsx file and whether its workbook wants to be calculated; None for an .xls."""
    archive = open_archive(content)
    if archive is None:
        return None, False
    with archive:
        part = part_of(archive, sheet)
        found = part is not None and part in archive.namelist()
        return (archive.read(part) if part and found else b"<sheetData/>"), recalculates(archive)


def error_fault(name: str) -> str:
    """Say what is wrong with a cell that holds an error value."""
    return f"the cell holds the error {name}; correct the cell"


def _xlsx_faults(xml: bytes, whole_book: bool) -> dict[tuple[int, int], str]:
    if not may_have_formulas(xml) and not may_have_errors(xml):
        return {}
    faults = dict.fromkeys(uncalculated(xml, whole_book), NEVER_CALCULATED)
    for cell in read_cells(xml):
        if cell.kind == "e":
            faults[cell.row, cell.column] = error_fault(cell.value or "")
        elif cell.formula is not None and cell.value is None:
            faults[cell.row, cell.column] = NEVER_CALCULATED
    return faults


def _xls_faults(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    faults = dict.fromkeys(find_uncalculated(content, sheet), NEVER_CALCULATED)
    stream = workbook_stream(content)
    by_nobody = all(kind != CALCULATED_BY for kind, _ in records(stream, 0))
    for kind, body in records(stream, _sheet_start(stream, sheet)):
        if kind == BOOL_ERROR and body[7]:
            faults[struct.unpack_from("<HH", body)] = error_fault(ERRORS.get(body[6], ""))
        elif kind == FORMULA and body[12:14] != b"\xff\xff":
            faults[struct.unpack_from("<HH", body)] = NEVER_CALCULATED  # where the library reads a blank
        elif (
            kind == FORMULA and body[6] == 3 and by_nobody
        ):  # an empty text, which writers put for what they cannot say
            faults[struct.unpack_from("<HH", body)] = NEVER_CALCULATED
        elif kind == FORMULA and body[6] == 2:
            faults[struct.unpack_from("<HH", body)] = error_fault(ERRORS.get(body[8], ""))
    return faults


@lru_cache(maxsize=1)
def workbook_stream(content: bytes) -> bytes:
    """Return the stream of an .xls file that holds its workbook; empty where it is of another kind."""
    import olefile  # type: ignore[import-untyped]

    with olefile.OleFileIO(io.BytesIO(content)) as container:
        name = next((name for name in ("Workbook", "Book") if container.exists(name)), None)
        return container.openstream(name).read() if name else b""


def is_old(stream: bytes) -> bool:
    """Say whether the stream of an .xls file is of Excel 5 or 95 (BIFF5), whose texts are bytes of a code page."""
    kind, size = struct.unpack_from("<HH", stream) if len(stream) >= 6 else (0, 0)
    return kind == BEGIN and size >= 2 and int(struct.unpack_from("<H", stream, 4)[0]) < BIFF8


def code_page(stream: bytes) -> str:
    """Return the encoding in which a workbook's texts of one byte a character are written."""
    pages = (
        struct.unpack_from("<H", body)[0] for kind, body in records(stream, 0) if kind == CODE_PAGE and len(body) > 1
    )
    name = f"cp{next(pages, 1252)}".replace("cp32769", "cp1252").replace("cp10000", "mac_roman")
    try:
        codecs.lookup(name)
    except LookupError:
        return "latin-1"
    return name


def sheet_records(content: bytes, sheet: str) -> Iterator[tuple[int, bytes]]:
    """Give the records of one sheet of an .xls file: kind and body."""
    stream = workbook_stream(content)
    return records(stream, _sheet_start(stream, sheet))


def records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Give the records of one substream: kind and body, up to its end."""
    while start + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, start)
        if kind == END:
            return
        yield kind, stream[start + 4 : start + 4 + size]
        start += 4 + size


def sheet_starts(stream: bytes) -> Iterator[tuple[str, int]]:
    """Give the name of every sheet and where its substream starts: the first substream lists them."""
    old, letters = is_old(stream), code_page(stream)
    for kind, body in records(stream, 0):
        if kind == BOUND_SHEET and old:
            yield body[7 : 7 + body[6]].decode(letters, "replace"), int(struct.unpack_from("<I", body)[0])
        elif kind == BOUND_SHEET and len(body) >= 8:
            length, wide = body[6], body[7] & 1
            name = body[8 : 8 + length * (1 + wide)].decode("utf-16-le" if wide else "latin-1", errors="replace")
            yield name, int(struct.unpack_from("<I", body)[0])


def _sheet_start(stream: bytes, sheet: str) -> int:
    starts = dict(sheet_starts(stream))
    if sheet not in starts and is_old(stream):
        raise ValueError(f"its records name no sheet '{sheet}'")
    return starts.get(sheet, len(stream))
