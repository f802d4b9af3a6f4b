"""PDF and Word reports, read back."""

import hashlib
import io
from dataclasses import replace

import docx
import pdfplumber
import pytest
from docx.enum.section import WD_ORIENT
from shidian.errors import ReportError
from shidian.report import fonts
from shidian.report.html import render_html
from shidian.report.pdf import render_pdf
from shidian.report.study_report import Source, SourceFile
from shidian.report.word import render_docx

from . import report_samples as samples


@pytest.fixture(scope="module")
def report():
    return samples.study_report("zh")


@pytest.fixture(scope="module")
def pdf(report):
    with pdfplumber.open(io.BytesIO(render_pdf(report))) as document:
        yield document


def test_pdf_holds_the_whole_report(pdf):
    text = "\n".join(page.extract_text() for page in pdf.pages)
    for part in (
        "低碳试点", "Title of baseline", "0.0173***", "−0.0143***", "(0.0051)", "4,200", "R&D_share", "模拟数据",
        "注：", "延边朝鲜族自治州", "CC BY 4.0", "3.1.1", "the workbook", "no <never> treated", "alert(1)",
    ):  # fmt: skip
        assert part in text, part


def test_pdf_fits_the_page_and_draws_figures_as_vectors(pdf):
    for page in pdf.pages:
        assert max(char["x1"] for char in page.chars) < page.width - 40
        assert page.images == []


def test_pdf_embeds_its_fonts_and_carries_no_date(report):
    content = render_pdf(report)
    assert b"CreationDate" not in content
    with pdfplumber.open(io.BytesIO(content)) as document:
        names = {char["fontname"] for page in document.pages for char in page.chars}
    assert {"NotoSerifCJKsc-Regular", "NotoSansCJKsc-Regular"} <= {
        name.split("+")[-1].removesuffix("-Identity-H") for name in names
    }


def test_pdf_without_a_chinese_font_is_refused(report, monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "packaged_folder", lambda: None)
    monkeypatch.setattr(fonts, "_SYSTEM_FOLDERS", (str(tmp_path),))
    fonts.cjk_font.cache_clear()
    try:
        with pytest.raises(ReportError, match=r"report.pdf of study 'demo'.*fonts-noto-cjk"):
            render_pdf(report)
    finally:
        fonts.cjk_font.cache_clear()


def test_word_report_holds_the_whole_report(report):
    document = docx.Document(io.BytesIO(render_docx(report)))
    texts = "\n".join(p.text for p in document.paragraphs)
    for part in ("低碳试点", "表1  Title of baseline", "图1  Title of event_study", "样本台账", "CC BY 4.0", "ab" * 32):
        assert part in texts
    assert len(document.tables) == 3 + 2
    assert len(document.inline_shapes) == 2
    turns = [section.orientation for section in document.sections]
    assert turns == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT]
    assert "SIMULATED" in document.sections[0].header.paragraphs[0].text
    ledger = [[cell.text for cell in row.cells] for row in document.tables[3].rows]
    assert ledger[1] == ["match", "延边朝鲜族自治州", "1", "", "no row in the workbook"]


def test_many_files_of_one_kind_are_one_line_with_the_checksum_of_their_list(report, tmp_path):
    files = tuple(SourceFile(f"reports/{n}.txt", f"{n:064x}", "a work report") for n in range(13))
    source = Source("texts", "Texts", "Office", "none", (SourceFile("list.csv", "cd" * 32, "the list"), *files))
    first, folded = source.printed_files("en")
    assert first == ("list.csv", "the list", "cd" * 32)
    assert folded[0].startswith("13 files, reports/0.txt to reports/12.txt")
    (tmp_path / "list").write_text("".join(f"{n:064x}  reports/{n}.txt\n" for n in range(13)), encoding="utf-8")
    assert folded[2] == hashlib.sha256((tmp_path / "list").read_bytes()).hexdigest()
    assert len(replace(source, files=files[:12]).printed_files("en")) == 12
    whole = replace(report, sources=(source,))
    texts = "\n".join(p.text for p in docx.Document(io.BytesIO(render_docx(whole))).paragraphs)
    assert folded[2] in texts
    assert "reports/5.txt" not in texts
    page = render_html(whole)
    assert all(f"reports/{n}.txt" in page for n in range(13))


def test_an_undrawn_figure_is_an_error(report):
    undrawn = replace(report, exhibits=(replace(report.exhibits[3], png=None, pdf=None),))
    for render in (render_pdf, render_docx):
        with pytest.raises(ReportError, match="exhibit 'event_study': its figure was not drawn"):
            render(undrawn)
