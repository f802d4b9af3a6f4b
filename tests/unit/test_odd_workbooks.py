"""Workbooks that other readers open: charts beside sheets, parts written in UTF-16, sheets without a part."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from made_workbooks import FLAT_PAGE, FLAT_TABLE, read_made, write_xlsx
from shidian.drafting.inspect import inspect_workbook
from shidian.errors import SourceError
from shidian.yearbook import faults
from shidian.yearbook.excel import ExcelBook
from shidian.yearbook.workbook import Workbook
from test_hostile_workbooks import edit
from test_shown_numbers import xlsb

Change = Callable[[str], str]


def made(folder: Path) -> Path:
    return write_xlsx(folder / "flat.xlsx", {"data": FLAT_PAGE})


def test_charts_are_no_sheets_of_cells(tmp_path: Path) -> None:
    path = tmp_path / "flat.xlsx"
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet("data")
    for r, row in enumerate(FLAT_PAGE):
        page.write_row(r, 0, row)
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=data!$D$2:$D$3"})
    book.add_chartsheet("Chart1").set_chart(chart)
    book.close()
    assert Workbook(path).sheet_names == ["data"]
    assert len(read_made(tmp_path, FLAT_TABLE, path.name).records) == 8
    assert "Chart1" not in inspect_workbook(path)


def in_utf_16(path: Path) -> None:
    """Write every part of a workbook in UTF-16."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16"))


def part(name: str, change: Change) -> Callable[[Path], None]:
    return lambda path: void(edit(path, name, change))


def void(_: object) -> None:
    """Make nothing of a value."""


SHEET = "xl/worksheets/sheet1.xml"
MODULE = '<sheet name="Module1" sheetId="9" state="veryHidden" r:id=""/></sheets>'
DIALECTS: dict[str, Callable[[Path], None]] = {
    "in UTF-16": in_utf_16,
    "a module of Basic without a part": part("xl/workbook.xml", lambda xml: xml.replace("</sheets>", MODULE)),
    "a dimension of whole rows": part(
        SHEET, lambda xml: re.sub(r'<dimension ref="[^"]*"/>', '<dimension ref="1:6"/>', xml)
    ),
    "addresses in small letters": part(SHEET, lambda xml: re.sub(r'<c r="(\w+)"', lambda f: f[0].lower(), xml)),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_excel_opens_is_read(tmp_path: Path, dialect: str) -> None:
    path = made(tmp_path)
    plain = read_made(tmp_path, FLAT_TABLE, path.name).records
    DIALECTS[dialect](path)
    assert Workbook(path).sheet_names == ["data"]
    assert read_made(tmp_path, FLAT_TABLE, path.name).records.equals(plain)


def test_a_binary_workbook_whose_relations_have_a_prefix(tmp_path: Path) -> None:
    xlsb(tmp_path / "a.xlsb", 2.5, "0.0")
    plain = ExcelBook(tmp_path / "a.xlsb").grid("S").rows
    prefixed = re.compile(r"<(/?)(?=Rel)")
    edit(
        tmp_path / "a.xlsb",
        "xl/_rels/workbook.bin.rels",
        lambda xml: prefixed.sub(r"<\1p:", xml).replace("xmlns=", "xmlns:p="),
    )
    assert ExcelBook(tmp_path / "a.xlsb").grid("S").rows == plain


def document(path: Path, blank: str, typed: bool) -> Path:
    """Write an .ods file of one text and one number with some text between its elements."""
    spaces = {
        name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text", "manifest")
    }
    declared = " ".join(f'xmlns:{name}="{address}"' for name, address in spaces.items())
    cells = (
        f'<table:table-row>{blank}<table:table-cell office:value-type="string"><text:p>a  b</text:p></table:table-cell>'
        f'{blank}<table:table-cell office:value-type="float" office:value="2"/>{blank}</table:table-row>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        if typed:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f"<manifest:manifest {declared}/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {declared}><office:body><office:spreadsheet>"
            f'<table:table table:name="S">{blank}{cells}{blank}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


@pytest.mark.parametrize(("blank", "typed"), [("", True), ("\n  ", True), ("", False), ("\n", False)])
def test_documents_with_blanks_between_cells_or_without_a_type(tmp_path: Path, blank: str, typed: bool) -> None:
    book = ExcelBook(document(tmp_path / "a.ods", blank, typed))
    assert [cell for row in book.grid("S").rows for cell in row if cell != ""] == ["a  b", 2.0]


@pytest.mark.parametrize(
    ("cell", "words"), [("=1/0", "cell B2: the cell holds a formula that was never calculated"), (None, "the sheet is")]
)
def test_a_sheet_of_faults_alone_is_not_called_empty(tmp_path: Path, cell: str | None, words: str) -> None:
    path = write_xlsx(tmp_path / "flat.xlsx", {"data": [[None, None], [None, cell]]})
    with pytest.raises(SourceError, match=f"sheet 'data'.*{words}"):
        read_made(tmp_path, FLAT_TABLE, path.name)
    assert "Sheet 'data': no table found" in inspect_workbook(path)


def test_the_list_of_sheets_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading it for each sheet makes a workbook of a thousand sheets cost a million."""
    path = write_xlsx(tmp_path / "flat.xlsx", {f"s{i}": [["a", True]] for i in range(20)})
    times, parts_of = [], faults.parts_of
    monkeypatch.setattr(faults, "parts_of", lambda archive: times.append(1) or parts_of(archive))
    book = ExcelBook(path)
    assert [book.grid(name).fault(0, 0) for name in book.sheet_names] == [None] * 20
    assert len(times) == 1


def test_a_document_that_reaches_over_more_cells_than_any_is_read(tmp_path: Path) -> None:
    path = document(tmp_path / "a.ods", "", True)
    far = ' table:number-columns-repeated="16000" office:value-type="float"'
    edit(
        path,
        "content.xml",
        lambda xml: xml.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="99999">'),
    )
    edit(path, "content.xml", lambda xml: xml.replace(' office:value-type="float"', far))
    with pytest.raises(SourceError, match="a sheet reaches over more cells than any is read"):
        ExcelBook(path)
