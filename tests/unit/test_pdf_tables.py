"""Tables of .pdf files: without rules, over several pages, two columns in one box; pictures are refused in a line."""

import signal
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from made_workbooks import read_made, write_source
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from shidian.errors import SourceError
from shidian.yearbook.corrections import Correction
from shidian.yearbook.extract import extract_file
from shidian.yearbook.limits import Limits
from shidian.yearbook.pdf import PdfBook
from shidian.yearbook.source import load_source
from shidian.yearbook.time_limit import within

WIDTH, HEIGHT = 595, 842
"""Points of a page of A4."""
TABLE: dict[str, Any] = {
    "sheet": "page 1 table 1",
    "layout": "flat",
    "unit": {"level": "other", "name": "city"},
    "year": {"header": "year"},
    "columns": {"gdp": {"header": "gdp", "measure": "1"}},
}
TEXT = {"vertical_strategy": "text", "horizontal_strategy": "text"}
HEAD = ["city", "year", "gdp"]
LEFTS = (80, 220, 360)


class Page:
    """A page on which texts and lines are put at points from its top left corner."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
        self.figure.patch.set_visible(False)

    def text(self, x: float, y: float, text: str) -> None:
        self.figure.text(x / WIDTH, 1 - y / HEIGHT, text, fontsize=10, va="center")

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        line = mpl.lines.Line2D([x0 / WIDTH, x1 / WIDTH], [1 - y0 / HEIGHT, 1 - y1 / HEIGHT], color="black", lw=0.5)
        self.figure.add_artist(line)

    def rows(
        self, rows: list[list[str]], top: float = 200, ruled: bool = False, lefts: tuple[int, ...] = LEFTS
    ) -> None:
        for r, row in enumerate(rows):
            for left, text in zip(lefts, row, strict=True):
                self.text(left, top + 20 * r, text)
        if ruled:
            bottom, edges = top - 10 + 20 * len(rows), [left - 20 for left in (*lefts, lefts[-1] + 140)]
            for y in range(len(rows) + 1):
                self.line(edges[0], top - 10 + 20 * y, edges[-1], top - 10 + 20 * y)
            for x in edges:
                self.line(x, top - 10, x, bottom)


def save(path: Path, *pages: Page) -> Path:
    with mpl.rc_context({"pdf.fonttype": 42}), PdfPages(path) as book:
        for page in pages:
            book.savefig(page.figure)
    return path


def rows(first: int, last: int) -> list[list[str]]:
    return [[f"town{n}", "2010", str(n * 11)] for n in range(first, last + 1)]


def test_a_table_without_rules(tmp_path: Path) -> None:
    page = Page()
    page.text(80, 100, "Cities of the province, a list")
    page.rows([HEAD, *rows(1, 5)])
    page.text(80, 600, "Source: the yearbook")
    save(tmp_path / "a.pdf", page)
    with pytest.raises(SourceError, match=r"no table with ruled lines; a table without them is declared by its place"):
        read_made(tmp_path, TABLE, "a.pdf")
    table = TABLE | {"pdf": TEXT | {"crop": [60, 180, 500, 320]}, "header_row": 2}
    table["footer"] = {"texts": ["Source: the yearbook"]}
    found = read_made(tmp_path, table, "a.pdf").records
    assert found["value"].tolist() == [11, 22, 33, 44, 55]
    assert found["cell_id"].str.contains("/1/page 1 table 1!C").all()


def test_texts_beside_the_part_that_is_read_are_counted(tmp_path: Path) -> None:
    page = Page()
    page.rows([HEAD, *rows(1, 5)])
    page.text(520, 260, "aside")
    save(tmp_path / "a.pdf", page)
    found = read_made(tmp_path, TABLE | {"pdf": TEXT | {"crop": [60, 180, 500, 320]}}, "a.pdf")
    said = found.ledger[found.ledger["event"].str.contains("texts beside the part of a page")]
    assert said["detail"].tolist() == ["aside"]
    with pytest.raises(SourceError, match=r"a\.pdf, page 1: 'crop' \[60, 180, 900, 320\] reaches beyond the page"):
        read_made(tmp_path, TABLE | {"pdf": TEXT | {"crop": [60, 180, 900, 320]}}, "a.pdf")


@pytest.mark.parametrize("ruled", [True, False])
@pytest.mark.parametrize("repeated", [True, False])
def test_a_table_that_goes_on_over_pages(tmp_path: Path, ruled: bool, repeated: bool) -> None:
    pages = [Page(), Page(), Page()]
    head = [HEAD] if repeated else []
    for page, body in zip(pages, ([HEAD, *rows(1, 4)], [*head, *rows(5, 7)], [*head, *rows(8, 9)]), strict=True):
        page.rows(body, ruled=ruled)
    save(tmp_path / "a.pdf", *pages)
    way = {} if ruled else {"pdf": TEXT | {"crop": [60, 185, 500, 320], "min_words_vertical": 2}}
    table = TABLE | way | {"continued": ["page {2..3} table 1"]}
    found = read_made(tmp_path, table, "a.pdf")
    records = found.records.set_index("unit_name")
    assert records["value"].to_dict() == {f"town{n}": 11 * n for n in range(1, 10)}
    first = 2 if repeated else 1
    assert records["cell_id"]["town1"].endswith("/1/page 1 table 1!C2")
    assert records["cell_id"]["town5"].endswith(f"/1/page 1 table 1!C{first} of page 2 table 1")
    assert records["cell_id"]["town9"].endswith(f"/1/page 1 table 1!C{first + 1} of page 3 table 1")
    assert set(records["cell_id"]) <= set(found.cells["cell_id"])
    said = found.ledger.groupby("event")["detail"].agg(list)
    assert said["tables of further pages joined to the first"] == ["page 2 table 1", "page 3 table 1"]
    dropped = "repeated headers of further pages dropped"
    assert said.get(dropped) == (["page 2 table 1: 1", "page 3 table 1: 1"] if repeated else None)
    cell = records["cell_id"]["town5"]
    corrected = read_made(tmp_path, table, "a.pdf", [Correction(cell, "55", "56", "misprint")])
    assert corrected.records.set_index("unit_name")["value"]["town5"] == 56
    del table["continued"]
    if not ruled:
        alone = read_made(tmp_path, table, "a.pdf").ledger.set_index("event")["detail"]
        assert alone["pages with texts of which no table is read"] == "2, 3"
        return
    with pytest.raises(
        SourceError, match=r"the sheet 'page 2 table 1' is neither read nor declared under ignore_sheets"
    ):
        read_made(tmp_path, table, "a.pdf")


def test_a_fault_on_a_further_page_is_named_there(tmp_path: Path) -> None:
    pages = [Page(), Page()]
    pages[0].rows([HEAD, *rows(1, 4)], ruled=True)
    pages[1].rows([["town5", "2010", "5 5"]], ruled=True)
    save(tmp_path / "a.pdf", *pages)
    with pytest.raises(SourceError, match=r"sheet 'page 1 table 1', cell C1 of page 2 table 1: '5 5'"):
        read_made(tmp_path, TABLE | {"continued": ["page 2 table 1"]}, "a.pdf")
    pages[1] = Page()
    pages[1].rows([["town5", "2010"]], ruled=True, lefts=LEFTS[:2])
    save(tmp_path / "a.pdf", *pages)
    with pytest.raises(
        SourceError, match=r"'page 2 table 1': 2 columns, but 'page 1 table 1', which it continues, has 3"
    ):
        read_made(tmp_path, TABLE | {"continued": ["page 2 table 1"]}, "a.pdf")


def test_two_columns_in_one_ruled_box(tmp_path: Path) -> None:
    """A box with a line around it and one below its headers; the columns are told by where they stand."""
    page = Page()
    lefts = (80, 190, 300, 410)
    page.rows(
        [["city", "gdp", "city", "gdp"], ["town1", "11", "town3", "33"], ["town2", "22", "town4", "44"]], lefts=lefts
    )
    for y in (190, 210, 250):
        page.line(60, y, 520, y)
    for x in (60, 520):
        page.line(x, 190, x, 250)
    save(tmp_path / "a.pdf", page)
    one = {
        "sheet": "page 1 table 1", "layout": "yearbook", "area": "A:B", "year": {"fixed": 2010}, "name": "left",
        "unit": {"level": "other", "name": "city"}, "columns": {"gdp": {"header": "gdp", "measure": "1"}},
        "pdf": {"explicit_vertical_lines": [170, 280, 390], "horizontal_strategy": "text"},
    }  # fmt: skip
    source = load_source(write_source(tmp_path, [one, one | {"area": "C:D", "name": "right"}], "a.pdf"))
    found = extract_file(source, 1, tmp_path).records.set_index("unit_name")["value"]
    assert found.to_dict() == {f"town{n}": 11 * n for n in range(1, 5)}
    other = one | {"area": "C:D", "name": "right", "pdf": {"snap_tolerance": 4}}
    source = load_source(write_source(tmp_path, [one, other], "a.pdf"))
    with pytest.raises(SourceError, match=r"a\.pdf: tables of page 1 declare different settings under 'pdf'"):
        extract_file(source, 1, tmp_path)


def picture() -> Page:
    page = Page()
    axes = page.figure.add_axes((0, 0, 1, 1))
    axes.imshow([[0, 1], [1, 0]])
    axes.set_axis_off()
    return page


def test_scanned_pages_are_refused_in_a_line(tmp_path: Path) -> None:
    save(tmp_path / "a.pdf", picture(), picture())
    with pytest.raises(
        SourceError, match=r"a\.pdf: pages 1, 2 are pictures \(scanned\) without text.*\(OCR\)"
    ) as refused:
        PdfBook(tmp_path / "a.pdf")
    assert "\n" not in str(refused.value)
    page = Page()
    page.rows([HEAD, *rows(1, 3)], ruled=True)
    save(tmp_path / "a.pdf", page, picture())
    with pytest.raises(SourceError, match=r"a\.pdf: page 2 is a picture \(scanned\) without text"):
        read_made(tmp_path, TABLE | {"continued": ["page 2 table 1"]}, "a.pdf")
    with pytest.raises(SourceError, match=r"a\.pdf: no page 7; the file has 2"):
        read_made(tmp_path, TABLE | {"sheet": "page 7 table 1"}, "a.pdf")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"pdf": {"vertical_strategy": "explicit"}}, "'explicit' wants two or more 'explicit_vertical_lines'"),
        ({"pdf": {"crop": [9, 9, 1, 20]}}, r"pdf\.crop: \[9, 9, 1, 20\] is empty"),
        ({"pdf": {"snap": 3}}, "snap"),
        ({"continued": ["page 2 table 1", "page 2 table 1"]}, "continued: a table is named twice"),
        ({"continued": ["page two"]}, "sheet 'page two' is no table of a page"),
    ],
)
def test_settings_that_cannot_be_meant(tmp_path: Path, more: dict[str, Any], words: str) -> None:
    page = Page()
    page.rows([HEAD, *rows(1, 3)], ruled=True)
    save(tmp_path / "a.pdf", page)
    with pytest.raises(SourceError, match=words):
        read_made(tmp_path, TABLE | more, "a.pdf")


@pytest.mark.parametrize("key", ["pdf", "continued"])
def test_keys_of_pdf_files_elsewhere(tmp_path: Path, key: str) -> None:
    (tmp_path / "a.csv").write_text("city,year,gdp\nx,2010,1\n", encoding="utf-8")
    table = {k: v for k, v in TABLE.items() if k != "sheet"} | {key: TEXT if key == "pdf" else ["page 2 table 1"]}
    with pytest.raises(SourceError, match=rf"a\.csv: '{key}' is of tables in \.pdf files; leave it out"):
        read_made(tmp_path, table, "a.csv")


def test_limits(tmp_path: Path) -> None:
    pages = [Page() for _ in range(3)]
    for page in pages:
        page.rows([HEAD, *rows(1, 3)], ruled=True)
    path = save(tmp_path / "a.pdf", *pages)
    with pytest.raises(
        SourceError, match=r"a\.pdf: 3 pages; at most 2 are read \(limits\.pages in config/config\.yaml\)"
    ):
        PdfBook(path, limits=Limits(pages=2))
    with pytest.raises(SourceError, match=r"lines; at most 5 are read \(limits\.page_lines in config/config\.yaml\)"):
        PdfBook(path, limits=Limits(page_lines=5))


def _wait() -> None:
    with within(1, "a.pdf"):
        while True:
            pass


def test_a_file_that_takes_too_long(tmp_path: Path) -> None:
    words = r"a\.pdf: reading takes more than 1 seconds \(limits\.seconds in config/config\.yaml\)"
    with pytest.raises(SourceError, match=words):
        _wait()
    before = signal.getsignal(signal.SIGALRM)
    with within(1, "a.pdf"):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is before
