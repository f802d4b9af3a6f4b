"""Labels, cells and notes that mean something to a format are printed as they stand, in every format."""

import csv
import io
import json
import random
import re
import subprocess
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from itertools import chain, pairwise

import docx
import openpyxl
import pdfplumber
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from shidian.audit.verify.printed_tables import wrong_numbers
from shidian.exhibits.result import Cell, ExhibitResult, Row, Table, no_estimates
from shidian.report.html import render_html
from shidian.report.pdf import _table, render_pdf
from shidian.report.study_report import ExhibitMeta, ReportExhibit, number_exhibits
from shidian.report.tables.delimited import table_csv, unguarded
from shidian.report.tables.excel import exhibit_xlsx
from shidian.report.tables.formats import md
from shidian.report.tables.latex import fragment_latex
from shidian.report.tables.latex_text import escape
from shidian.report.tables.word import table_docx
from shidian.report.typography import as_typed, with_minus

from . import report_samples as samples
from .typesetting import MISSING

HOSTILE = (
    "R&D", "50% of A_b #1", "a$b$c", "~x^2", r"C:\new\table", "{x} [y] <z>", "a|b||c", "`code` *it* __b__",
    "<b>&amp;</b>",
    "{{ x }} {% y %}", "=1+2", "@mark", "+cmd", "-cmd", "'quoted' \"twice\"", "ρ, χ², M̄, ≤, −, β̂, x̄", "ln(CO₂) × Δy",
    "café Ångström naïve Đặng ąę", "国内生产总值（亿元）", "１２３％", "😀 ok", "Москва", "a--b---c", "http://a.b/c_d?e=f&g#h",
    r"\input{x}", r"\\", "%", "x\u00a0y", "1. first", "# head", "---", "![a](b)", "[a](b)", "&lt;", "①Ⅱ㎡",
    "<!-- c -->", "$$",
)  # fmt: skip
ALPHABET = "ab Z09&%_#$~^\\{}[]<>|*`'\"=+-@,.;:!?()/éÅρχ²≤−中国（）"
META = ExhibitMeta("demo", "t", "Table 1", "T & T", note="")


def table_of(texts):
    """Return a table whose labels, cells, heads and spanning heads are the texts."""
    rows = tuple(Row(text, (Cell(text), Cell(text[::-1]))) for text in texts)
    return Table(((("", 1), (texts[0], 2)), (("", 1), (texts[-1], 1), ("(2)", 1))), rows)


def wanted(table):
    heads = [[part for text, span in line for part in (text, *[""] * (span - 1))] for line in table.header]
    return [plain(text) for text in [*chain(*heads), *(t for r in table.rows for t in (r.label, *texts(r)))]]


def texts(row):
    return [cell.text for cell in row.cells]


def plain(text):
    """Return a text without what a format may change of its spaces and its minus signs."""
    return " ".join(as_typed(with_minus(unicodedata.normalize("NFC", text))).split())


class _Cells(HTMLParser):
    """The texts of the cells of the printed table, spans filled with blanks."""

    def __init__(self):
        super().__init__()
        self.found, self.open, self.inside = [], False, False

    def handle_starttag(self, tag, attrs):
        given_ = dict(attrs)
        self.inside = self.inside or (tag == "table" and "printed" in given_.get("class", ""))
        if self.inside and tag in ("td", "th"):
            self.open, self.span = True, int(given_.get("colspan", 1))
            self.found.append("")

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self.open:
            self.open = False
            self.found += [""] * (self.span - 1)
        self.inside = self.inside and tag != "table"

    def handle_data(self, data):
        if self.open:
            self.found[-1] += data


def in_html(table):
    report = samples.study_report()
    exhibit = ReportExhibit(
        replace(META, number=""), ExhibitResult(no_estimates(), table, notes=(table.rows[0].label,))
    )
    cells = _Cells()
    cells.feed(render_html(replace(report, exhibits=number_exhibits([exhibit]))))
    return cells.found


def in_word(table):
    (grid,) = docx.Document(io.BytesIO(table_docx(table, None, table.rows[0].label))).tables
    found = []
    for row in grid.rows:
        seen = []
        for cell in row.cells:
            found.append("" if cell._tc in seen else cell.text)
            seen.append(cell._tc)
    return found


def in_excel(table):
    sheet = openpyxl.load_workbook(io.BytesIO(exhibit_xlsx(ExhibitResult(no_estimates(), table), META)))["table"]
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    return [str("" if cell is None else cell) for row in sheet.iter_rows(min_row=2, values_only=True) for cell in row]


def in_csv(table):
    lines = list(csv.reader(io.StringIO(table_csv(table).decode("utf-8-sig"))))
    return [unguarded(cell) for line in lines for cell in line]


def in_markdown(table):
    result = ExhibitResult(no_estimates(), table, notes=("a | b_c*",))
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(md.write(result, META).decode("utf-8"))
    assert next(token.content for token in tokens if token.type == "inline") == r"**Table 1  T \& T**"
    cells = [after for token, after in pairwise(tokens) if token.type in ("th_open", "td_open")]
    assert all(child.type == "text" or child.type == "softbreak" for cell in cells for child in cell.children), [
        (child.type, cell.content) for cell in cells for child in cell.children if child.type != "text"
    ]
    return ["".join(child.content for child in cell.children) for cell in cells]


def test_markdown_is_read_back_and_a_changed_number_is_found():
    result = ExhibitResult(no_estimates(), table_of((*HOSTILE, "-0.0694**", "Panel A")))
    written = md.write(result, META)
    assert list(wrong_numbers("t.md", written, result)) == []
    forged = written.decode("utf-8").replace("0694\\*\\* | \\*", "0994\\*\\* | \\*")
    (said,) = wrong_numbers("t.md", forged.encode("utf-8"), result)
    assert said == "'-0.0694**', column 1: '−0.0994**', the result has '-0.0694**'"


def in_typst(table):
    """What the template reads: strings, which Typst prints as they stand."""
    content = json.loads(json.dumps(_table(table)))
    heads = [[p for text, span in line["cells"] for p in (text, *[""] * (span - 1))] for line in content["header"]]
    return [*chain(*heads), *(text for row in content["rows"] for text in row["cells"])]


WRITERS = {
    "html": in_html,
    "word": in_word,
    "excel": in_excel,
    "csv": in_csv,
    "markdown": in_markdown,
    "typst": in_typst,
}


@pytest.mark.parametrize("name", WRITERS)
def test_hostile_texts_are_printed_as_they_stand(name):
    table = table_of(HOSTILE)
    found = [plain(text) for text in WRITERS[name](table)]
    assert [(want, got) for want, got in zip(wanted(table), found, strict=True) if want != got] == []


LABELS = st.lists(st.text(ALPHABET, min_size=1, max_size=12).filter(lambda text: text.strip()), min_size=1, max_size=5)


@given(LABELS)
@settings(max_examples=60, deadline=None)
def test_any_text_is_printed_as_it_stands(labels):
    table = table_of(labels)
    for name in ("csv", "markdown"):
        found = [plain(text) for text in WRITERS[name](table)]
        assert found == wanted(table), name


@given(LABELS)
@settings(max_examples=60, deadline=None)
def test_latex_has_no_sign_that_means_something(labels):
    for label in labels:
        text = escape(label)
        bare = re.sub(
            r"\\(textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar)\{\}|\{[\[\]]\}", "", text
        )
        bare = re.sub(r"\$[^$]*(?<!\\)\$|\\[&%$#_{}]", "", bare)
        assert not re.search(r"[&%$#_{}~^\\]", bare), text


@pytest.mark.slow
@pytest.mark.skipif(MISSING["zh"], reason="no xelatex with ctex on this machine")
def test_latex_prints_random_texts_as_they_stand(tmp_path):
    """Each text in the cell of a table of its own page; read back from the PDF."""
    rng = random.Random(22)
    drawn = ["".join(rng.choice(ALPHABET) for _ in range(rng.randint(1, 14))).strip() or "x" for _ in range(150)]
    cases = [*(text for text in HOSTILE if not re.search("[😀М]", text)), *drawn]
    pages = [f"{fragment_latex(_one(text)).partition(chr(10))[2]}\\clearpage\n" for text in cases]
    head = "\\documentclass[11pt]{article}\\usepackage{booktabs,siunitx,ctex}\\pagestyle{empty}\\begin{document}\n"
    (tmp_path / "t.tex").write_text(head + "".join(pages) + "\\end{document}\n", encoding="utf-8")
    command = ["xelatex", "-interaction=nonstopmode", "t.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert [line for line in run.stdout.splitlines() if line.startswith("!") or "Missing character" in line] == []
    with pdfplumber.open(tmp_path / "t.pdf") as document:
        read = [page.extract_text() or "" for page in document.pages]
    assert len(read) == len(cases)
    wrong = [(want, got) for want, got in zip(cases, read, strict=True) if letters(want) not in letters(got)]
    assert wrong == []


@pytest.mark.slow
def test_the_pdf_of_the_report_prints_texts_as_they_stand():
    """But for accents that no letter has as its own: they are glyphs beside it in a PDF, wherever they are drawn."""
    kept = [text for text in HOSTILE if not re.search("[😀М\u0300-\u036f]", unicodedata.normalize("NFC", text))]
    report = samples.study_report()
    for at in range(0, len(kept), 12):
        table = _rows(kept[at : at + 12])
        exhibit = ReportExhibit(replace(META, number=""), ExhibitResult(no_estimates(), table))
        with pdfplumber.open(io.BytesIO(render_pdf(replace(report, exhibits=number_exhibits([exhibit]))))) as document:
            read = letters("".join(page.extract_text() or "" for page in document.pages))
        assert [text for text in kept[at : at + 12] if letters(text) not in read] == []


def _rows(labels):
    return Table(((("", 1), ("(1)", 1)),), tuple(Row(text, (Cell("1"),)) for text in labels))


def _one(text):
    return _rows([text])


def letters(text):
    """Return the signs of a text that a PDF keeps in their order: no spaces, dashes, accents, lowered digits."""
    shown = unicodedata.normalize("NFKD", re.sub("[₀-₉]", "", as_typed(text)).replace("∆", "Δ"))
    return "".join(c for c in shown if c.isalnum() or c in "&%_#$~^\\{}[]<>|@=+()").replace("ˆ", "")
