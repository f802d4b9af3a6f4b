"""Cells that look blank to the workbook library but are not: error values, uncalculated formulas."""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
NEVER_CALCULATED = "the cell holds a formula that was never calculated; open the file in Excel and save it"
ERRORS = dict(
    zip(
        (0x00, 0x07, 0x0F, 0x17, 0x1D, 0x24, 0x2A),
        ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"),
        strict=True,
    )
)
END, BOUND_SHEET, FORMULA, BOOL_ERROR = 0x0A, 0x85, 0x06, 0x205


def find_faults(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Find the cells of one sheet that hold an error value or a formula without a stored result.

    Args:
        content: the bytes of the workbook, decrypted: .xlsx, or .xls of Excel 97 and later ([MS-XLS]).
        sheet: name of the sheet.

    Returns:
        0-based (row, column) -> what is wrong.
    """
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _xlsx_faults(archive.read(_sheet_part(archive, sheet)))
    return _xls_faults(content, sheet)


def _error(name: str) -> str:
    return f"the cell holds the error {name}; correct the cell"


def _xlsx_faults(xml: bytes) -> dict[tuple[int, int], str]:
    faults: dict[tuple[int, int], str] = {}
    data = xml[xml.find(b"<sheetData") : xml.rfind(b"</sheetData>")]
    has_formula = b"f" in data and b"<f" in data  # one letter is looked for much faster, and is rare among cells
    if not has_formula and b't="e"' not in data:
        return faults
    for cell in ElementTree.fromstring(xml).iter(f"{MAIN}c"):
        value = cell.find(f"{MAIN}v")
        if cell.get("t") == "e":
            faults[_position(cell.get("r", ""))] = _error("" if value is None else value.text or "")
        elif cell.find(f"{MAIN}f") is not None and (value is None or value.text is None):
            faults[_position(cell.get("r", ""))] = NEVER_CALCULATED
    return faults


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> str:
    """Name of the archive's part that holds a sheet."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relation = next(s.get(RELATION) for s in book.iter(f"{MAIN}sheet") if s.get("name") == sheet)
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = next(link.get("Target", "") for link in links if link.get("Id") == relation)
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


def _position(address: str) -> tuple[int, int]:
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", address).groups()  # type: ignore[union-attr]
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(digits) - 1, column - 1


def _xls_faults(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    import olefile  # type: ignore[import-untyped]

    with olefile.OleFileIO(io.BytesIO(content)) as container:
        if not container.exists("Workbook"):
            return {}
        stream = container.openstream("Workbook").read()
    faults = {}
    for kind, body in _records(stream, _sheet_start(stream, sheet)):
        if kind == BOOL_ERROR and body[7]:
            faults[struct.unpack_from("<HH", body)] = _error(ERRORS.get(body[6], ""))
        elif kind == FORMULA and body[12:14] != b"\xff\xff":
            faults[struct.unpack_from("<HH", body)] = NEVER_CALCULATED  # where the library reads a blank
        elif kind == FORMULA and body[6] == 2:
            faults[struct.unpack_from("<HH", body)] = _error(ERRORS.get(body[8], ""))
    return faults


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Records of one substream: kind and body, up to its end."""
    while start + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, start)
        if kind == END:
            return
        yield kind, stream[start + 4 : start + 4 + size]
        start += 4 + size


def _sheet_start(stream: bytes, sheet: str) -> int:
    """Where a sheet's substream starts: the sheets are listed in the first substream."""
    for kind, body in _records(stream, 0):
        if kind == BOUND_SHEET:
            length, wide = body[6], body[7] & 1
            name = body[8 : 8 + length * (1 + wide)].decode("utf-16-le" if wide else "latin-1")
            if name == sheet:
                return int(struct.unpack_from("<I", body)[0])
    return len(stream)
