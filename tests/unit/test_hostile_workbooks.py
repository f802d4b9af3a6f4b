"""Workbooks that ask for too much, or whose numbers nobody calculated: refused in one line, read in no other way."""

import copy
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import olefile
import pytest
import xlsxwriter
import xlwt
from made_workbooks import FLAT_PAGE, FLAT_TABLE, read_made, write_xlsx
from shidian.errors import SourceError
from shidian.yearbook.excel import ExcelBook
from shidian.yearbook.pdf import PdfBook
from shidian.yearbook.plain import read_csv
from shidian.yearbook.sheet_xml import read_cells

NEVER = "cell D4: the cell holds a formula that was never calculated"


def edit(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """Change the text of one part of an .xlsx file."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def sheet(change: Callable[[str], str]) -> Callable[[Path], Path]:
    return lambda path: edit(path, "xl/worksheets/sheet1.xml", change)


def cell_d4(new: str) -> Callable[[Path], Path]:
    """Replace the cell D4, 3781.4 as a text, by other XML."""
    return sheet(lambda xml: re.sub(r'<c r="D4"[^>]*>.*?</c>', new, xml))


def moved_to(address: str) -> Callable[[Path], Path]:
    """Add a cell at an address."""
    row = f'<row><c r="{address}"><v>1</v></c></row></sheetData>'
    return sheet(lambda xml: xml.replace("</sheetData>", row))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return write_xlsx(tmp_path / "flat.xlsx", {"data": copy.deepcopy(FLAT_PAGE)})


CASES: list[tuple[str, Callable[[Path], Path], str]] = [
    ("text 1e999", cell_d4('<c r="D4" t="str"><v>1e999</v></c>'), "cell D4: '1e999' is infinite"),
    ("400 digits", cell_d4(f'<c r="D4" t="str"><v>{"9" * 400}</v></c>'), "cell D4: '9+' is infinite"),
    ("stored 1e999", cell_d4('<c r="D4"><v>1e999</v></c>'), "cell D4: 'inf' is infinite"),
    ("stored INF", cell_d4('<c r="D4"><v>INF</v></c>'), "cell D4: 'inf' is infinite"),
    ("stored NaN", cell_d4('<c r="D4"><v>NaN</v></c>'), "cell D4: 'nan' is a stored 'not a number'"),
    (
        "two cells with one address",
        cell_d4('<c r="D3"><v>1</v></c>'),
        "two cells have the address D3: one would be lost",
    ),
    ("beyond Excel's columns", moved_to("ZZZZZZ3"), "a cell lies in row .*, where no sheet has any"),
    (
        "beyond Excel's rows",
        moved_to("A4294967290"),
        "a cell lies in row 4,294,967,290, column .*, where no sheet has any",
    ),
    ("Excel's last cell", moved_to("XFD1048576"), "it reaches to XFD1048576, 17,179,869,184 cells; at most 10,000,000"),
    ("a cell far to the right", moved_to("XFD3000"), "it reaches to XFD3000, 49,152,000 cells"),
]


@pytest.mark.parametrize(("change", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_workbook_that_cannot_be_meant_is_refused(made: Path, change: Callable[[Path], Path], words: str) -> None:
    change(made)
    with pytest.raises(SourceError, match=f"flat.xlsx, sheet 'data'.*{words}"):
        read_made(made.parent, FLAT_TABLE, made.name)


def test_blank_cells_reach_nowhere(tmp_path: Path) -> None:
    """A format down to the last cell is common, and holds no value."""
    book = xlsxwriter.Workbook(tmp_path / "blank.xlsx")
    page = book.add_worksheet("data")
    page.write(0, 0, "a")
    page.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))
    book.close()
    assert list(ExcelBook(tmp_path / "blank.xlsx").grid("data").rows) == [["a"]]


def formula(path: Path, value: Any, settings: str, **more: str) -> Path:
    """Make D4 a formula with a stored result and the workbook's settings of calculation."""
    cell_d4(f'<c r="D4"{more.get("kind", "")}><f{more.get("f", "")}>D3*2</f><v>{value}</v></c>')(path)
    return edit(path, "xl/workbook.xml", lambda xml: re.sub(r"<calcPr[^>]*/>", settings, xml))


@pytest.mark.parametrize("settings", ['<calcPr fullCalcOnLoad="1"/>', '<calcPr calcCompleted="0"/>'])
@pytest.mark.parametrize("value", [0, 6202])
@pytest.mark.parametrize("dialect", ["plain", "prefixed", "strict", "no addresses"])
def test_a_stored_result_that_nobody_calculated_is_no_number(
    made: Path, value: int, settings: str, dialect: str
) -> None:
    formula(made, value, settings)
    in_dialect(made, dialect)
    with pytest.raises(SourceError, match=NEVER):
        read_made(made.parent, FLAT_TABLE, made.name)


def in_dialect(path: Path, dialect: str) -> None:
    """Write a workbook as the Open XML SDK, as Excel's strict dialect, or without addresses."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    change: dict[str, Callable[[str], str]] = {
        "plain": lambda xml: xml,
        "prefixed": lambda xml: re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", xml).replace("xmlns=", "xmlns:x="),
        "strict": lambda xml: xml.replace(main, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
        "no addresses": lambda xml: re.sub(r'<c r="[A-Z]+\d+"', "<c", xml),
    }
    edit(path, "xl/worksheets/sheet1.xml", change[dialect])


@pytest.mark.parametrize("dialect", ["plain", "prefixed", "strict", "no addresses"])
def test_a_calculated_result_is_read_in_every_dialect(made: Path, dialect: str) -> None:
    formula(made, 6202, "<calcPr/>")
    in_dialect(made, dialect)
    records = read_made(made.parent, FLAT_TABLE, made.name).records
    assert records.loc[records["indicator"] == "gdp_yi_yuan", "value"].tolist()[2] == 6202


@pytest.mark.parametrize("dialect", ["plain", "prefixed", "strict", "no addresses"])
def test_an_error_value_is_named_in_every_dialect(made: Path, dialect: str) -> None:
    cell_d4('<c r="D4" t="e"><v>#DIV/0!</v></c>')(made)
    in_dialect(made, dialect)
    with pytest.raises(SourceError, match=r"cell D4: the cell holds the error #DIV/0!"):
        read_made(made.parent, FLAT_TABLE, made.name)


def test_the_cells_of_an_array_formula_are_no_numbers_either(made: Path) -> None:
    formula(made, 0, '<calcPr fullCalcOnLoad="1"/>', f=' t="array" ref="D4:D5"')
    xml = zipfile.ZipFile(made).read("xl/worksheets/sheet1.xml")
    assert any(cell.formula is not None for cell in read_cells(xml))
    grid = ExcelBook(made).grid("data")
    assert [grid.rows[row][3] for row in (2, 3, 4)] == [3401.0, "", ""]
    assert grid.fault(4, 3)


def biff(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """Change the workbook's stream of an .xls file in place, its length kept."""
    with olefile.OleFileIO(str(path), write_mode=True) as container:
        stream = container.openstream("Workbook").read()
        changed = change(stream)
        assert len(changed) == len(stream)
        container.write_stream("Workbook", changed)
    return path


def write_xls(path: Path) -> Path:
    book = xlwt.Workbook()
    page = book.add_sheet("data")
    for r, row in enumerate(FLAT_PAGE):
        for c, value in enumerate(row):
            page.write(r, c, xlwt.Formula("1000+2") if (r, c) == (3, 3) else value)
    book.save(str(path))
    return path


def with_result(stream: bytes, flags: int) -> bytes:
    """Give the one formula a stored 0.0 and other flags."""
    at = stream.index(struct.pack("<HHHH", 0x06, len_of(stream), 3, 3))
    return stream[: at + 10] + struct.pack("<dH", 0.0, flags) + stream[at + 20 :]


def len_of(stream: bytes) -> int:
    at = re.search(rb"\x06\x00(..)\x03\x00\x03\x00", stream, re.DOTALL)
    assert at is not None
    return int(struct.unpack("<H", at[1])[0])


def test_a_formula_of_an_xls_file_to_be_calculated_on_load_is_no_number(tmp_path: Path) -> None:
    path = biff(write_xls(tmp_path / "flat.xls"), lambda stream: with_result(stream, 0x3))
    with pytest.raises(SourceError, match=NEVER):
        read_made(tmp_path, FLAT_TABLE, path.name)
    biff(path, lambda stream: with_result(stream, 0x1))  # one that Excel itself calculates always, such as TODAY
    records = read_made(tmp_path, FLAT_TABLE, path.name).records
    assert records.loc[records["indicator"] == "gdp_yi_yuan", "value"].tolist()[2] == 0


def test_an_xls_cell_where_no_column_is(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "flat.xls")
    here = re.compile(rb"(\xbd\x00..)\x01\x00\x00\x00", re.DOTALL)  # the run of numbers that begins in A2
    biff(path, lambda stream: here.sub(lambda found: found[1] + b"\xff" * 4, stream, count=1))
    words = r"flat.xls: the workbook is not read: sheet 'data': a cell lies in row 65,536, column 65,536"
    with pytest.raises(SourceError, match=words):
        read_made(tmp_path, FLAT_TABLE, path.name)


def test_an_xls_file_whose_sectors_go_in_circles(tmp_path: Path) -> None:
    path = write_xls(tmp_path / "flat.xls")
    content = bytearray(path.read_bytes())
    (fat,) = struct.unpack_from("<I", content, 76)
    struct.pack_into("<I", content, 512 + fat * 512 + 8, 1)  # the third sector is followed by the second
    path.write_bytes(content)
    with pytest.raises(SourceError, match="the workbook is not read: its table of sectors goes in circles"):
        read_made(tmp_path, FLAT_TABLE, path.name)


def test_an_xls_file_with_an_archive_inside_is_no_xlsx_file(tmp_path: Path) -> None:
    """Excel 2007 and later put the theme of an .xls file into it as a zip archive."""
    path = write_xls(tmp_path / "flat.xls")
    with zipfile.ZipFile(tmp_path / "theme.zip", "w") as archive:
        archive.writestr("theme/theme/theme1.xml", "<a/>")
    path.write_bytes(path.read_bytes() + (tmp_path / "theme.zip").read_bytes())
    assert zipfile.is_zipfile(path)
    with pytest.raises(SourceError, match=NEVER):
        read_made(tmp_path, FLAT_TABLE, path.name)


def write_pdf(path: Path, content: bytes, packed: bool = False) -> Path:
    """Write a .pdf file of one page that is drawn by some content."""
    body = zlib.compress(content, 9) if packed else content
    kind = b"/Filter /FlateDecode " if packed else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << >> >>",
        b"<< " + kind + b"/Length %d >>\nstream\n" % len(body) + body + b"\nendstream",
    ]
    text, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(text))
        text += b"%d 0 obj\n" % number + one + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(text)
    path.write_bytes(text + b"xref\n0 5\n0000000000 65535 f \n" + table + end)
    return path


LINES = b"".join(b"%d 1 m %d 700 l S\n" % (n % 500, n % 500) for n in range(30_000))


@pytest.mark.parametrize(
    ("content", "packed", "words"),
    [
        (b"q Q\n" * 25_000_000, True, "the stream at byte .* unpacks to more than 8,000,000 bytes"),
        (b"q Q\n" * 2_500_000, False, "the stream at byte .* unpacks to more than 8,000,000 bytes"),
        (LINES, True, "the stream at byte .* draws 30,000 lines; at most 20,000 are read"),
        (b"q Q", False, "no table with ruled lines"),
    ],
    ids=["packed bomb", "plain bomb", "lines", "harmless"],
)
def test_a_pdf_file_without_end(tmp_path: Path, content: bytes, packed: bool, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        PdfBook(write_pdf(tmp_path / "a.pdf", content, packed))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("," * 100_000 + "\n", "a.csv: 1 rows of 100,001 cells; at most 16,384 columns"),
        ("a" + ",b" * 9_999 + "\n" + "\n" * 2_000, "a.csv: 2,001 rows of 10,000 cells; at most .* 10,000,000 cells"),
    ],
)
def test_a_csv_file_without_end(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=words):
        read_csv(tmp_path / "a.csv")


def test_a_header_of_the_most_columns_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",".join(["x"] * 16_384) + "\n", encoding="utf-8")
    labels = read_csv(tmp_path / "a.csv").labels
    assert labels is not None
    assert labels[:2] == ("x[A]", "x[B]")


def test_a_name_that_no_report_could_print(tmp_path: Path) -> None:
    rows = [[str(cell) for cell in row] for row in FLAT_PAGE]
    rows[3][2] = "唐山\x07市"
    (tmp_path / "flat.csv").write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    table = {key: value for key, value in FLAT_TABLE.items() if key != "sheet"}
    with pytest.raises(SourceError, match=r"cell 4:city: the text holds the character U\+0007"):
        read_made(tmp_path, table, "flat.csv")
