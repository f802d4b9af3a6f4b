"""Excel's binary workbooks, .xlsb ([MS-XLSB]): errors, results to be calculated, number formats, raised marks."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shidian.yearbook.cell_formats import BUILT_IN, Scaled
from shidian.yearbook.faults import ERRORS, NEVER_CALCULATED, error_fault
from shidian.yearbook.rich_text import marked_text
from shidian.yearbook.sheet_facts import Address, SheetFacts
from shidian.yearbook.sheet_formats import scaling_styles
from shidian.yearbook.sheet_xml import related, relations_of

WORKBOOK = "xl/workbook.bin"
ROW, BLANK, ERROR, SHARED, FORMULA_ERROR = 0, 1, 3, 7, 11
CELLS = range(1, 12)
"""Records of cells: 1 to 7 are constants, 8 to 11 formulas; each begins with its column and its style."""
NUMBERS, FORMULAS, NUMBER_FORMULA = {2, 5, 9}, range(8, 12), 9
STRING, FONT, FORMAT, SHEET, CALCULATION, STYLE, STYLES, STYLES_END = 19, 43, 44, 156, 157, 47, 617, 618
CALCULATE_ON_LOAD, CALCULATE_ALWAYS = 0x1, 0x2
POSITIONS = {1: "superscript", 2: "subscript"}


def records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the records of a part: kind and body; both numbers before a body are written in sevens of bits."""
    at = 0
    while at < len(stream):
        kind, at = _number(stream, at, 2)
        size, at = _number(stream, at, 4)
        yield kind, stream[at : at + size]
        at += size


def _number(stream: bytes, at: int, most: int) -> tuple[int, int]:
    value = 0
    for i in range(most):
        byte = stream[at] if at < len(stream) else 0
        at += 1
        value |= (byte & 0x7F) << (7 * i)
        if not byte & 0x80:
            break
    return value, at


def read_facts(archive: zipfile.ZipFile, sheet: str) -> SheetFacts:
    """Return what a sheet of a binary workbook says of its cells; nothing where the workbook has no such sheet."""
    book = archive.read(WORKBOOK)
    targets, part, whole_book = relations_of(archive, WORKBOOK), None, False
    for kind, body in records(book):
        if kind == SHEET:
            link, at = _text(body, 8)
            part = targets.get(link) if _text(body, at)[0] == sheet else part
        elif kind == CALCULATION and len(body) >= 26:
            whole_book = bool(body[24] & CALCULATE_ON_LOAD)
    if part is None:
        return SheetFacts()
    styles = related(archive, "styles")
    strings = _marked(related(archive, "sharedStrings"), _fonts(styles))
    return _gather(archive.read(part), _scaled_styles(styles), strings, whole_book)


@dataclass(frozen=True)
class _Cell:
    kind: int
    row: int
    column: int
    style: int
    body: bytes


def _cells(stream: bytes) -> Iterator[_Cell]:
    row = 0
    for kind, body in records(stream):
        if kind == ROW and len(body) >= 4:
            row = struct.unpack_from("<I", body)[0]
        elif kind in CELLS and len(body) >= 8:
            column, style = struct.unpack_from("<II", body)
            yield _Cell(kind, row, column, style & 0xFFFFFF, body[8:])


def _gather(stream: bytes, styles: dict[int, Scaled], strings: dict[int, str], whole_book: bool) -> SheetFacts:
    rows = columns = 0
    faults, scaled, texts = dict[Address, str](), dict[Address, Scaled](), dict[Address, str]()
    asking, calculated = set[Address](), False
    for cell in _cells(stream):
        place = cell.row, cell.column
        if cell.kind != BLANK:
            rows, columns = max(rows, cell.row + 1), max(columns, cell.column + 1)
        if cell.kind in (ERROR, FORMULA_ERROR):
            faults[place] = error_fault(ERRORS.get(cell.body[0], ""))
        elif cell.kind in FORMULAS and (whole_book or _asks(cell)):
            asking.add(place)
            calculated |= cell.kind == NUMBER_FORMULA and struct.unpack_from("<d", cell.body)[0] != 0
        if cell.kind in NUMBERS and cell.style in styles:
            scaled[place] = styles[cell.style]
        if cell.kind == SHARED and (text := strings.get(struct.unpack_from("<I", cell.body)[0])) is not None:
            texts[place] = text
    if whole_book or not calculated:  # Excel asks for formulas such as TODAY(), and stores their results
        faults |= dict.fromkeys(asking, NEVER_CALCULATED)
    return SheetFacts(rows, columns, faults, scaled, texts)


def _asks(cell: _Cell) -> bool:
    """Say whether a formula asks to be calculated: flags stand behind its value."""
    at = {8: 4 + 2 * struct.unpack_from("<I", cell.body)[0], 9: 8}.get(cell.kind, 1)
    return len(cell.body) > at and bool(cell.body[at] & CALCULATE_ALWAYS)


def _text(body: bytes, at: int) -> tuple[str, int]:
    """Return a text and where it ends."""
    length = struct.unpack_from("<I", body, at)[0]
    if length == 0xFFFFFFFF:
        return "", at + 4
    return body[at + 4 : at + 4 + 2 * length].decode("utf-16-le", "replace"), at + 4 + 2 * length


def _scaled_styles(stream: bytes) -> dict[int, Scaled]:
    formats, styles, inside = dict(BUILT_IN), list[int](), False
    for kind, body in records(stream):
        inside = kind == STYLES or (inside and kind != STYLES_END)
        if kind == FORMAT:
            formats[struct.unpack_from("<H", body)[0]] = _text(body, 2)[0]
        elif kind == STYLE and inside:
            styles.append(struct.unpack_from("<H", body, 2)[0])
    return scaling_styles(dict(enumerate(styles)), formats)


def _fonts(stream: bytes) -> list[str]:
    return [POSITIONS.get(struct.unpack_from("<H", body, 6)[0], "") for kind, body in records(stream) if kind == FONT]


def _marked(stream: bytes, fonts: Sequence[str]) -> dict[int, str]:
    """Return the shared strings that hold marks, by their numbers."""
    found = {}
    if any(fonts):
        for i, body in enumerate(body for kind, body in records(stream) if kind == STRING):
            if body[0] & 1 and (text := marked_text(_runs(body, fonts))) is not None:
                found[i] = text
    return found


def _runs(body: bytes, fonts: Sequence[str]) -> list[tuple[str, str]]:
    text, at = _text(body, 1)
    count = struct.unpack_from("<I", body, at)[0]
    starts = [struct.unpack_from("<HH", body, at + 4 + 4 * i) for i in range(count)]
    edges = [(0, -1), *starts, (len(text), -1)]
    return [
        (text[start:stop], fonts[font] if 0 <= font < len(fonts) else "")
        for (start, font), (stop, _) in pairwise(edges)
        if stop > start
    ]
