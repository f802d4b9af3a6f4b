"""Spreadsheets of LibreOffice, .ods (OpenDocument): errors, results to be calculated, number formats, raised marks."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from shidian.yearbook.cell_formats import Scaled
from shidian.yearbook.faults import NEVER_CALCULATED, error_fault
from shidian.yearbook.limits import LIMITS
from shidian.yearbook.rich_text import marked_text
from shidian.yearbook.sheet_facts import Address, SheetFacts
from shidian.yearbook.sheet_xml import local

CONTENT = "content.xml"
PERCENT = Scaled("percentage", 2)
POSITIONS = {"super": "superscript", "sub": "subscript"}


@dataclass(frozen=True)
class _Styles:
    """What named styles of a document do: scale numbers, raise or lower texts."""

    scaled: dict[str, Scaled]
    places: dict[str, str]


def read_facts(archive: zipfile.ZipFile, sheet: str, most: int = LIMITS.sheet_cells) -> SheetFacts:
    """Return what a sheet of an OpenDocument file says of its cells; nothing where it has no such sheet.

    Cells repeated over more than ``most`` places are passed over: the sheet is refused for its size.
    """
    root = ElementTree.parse(io.BytesIO(archive.read(CONTENT))).getroot()
    styles = _styles(root)
    for table in root.iter():
        if local(table, "table") and _of(table, "name") == sheet:
            return _gather(table, styles, most)
    return SheetFacts()


def _gather(table: ElementTree.Element, styles: _Styles, most: int) -> SheetFacts:
    rows = columns = 0
    faults, scaled, texts = dict[Address, str](), dict[Address, Scaled](), dict[Address, str]()
    for place, times, cell, style in _cells(table):
        if not len(cell) and not _of(cell, "value-type") and not _of(cell, "formula"):
            continue
        rows, columns = max(rows, place[0] + times[0]), max(columns, place[1] + times[1])
        if times[0] * times[1] > most:
            continue
        places = [(place[0] + i, place[1] + j) for i in range(times[0]) for j in range(times[1])]
        if fault := _fault(cell):
            faults |= dict.fromkeys(places, fault)
        if _of(cell, "value-type") == "percentage":
            scaled |= dict.fromkeys(places, PERCENT)
        elif _of(cell, "value-type") in ("float", "currency") and style in styles.scaled:
            scaled |= dict.fromkeys(places, styles.scaled[style])
        if (text := marked_text(list(_runs(cell, styles)) or [("", "")])) is not None:
            texts |= dict.fromkeys(places, text)
    return SheetFacts(rows, columns, faults, scaled, texts)


def _cells(table: ElementTree.Element) -> Iterator[tuple[Address, tuple[int, int], ElementTree.Element, str]]:
    """Give the cells of a table: where each stands, how many rows and columns it is repeated over, its style."""
    defaults = [
        (_of(e, "default-cell-style-name"), _times(e, "columns")) for e in table.iter() if local(e, "table-column")
    ]
    row = 0
    for line in (element for element in table.iter() if local(element, "table-row")):
        high, column = _times(line, "rows"), 0
        for cell in line:
            if not (local(cell, "table-cell") or local(cell, "covered-table-cell")):
                continue
            wide = _times(cell, "columns")
            style = _of(cell, "style-name") or _of(line, "default-cell-style-name") or _default(defaults, column)
            yield (row, column), (high, wide), cell, style
            column += wide
        row += high


def _default(defaults: list[tuple[str, int]], column: int) -> str:
    for style, wide in defaults:
        if column < wide:
            return style
        column -= wide
    return ""


def _fault(cell: ElementTree.Element) -> str | None:
    formula = _of(cell, "formula")
    shown = "".join(cell.itertext()).strip()
    if any(key.endswith("}value-type") and value == "error" for key, value in cell.items()):
        return error_fault(shown)
    if formula and not _of(cell, "value-type"):
        return NEVER_CALCULATED
    return error_fault(shown) if formula and shown.startswith(("#", "Err:")) else None


def _runs(cell: ElementTree.Element, styles: _Styles) -> Iterator[tuple[str, str]]:
    for paragraph in (child for child in cell if local(child, "p")):
        yield paragraph.text or "", ""
        for span in paragraph:
            place = styles.places.get(_of(span, "style-name"), "") if local(span, "span") else ""
            yield "".join(span.itertext()), place
            yield span.tail or "", ""


def _styles(root: ElementTree.Element) -> _Styles:
    factors = {
        _of(style, "name"): float(factor)
        for style in root.iter()
        if local(style, "number-style") or local(style, "currency-style")
        for part in style
        if (factor := _of(part, "display-factor"))
    }
    scaled, places = {}, {}
    for style in (element for element in root.iter() if local(element, "style")):
        size = factors.get(_of(style, "data-style-name"), 1.0)
        if size in (1e3, 1e6, 1e9):
            scaled[_of(style, "name")] = Scaled(f"in units of {size:,.0f}", -(len(f"{size:.0f}") - 1))
        position = next((_of(part, "text-position") for part in style if _of(part, "text-position")), "")
        if position:
            places[_of(style, "name")] = POSITIONS.get(position.split()[0], "")
    return _Styles(scaled, places)


def _of(element: ElementTree.Element, name: str) -> str:
    """Return an attribute, whatever its namespace but that of LibreOffice's own extensions."""
    return next(
        (value for key, value in element.items() if key.rpartition("}")[2] == name and "calcext" not in key), ""
    )


def _times(element: ElementTree.Element, what: str) -> int:
    return int(_of(element, f"number-{what}-repeated") or 1)
