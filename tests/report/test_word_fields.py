"""The Word report as authors use it: captions, references and lists are fields, pictures say what they show."""

import io
import re
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from shidian.exhibits.result import Cell, Row, Table
from shidian.report.repeated_figures import without_repeated_figures
from shidian.report.study_report import ExhibitMeta, ReportExhibit
from shidian.report.tables.word_fields import Caption, write_caption
from shidian.report.tables.word_widths import column_shares
from shidian.report.word import render_docx

from . import report_samples as samples


@pytest.fixture(scope="module")
def document():
    report = samples.study_report("en")
    first = report.exhibits[0]
    speaks = replace(first, result=replace(first.result, notes=("As in Table 2, unlike Table 22.",)))
    dated = replace(report, exhibits=(speaks, *report.exhibits[1:]), authors=("Li Lei", "Han Meimei"))
    return docx.Document(io.BytesIO(render_docx(replace(dated, date="2026-11-30"))))


def instructions(element):
    return [" ".join(code.text.split()) for code in element.iter(qn("w:instrText"))]


def test_captions_are_fields_that_keep_their_printed_numbers(document):
    captions = [p for p in document.paragraphs if p.style.name == "Caption"]
    assert [p.text.split("  ")[0] for p in captions] == ["Table 1", "Table 2", "Table 3", "Figure 1", "Figure 2"]
    assert [instructions(p._p)[0] for p in captions] == [
        *(rf"SEQ Table \* ARABIC \r {n}" for n in (1, 2, 3)), *(rf"SEQ Figure \* ARABIC \r {n}" for n in (1, 2)),
    ]  # fmt: skip
    level = document.styles["Caption"].element.pPr.find(qn("w:outlineLvl"))
    assert level.get(qn("w:val")) == "1"  # Word's navigation shows them below the section


def test_lists_and_references_lead_to_bookmarks_that_are_there(document):
    body = document.element.body
    marks = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
    codes = instructions(body)
    assert [c for c in codes if c.startswith("TOC")] == [
        r"TOC \o 1-1 \h \z", r"TOC \h \z \c Table", r"TOC \h \z \c Figure",
    ]  # fmt: skip
    asked = {found[1] for c in codes if (found := re.match(r"(?:REF|PAGEREF) (\S+)", c))}
    assert asked <= marks
    assert {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))} <= marks
    (note,) = [p for p in document.paragraphs if "unlike Table 22" in p.text]
    assert [c.split()[0] for c in instructions(note._p)] == ["REF"]
    edges = [len(list(body.iter(qn(f"w:bookmark{edge}")))) for edge in ("Start", "End")]
    assert edges == [len(marks), len(marks)]


def test_fields_are_closed_and_pictures_say_their_finding(document):
    kinds = [mark.get(qn("w:fldCharType")) for mark in document.element.body.iter(qn("w:fldChar"))]
    assert kinds.count("begin") == kinds.count("separate") == kinds.count("end") > 0
    texts = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert "before adoption estimates between" in texts[0]
    assert "120 placebo estimates" in texts[1]


def test_the_document_says_its_title_authors_and_declared_date(document):
    properties = document.core_properties
    assert properties.title == "Low-carbon pilots 低碳试点"
    assert properties.author == "Li Lei; Han Meimei"
    assert (properties.created.date().isoformat(), properties.modified.year) == ("2026-11-30", 2026)
    undated = docx.Document(io.BytesIO(render_docx(samples.study_report("en")))).core_properties
    assert undated._element.find(qn("dcterms:created")) is None


def test_a_caption_stays_with_its_table_and_a_short_table_on_one_page(document):
    grid = document.tables[0]
    tied = [all(p.paragraph_format.keep_with_next for c in row.cells for p in c.paragraphs) for row in grid.rows]
    assert tied == [True] * len(grid.rows)  # the last row too: its note follows
    long = document.tables[2].rows
    tied = [all(p.paragraph_format.keep_with_next for p in row.cells[0].paragraphs) for row in (long[0], long[1])]
    assert tied == [True, True]
    assert not any(p.paragraph_format.keep_with_next for row in long[2:9] for p in row.cells[0].paragraphs)
    assert all(p.paragraph_format.keep_with_next for row in list(long)[-3:-1] for p in row.cells[0].paragraphs)
    assert all(p.paragraph_format.keep_with_next for p in document.paragraphs if p.style.name == "Caption")


@pytest.mark.parametrize(
    ("number", "has_table", "lang", "sequence"),
    [
        ("Figure 2", True, "en", "Figure"), ("Table A1", False, "en", "Figure"), ("Table A1", True, "en", "Table"),
        ("图2", True, "zh", "图"), ("表1", True, "zh", "表"), ("Section 5.3.1", True, "en", "Table"),
    ],
)  # fmt: skip
def test_the_number_says_which_sequence_counts_a_caption(number, has_table, lang, sequence):
    caption = Caption.of(ExhibitMeta("s", "e", number, "Title", lang), has_table)
    assert caption.sequence == sequence
    assert re.fullmatch(r"_Ref\d{10}", caption.bookmark)


def test_a_figure_is_printed_once():
    figure = samples.figures()["balance"]
    table = replace(samples.wide(), figure=figure)
    first, second = (
        ReportExhibit(ExhibitMeta("s", name, number, "Matching"), table, png=b"", pdf=b"")
        for name, number in (("effect", "Table 7"), ("balance", "Table 8"))
    )
    other = replace(second, result=replace(table, figure=replace(figure, options={"limit": 5.0})))
    alone = replace(second, result=replace(table, table=None))
    kept = without_repeated_figures([first, second, other, alone])
    assert [exhibit.result.figure is None for exhibit in kept] == [False, True, False, False]
    assert kept[1].result.notes[-1] == "Its figure is that of Table 7."
    assert (kept[1].png, kept[1].result.table) == (None, table.table)


@pytest.mark.parametrize(
    ("number", "instruction", "shown"),
    [
        ("Truth 1", r"SEQ Table \* ARABIC \r 1", "Truth 1"),
        ("Section 5.3.4", r"SEQ Table \* ARABIC \r 4", "Section 5.3.4"),
        ("表A12", r"SEQ 表 \* ARABIC \r 12", "表A12"), ("第5.3.4节", r"SEQ 表 \* ARABIC \r 4", "第5.3.4节"),
    ],
)  # fmt: skip
def test_a_number_of_another_name_ends_in_a_field_that_shows_its_digits(number, instruction, shown):
    paragraph = docx.Document().add_paragraph()
    write_caption(paragraph, Caption(number, "Title", lang="zh" if "表" in instruction else "en"))
    assert instructions(paragraph._p) == [instruction]
    assert paragraph.text == f"{shown}  Title"


def test_a_column_of_chinese_words_does_not_stand_on_end():
    words = ("伪真值", "区间含伪真值", "结论")
    rows = tuple(Row("很长的名称" * 4, tuple(map(Cell, ("0.0978", "是", "符号相反")))) for _ in range(2))
    table = Table((tuple((text, 1) for text in ("", *words)),), rows)
    shares = column_shares(table, int(Cm(6)), 9.0)
    assert min(shares[2], shares[3]) >= 4 * int(Pt(9))
