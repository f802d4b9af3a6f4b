"""The XML of one sheet of an .xlsx file: which cells it has, where, and whether their formulas were calculated.

Names of elements are taken without their namespace and prefix: Excel, its strict dialect and the Open XML SDK write
three different ones. A cell without an address stands beside the one before it.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from xml.etree import ElementTree

from shidian.yearbook.grid import column_index, column_letter

T = TypeVar("T")
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])")
_PLAIN_CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,7})(\d{1,10})"[^>]*?(/?)>')
_FORMULA = re.compile(rb"<(?:[^\s<>/:]+:)?f[\s/>]")
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']|&#""")
"""A formula's element; the type of a cell that is an error, or a character written as a number, which may be one."""
_ADDRESS = re.compile(r"([A-Z]{1,7})(\d{1,10})")


@dataclass(frozen=True)
class Cell:
    """A cell of the XML: 0-based row and column, its type, its formula and stored value, whether it holds nothing, the
    number of its style, and the element that it is.
    """

    row: int
    column: int
    kind: str
    formula: ElementTree.Element | None
    value: str | None
    blank: bool
    style: int
    element: ElementTree.Element


@dataclass(frozen=True)
class Extent:
    """How far a sheet reaches: its number of cells, one past its last row and column that are not blank, and an
    address that two of its cells have.
    """

    cells: int
    rows: int
    columns: int
    twice: str | None


def local(element: ElementTree.Element, name: str) -> bool:
    """Say whether an element has a name, whatever its namespace."""
    return element.tag.rpartition("}")[2] == name


def part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name the part of an archive that holds a sheet; None where the workbook does not say."""
    return parts_of(archive).get(sheet)


def parts_of(archive: zipfile.ZipFile) -> dict[str, str]:
    """Name the part of an archive that holds each of its sheets."""
    workbook = workbook_part(archive)
    if workbook is None:
        return {}
    targets = relations_of(archive, workbook)
    listed = [element for element in ElementTree.fromstring(archive.read(workbook)).iter() if local(element, "sheet")]
    links = [next((value for key, value in one.items() if key.rpartition("}")[2] == "id"), "") for one in listed]
    return {one.get("name", ""): targets[link] for one, link in zip(listed, links, strict=True) if link in targets}


def workbook_part(archive: zipfile.ZipFile) -> str | None:
    """Name the part that holds the workbook, wherever it lies."""
    names = set(archive.namelist())
    for target in _relations(archive, "_rels/.rels").values():
        if "workbook" in target and target.lstrip("/") in names:
            return target.lstrip("/")
    return "xl/workbook.xml" if "xl/workbook.xml" in names else None


def related(archive: zipfile.ZipFile, kind: str) -> bytes:
    """Return the part of a kind that a workbook refers to, such as its styles; empty where there is none."""
    workbook = workbook_part(archive)
    for part in relations_of(archive, workbook).values() if workbook else ():
        if posixpath.basename(part).lower().startswith(kind.lower()) and part in archive.namelist():
            return archive.read(part)
    return b""


def relations_of(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Return what a part refers to: the id of each relation and the part that it leads to."""
    folder, _, file = part.rpartition("/")
    return {
        key: _joined(folder, target)
        for key, target in _relations(archive, f"{folder}/_rels/{file}.rels".lstrip("/")).items()
    }


def _relations(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    if name not in archive.namelist():
        return {}
    links = ElementTree.fromstring(archive.read(name))
    return {link.get("Id", ""): link.get("Target", "") for link in links}


def _joined(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))


def recalculates(archive: zipfile.ZipFile) -> bool:
    """Say whether a workbook wants its formulas calculated when it is opened."""
    name = workbook_part(archive)
    return name is not None and wants_calculation(archive.read(name))


def wants_calculation(xml: bytes) -> bool:
    """Say whether a workbook's or a sheet's XML wants formulas calculated: their stored results are a writer's."""
    if b"fullCalcOnLoad" not in xml and b"calcCompleted" not in xml:
        return False
    settings = [e for e in ElementTree.fromstring(xml).iter() if local(e, "calcPr") or local(e, "sheetCalcPr")]
    return any(e.get("fullCalcOnLoad") in ("1", "true") or e.get("calcCompleted") in ("0", "false") for e in settings)


def read_cells(xml: bytes) -> Iterator[Cell]:
    """Give the cells of a sheet in the order of the file.

    Raises:
        ValueError: one has an address that is none.
    """
    return cells_of(ElementTree.fromstring(xml))


def cells_of(sheet: ElementTree.Element) -> Iterator[Cell]:
    """Give the cells of a parsed sheet in the order of the file; see :func:`read_cells`."""
    row = column = -1
    for element in sheet.iter():
        if local(element, "row"):
            row = int(element.get("r", row + 2)) - 1
            column = -1
        elif local(element, "c"):
            given = element.get("r")
            address = _ADDRESS.fullmatch(given.upper()) if given is not None else None
            if given is not None and address is None:
                raise ValueError(f"a cell has the address '{given[:20]}', which no sheet has")
            column = column_index(address[1]) if address else column + 1
            row = int(address[2]) - 1 if address else row
            formula = next((child for child in element if local(child, "f")), None)
            value = next((child.text for child in element if local(child, "v")), None)
            style = int(element.get("s") or 0)
            yield Cell(row, column, element.get("t", ""), formula, value, len(element) == 0, style, element)


def may_have_formulas(xml: bytes) -> bool:
    """Say whether a part may hold a formula, by its bytes alone; never wrongly that it holds none."""
    return b"\x00" in xml or _FORMULA.search(xml) is not None  # a zero: the part is written in UTF-16


def may_have_errors(xml: bytes) -> bool:
    """Say whether a part may hold an error value, by its bytes alone; never wrongly that it holds none."""
    return b"\x00" in xml or _ERROR.search(xml) is not None


def uncalculated(xml: bytes, whole_book: bool) -> set[tuple[int, int]]:
    """Return the cells whose stored result nobody calculated, where the workbook or the sheet says so.

    The results of an array formula stand in cells without a formula; its first cell names them.
    """
    found: set[tuple[int, int]] = set()
    if not (may_have_formulas(xml) and (whole_book or wants_calculation(xml))):
        return found
    for cell in read_cells(xml):
        if cell.formula is None:
            continue
        found.add((cell.row, cell.column))
        first, _, last = cell.formula.get("ref", "").partition(":")
        corners = [_ADDRESS.fullmatch(text) for text in (first, last)]
        if cell.formula.get("t") in ("array", "dataTable") and all(corners):
            (left, top), (right, bottom) = ((column_index(c[1]), int(c[2]) - 1) for c in corners if c)
            if (right - left + 1) * (bottom - top + 1) <= 1_000_000:
                found |= {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
    return found


def extent(xml: bytes) -> Extent:
    """Return how far a sheet reaches, without making its cells."""
    count = sum(1 for _ in _CELL.finditer(xml))
    plain = _PLAIN_CELL.findall(xml)
    if len(plain) == count:
        addresses = [letters + digits for letters, digits, _ in plain]
        full = [(letters, digits) for letters, digits, blank in plain if not blank]
        rows = max((int(digits) for digits in {digits for _, digits in full}), default=0)
        columns = max((column_index(one.decode()) + 1 for one in {letters for letters, _ in full}), default=0)
        twice = _first_twice(addresses) if len(set(addresses)) < count else None
        return Extent(count, rows, columns, twice.decode() if twice else None)
    cells = list(read_cells(xml))
    places = [(cell.row, cell.column) for cell in cells]
    again = _first_twice(places) if len(set(places)) < len(places) else None
    return Extent(
        len(cells),
        max((cell.row + 1 for cell in cells if not cell.blank), default=0),
        max((cell.column + 1 for cell in cells if not cell.blank), default=0),
        None if again is None else f"{column_letter(again[1])}{again[0] + 1}",
    )


def _first_twice(places: Sequence[T]) -> T:
    seen: set[T] = set()
    return next(place for place in places if place in seen or seen.add(place))  # type: ignore[func-returns-value]


def open_archive(content: bytes) -> zipfile.ZipFile | None:
    """Open the bytes of an .xlsx file; None for those of any other kind, even with an archive inside."""
    return zipfile.ZipFile(io.BytesIO(content)) if content[:2] == b"PK" else None
