"""Workbooks (.xlsx) whose sheets are written plainly: read as arrays, several times faster than by the library.

What is not written so is left to the library, sheet by sheet or as a whole, faults of the file included: nothing is
refused here.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa

from shidian.yearbook.cell_formats import Scaled
from shidian.yearbook.excel_limits import refuse_extent
from shidian.yearbook.grid import column_index
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.plain_cells import INLINE, SHARED, STORED, TEXT, Addresses, PlainCells, plain_cells
from shidian.yearbook.plain_formats import Styles, read_styles
from shidian.yearbook.plain_strings import plain_strings
from shidian.yearbook.plain_texts import is_utf8
from shidian.yearbook.sheet_xml import Extent, recalculates, relations_of, wants_calculation, workbook_part
from shidian.yearbook.stored_grid import NUMBER, StoredGrid, StoredRows
from shidian.yearbook.stray import is_sparse

SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
WORKBOOK, SHEETS, STRINGS, STYLES = "xl/workbook.xml", "xl/worksheets/", "xl/sharedStrings.xml", "xl/styles.xml"
STATES = ("visible", "hidden", "veryHidden")
BEGIN, END = b"<sheetData>", b"</sheetData>"
UNPLAIN = (
    zipfile.BadZipFile, zlib.error, struct.error, ElementTree.ParseError, ValueError, LookupError, OSError, EOFError,
    NotImplementedError, RuntimeError,
)  # fmt: skip
"""What a damaged or unusual part ends in: the library says what is wrong with it, if anything is."""
_RANGE = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_REACH = re.compile(r"[A-Z]{1,3}\d{1,7}(:[A-Z]{1,3}\d{1,7})?")

Merges = list[tuple[tuple[int, int], tuple[int, int]]]


@dataclass(frozen=True)
class PlainBook:
    """An opened workbook.

    Attributes:
        archive: its parts.
        sheets: name of each sheet, in the order of the workbook -> its part.
        limits: how much of a sheet is read.
    """

    archive: zipfile.ZipFile
    sheets: Mapping[str, str]
    limits: Limits = LIMITS

    @classmethod
    def of(cls, archive: zipfile.ZipFile | None, limits: Limits = LIMITS) -> PlainBook | None:
        """Open a workbook; None where it is of another kind, or its list of sheets is not written plainly."""
        try:
            sheets = _sheets(archive) if archive else {}
        except UNPLAIN:
            return None
        return cls(archive, sheets, limits) if archive and sheets else None

    def grid(self, sheet: str) -> StoredGrid | None:
        """Read one sheet; None where it, the texts or the styles of the workbook are not written plainly."""
        try:
            return None if self._strings is None or sheet not in self.sheets else self._grid(sheet, self._strings)
        except UNPLAIN:
            return None

    @cached_property
    def _strings(self) -> pa.Array | None:
        return plain_strings(self._part(STRINGS), SPACE)

    @cached_property
    def _styles(self) -> Styles:
        return read_styles(self._part(STYLES))

    def _part(self, name: str) -> bytes:
        return self.archive.read(name) if name in self.archive.namelist() else b""

    def _grid(self, sheet: str, strings: pa.Array) -> StoredGrid | None:
        xml = self.archive.read(self.sheets[sheet])
        start, stop = xml.find(BEGIN) + len(BEGIN), xml.rfind(END)
        frame = xml[:start] + xml[stop:]
        merges = _merges(frame) if len(BEGIN) <= start <= stop and is_utf8(xml) else None
        cells = None if merges is None else plain_cells(xml, start, stop)
        if merges is None or cells is None or not len(cells.full.rows) or not self._shows_numbers(cells):
            return None
        rows, columns = int(cells.full.rows.max()) + 1, int(cells.full.columns.max()) + 1
        if cells.has_formulas and (wants_calculation(frame) or recalculates(self.archive)):
            return None
        reach = Extent(len(cells.all.rows), rows, columns, None)
        if is_sparse(reach.cells, rows, columns) or refuse_extent(reach, self.limits):
            return None
        if cells.shared.max(initial=-1) >= len(strings) or cells.shared.min(initial=0) < 0:
            return None
        return _stored(sheet, cells, (rows, columns), strings, merges, self._styles.scaled)

    def _shows_numbers(self, cells: PlainCells) -> bool:
        """Say whether no stored number may be shown as a date."""
        used = np.unique(cells.full.styles[cells.types == STORED])
        is_number = self._styles.is_number if len(self._styles.is_number) else np.array([True])
        return not len(used) or (int(used[-1]) < len(is_number) and bool(is_number[used].all()))


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the sheets of a workbook that lies where the library looks for it; none where it is not so."""
    names = archive.namelist()
    if len(set(map(str.lower, names))) < len(names) or WORKBOOK not in names or workbook_part(archive) != WORKBOOK:
        return {}
    xml = archive.read(WORKBOOK)
    if not is_utf8(xml) or b"<!" in xml:
        return {}
    root = ElementTree.fromstring(xml)
    listed = [sheet for part in root if part.tag == f"{{{SPACE}}}sheets" for sheet in part]
    targets = relations_of(archive, WORKBOOK)
    sheets = {sheet.get("name", ""): targets.get(sheet.get(LINK, ""), "") for sheet in listed}
    plain = all(part.startswith(SHEETS) and part in names for part in sheets.values())
    plain &= all(sheet.get("state", STATES[0]) in STATES for sheet in listed)
    return sheets if plain and len(sheets) == len(listed) and "" not in sheets else {}


def _merges(frame: bytes) -> Merges | None:
    """Return the merged ranges of a sheet, given what stands around its cells; None where that is no plain sheet."""
    if b"<!" in frame:
        return None
    root = ElementTree.fromstring(frame)
    if root.tag != f"{{{SPACE}}}worksheet" or [e.tag for e in root].count(f"{{{SPACE}}}sheetData") != 1:
        return None
    if not all(_REACH.fullmatch(e.get("ref", "")) for e in root.iter(f"{{{SPACE}}}dimension")):
        return None
    merged = [_RANGE.fullmatch(e.get("ref", "")) for e in root.iter(f"{{{SPACE}}}mergeCell")]
    if not all(merged):
        return None
    corners = [one.groups() for one in merged if one]
    return [
        ((int(top) - 1, column_index(left)), (int(end) - 1, column_index(right))) for left, top, right, end in corners
    ]


def _stored(
    sheet: str,
    cells: PlainCells,
    shape: tuple[int, int],
    strings: pa.Array,
    merges: Merges,
    scaled: Mapping[int, Scaled],
) -> StoredGrid:
    """Put cells into a grid."""
    numbers, codes = np.full(shape, np.nan), np.zeros(shape, dtype=np.int32)
    held = np.empty(len(cells.types), dtype=np.int32)
    is_number, own = cells.types == STORED, (cells.types == TEXT) | (cells.types == INLINE)
    held[is_number], held[cells.types == SHARED] = NUMBER, cells.shared + 1
    held[own] = 1 + len(strings) + np.arange(len(cells.texts), dtype=np.int32)
    codes[cells.full.rows, cells.full.columns] = held
    numbers[cells.full.rows[is_number], cells.full.columns[is_number]] = cells.numbers
    distinct = pa.concat_arrays([pa.array([""]), strings, cells.texts])
    return StoredGrid(
        sheet, StoredRows(numbers, codes, distinct), merges=merges, scaled=lambda: _scaled(cells.all, scaled),
        numbers=numbers, codes=codes, distinct=distinct,
    )  # fmt: skip


def _scaled(where: Addresses, scaled: Mapping[int, Scaled]) -> dict[tuple[int, int], Scaled]:
    """Return the cells in one of some styles."""
    if not scaled:
        return {}
    chosen = where.only(np.isin(where.styles, list(scaled)))
    found = zip(chosen.rows.tolist(), chosen.columns.tolist(), chosen.styles.tolist(), strict=True)
    return {(row, column): scaled[style] for row, column, style in found}
