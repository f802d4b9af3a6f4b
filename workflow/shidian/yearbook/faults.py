"""Cells that look blank to the workbook library but are not: error values, uncalculated formulas."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from functools import lru_cache

from shidian.yearbook.old_workbook import in_code_page, records, sheet_records, sheet_start, workbook_stream
from shidian.yearbook.sheet_xml import (
    may_have_errors,
    may_have_formulas,
    open_archive,
    parts_of,
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
FORMULA, BOOL_ERROR, UNCALCULATED, CALCULATED_BY = 0x06, 0x205, 0x5E, 0x1C1
CALCULATE_ON_LOAD = 0x2
"""Flag of a formula by which a writer asks Excel to calculate it; Excel itself never sets it."""


def find_faults(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Find the cells of one sheet that hold an error value, or a formula whose result is not there or not calculated.

    Args:
        content: the bytes of the workbook, decrypted: .xlsx, or .xls of Excel 5.0 and later ([MS-XLS]).
        sheet: name of the sheet.

    Returns:
        0-based (row, column) -> what is wrong.
    """
    xml, whole_book = sheet_part(content, sheet)
    return _xls_faults(content, sheet) if xml is None else _xlsx_faults(xml, whole_book)


def find_uncalculated(content: bytes, sheet: str) -> set[tuple[int, int]]:
    """Find the formulas of one sheet whose stored results the workbook itself says were not calculated.

    LibreOffice asks for every formula of an .xls file to be calculated on load, and stores its results: where one of
    them is a number other than zero the writer does calculate.
    """
    xml, whole_book = sheet_part(content, sheet)
    if xml is not None:
        return uncalculated(xml, whole_book)
    found = list(sheet_records(content, sheet))
    formulas = [body for kind, body in found if kind == FORMULA and len(body) >= 16]
    if all(kind != UNCALCULATED for kind, _ in found):
        formulas = [body for body in formulas if body[14] & CALCULATE_ON_LOAD]
        formulas = [] if any(_is_number(body) for body in formulas) else formulas
    return {struct.unpack_from("<HH", body) for body in formulas}


def _is_number(formula: bytes) -> bool:
    """Say whether the result of a formula of an .xls file is a number other than zero."""
    return formula[12:14] != b"\xff\xff" and struct.unpack_from("<d", formula, 6)[0] != 0


@lru_cache(maxsize=1)
def sheet_part(content: bytes, sheet: str) -> tuple[bytes | None, bool]:
    """Return the XML of a sheet of an .xlsx file and whether its workbook wants to be calculated; None for an .xls."""
    archive = _opened(content)
    if archive is None:
        return None, False
    parts, whole_book = _sheets(content)
    part = parts.get(sheet, "")
    return (archive.read(part) if part in archive.NameToInfo else b"<sheetData/>"), whole_book


@lru_cache(maxsize=1)
def _opened(content: bytes) -> zipfile.ZipFile | None:
    return open_archive(content)


@lru_cache(maxsize=1)
def _sheets(content: bytes) -> tuple[Mapping[str, str], bool]:
    """Return the part of each sheet, and whether the workbook wants to be calculated: read once, not once a sheet."""
    archive = _opened(content)
    return (parts_of(archive), recalculates(archive)) if archive else ({}, False)


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
    by_nobody = not in_code_page(stream) and all(kind != CALCULATED_BY for kind, _ in records(stream, 0))
    for kind, body in records(stream, sheet_start(stream, sheet)):
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
