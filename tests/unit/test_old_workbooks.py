"""Workbooks of Excel 5 and 95 (BIFF5), made record by record, and raised digits in .xls files of any age."""

import struct
from pathlib import Path
from typing import Any

import pytest
import xlwt
from made_workbooks import read_made
from shidian.errors import SourceError
from shidian.yearbook.excel import ExcelBook
from xlwt.CompoundDoc import XlsDoc

TABLE: dict[str, Any] = {
    "sheet": "数据",
    "layout": "flat",
    "unit": {"level": "city", "name": "城市"},
    "year": {"fixed": 2010},
    "columns": {"share": {"header": "share", "measure": "%"}},
}
PERCENT, PLAIN = 1, 0
RAISED = 1


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def label(row: int, column: int, text: str, style: int = PLAIN) -> bytes:
    raw = text.encode("gbk")
    return record(0x204, struct.pack("<HHHH", row, column, style, len(raw)) + raw)


def rich(row: int, column: int, text: str, raised_from: int) -> bytes:
    raw = text.encode("gbk")
    head = struct.pack("<HHHH", row, column, PLAIN, len(raw)) + raw
    return record(0xD6, head + bytes([1, len(text[:raised_from].encode("gbk")), RAISED]))


def number(row: int, column: int, value: float, style: int = PLAIN) -> bytes:
    return record(0x203, struct.pack("<HHHd", row, column, style, value))


def error(row: int, column: int, code: int) -> bytes:
    return record(0x205, struct.pack("<HHHBB", row, column, PLAIN, code, 1))


def formula(row: int, column: int, result: bytes, flags: int = 0) -> bytes:
    """Make a formula, 1+1, with a stored result."""
    code = b"\x1e\x01\x00\x1e\x01\x00\x03"
    return record(
        0x06, struct.pack("<HHH", row, column, PLAIN) + result + struct.pack("<HIH", flags, 0, len(code)) + code
    )


def write_biff5(path: Path, *cells: bytes) -> Path:
    """Write a workbook of Excel 5 with one sheet, 数据, in the code page 936."""
    fonts = b"".join(
        record(0x31, struct.pack("<HHHHHBBBx", 200, 0, 0x7FFF, 400, up, 0, 0, 0) + b"\x05Arial") for up in (0, 1)
    )
    formats = record(0x41E, struct.pack("<HB", 164, 4) + b"0.0%")
    styles = b"".join(record(0xE0, struct.pack("<HHH", 0, number, 1) + b"\0" * 10) for number in (0, 164))
    begin = lambda what: record(0x809, struct.pack("<HHHH", 0x500, what, 0x0DBB, 0x07CC))  # noqa: E731
    name = "数据".encode("gbk")
    start = begin(0x05) + record(0x42, struct.pack("<H", 936)) + fonts + formats + styles
    at = len(start) + 4 + 7 + len(name) + 4
    start += record(0x85, struct.pack("<IHB", at, 0, len(name)) + name) + record(0x0A, b"")
    stream = start + begin(0x10) + b"".join(cells) + record(0x0A, b"")
    XlsDoc().save(str(path), stream)
    content = path.read_bytes()
    new, old = "Book".encode("utf-16-le"), "Workbook".encode("utf-16-le")
    place = content.index(old)
    entry = new + b"\0" * (64 - len(new)) + struct.pack("<H", len(new) + 2)
    path.write_bytes(content[:place] + entry + content[place + 66 :])
    return path


HEAD = label(0, 0, "城市") + label(0, 1, "share")
CITY = label(1, 0, "唐山市")


def test_texts_and_numbers(tmp_path: Path) -> None:
    write_biff5(tmp_path / "a.xls", HEAD, CITY, number(1, 1, 65.3))
    found = read_made(tmp_path, TABLE, "a.xls").records
    assert found["unit_name"].tolist() == ["唐山市"]
    assert found["value"].tolist() == [65.3]
    assert found["cell_id"].tolist()[0].endswith("/1/数据!B2")


def test_number_formats_that_scale(tmp_path: Path) -> None:
    write_biff5(tmp_path / "a.xls", HEAD, CITY, number(1, 1, 0.653, PERCENT))
    assert read_made(tmp_path, TABLE, "a.xls").records["value"].tolist() == [65.3]
    other = TABLE | {"columns": {"share": {"header": "share", "measure": "万元"}}}
    with pytest.raises(SourceError, match=r"cell B2: .*as_shown"):
        read_made(tmp_path, other, "a.xls")


def test_raised_digits_are_marks(tmp_path: Path) -> None:
    write_biff5(tmp_path / "a.xls", HEAD, rich(1, 0, "唐山市1", 3), rich(1, 1, "371", 2))
    assert [list(row) for row in ExcelBook(tmp_path / "a.xls").grid("数据").rows][1] == ["唐山市¹", "37¹"]
    marked = read_made(tmp_path, TABLE | {"footnote_marks": ["¹"]}, "a.xls").records
    assert marked["value"].tolist() == [37]
    with pytest.raises(SourceError, match="37¹"):
        read_made(tmp_path, TABLE, "a.xls")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (error(1, 1, 0x07), "the cell holds the error #DIV/0!"),
        (formula(1, 1, b"\x02\0\x2a\0\0\0\xff\xff"), "the cell holds the error #N/A"),
        (formula(1, 1, b"\0" * 8, 0x2), "a formula that was never calculated"),
        (record(0x5E, b"\0\0") + formula(1, 1, struct.pack("<d", 2.0)), "a formula that was never calculated"),
    ],
    ids=["error", "error of a formula", "default 0", "sheet not calculated"],
)
def test_errors_and_results_that_nobody_calculated(tmp_path: Path, cell: bytes, words: str) -> None:
    write_biff5(tmp_path / "a.xls", HEAD, CITY, cell)
    with pytest.raises(SourceError, match=f"sheet '数据', cell B2: .*{words}"):
        read_made(tmp_path, TABLE, "a.xls")


def test_results_that_excel_saved_as_excel_5_were_calculated(tmp_path: Path) -> None:
    """It asks Excel 5 to calculate all formulas of such a file, whose results it stores."""
    write_biff5(tmp_path / "a.xls", HEAD, CITY, formula(1, 1, struct.pack("<d", 2.0), 0x2))
    assert read_made(tmp_path, TABLE, "a.xls").records["value"].tolist() == [2]


@pytest.mark.parametrize("others", [0, 1, 700])
@pytest.mark.parametrize("long", [1, 90])
def test_raised_digits_of_later_files(tmp_path: Path, others: int, long: int) -> None:
    """Shared strings go on from record to record, within a text too."""
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet("data")
    up = xlwt.easyfont("escapement superscript")
    plain = xlwt.easyfont("")
    for n in range(others):
        page.write(n + 2, 5, f"{n} " + "中a"[n % 2] * long)
        page.write_rich_text(n + 2, 6, (("x" * (n % 7), plain), (str(n), plain)))
    page.write_rich_text(0, 0, (("37", plain), ("1", up)))
    page.write_rich_text(1, 0, (("唐山市", plain), ("①2", up)))
    page.write_rich_text(0, 1, (("km", plain), ("2", up)))
    book.save(str(tmp_path / "a.xls"))
    rows = ExcelBook(tmp_path / "a.xls").grid("data").rows
    assert rows[0][:2] == ["37¹", "km2"]
    assert rows[1][0] == "唐山市①²"
    if others:
        assert rows[others + 1][5] == f"{others - 1} " + "中a"[(others - 1) % 2] * long
