"""Cells that look blank to the workbook library but are not: error values, uncalculated formulas."""

from __future__ import annotations

import posixpath
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def find_faults(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Find the cells of one .xlsx sheet that hold an error value or a formula without a stored result.

    Returns:
        0-based (row, column) -> what is wrong; empty for other kinds of file.
    """
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        xml = archive.read(_sheet_part(archive, sheet))
    faults: dict[tuple[int, int], str] = {}
    if b't="e"' not in xml and b"<f" not in xml:
        return faults
    for cell in ElementTree.fromstring(xml).iter(f"{MAIN}c"):
        value = cell.find(f"{MAIN}v")
        if cell.get("t") == "e":
            fault = f"the cell holds the error {'' if value is None else value.text}; correct the cell"
        elif cell.find(f"{MAIN}f") is not None and (value is None or value.text is None):
            fault = "the cell holds a formula that was never calculated; open the file in Excel and save it"
        else:
            continue
        faults[_position(cell.get("r", ""))] = fault
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
