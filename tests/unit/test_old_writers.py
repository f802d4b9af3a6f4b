"""Workbooks of Excel 5.0 to 2003 as other programs write them: their texts, formulas and containers."""

import struct
from pathlib import Path
from typing import Any

import olefile
import pytest
import xlwt
from made_old_workbooks import EXCEL_95, EXCEL_97, contained, record, stream
from made_workbooks import read_made
from shidian.drafting.inspect import inspect_workbook
from shidian.errors import SourceError
from shidian.yearbook.excel import ExcelBook

ROWS: list[list[object]] = [["地区", "年份", "gdp"], ["石家庄市", 2010.0, 1.5], ["唐山市", 2010.0, 2.5]]
DIVISION_BY_ZERO = struct.pack("<HBB", 0x205, 0x07, 1)


def table(sheet: str = "S", **more: Any) -> dict[str, Any]:
    return {"layout": "flat", "sheet": sheet, "unit": {"level": "city", "name": "地区"}, "year": {"header": "年份"},
            "columns": {"gdp": {"header": "gdp", "measure": "亿元"}}, **more}  # fmt: skip


def values(folder: Path, declared: dict[str, Any]) -> dict[str, float]:
    rows = read_made(folder, declared, "a.xls").records
    return dict(zip(rows["unit_name"], rows["value"], strict=True))


@pytest.mark.parametrize("code_page", [None, 936, 1200, 1252])
@pytest.mark.parametrize("name", ["Workbook", "WorkBook", "BOOK"])
def test_texts_of_excel_97_are_unicode_whatever_code_page_is_named(
    tmp_path: Path, code_page: int | None, name: str
) -> None:
    contained(tmp_path / "a.xls", stream(ROWS, EXCEL_97, code_page, "", "地区"), name)
    assert values(tmp_path, table("地区")) == {"唐山市": 2.5, "石家庄市": 1.5}


@pytest.mark.parametrize(
    ("code_page", "codec", "text"),
    [(936, "gb18030", "城市"), (950, "big5", "臺北"), (10029, "mac_latin2", "Ładowność"), (32769, "cp1252", "Köln"),
     (1251, "cp1251", "Лист"), (10000, "mac_roman", "Münster")],
)  # fmt: skip
def test_texts_of_excel_95_are_of_the_code_page_that_it_names(
    tmp_path: Path, code_page: int, codec: str, text: str
) -> None:
    path = contained(tmp_path / "a.xls", stream([[text, 1.0]], EXCEL_95, code_page, codec, text), "Book")
    assert ExcelBook(path).sheet_names == [text]
    assert ExcelBook(path).grid(text).rows == [[text, 1.0]]


def test_a_workbook_of_excel_95_without_a_code_page_wants_an_encoding(tmp_path: Path) -> None:
    contained(tmp_path / "a.xls", stream(ROWS, EXCEL_95, None, "gb18030"), "Book")
    with pytest.raises(SourceError, match=r"does not name the code page of its texts.*'encoding: gb18030'"):
        values(tmp_path, table())
    assert values(tmp_path, table(encoding="gb18030")) == {"唐山市": 2.5, "石家庄市": 1.5}
    rows = [["地区", DIVISION_BY_ZERO]]
    contained(tmp_path / "a.xls", stream(rows, EXCEL_95, None, "gb18030", "地区"), "Book")
    assert (
        ExcelBook(tmp_path / "a.xls", "gb18030").grid("地区").fault(0, 1)
        == "the cell holds the error #DIV/0!; correct the cell"
    )
    contained(tmp_path / "a.xls", stream([["a", 1.0]], EXCEL_95, None, "ascii"), "Book")
    assert ExcelBook(tmp_path / "a.xls").grid("S").rows == [["a", 1.0]]
    contained(tmp_path / "a.xls", stream([["é"]], EXCEL_95, 999, "latin-1"), "Book")
    with pytest.raises(SourceError, match="its texts are in the code page 999, which is not known"):
        ExcelBook(tmp_path / "a.xls")


def test_error_cells_and_percent_formats_of_excel_95(tmp_path: Path) -> None:
    rows = [ROWS[0], ["石家庄市", 2010.0, DIVISION_BY_ZERO]]
    contained(tmp_path / "a.xls", stream(rows, EXCEL_95, 936, "gb18030"), "Book")
    with pytest.raises(SourceError, match="cell C2: the cell holds the error #DIV/0!"):
        values(tmp_path, table())
    percent = record(0x41E, struct.pack("<HB", 164, 4) + b"0.0%") + record(
        0xE0, struct.pack("<HHH", 0, 164, 0).ljust(16)
    )
    path = contained(tmp_path / "a.xls", stream([["a", 0.653]], EXCEL_95, 936, "gb18030", more=percent), "Book")
    assert ExcelBook(path).grid("S").scaled()[0, 1].shown(0.653) == 65.3


def test_a_protected_workbook_of_excel_95(tmp_path: Path) -> None:
    protected = record(0x2F, struct.pack("<HH", 0x1234, 0x5678))
    path = contained(tmp_path / "a.xls", stream(ROWS, EXCEL_95, 936, "gb18030", more=protected), "Book")
    with pytest.raises(SourceError, match="is protected by a password other than Excel's default"):
        ExcelBook(path)


@pytest.mark.parametrize("name", ["Workbook", "Book"])
def test_an_embedded_workbook_is_not_the_files_own(tmp_path: Path, name: str) -> None:
    other = stream([["其他", 9.0]], EXCEL_97, 1200, "", "T")
    version = EXCEL_97 if name == "Workbook" else EXCEL_95
    contained(tmp_path / "a.xls", stream(ROWS, version, 936, "gb18030"), name, other)
    with olefile.OleFileIO(str(tmp_path / "a.xls")) as container:
        assert sorted(container.listdir()) == sorted([["MBD0001", "Workbook"], [name]])
    assert values(tmp_path, table()) == {"唐山市": 2.5, "石家庄市": 1.5}


def formula(kind: int, result: float, flags: int) -> bytes:
    """Return a record of a formula, 1+1, with a stored result."""
    return struct.pack("<HdHIH", kind, result, flags, 0, 7) + b"\x1e\x01\x00\x1e\x01\x00\x03"


@pytest.mark.parametrize("kind", [0x06, 0x206, 0x406])
def test_formulas_written_as_those_of_older_excel(tmp_path: Path, kind: int) -> None:
    rows = [ROWS[0], ["石家庄市", 2010.0, formula(kind, 2.0, 0)]]
    contained(tmp_path / "a.xls", stream(rows, EXCEL_97, 1200, ""), "Workbook")
    assert values(tmp_path, table()) == {"石家庄市": 2.0}


def test_libreoffice_stores_results_and_asks_to_calculate_them(tmp_path: Path) -> None:
    rows = [ROWS[0], ["石家庄市", 2010.0, formula(0x06, 0.0, 2)], ["唐山市", 2010.0, formula(0x06, 2.0, 2)]]
    contained(tmp_path / "a.xls", stream(rows, EXCEL_97, 1200, ""), "Workbook")
    assert values(tmp_path, table()) == {"石家庄市": 0.0, "唐山市": 2.0}
    contained(tmp_path / "a.xls", stream(rows[:2], EXCEL_97, 1200, ""), "Workbook")
    with pytest.raises(SourceError, match="cell C2: the cell holds a formula that was never calculated"):
        values(tmp_path, table())


def test_a_workbook_before_excel_5_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(record(0x409, struct.pack("<HHH", 0, 0x10, 0)) + record(0x0A, b""))
    with pytest.raises(SourceError, match=r"it is of Excel 4\.0 or before, or was cut out of its container"):
        ExcelBook(tmp_path / "a.xls")


def test_a_file_of_xlwt_is_left_as_it_is(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet("一").write(0, 0, "石家庄市")
    book.save(str(tmp_path / "a.xls"))
    assert ExcelBook(tmp_path / "a.xls").grid("一").rows == [["石家庄市"]]


def test_inspect_takes_the_encoding_of_a_workbook_without_a_code_page(tmp_path: Path) -> None:
    path = contained(tmp_path / "a.xls", stream(ROWS, EXCEL_95, None, "gb18030"), "Book")
    assert "encoding: gb18030" in inspect_workbook(path, "gb18030")
    with pytest.raises(SourceError, match="does not name the code page"):
        inspect_workbook(path)
