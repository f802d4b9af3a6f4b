"""Broken workbooks: each kind gives its named error, and nothing comes out."""

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msoffcrypto.format.ooxml as ooxml
import openpyxl
import pytest
import xlwt
from made_workbooks import (
    CITY_MERGES,
    CITY_PAGE,
    CITY_TABLE,
    FLAT_PAGE,
    FLAT_TABLE,
    read_made,
    write_source,
    write_xlsx,
)
from shidian.errors import SourceError
from shidian.yearbook.extract import extract_file
from shidian.yearbook.sheet_xml import may_have_errors, may_have_formulas
from shidian.yearbook.source import load_source

Rows = list[list[Any]]
Change = Callable[[Rows], object]


def cell(row: int, column: int, value: object) -> Change:
    """Put a value into a cell (0-based)."""

    def change(rows: Rows) -> None:
        rows[row][column] = value

    return change


def swap(rows: Rows) -> None:
    for row in rows:
        row[3], row[4] = row[4], row[3]


FLAT_FAULTS: list[tuple[str, Change, str]] = [
    ("header renamed", cell(0, 3, "GDP"), "declared header 'gdp' is not there.*found in row 1: year"),
    ("header gone", cell(0, 3, ""), "declared header 'gdp' is not there"),
    ("header twice", cell(0, 4, "gdp"), "declared header 'gdp' stands 2 times"),
    ("unmapped header", lambda r: [row.append("x") for row in r], "header 'x' is neither read nor declared"),
    ("column without a header", lambda r: [row.append("" if i == 0 else 1) for i, row in enumerate(r)],
     "1 columns without a header, declared: blank_headers: 0"),
    ("header shifted by a row", lambda r: r.insert(0, ["a title", *[""] * 4]),
     "declared header 'code' is not there"),
    ("year missing", cell(2, 0, ""), "cell A3: '' is not a year"),
    ("year with a letter", cell(2, 0, "2O10"), "cell A3: '2O10' is not a year"),
    ("year out of range", cell(2, 0, 20100), "cell A3: '20100' is not a year"),
    ("year with a fraction", cell(2, 0, 2010.5), "cell A3: '2010.5' is not a year"),
    ("two-digit year", cell(2, 0, 10), "cell A3: '10' is not a year"),
    ("code cut short", cell(3, 1, 1302), "cell B4: '1302' is not a six-digit code"),
    ("code missing", cell(3, 1, ""), "cell B4: '' is not a six-digit code"),
    ("name missing", cell(3, 2, " "), "cell C4: no city; the row is neither data nor declared as footer"),
    ("duplicated city", lambda r: r.insert(5, r[4].copy()),
     "cell D6: unit 唐山市 130200, year 2010 has two numbers for 'gdp_yi_yuan'; the other is at .*cell D5"),
    ("number with two decimal points", cell(3, 3, "37.81.4"),
     "cell D4: '37.81.4' is not a number .*'gdp_yi_yuan'"),
    ("number with a unit", cell(3, 3, "3781.4亿元"), "cell D4: '3781.4亿元' is not a number"),
    ("misplaced thousands separator", cell(3, 3, "37,81.4"), "cell D4: '37,81.4' is not a number"),
    ("space inside a number", cell(3, 3, "3 781"), "cell D4: '3 781' is not a number"),
    ("letter O for zero", cell(3, 3, "378O.4"), "cell D4: '378O.4' is not a number"),
    ("two numbers in one cell", cell(3, 3, "3781.4\n3790"), "cell D4: '3781.4 3790' is not a number"),
    ("percent sign", cell(3, 4, "12%"), "cell E4: '12%' is not a number"),
    ("undeclared dash", cell(3, 3, "—"), "cell D4: '—' is not a missing mark declared for 'gdp_yi_yuan'"),
    ("undeclared ellipsis", cell(3, 3, "……"), "cell D4: '……' is not a missing mark declared"),
    ("undeclared footnote mark", cell(3, 3, "3781.4①"), "cell D4: '3781.4①' is not a number"),
    ("not a number: nan", cell(3, 3, "nan"), "cell D4: 'nan' is not a number"),
    ("not a number: inf", cell(3, 3, "inf"), "cell D4: 'inf' is not a number"),
    ("truth value", cell(3, 3, True), "cell D4: 'TRUE' is not a number but a bool"),
    ("formula never calculated", cell(3, 3, "=D3*2"), "cell D4: .*formula that was never calculated"),
    ("footnote mark that folds to a digit", cell(3, 3, "3781²"), "cell D4: '3781²' is not a number"),
    ("footer mistaken for data", cell(5, 0, "数据来源：年鉴"),
     "cell C6: no city; the row is neither data nor declared as footer: 数据来源：年鉴"),
    ("note among the data", lambda r: r.insert(3, ["注：初步数", *[""] * 4]), "nor declared as footer"),
    ("blank row among the data", lambda r: r.insert(3, [""] * 5), "1 blank rows below the header, declared"),
    ("no data rows", lambda r: r.__delitem__(slice(1, 5)), "no data row below the headers"),
    ("only headers", lambda r: r.__delitem__(slice(1, None)), "no data row below the headers"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), [f[1:] for f in FLAT_FAULTS], ids=[f[0] for f in FLAT_FAULTS])
def test_broken_flat_table(tmp_path: Path, change: Change, message: str) -> None:
    rows = copy.deepcopy(FLAT_PAGE)
    change(rows)
    write_xlsx(tmp_path / "flat.xlsx", {"data": rows})
    with pytest.raises(SourceError, match=message) as caught:
        read_made(tmp_path, FLAT_TABLE, "flat.xlsx")
    assert str(caught.value).startswith("flat.xlsx, sheet 'data'")


CITY_FAULTS: list[tuple[str, Change, str]] = [
    ("title of another table", cell(0, 0, "2-12 工业"),
     "title '2-11 地区生产总值' stands 0 times.*first texts found: 2-12"),
    ("unit row added", lambda r: r.insert(2, ["单位：亿元", "", "", "", "", ""]),
     "the text '单位：亿元' above the headers is not declared under subtitles"),
    ("subtitle gone", cell(1, 0, ""), "the text 'Gross Regional Product' does not stand above the headers"),
    ("unit of measure changed", cell(2, 2, "地区生产总值（当年价格）\n(亿元)"),
     "is not there .did you mean '地区生产总值"),
    ("two units in one column", cell(9, 2, "(亿元)"), "cell C10: '.亿元.' is not a number"),
    ("unit column gone", cell(2, 0, "代码"), "no header '城市' below the title"),
    ("province row gone", lambda r: r.__delitem__(8),
     "there is no row '山西省', which the declaration of units names"),
    ("city repeated under one province", cell(7, 0, "石家庄市"),
     "unit 石家庄市 河北省, year 2009 has two numbers"),
    ("total city and districts swapped", cell(3, 2, "市辖区\nDistricts under City"),
     "市辖区 Districts under City' stands 2 times"),
    ("note undeclared", cell(10, 0, "注：不含铁路"), "cell D11: blank, but 'gdp_districts_wan_yuan'"),
    ("table in the margin", lambda r: [row.append("" if i != 6 else "见 2-12") for i, row in enumerate(r)],
     "header '工业二氧化硫排放量 # .吨.' is neither read nor declared under ignore"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), [f[1:] for f in CITY_FAULTS], ids=[f[0] for f in CITY_FAULTS])
def test_broken_yearbook_page(tmp_path: Path, change: Change, message: str) -> None:
    rows = copy.deepcopy(CITY_PAGE)
    change(rows)
    write_xlsx(tmp_path / "page.xlsx", {"2-11": rows})
    with pytest.raises(SourceError, match=message):
        read_made(tmp_path, CITY_TABLE, "page.xlsx")


def test_swapped_columns_follow_their_headers(tmp_path: Path) -> None:
    """A column moved with its header is no fault; a header alone is, and what the cells hold shows it."""
    rows = copy.deepcopy(FLAT_PAGE)
    swap(rows)
    write_xlsx(tmp_path / "flat.xlsx", {"data": rows})
    records = read_made(tmp_path, FLAT_TABLE, "flat.xlsx").records
    assert records.query("indicator == 'gdp_yi_yuan'")["value"].tolist() == [3101.0, 3401.0, 3781.4, 4469.2]
    rows = copy.deepcopy(FLAT_PAGE)
    rows[0][1], rows[0][2] = rows[0][2], rows[0][1]
    write_xlsx(tmp_path / "flat.xlsx", {"data": rows})
    with pytest.raises(SourceError, match="cell C2: '石家庄市' is not a six-digit code"):
        read_made(tmp_path, FLAT_TABLE, "flat.xlsx")


def good(tmp_path: Path, name: str = "flat.xlsx") -> Path:
    return write_xlsx(tmp_path / name, {"data": FLAT_PAGE})


def test_truncated_workbook(tmp_path: Path) -> None:
    path = good(tmp_path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(SourceError, match="damaged or cut short"):
        read_made(tmp_path, FLAT_TABLE, "flat.xlsx")


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"PK\x03\x04 and nothing else"])
@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_file_that_is_no_workbook(tmp_path: Path, content: bytes, suffix: str) -> None:
    (tmp_path / f"flat{suffix}").write_bytes(content)
    with pytest.raises(
        SourceError, match="an HTML page without a table" if b"html" in content else "damaged or cut short"
    ):
        read_made(tmp_path, FLAT_TABLE, f"flat{suffix}")


def test_missing_file_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"file is missing .no SHA-256 declared.*made by the tests"):
        read_made(tmp_path, FLAT_TABLE, "flat.xlsx")


def test_other_file_than_declared(tmp_path: Path) -> None:
    good(tmp_path)
    files = [{"path": "flat.xlsx", "what": "ask the office", "sha256": "0" * 64}]
    with pytest.raises(SourceError, match=r"not the declared file: its SHA-256 is .*0000.*ask the office"):
        read_made(tmp_path, FLAT_TABLE, "flat.xlsx", files=files)


def test_protected_by_another_password(tmp_path: Path) -> None:
    plain = good(tmp_path, "plain.xlsx")
    with plain.open("rb") as source, (tmp_path / "flat.xlsx").open("wb") as target:
        ooxml.OOXMLFile(source).encrypt("secret", target)
    with pytest.raises(SourceError, match="protected by a password other than Excel's default"):
        read_made(tmp_path, FLAT_TABLE, "flat.xlsx")


def test_default_password_is_no_obstacle(tmp_path: Path) -> None:
    plain = good(tmp_path, "plain.xlsx")
    with plain.open("rb") as source, (tmp_path / "flat.xlsx").open("wb") as target:
        ooxml.OOXMLFile(source).encrypt("VelvetSweatshop", target)
    assert len(read_made(tmp_path, FLAT_TABLE, "flat.xlsx").records) == 8


def test_empty_sheet(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "flat.xlsx", {"data": []})
    with pytest.raises(SourceError, match="sheet 'data': the sheet is empty"):
        read_made(tmp_path, FLAT_TABLE, "flat.xlsx")


def test_sheet_renamed(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "flat.xlsx", {"Data": FLAT_PAGE})
    with pytest.raises(SourceError, match="sheet 'Data' is neither read nor declared under ignore_sheets"):
        read_made(tmp_path, FLAT_TABLE, "flat.xlsx")
    with pytest.raises(SourceError, match=r"no sheet 'data'; found: 'Data' \(did you mean 'Data'\?\)"):
        read_made(tmp_path, FLAT_TABLE, "flat.xlsx", ignore_sheets=["Data"])


def test_continuation_on_a_new_sheet(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "flat.xlsx", {"data": FLAT_PAGE, "续表": FLAT_PAGE})
    with pytest.raises(SourceError, match="the sheet '续表' is neither read nor declared"):
        read_made(tmp_path, FLAT_TABLE, "flat.xlsx")


def test_error_value_in_a_cell(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(good(tmp_path))
    book["data"]["E4"].value = "#DIV/0!"
    book["data"]["E4"].data_type = "e"
    book.save(tmp_path / "flat.xlsx")
    with pytest.raises(SourceError, match="cell E4: the cell holds the error #DIV/0!"):
        read_made(tmp_path, FLAT_TABLE, "flat.xlsx")


def test_error_value_in_xls(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("data")
    for r, row in enumerate(FLAT_PAGE):
        for c, value in enumerate(row):
            if value != "" and (r, c) != (3, 4):
                sheet.write(r, c, value)
    sheet.row(3).set_cell_error(4, "#REF!")
    book.save(str(tmp_path / "flat.xls"))
    with pytest.raises(SourceError, match="cell E4: the cell holds the error #REF!"):
        read_made(tmp_path, FLAT_TABLE, "flat.xls")


def test_date_in_a_number_column(tmp_path: Path) -> None:
    """Excel turns '3-6' into a date: it must not come out as a number."""
    book = openpyxl.load_workbook(good(tmp_path))
    book["data"]["D4"].value = date(2009, 3, 6)
    book.save(tmp_path / "flat.xlsx")
    with pytest.raises(SourceError, match="cell D4: '2009-03-06' is not a number but a date"):
        read_made(tmp_path, FLAT_TABLE, "flat.xlsx")


def flat_csv(folder: Path, text: str, encoding: str = "utf-8") -> dict[str, Any]:
    (folder / "flat.csv").write_bytes(text.encode(encoding))
    return {key: value for key, value in FLAT_TABLE.items() if key != "sheet"}


CSV = "year,code,city,gdp,rate\n2009,130100,石家庄市,3101,0.11\n"


def test_csv_in_another_encoding(tmp_path: Path) -> None:
    table = flat_csv(tmp_path, CSV, "gb18030")
    with pytest.raises(
        SourceError, match=r"not utf-8 text \(byte 38, line 2\); .* encoding: gb18030 \('2009,130100,石家庄市"
    ):
        read_made(tmp_path, table, "flat.csv")
    assert len(read_made(tmp_path, {**table, "encoding": "gb18030"}, "flat.csv").records) == 2


def test_csv_row_with_a_missing_comma(tmp_path: Path) -> None:
    table = flat_csv(tmp_path, CSV + "2010,130100,石家庄市,3401 0.12\n")
    with pytest.raises(SourceError, match="row 3 has 4 cells, the header row has 5; is a comma missing"):
        read_made(tmp_path, table, "flat.csv")


def test_empty_csv_and_sheet_of_a_csv(tmp_path: Path) -> None:
    table = flat_csv(tmp_path, "")
    with pytest.raises(SourceError, match="the file is empty"):
        read_made(tmp_path, table, "flat.csv")
    with pytest.raises(SourceError, match=r"a \.csv file has no sheets; leave out 'sheet: data'"):
        read_made(tmp_path, FLAT_TABLE, "flat.csv")


def test_damaged_stata_and_pdf_files(tmp_path: Path) -> None:
    table = {key: value for key, value in FLAT_TABLE.items() if key != "sheet"}
    (tmp_path / "a.dta").write_bytes(b"no stata file")
    with pytest.raises(SourceError, match=r"not a readable \.dta file"):
        read_made(tmp_path, table, "a.dta")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 nothing")
    with pytest.raises(SourceError, match=r"not a readable \.pdf file|no table with ruled lines"):
        read_made(tmp_path, FLAT_TABLE, "a.pdf")


def test_unknown_kind_of_file(tmp_path: Path) -> None:
    (tmp_path / "a.doc").write_bytes(b"x")
    with pytest.raises(SourceError, match=r"cannot read files of kind '\.doc'; the reader knows \.xls"):
        read_made(tmp_path, FLAT_TABLE, "a.doc")


def test_row_of_an_unknown_indicator(tmp_path: Path) -> None:
    rows = [["province", "year", "item", "value", "units"], ["河北", "2010", "合计", 1.0, "亿元"],
            ["河北", "2010", "教育", 2.0, "亿元"]]  # fmt: skip
    table = {
        "sheet": "data", "layout": "flat", "unit": {"level": "province", "name": "province"},
        "year": {"header": "year"}, "expect": {"units": "亿元"},
        "columns": {"total": {"header": "value", "measure": "亿元", "where": {"item": "合计"}}},
    }  # fmt: skip
    write_xlsx(tmp_path / "long.xlsx", {"data": rows})
    with pytest.raises(SourceError, match=r"row 3: no column's 'where' takes this row: 河北 . 2010 . 教育"):
        read_made(tmp_path, table, "long.xlsx")
    rows[2] = ["河北", "2011", "合计", 2.0, "万元"]
    write_xlsx(tmp_path / "long.xlsx", {"data": rows})
    with pytest.raises(SourceError, match="cell E3: 'units' is '万元', declared to be '亿元' in every row"):
        read_made(tmp_path, table, "long.xlsx")


def test_text_outside_every_declared_table(tmp_path: Path) -> None:
    rows = [[*row, "", "见 2-12" if i == 4 else ""] for i, row in enumerate(CITY_PAGE)]
    write_xlsx(tmp_path / "page.xlsx", {"2-11": rows}, CITY_MERGES)
    with pytest.raises(SourceError, match="cell H5: '见 2-12' belongs to no declared table"):
        read_made(tmp_path, {**CITY_TABLE, "area": "A:F"}, "page.xlsx")
    with pytest.raises(SourceError, match="area A:Z is wider than the sheet"):
        read_made(tmp_path, {**CITY_TABLE, "area": "A:Z"}, "page.xlsx")


def test_title_that_stands_twice(tmp_path: Path) -> None:
    rows = [*CITY_PAGE, ["2-11 地区生产总值", "", "", "", "", ""]]
    write_xlsx(tmp_path / "page.xlsx", {"2-11": rows}, CITY_MERGES)
    with pytest.raises(SourceError, match="stands in rows 1, 13; declare title_occurrence"):
        read_made(tmp_path, CITY_TABLE, "page.xlsx")


def test_a_broken_file_of_several_gives_no_records(tmp_path: Path) -> None:
    good(tmp_path)
    files = [{"path": "flat.xlsx", "what": "w"}, {"path": "gone.xlsx", "what": "w"}]
    source = load_source(write_source(tmp_path, [FLAT_TABLE], "flat.xlsx", files=files))
    assert len(extract_file(source, 1, tmp_path).records) == 8
    with pytest.raises(SourceError, match=r"gone\.xlsx: the file is missing"):
        extract_file(source, 2, tmp_path)


def test_enough_kinds() -> None:
    assert len(FLAT_FAULTS) + len(CITY_FAULTS) >= 40


@pytest.mark.parametrize("head", ["<f>A1+1</f>", "<f/>", '<f t="array" ref="A1">1</f>', "<x:f>A1</x:f>", "<f\n>A1</f>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_formula_is_seen_by_the_bytes_of_its_sheet(head, encoding):
    """A sheet without any is not parsed for them: it must never be taken for one."""
    cell = '<c r="A1"><v>1</v>{}</c>'
    assert may_have_formulas(cell.format(head).encode(encoding))
    assert not may_have_formulas(cell.format("").encode())
    assert all(may_have_errors(f'<c r="A1" {kind}/>'.encode(encoding)) for kind in ('t="e"', "t='e'", 't="&#101;"'))
    assert not may_have_errors(cell.format(head).encode())
