"""Sheets that are read as arrays hold what the library reads in them, or are left to it."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import xlsxwriter
from shidian.errors import SourceError
from shidian.yearbook.excel import ExcelBook
from shidian.yearbook.grid import Grid
from shidian.yearbook.plain_numbers import plain_numbers
from shidian.yearbook.stored_grid import StoredGrid

SHEET, STRINGS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
FORMATS = (
    "0.00",
    "0",
    "0.000",
    "#,##0.00",
    "0.0%",
    "#,##0,",
    "0.00_);[Red]\\(0.00\\)",
    '0.0"万"',
    "General",
    "@",
    "yyyy-mm-dd",
    "[h]:mm",
)
TEXTS = ("地区", "a & b", "x<y>", "—", " 前", "123.5", "1\n2", "km²", "　铁路")
CUTS = (b"<c ", b"<v>", b"</v>", b"</c>", b"<si>", b"<t>", b"</t>", b'r="', b't="', b"<row", b"<xf ")
PIECES = (
    b"<", b">", b"/", b'"', b" ", b"<v>", b"</v>", b"<f>", b"</f>", b"</row>", b'<c r="A1"/>', b' t="s"', b' t="e"',
    b' t="b"', b' t="str"', b"<is><t>x</t></is>", b"&amp;", b"&#65;", b"0", b"9", b"A", b"e", b"-", b".", b"\r",
    b"_x0041_", b"<!-- -->", b"<![CDATA[1]]>", b"\xff", b"<v/>", b"<t> a </t>", b"<r><t>q</t></r>", b"\n",
    b'<phoneticPr fontId="1"/>',
)  # fmt: skip


def write(path: Path, rng: random.Random) -> Path:
    """Write a workbook of cells of many kinds."""
    book = xlsxwriter.Workbook(path)
    formats = [book.add_format({"num_format": code}) for code in rng.sample(FORMATS, 3)]
    page = book.add_worksheet("S")
    for row in range(6):
        for column in range(4):
            style, kind = rng.choice([*formats, None]), rng.randrange(6)
            if kind == 0:
                page.write_string(row, column, rng.choice(TEXTS), style)
            elif kind == 1:
                page.write_blank(row, column, None, style)
            elif kind == 2 and rng.random() < 0.2:
                page.write_formula(row, column, "=A1>1", style, rng.choice([3.5, "t", ""]))
            elif kind > 2:
                page.write_number(row, column, rng.choice([-1, 1]) * rng.random() * 10 ** rng.randint(-8, 18), style)
    page.merge_range(7, 0, 8, 1, "合")
    book.close()
    return edit(path, "xl/workbook.xml", lambda xml: xml.replace(b' fullCalcOnLoad="1"', b""))


def edit(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """Change one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, change(content) if name == part else content)
    return path


def cut(xml: bytes, rng: random.Random) -> bytes:
    """Put something in the way of a part."""
    at = max(0, xml.find(rng.choice(CUTS), rng.randrange(len(xml))))
    return xml[:at] + rng.choice((b"", rng.choice(PIECES))) + xml[at + rng.randint(0, 3) :]


def said(grid: Grid) -> tuple[object, ...]:
    """Everything that a grid tells."""
    rows = [list(map(repr, row)) for row in grid.rows]
    words = [grid.words(ascii_only) for ascii_only in (True, False)]
    facts = list(grid.merges), dict(grid.faults()), dict(grid.scaled())
    return rows, words, facts, grid.texts.to_pylist(), grid.kinds.tolist(), grid.filled.tolist()


def compared(path: Path) -> bool:
    """Compare the sheet with what the library reads, where it is read as arrays; say whether it is."""
    try:
        book = ExcelBook(path)
    except SourceError:
        return False
    found = book._plain.grid("S") if book._plain else None
    if found is None:
        return False
    try:
        library = said(book._read("S"))
    except SourceError:  # no well-formed XML, in what stands in no cell
        return False
    assert said(found) == library
    return True


@pytest.mark.parametrize("seed", range(20))
def test_a_sheet_is_read_as_the_library_reads_it(tmp_path: Path, seed: int) -> None:
    """Whole workbooks, and such in which something is cut out, put in or damaged."""
    rng = random.Random(seed)
    as_arrays = [compared(write(tmp_path / "made.xlsx", rng)) for _ in range(10)]
    assert any(as_arrays)
    for part in (SHEET, SHEET, SHEET, STRINGS, STRINGS, STYLES):
        whole = write(tmp_path / "made.xlsx", rng)
        compared(edit(whole, part, lambda xml: cut(xml, rng)))


def numbers(path: Path) -> Path:
    """Write a workbook of a text and numbers."""
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet("S")
    page.write_row(0, 0, ["地区", "值"])
    page.write_row(1, 0, ["甲市", 12.5], book.add_format({"num_format": "0.00"}))
    book.close()
    return path


def test_what_is_written_plainly_is_read_as_arrays(tmp_path: Path) -> None:
    path = numbers(tmp_path / "made.xlsx")
    assert isinstance(ExcelBook(path).grid("S"), StoredGrid)
    assert compared(path)


LEFT = {
    "an error": (SHEET, rb'<c r="B2" s="1"><v>12.5</v>', b'<c r="B2" s="1" t="e"><v>#N/A</v>'),
    "a truth value": (SHEET, rb'<c r="B2" s="1"><v>12.5</v>', b'<c r="B2" s="1" t="b"><v>1</v>'),
    "a formula without result": (SHEET, rb"<v>12.5</v>", b"<f>A1</f><v></v>"),
    "no address": (SHEET, rb' r="B2"', b""),
    "an address twice": (SHEET, rb'r="B2"', b'r="A2"'),
    "a comment": (SHEET, rb"<v>12.5", b"<!-- 1 --><v>12.5"),
    "a prefix": (SHEET, rb"<c r=\"B2\" s=\"1\"><v>12.5</v></c>", b'<x:c r="B2"><x:v>1</x:v></x:c>'),
    "no number": (SHEET, rb"12\.5", b"12,5"),
    "no such text": (SHEET, rb'(<c r="A2".*?<v>)\d+', rb"\g<1>99"),
    "a date": (STYLES, rb'(<cellXfs.*?/><xf numFmtId=)"\d+"', rb'\g<1>"14"'),
    "another namespace": (
        SHEET,
        rb"schemas.openxmlformats.org/spreadsheetml/2006",
        b"purl.oclc.org/ooxml/spreadsheetml",
    ),
    "carriage returns": (STRINGS, "甲市".encode(), "甲\r市".encode()),
    "escaped letters": (STRINGS, "甲市".encode(), "甲_x0041_市".encode()),
    "blanks that are none": (STRINGS, "甲市".encode(), "甲市 ".encode()),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_is_not_written_plainly_is_left_to_the_library(tmp_path: Path, name: str) -> None:
    part, old, new = LEFT[name]
    path = numbers(tmp_path / "made.xlsx")
    changed: list[int] = []

    def change(xml: bytes) -> bytes:
        text, times = re.subn(old, new, xml, count=1)
        changed.append(times)
        return text

    edit(path, part, change)
    book = ExcelBook(path)
    assert changed == [1]
    assert book._plain is not None
    assert book._plain.grid("S") is None


def test_raised_digits_are_marks(tmp_path: Path) -> None:
    rich = b'<si><r><t>37</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r></si>'
    path = edit(
        numbers(tmp_path / "made.xlsx"), STRINGS, lambda xml: xml.replace("<si><t>甲市</t></si>".encode(), rich)
    )
    grid = ExcelBook(path).grid("S")
    assert isinstance(grid, StoredGrid)
    assert grid.rows[1] == ["37¹", 12.5]
    assert compared(path)


def test_pronunciations_are_no_text(tmp_path: Path) -> None:
    tag = b'<phoneticPr fontId="1" type="noConversion"/></si>'
    path = edit(numbers(tmp_path / "made.xlsx"), STRINGS, lambda xml: xml.replace(b"</si>", tag))
    assert isinstance(ExcelBook(path).grid("S"), StoredGrid)
    assert compared(path)


def test_results_that_nobody_calculated_are_left_to_the_library(tmp_path: Path) -> None:
    path = numbers(tmp_path / "made.xlsx")
    edit(path, SHEET, lambda xml: xml.replace(b"<v>12.5", b"<f>A1</f><v>12.5"))
    assert ExcelBook(path).grid("S").rows[1][1] == ""
    edit(path, "xl/workbook.xml", lambda xml: xml.replace(b' fullCalcOnLoad="1"', b""))
    assert ExcelBook(path).grid("S").rows[1][1] == 12.5
    assert compared(path)


def test_a_corrected_cell_keeps_what_the_file_holds(tmp_path: Path) -> None:
    grid = ExcelBook(numbers(tmp_path / "made.xlsx")).grid("S")
    changed = grid.corrected({(1, 1): "13", (1, 0): "乙市"})
    here = np.array([1, 1]), np.array([0, 1])
    assert changed.rows[1] == ["乙市", "13"]
    assert changed.texts_at(*here).to_pylist() == ["乙市", "13"]
    assert changed.printed(*here).to_pylist() == ["甲市", "12.5"]
    assert grid.rows[1] == ["甲市", 12.5]


def test_plain_numbers_are_those_of_python() -> None:
    texts = ["12", "-0.5", "1e5", "2.5E-07", "1e+05", "1e400", ".5", "1,234", " 1", "", "nan", "0x1", "1_0"]
    values, plain = plain_numbers(pa.array(texts), ".")
    assert plain.tolist() == [True] * 5 + [False] * 8
    assert values[plain].tolist() == [float(text) for text in texts[:5]]
    assert plain_numbers(pa.array(["1,5", "1.5"]), ",")[1].tolist() == [True, False]
