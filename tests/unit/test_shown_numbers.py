"""Numbers as cells show them: ways of writing, formats that scale, raised marks; files that are not what they say."""

import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
import xlwt
from made_workbooks import read_made
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from shidian.errors import SourceError
from shidian.yearbook.cell_formats import scaling
from shidian.yearbook.extract import Extraction
from shidian.yearbook.number_forms import FORMS, Writing
from shidian.yearbook.workbook import Workbook

TABLE: dict[str, Any] = {
    "layout": "flat",
    "sheet": "S",
    "unit": {"level": "other", "name": "name"},
    "year": {"fixed": 2010},
    "columns": {"x": {"header": "x", "measure": "%"}},
}


def of_measure(measure: str, **keys: Any) -> dict[str, Any]:
    return TABLE | {"columns": {"x": {"header": "x", "measure": measure, **keys}}}


def without_sheet(table: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key != "sheet"}


def values(found: Extraction) -> list[float]:
    return found.records["value"].tolist()


@pytest.mark.parametrize(
    ("text", "forms", "decimal", "value"),
    [
        ("(5)", ["parentheses"], ".", -5), ("（1,234.5）", ["parentheses"], ".", -1234.5), ("(5%)", FORMS, ".", -5),
        ("12.3%", ["percent"], ".", 12.3), ("１２．３％", ["percent"], ".", 12.3), ("1 234", ["spaces"], ".", 1234),
        ("1\u20092345", ["spaces"], ".", None), ("12 34", ["spaces"], ".", None), ("0 123", ["spaces"], ".", None),
        ("-1\u202f234\u00a0567,5", ["spaces"], ",", -1234567.5), ("0,123", [], ".", None), ("0,123", [], ",", 0.123),
        ("1.234", [], ",", 1234), ("1.23", [], ",", None), ("(-5)", FORMS, ".", None), ("()", FORMS, ".", None),
        ("(5)", [], ".", None), ("12.3%", [], ".", None), ("nan", FORMS, ",", None), ("INF", FORMS, ".", None),
    ],
)  # fmt: skip
def test_ways_of_writing(text: str, forms: list[str], decimal: str, value: float | None) -> None:
    assert Writing((), decimal, tuple(forms)).read(text)[0] == value


@pytest.mark.parametrize(
    ("text", "advice"),
    [("(5)", "parentheses"), ("12.3%", "percent"), ("1 234", "spaces"), ("(1 234)", "parentheses, spaces")],
)
def test_undeclared_ways_are_named_with_the_cell(tmp_path: Path, text: str, advice: str) -> None:
    (tmp_path / "a.csv").write_text(f"name,x\na,{text}\n", encoding="utf-8")
    with pytest.raises(SourceError, match=rf"a.csv, cell 2:x: .* is not a number.*declare 'numbers: \[{advice}\]'"):
        read_made(tmp_path, without_sheet(TABLE), "a.csv")
    found = read_made(tmp_path, without_sheet(TABLE) | {"numbers": advice.split(", ")}, "a.csv")
    assert len(values(found)) == 1
    assert len(found.ledger) == len(advice.split(", "))


def test_a_percent_sign_wants_the_measure(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,x\na,12.3%\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"cell 2:x: '12.3%' is a percentage, but the measure of 'x' is '1'"):
        read_made(tmp_path, without_sheet(of_measure("1")) | {"numbers": ["percent"]}, "a.csv")


@pytest.mark.parametrize(
    ("code", "power"),
    [("0.0%", 2), ('0.0"%"', 0), (r"0\%", 0), ("#,##0,", -3), ("#,##0", 0), ("0.0,,", -6), ("General", 0), ("@", 0),
     ('[Red]#,##0,;(#,##0,);"-"', -3), ("0%;-0%", 2), ("yyyy/m/d", 0)],
)  # fmt: skip
def test_formats_that_scale(code: str, power: int) -> None:
    found = scaling(code)
    assert (found.power if found else 0) == power


def test_formats_that_move_the_point_elsewhere_are_known_as_such() -> None:
    for code in (r'0\.0,"万"', "[>=1000]#,##0,;0"):
        assert scaling(code) is not None
        assert scaling(code).power is None  # type: ignore[union-attr]


def xlsx(path: Path, stored: float, code: str) -> None:
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet("S")
    page.write_row(0, 0, ["name", "x"])
    page.write(1, 0, "a")
    page.write(1, 1, stored, book.add_format({"num_format": code}))
    book.close()


def xls(path: Path, stored: float, code: str) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("S")
    for column, text in enumerate(["name", "x"]):
        page.write(0, column, text)
    page.write(1, 0, "a")
    page.write(1, 1, stored, xlwt.easyxf(num_format_str=code))
    page.write(2, 0, "b")
    page.write(2, 1, 0.5)
    page.write(3, 0, "c")
    page.write(3, 1, 1)
    book.save(path)


def ods(path: Path, stored: float, code: str) -> None:
    kind = "percentage" if "%" in code else "float"
    (first, second) = '<table:table-cell office:value-type="string"><text:p>', "</text:p></table:table-cell>"
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
        'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:automatic-styles>'
        '<number:number-style style:name="N1"><number:number number:display-factor="1000"/></number:number-style>'
        '<style:style style:name="ce1" style:data-style-name="N1"/></office:automatic-styles>'
        '<office:body><office:spreadsheet><table:table table:name="S"><table:table-column/>'
        f'<table:table-column table:default-cell-style-name="{"" if "%" in code else "ce1"}"/>'
        f"<table:table-row>{first}name{second}{first}x{second}</table:table-row><table:table-row>{first}a{second}"
        f'<table:table-cell office:value-type="{kind}" office:value="{stored}">'
        "<text:p>shown</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{space}"/>')


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def record(kind: int, body: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    assert len(body) < 128
    return number + bytes([len(body)]) + body


def xlsb(path: Path, stored: float, code: str, error: bool = False) -> None:
    """Write a binary workbook with the fewest records that are read."""
    texts = [(0, 0, "name"), (0, 1, "x"), (1, 0, "a")]
    cells = {(r, c): struct.pack("<II", c, 0) + wide(text) for r, c, text in texts}
    sheet = record(129) + record(148, struct.pack("<IIII", 0, 1, 0, 1)) + record(145)
    for row in (0, 1):
        sheet += record(0, struct.pack("<I", row) + bytes(21))
        sheet += b"".join(record(6, body) for (r, _), body in cells.items() if r == row)
    value = record(3, struct.pack("<IIB", 1, 1, 7)) if error else record(5, struct.pack("<IId", 1, 1, stored))
    sheet += value + record(146) + record(130)
    styles = record(278) + record(615, struct.pack("<I", 1)) + record(44, struct.pack("<H", 164) + wide(code))
    styles += record(616) + record(617, struct.pack("<I", 2))
    styles += b"".join(record(47, struct.pack("<HH", 0xFFFF, f) + bytes(12)) for f in (0, 164)) + record(618)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("S")) + record(144)
    book += record(157, bytes(26)) + record(132)
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    start = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    links = [("worksheet", "worksheets/sheet1.bin"), ("styles", "styles.bin")]
    with zipfile.ZipFile(path, "w") as archive:
        target = f'<Relationship Id="rId1" Type="{kinds}/officeDocument" Target="xl/workbook.bin"/></Relationships>'
        archive.writestr("_rels/.rels", start + target)
        parts = "".join(
            f'<Relationship Id="rId{i}" Type="{kinds}/{kind}" Target="{part}"/>'
            for i, (kind, part) in enumerate(links, 1)
        )
        archive.writestr("xl/_rels/workbook.bin.rels", f"{start}{parts}</Relationships>")
        for name, stream in (("workbook", book), ("worksheets/sheet1", sheet), ("styles", styles)):
            archive.writestr(f"xl/{name}.bin", stream)


WRITERS = {".xlsx": xlsx, ".xls": xls, ".ods": ods, ".xlsb": xlsb}


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    ("stored", "code", "measure", "keys", "wanted"),
    [
        (0.653, "0.0%", "%", {}, 65.3), (0.653, "0.0%", "1", {}, 0.653),
        (0.653, "0.0%", "%", {"as_shown": False}, 0.653),
        (1234000.0, "#,##0,", "千元", {}, 1234.0), (1234000.0, "#,##0,", "元", {"as_shown": False}, 1234000.0),
        (0.653, "0.0%", "万元", {"as_shown": True}, 65.3),
        (0.653, "0.0%", "万元", {}, None), (1234000.0, "#,##0,", "元", {}, None),
    ],
)  # fmt: skip
def test_what_a_cell_shows(
    tmp_path: Path, kind: str, stored: float, code: str, measure: str, keys: dict[str, Any], wanted: float | None
) -> None:
    WRITERS[kind](tmp_path / f"a{kind}", stored, code)
    if wanted is None:
        with pytest.raises(SourceError, match=r"cell B2: the cell stores .* its format .*columns.x.as_shown: true"):
            read_made(tmp_path, of_measure(measure), f"a{kind}")
        return
    found = read_made(tmp_path, of_measure(measure, **keys), f"a{kind}")
    assert values(found)[0] == wanted
    assert found.ledger["count"].tolist() == ([1] if wanted != stored else [])
    assert found.cells.set_index("cell").loc["B2", "raw_text"] == str(stored).removesuffix(".0")


def test_errors_of_binary_workbooks_are_named(tmp_path: Path) -> None:
    xlsb(tmp_path / "a.xlsb", 1.0, "0", error=True)
    with pytest.raises(SourceError, match="cell B2: the cell holds the error #DIV/0!"):
        read_made(tmp_path, TABLE, "a.xlsb")


def test_raised_digits_are_marks(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "S"
    page.append(["name", "x"])
    mark = TextBlock(InlineFont(vertAlign="superscript"), "1")
    page["A2"], page["B2"] = CellRichText("北京市", mark), CellRichText("37", mark)
    page["A3"], page["B3"] = "b", CellRichText("-", mark)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(SourceError, match=r"cell B2: '37¹' is not a number.*footnote mark"):
        read_made(tmp_path, TABLE, "a.xlsx")
    table = of_measure("%", missing=["-¹"]) | {"footnote_marks": ["¹"]}
    found = read_made(tmp_path, table, "a.xlsx")
    assert found.records["unit_name"].tolist() == ["b", "北京市"]
    assert found.records["value"].fillna(-9).tolist() == [-9, 37]
    assert found.cells.set_index("cell").loc["B2", "raw_text"] == "37¹"


PAGE = (
    '<html><head><meta charset="gb2312"></head><body><table><tr><td><table>'
    "<tr><th rowspan=2>name</th><th colspan='2'>x</th></tr><tr><th>2010年</th><th>2011年</th></tr>"
    "<tr><td>北京&nbsp;<td>1,234<td>37<sup>①</sup></tr></table></td></tr></table></body></html>"
)


def test_html_named_as_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(PAGE.encode("gb18030"))
    table = without_sheet(TABLE) | {"layout": "yearbook", "header_depth": 2, "year": {"in_header": True}}
    found = read_made(tmp_path, table | {"footnote_marks": ["①"]}, "a.xls")
    assert values(found) == [1234.0, 37.0]
    assert found.ledger["event"].tolist() == ["the file is no workbook but an HTML page"]
    with pytest.raises(SourceError, match="an HTML page with one table has no sheets; leave out 'sheet: S'"):
        read_made(tmp_path, TABLE, "a.xls")


def test_text_named_as_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes("name\tx\n北京\t5\n".encode("utf-16"))
    found = read_made(tmp_path, without_sheet(TABLE), "a.xls")
    assert values(found) == [5.0]
    assert "the file is no workbook but a text" in found.ledger["event"].tolist()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"<html><body>Login</body></html>", "a.xls", "an HTML page without a table"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "a.xls",
            "an XML spreadsheet of Excel 2003; open it in Excel and save it as .xlsx",
        ),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "a.xls", "a web archive"),
        (b"PK\x03\x04", "a.csv", "an Excel workbook, no text"),
    ],
)
def test_what_a_file_really_is_is_said(tmp_path: Path, content: bytes, name: str, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=words):
        read_made(tmp_path, without_sheet(TABLE), name)


def test_a_workbook_with_the_name_of_another_kind(tmp_path: Path) -> None:
    xls(tmp_path / "a.xlsx", 1.0, "General")
    xlsx(tmp_path / "b.xls", 1.0, "General")
    assert values(read_made(tmp_path, TABLE, "a.xlsx")) == [1.0, 0.5, 1.0]
    assert values(read_made(tmp_path, TABLE, "b.xls")) == [1.0]


@pytest.mark.parametrize("place", ["XFD1048576", "C1048576", "XFD2"])
def test_stray_blanks_cost_nothing(tmp_path: Path, place: str) -> None:
    xlsx(tmp_path / "a.xlsx", 1.0, "General")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book["S"][place] = " "
    book["S"]["XFC3"] = "\u3000"
    book["S"]["XFC60000"] = " "
    book.save(tmp_path / "a.xlsx")
    grid = Workbook(tmp_path / "a.xlsx").grid("S")
    assert [list(row) for row in grid.rows] == [["name", "x"], ["a", 1.0]]
    found = read_made(tmp_path, TABLE, "a.xlsx")
    assert values(found) == [1.0]
    assert "blank rows skipped" in found.ledger["event"].tolist()


def test_labels_of_values_are_texts_by_declaration(tmp_path: Path) -> None:
    frame = pd.DataFrame({"city": pd.Categorical(["北京市", "天津市"]), "x": [1.5, 2.5]})
    frame.to_stata(tmp_path / "a.dta", write_index=False, version=118)
    table = without_sheet(TABLE) | {"unit": {"level": "city", "name": "city"}, "value_labels": ["city"]}
    found = read_made(tmp_path, table, "a.dta")
    assert found.records.set_index("unit_name")["value"].to_dict() == {"北京市": 1.5, "天津市": 2.5}
    assert found.ledger[["event", "detail"]].to_numpy().tolist() == [["labels of values read as texts", "city"]]
    with pytest.raises(SourceError, match="value_labels: 'x' is no variable with labels; those are: city"):
        read_made(tmp_path, table | {"value_labels": ["x"]}, "a.dta")
