"""The HTML page, parsed back."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from shidian.errors import ReportError
from shidian.exhibits.result import Cell, ExhibitResult, Row, Table
from shidian.ledger import ledger_frame, ledger_row
from shidian.report.html import render_html
from shidian.report.index import IndexEntry, render_index

from . import report_samples as samples

VOID = {"meta", "link", "img", "br", "input", "hr"}


class Page(HTMLParser):
    """Collects elements and checks that every tag is closed in order."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.texts = [], [], {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def report():
    return samples.study_report("en")


@pytest.fixture(scope="module")
def text(report):
    return render_html(report)


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def embedded(text):
    start = text.index('id="data">') + len('id="data">')
    return json.loads(text[start : text.index("</script>", start)])


def test_nothing_is_loaded_from_outside(page):
    assert [link["href"] for link in page.all("link")] == ["data:,"]
    assert all(image.get("src", "data:").startswith("data:image/png;base64,") for image in page.all("img")[:-1])
    assert not any("src" in script for script in page.all("script"))
    style = "".join(page.texts["style"])
    assert "@import" not in style
    assert style.count("url(") == style.count("url(data:font/woff") == 1


def test_internal_links_resolve_and_ids_are_unique(page):
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    inner = [a["href"][1:] for a in page.all("a") if a["href"].startswith("#")]
    assert len(inner) == 5 + 4 + 1 + 1 + 1 + 10  # contents, skip, objections, their exhibit, anchors
    assert set(inner) <= set(ids)


def test_every_exhibit_is_there_with_its_note_and_files(page, report):
    ids = {section.get("id") for section in page.all("section")}
    assert ids >= {f"exhibit-{exhibit.meta.id}" for exhibit in report.exhibits} | {"ledger", "sources", "versions"}
    assert [a["href"] for a in page.all("a") if a["href"].startswith("exhibits/")] == [
        path for exhibit in report.exhibits for path in exhibit.files.values()
    ]
    assert [e.meta.number for e in report.exhibits] == ["Table 1", "Table 2", "Table 3", "Figure 1", "Figure 2"]


def test_traced_cells_lead_to_one_estimate_each(page, text, report):
    data = embedded(text)["exhibits"]
    traced = [cell for cell in page.all("td") if "data-field" in cell]
    table_refs = [cell.ref for row in report.exhibits[0].result.table.rows for cell in row.cells if cell.ref]
    found = [(cell["data-column"], cell["data-term"], cell["data-field"]) for cell in traced]
    assert found[: len(table_refs)] == table_refs
    for cell in traced:
        rows = data[cell["data-exhibit"]]["estimates"]
        assert len([r for r in rows if (r["column"], r["term"]) == (cell["data-column"], cell["data-term"])]) == 1
        assert "tabindex" not in cell  # the script makes one stop a table of them


def test_embedded_estimates_keep_every_bit_and_every_column(text, report):
    estimates = embedded(text)["exhibits"]["baseline"]["estimates"]
    assert estimates[0]["estimate"] == 0.01731234567891
    assert (estimates[1]["df"], estimates[3]["estimate"], estimates[3]["reason"]) == ("inf", None, "collinear with eco")
    assert set(estimates[0]) == set(report.exhibits[0].result.estimates.columns)
    assert embedded(text)["exhibits"]["baseline"]["traces"] == {"c1": [["Outcome", "ln(CO2)"]]}


def test_no_text_can_break_the_page(text):
    assert "<script>alert" not in text
    assert "no &lt;never&gt; treated" in text


def test_simulated_is_said_first_or_not_at_all(text):
    assert text.index('class="banner"') < text.index('<main id="main">')
    assert 'class="banner"' not in render_html(samples.study_report("en", simulated=False))


def test_chinese_page_speaks_chinese():
    chinese = render_html(samples.study_report("zh"))
    assert '<html lang="zh-CN">' in chinese
    for word in ("样本台账", "数据来源", "软件版本", "复制表格", "模拟数据", "注："):
        assert word in chinese
    Page(chinese)


def test_a_broken_trail_or_a_missing_drawing_is_an_error(report):
    table = Table(((("", 1), ("a", 1)),), (Row("x", (Cell("0.1", ("c9", "did", "estimate")),)),))
    exhibit = replace(report.exhibits[0], result=ExhibitResult(report.exhibits[0].result.estimates, table))
    with pytest.raises(ReportError, match="'c9'"):
        render_html(replace(report, exhibits=(exhibit,)))
    undrawn = replace(report.exhibits[3], png=None)
    with pytest.raises(ReportError, match="exhibit 'event_study': its figure was not drawn"):
        render_html(replace(report, exhibits=(undrawn,)))


def test_index_links_reports_and_says_why_one_is_missing():
    files = {"html": "a/report.html", "pdf": "a/report.pdf"}
    entries = [
        IndexEntry("a", "A <study> 研究", files, ("one line",), True),
        IndexEntry("b", "B", not_run="no workbook x.xlsx"),
    ]
    text = render_index(entries, "zh")
    page = Page(text)
    assert [a["href"] for a in page.all("a")] == ["a/report.html", "a/report.html", "a/report.pdf"]
    assert "A &lt;study&gt; 研究" in text
    assert "no workbook x.xlsx" in text
    assert text.count("SIMULATED") == 1


def test_many_ledger_lines_of_one_reason_are_one_printed_line_with_their_sums():
    lines = [ledger_row("join", f"city {n}", "not among the units", units=1, rows=n) for n in range(1, 9)]
    lines.append(ledger_row("join", "city 9", "another reason", rows=2))
    printed = replace(samples.study_report("en"), ledger=ledger_frame(lines)).ledger_rows()
    first = ("join", "city 1, city 2, city 3, city 4 and 4 more (each in ledger.csv)", "8", "36", "not among the units")
    assert printed == (first, ("join", "city 9", "", "2", "another reason"))
    many = ledger_row("exclude", ", ".join(f"city {n}" for n in range(1, 260)), "not among the 29", units=259)
    (long,) = replace(samples.study_report("en"), ledger=ledger_frame([many])).ledger_rows()
    assert long[1] == "city 1, city 2, city 3, city 4 and 255 more (each in ledger.csv)"
    few = replace(samples.study_report("en"), ledger=ledger_frame(lines[:3])).ledger_rows()
    assert [row[1] for row in few] == ["city 1", "city 2", "city 3"]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(4)", "JaVaScRiPt:alert(4)", " javascript:x", "data:text/html,x", "file:///etc/passwd", 'x"y'],
)
def test_an_address_that_is_not_of_the_web_is_text(report, url):
    source = replace(report.sources[0], url=url)
    page = Page(render_html(replace(report, sources=(source, *report.sources[1:]))))
    assert not [a["href"] for a in page.all("a") if a["href"].strip().lower().startswith(("java", "data", "file", "x"))]
    assert source.link == ""
    assert source.texts[-1] == url


def test_an_address_of_the_web_is_a_link(report):
    source = replace(report.sources[0], url="https://data.cnki.net/a?b=c&d")
    page = Page(render_html(replace(report, sources=(source,))))
    assert "https://data.cnki.net/a?b=c&d" in [a["href"] for a in page.all("a")]


def _estimated(exhibit):
    """Return the rows that print an estimate."""
    rows = exhibit.result.table.rows if exhibit.result.table else ()
    return [row for row in rows if any(cell.ref and cell.ref[2] == "estimate" for cell in row.cells)]


def test_no_negative_number_that_is_read_has_a_hyphen():
    report = samples.study_report("en")
    at, exhibit = next((n, e) for n, e in enumerate(report.exhibits) if _estimated(e))
    label = _estimated(exhibit)[0].label
    rows = [replace(row, label="τ = -3") if row.label == label else row for row in exhibit.result.table.rows]
    table = replace(exhibit.result.table, rows=tuple(rows))
    result = replace(exhibit.result, table=table, warnings=("weights, which sum to -0.0200",))
    exhibits = (*report.exhibits[:at], replace(exhibit, result=result), *report.exhibits[at + 1 :])
    page = render_html(replace(report, exhibits=exhibits))
    assert page.count("τ = −3") > 1  # in the table and in the list of all estimates
    assert "sum to −0.0200" in page
    seen = re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style|head).*?</\1>", " ", page, flags=re.DOTALL))
    assert re.findall(r".{9}(?<![A-Za-z0-9_.)\]/–−-])-(?=\d).{9}", seen) == []
