"""What the number formats and rich texts of an Excel sheet say of its cells, in .xlsx and .xls files."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from functools import lru_cache
from xml.etree import ElementTree

from shidian.yearbook import xls_strings
from shidian.yearbook.cell_formats import BUILT_IN, Scaled, scaling
from shidian.yearbook.faults import FORMULA, sheet_part
from shidian.yearbook.old_workbook import in_code_page, own_codec, records, sheet_records, workbook_stream
from shidian.yearbook.rich_text import marked_strings, marked_text, runs_of
from shidian.yearbook.sheet_xml import local, open_archive, read_cells, related

NUMBER, PACKED, PACKED_ROW = 0x203, 0x27E, 0xBD
FORMAT, STYLE = 0x41E, 0xE0
OF_NO_CELL = 0x4
"""Flag of a style that cells refer to by way of another."""


def find_scaled(content: bytes, sheet: str) -> dict[tuple[int, int], Scaled]:
    """Find the cells of one sheet that show another size than they store: 0-based (row, column) -> by which format."""
    archive = open_archive(content)
    if archive is None:
        return _xls_scaled(content, sheet)
    with archive:
        styles = _scaling_styles(related(archive, "styles"))
    xml, _ = sheet_part(content, sheet)
    if xml is None or not any(f's="{style}"'.encode() in xml for style in styles):
        return {}
    return {(cell.row, cell.column): styles[cell.style] for cell in read_cells(xml) if cell.style in styles}


def _scaling_styles(xml: bytes) -> dict[int, Scaled]:
    """Return the styles whose number format scales, by their numbers in a sheet."""
    if not xml:
        return {}
    formats, styles = dict(BUILT_IN), list[int]()
    for element in ElementTree.fromstring(xml):
        if local(element, "numFmts"):
            formats |= {int(e.get("numFmtId", -1)): e.get("formatCode", "") for e in element}
        elif local(element, "cellXfs"):
            styles = [int(e.get("numFmtId", 0)) for e in element]
    return scaling_styles(dict(enumerate(styles)), formats)


def scaling_styles(styles: Mapping[int, int], formats: Mapping[int, str]) -> dict[int, Scaled]:
    """Return the styles that scale, given the format of each style and how the formats are written."""
    return {i: found for i, number in styles.items() if (found := scaling(formats.get(number, ""))) is not None}


def _xls_scaled(content: bytes, sheet: str) -> dict[tuple[int, int], Scaled]:
    formats, styles = dict(BUILT_IN), dict[int, int]()
    stream = workbook_stream(content)
    old = in_code_page(stream)
    letters = (old and own_codec(stream)) or "latin-1"
    for kind, body in records(stream, 0):
        if kind == FORMAT and old:
            formats[struct.unpack_from("<H", body)[0]] = body[3 : 3 + body[2]].decode(letters, "replace")
        elif kind == FORMAT and len(body) > 5:
            wide = body[4] & 1
            formats[struct.unpack_from("<H", body)[0]] = body[5:].decode("utf-16-le" if wide else "latin-1", "replace")
        elif kind == STYLE and len(body) >= 6:
            _, number, flags = struct.unpack_from("<HHH", body)
            styles[len(styles)] = -1 if flags & OF_NO_CELL else number
    scaled = scaling_styles(styles, formats)
    found = sheet_records(content, sheet) if scaled else ()
    return {place: scaled[style] for kind, body in found for place, style in _styled(kind, body) if style in scaled}


def _styled(kind: int, body: bytes) -> Iterator[tuple[tuple[int, int], int]]:
    """Give the cells of a record of numbers, and their styles."""
    if kind in (NUMBER, PACKED, FORMULA) and len(body) >= 6:
        row, column, style = struct.unpack_from("<HHH", body)
        yield (row, column), style
    elif kind == PACKED_ROW and len(body) >= 6:
        row, column = struct.unpack_from("<HH", body)
        for i in range((len(body) - 6) // 6):
            yield (row, column + i), struct.unpack_from("<H", body, 4 + 6 * i)[0]


@lru_cache(maxsize=1)
def _shared_strings(content: bytes) -> Mapping[int, str]:
    """Return the shared strings with marks; a workbook has them once for all its sheets."""
    archive = open_archive(content)
    if archive is None:
        return {}
    with archive:
        return marked_strings(related(archive, "sharedStrings"))


def find_marked(content: bytes, sheet: str, encoding: str | None = None) -> dict[tuple[int, int], str]:
    """Find the cells of a sheet with raised or lowered marks: 0-based (row, column) -> their text."""
    xml, _ = sheet_part(content, sheet)
    if xml is None:
        return xls_strings.find_marked(content, sheet, encoding)
    shared = _shared_strings(content)
    if not shared and b"script" not in xml:
        return {}
    found = {}
    for cell in read_cells(xml):
        text = shared.get(int(cell.value)) if cell.kind == "s" and cell.value else None
        if cell.kind == "inlineStr":
            text = next((marked_text(list(runs_of(part))) for part in cell.element if local(part, "is")), None)
        if text is not None:
            found[cell.row, cell.column] = text
    return found
