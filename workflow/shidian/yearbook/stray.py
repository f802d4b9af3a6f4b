"""Cells far beyond a table that hold nothing but spaces: a sheet costs what it holds, not where its corners lie."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from shidian.yearbook.faults import sheet_part
from shidian.yearbook.sheet_xml import Cell, cells_of, local, open_archive, part_of, related

FAR = 20
"""How many times more cells than it holds a sheet must reach over to be looked at."""
SMALL = 100_000
"""A sheet that reaches over fewer cells costs nothing."""


@dataclass(frozen=True)
class Trimmed:
    """A workbook without the stray cells of one sheet, and how many rows and columns it is shorter by."""

    content: bytes
    rows: int
    columns: int


def without_stray_cells(content: bytes, sheet: str, cells: int, rows: int, columns: int) -> Trimmed | None:
    """Leave out the cells of a sheet of an .xlsx file that hold spaces alone, where it reaches far beyond its cells.

    Args:
        content: the bytes of the workbook.
        sheet: name of the sheet.
        cells: how many cells the sheet holds.
        rows: how many rows it reaches over.
        columns: how many columns.

    Returns:
        None where nothing is to be gained.
    """
    xml, _ = sheet_part(content, sheet)
    if xml is None or not is_sparse(cells, rows, columns):
        return None
    archive = open_archive(content)
    if archive is None:
        return None
    with archive:
        shared = _strings(related(archive, "sharedStrings"))
        part = part_of(archive, sheet)
        tree = ElementTree.fromstring(xml)
        full = [cell for cell in cells_of(tree) if not _holds_nothing(cell, shared)]
        bottom = max((cell.row + 1 for cell in full), default=0)
        right = max((cell.column + 1 for cell in full), default=0)
        if part is None or bottom * right * 2 > rows * columns:
            return None
        _cut(tree, bottom, right)
        return Trimmed(_with_part(archive, part, tree), rows - bottom, columns - right)


def is_sparse(cells: int, rows: int, columns: int) -> bool:
    """Say whether a sheet reaches so far beyond its cells that it is to be looked at."""
    return rows * columns > max(SMALL, FAR * cells)


def _strings(xml: bytes) -> Sequence[str]:
    if not xml:
        return ()
    items = (element for element in ElementTree.fromstring(xml) if local(element, "si"))
    return ["".join(item.itertext()) for item in items]


def _holds_nothing(cell: Cell, shared: Sequence[str]) -> bool:
    if cell.formula is not None or cell.kind not in ("s", "str", "inlineStr", ""):
        return False
    if cell.kind == "s" and cell.value and int(cell.value) < len(shared):
        return not shared[int(cell.value)].strip()
    return not "".join(cell.element.itertext()).strip()


def _cut(tree: ElementTree.Element, bottom: int, right: int) -> None:
    """Take the cells beyond a corner out of a sheet."""
    parents = {child: parent for parent in tree.iter() for child in parent if local(child, "c")}
    beyond = [cell.element for cell in cells_of(tree) if cell.row >= bottom or cell.column >= right]
    for element in beyond:
        parents[element].remove(element)


def _with_part(archive: zipfile.ZipFile, part: str, tree: ElementTree.Element) -> bytes:
    """Return an archive with other content in one part, its namespace without a prefix as Excel writes it."""
    space = tree.tag.partition("}")[0].lstrip("{")
    if space:
        ElementTree.register_namespace("", space)
    text = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_STORED) as copy:
        for name in archive.namelist():
            copy.writestr(name, text if name == part else archive.read(name))
    return changed.getvalue()
