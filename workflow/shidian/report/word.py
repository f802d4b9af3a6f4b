"""Word: the whole report as one document, its captions, references and lists fields of Word."""

from __future__ import annotations

import io
from collections.abc import Mapping

from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.shared import Cm, Pt, RGBColor

from shidian.errors import ReportError
from shidian.exhibits.result import Cell, Row, Table
from shidian.report.captions import captions
from shidian.report.page.alt_text import alt_text
from shidian.report.study_report import ReportExhibit, StudyReport, printed_note
from shidian.report.tables.look import Look
from shidian.report.tables.word import add_table, add_text, new_document, save, turn
from shidian.report.tables.word_fields import (
    Caption,
    add_caption,
    add_list,
    bookmarked_heading,
    write_with_references,
)
from shidian.report.tables.word_widths import page_of
from shidian.report.typography import with_minus

_FIGURE_WIDTH = Cm(15)


def render_docx(report: StudyReport) -> bytes:
    """Return the study's report as a Word document, the same bytes for the same report.

    Raises:
        ReportError: a figure was not drawn.
    """
    words = captions(report.lang)
    references = {e.meta.number: _caption(e).bookmark for e in report.exhibits if e.meta.number}
    document = new_document()
    document.add_heading(with_minus(report.title), level=0)
    for line in (", ".join(report.authors), report.date, report.estimated):
        if line:
            add_text(document, line, size=9)
    if report.simulated:
        mark_simulated(document, words["simulated_banner"])
    _add_lists(document, report)
    if report.summary:
        _heading(document, words, "summary")
        _add_bullets(document, report.summary, references)
    _heading(document, words, "exhibits")
    for exhibit in report.exhibits:
        _add_exhibit(document, exhibit, report.lang, references)
    _lay(document, wide=False)
    _add_full_notes(document, report, references)
    _add_ledger(document, report)
    _add_sources(document, report)
    _heading(document, words, "versions")
    _add_list(document, (words["package"], words["version"]), report.versions)
    return save(document, report.title, report.authors, report.date)


def mark_simulated(document: Document, banner: str) -> None:
    """Print the banner in the header of every page."""
    run = document.sections[0].header.paragraphs[0].add_run(banner)
    run.bold, run.font.size, run.font.color.rgb = True, Pt(8), RGBColor(0x7A, 0x1F, 0x1F)


def _heading(document: Document, words: Mapping[str, str], name: str) -> None:
    bookmarked_heading(document, words[name], f"_Toc_{name}")


def _add_lists(document: Document, report: StudyReport) -> None:
    """Append the contents and the lists of tables and figures, each a field."""
    words = captions(report.lang)
    sections = ["summary"] if report.summary else []
    sections += ["exhibits", *(["full_notes"] if any(_full_notes(report).values()) else [])]
    add_text(document, words["contents"], bold=True).paragraph_format.keep_with_next = True
    named = [(words[name], f"_Toc_{name}") for name in [*sections, "ledger", "sources", "versions"]]
    add_list(document, r"TOC \o 1-1 \h \z", named)
    for figure, name in ((False, "list_of_tables"), (True, "list_of_figures")):
        listed = [c for c in map(_caption, report.exhibits) if c.figure == figure and c.number]
        if listed:
            add_text(document, words[name], bold=True).paragraph_format.keep_with_next = True
            add_list(document, rf"TOC \h \z \c {listed[0].sequence}", [(c.text, c.bookmark) for c in listed])


def _caption(exhibit: ReportExhibit) -> Caption:
    return Caption.of(exhibit.meta, has_table=exhibit.result.table is not None)


def _add_exhibit(document: Document, exhibit: ReportExhibit, lang: str, references: Mapping[str, str]) -> None:
    """Append an exhibit: the caption of a table above all, that of a figure below the picture."""
    result, caption = exhibit.result, _caption(exhibit)
    _lay(document, wide=result.table is not None and page_of(result.table)[0])
    note, _ = printed_note(exhibit, lang)
    others = {number: mark for number, mark in references.items() if mark != caption.bookmark}
    if not caption.figure:
        _add_captioned(document, caption, exhibit.estimated)
    if result.figure is not None:
        _add_picture(document, exhibit, lang)
    if caption.figure:
        _add_captioned(document, caption, exhibit.estimated, followed=bool(note) or result.table is not None)
    if result.table is not None:
        if caption.figure:
            lead = add_text(document, captions(lang)["numbers_of"].format(number=caption.number), size=9, centre=True)
            lead.paragraph_format.keep_with_next = True
        look = Look.of(exhibit.meta.printing)
        add_table(document, result.table, None, "", look=look, followed=bool(note))
    if note:
        below = add_text(document, "", size=8.5)
        below.paragraph_format.space_before = Pt(3)
        write_with_references(below, note, others, Pt(8.5))
    if result.warnings:
        lead = add_text(document, captions(lang)["warnings"], bold=True, size=9)
        lead.paragraph_format.keep_with_next = True
        _add_bullets(document, result.warnings, others, Pt(9))


def _add_captioned(document: Document, caption: Caption, estimated: str, *, followed: bool = True) -> None:
    """Append a caption and the line of what was estimated, kept with what follows."""
    add_caption(document, caption).paragraph_format.keep_with_next = followed or bool(estimated)
    if estimated:
        line = add_text(document, estimated, size=9, centre=True)
        line.paragraph_format.keep_with_next = followed


def _add_picture(document: Document, exhibit: ReportExhibit, lang: str) -> None:
    """Append the drawing with what it shows as its alternative text."""
    if exhibit.png is None:
        raise ReportError(f"exhibit '{exhibit.meta.id}': its figure was not drawn, so the report cannot show it")
    drawn = document.add_picture(io.BytesIO(exhibit.png), width=_FIGURE_WIDTH)
    drawn._inline.docPr.set("descr", alt_text(exhibit, lang))
    drawn._inline.docPr.set("name", exhibit.meta.id)
    picture = document.paragraphs[-1].paragraph_format
    picture.keep_with_next, picture.space_before = True, Pt(8)


def _add_bullets(
    document: Document, lines: tuple[str, ...], references: Mapping[str, str], size: Pt | None = None
) -> None:
    for line in lines:
        write_with_references(document.add_paragraph(style="List Bullet"), line, references, size)


def _lay(document: Document, *, wide: bool) -> None:
    """Go on upright or turned: a new page where the last one lies otherwise."""
    if (document.sections[-1].orientation == WD_ORIENT.LANDSCAPE) != wide:
        document.add_section(WD_SECTION.NEW_PAGE)
        turn(document)


def _full_notes(report: StudyReport) -> dict[Caption, str]:
    """Return the notes of which the exhibits print a shorter one."""
    return {_caption(exhibit): printed_note(exhibit, report.lang)[1] for exhibit in report.exhibits}


def _add_full_notes(document: Document, report: StudyReport, references: Mapping[str, str]) -> None:
    full = {caption: note for caption, note in _full_notes(report).items() if note}
    if full:
        _heading(document, captions(report.lang), "full_notes")
    for caption, note in full.items():
        lead = add_text(document, "", size=8.5)
        lead.paragraph_format.keep_with_next = True
        write_with_references(lead, caption.text, references, Pt(8.5), bold=True)
        add_text(document, note, size=8.5)


def _add_ledger(document: Document, report: StudyReport) -> None:
    words = captions(report.lang)
    _heading(document, words, "ledger")
    if report.ledger.empty:
        document.add_paragraph(words["ledger_empty"])
        return
    document.add_paragraph(words["ledger_lead"]).paragraph_format.keep_with_next = True
    header = tuple(words[name] for name in ("step", "subject", "units", "rows", "reason"))
    _add_list(document, header, report.ledger_rows())


def _add_sources(document: Document, report: StudyReport) -> None:
    words = captions(report.lang)
    _heading(document, words, "sources")
    for source in report.sources:
        add_text(document, source.title, bold=True).paragraph_format.keep_with_next = True
        said = {"publisher": source.publisher, "licence": source.licence}
        terms = " · ".join(f"{words[name]}{words['colon']}{text}" for name, text in said.items())
        add_text(document, " ".join(part for part in (terms, source.url) if part), size=9)
        for line in (source.citation, source.note):
            if line:
                add_text(document, line, size=9)
        for name, what, sha256 in source.printed_files(report.lang):
            add_text(document, f"{name}  SHA-256 {sha256}", size=8)
            if what:
                add_text(document, what, size=8)


def _add_list(document: Document, header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    body = tuple(Row(row[0], tuple(Cell(text) for text in row[1:])) for row in rows)
    add_table(document, Table((tuple((text, 1) for text in header),), body), None, "", ("left",) * len(header))
