"""Word: the whole report as one document with three-line tables."""

from __future__ import annotations

import io

from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.shared import Cm, Pt, RGBColor

from shidian.errors import ReportError
from shidian.exhibits.result import Cell, Row, Table
from shidian.report.captions import captions
from shidian.report.study_report import ReportExhibit, StudyReport, printed_note
from shidian.report.tables.look import Look
from shidian.report.tables.word import add_table, add_text, new_document, save, turn
from shidian.report.tables.word_widths import page_of
from shidian.report.typography import with_minus

_FIGURE_WIDTH = Cm(15)


def render_docx(report: StudyReport) -> bytes:
    """Return the study's report as a Word document, the same bytes for the same report.

    Raises:
        ReportError: a figure was not drawn.
    """
    words = captions(report.lang)
    document = new_document()
    document.add_heading(report.title, level=0)
    if report.estimated:
        add_text(document, report.estimated, size=9)
    if report.simulated:
        mark_simulated(document, words["simulated_banner"])
    if report.summary:
        document.add_heading(words["summary"], level=1)
        for line in report.summary:
            document.add_paragraph(with_minus(line), style="List Bullet")
    document.add_heading(words["exhibits"], level=1)
    for exhibit in report.exhibits:
        _add_exhibit(document, exhibit, report.lang)
    _add_full_notes(document, report)
    _add_ledger(document, report)
    _add_sources(document, report)
    document.add_heading(words["versions"], level=1)
    _add_list(document, (words["package"], words["version"]), report.versions)
    return save(document)


def mark_simulated(document: Document, banner: str) -> None:
    """Print the banner in the header of every page."""
    run = document.sections[0].header.paragraphs[0].add_run(banner)
    run.bold, run.font.size, run.font.color.rgb = True, Pt(8), RGBColor(0x7A, 0x1F, 0x1F)


def _add_exhibit(document: Document, exhibit: ReportExhibit, lang: str) -> None:
    """Append an exhibit; a wide table turns its page to landscape."""
    result, meta = exhibit.result, exhibit.meta
    note, _ = printed_note(exhibit, lang)
    heading = "\n".join(text for text in (meta.heading, exhibit.estimated) if text)
    if result.figure is not None:
        if exhibit.png is None:
            raise ReportError(f"exhibit '{meta.id}': its figure was not drawn, so the report cannot show it")
        document.add_picture(io.BytesIO(exhibit.png), width=_FIGURE_WIDTH)
        document.paragraphs[-1].paragraph_format.keep_with_next = True
        caption = add_text(document, heading, bold=True, centre=True)
        caption.paragraph_format.keep_with_next = bool(note)
    if result.table is not None:
        wide, _ = page_of(result.table)
        if wide:
            document.add_section(WD_SECTION.NEW_PAGE)
            turn(document)
        above = heading if result.figure is None else ""
        add_table(document, result.table, above, note, look=Look.of(exhibit.meta.printing))
        if wide:
            document.add_section(WD_SECTION.NEW_PAGE)
            turn(document)
    elif note:
        add_text(document, note, size=8.5)
    if result.warnings:
        add_text(document, captions(lang)["warnings"], bold=True, size=9)
        for line in result.warnings:
            add_text(document, line, size=9)


def _add_full_notes(document: Document, report: StudyReport) -> None:
    """Append the notes of which the exhibits print a shorter one."""
    full = {exhibit.meta.heading: printed_note(exhibit, report.lang)[1] for exhibit in report.exhibits}
    if any(full.values()):
        document.add_heading(captions(report.lang)["full_notes"], level=1)
    for heading, note in full.items():
        if note:
            add_text(document, heading, bold=True, size=8.5)
            add_text(document, note, size=8.5)


def _add_ledger(document: Document, report: StudyReport) -> None:
    words = captions(report.lang)
    document.add_heading(words["ledger"], level=1)
    if report.ledger.empty:
        document.add_paragraph(words["ledger_empty"])
        return
    document.add_paragraph(words["ledger_lead"])
    header = tuple(words[name] for name in ("step", "subject", "units", "rows", "reason"))
    _add_list(document, header, report.ledger_rows())


def _add_sources(document: Document, report: StudyReport) -> None:
    words = captions(report.lang)
    document.add_heading(words["sources"], level=1)
    for source in report.sources:
        add_text(document, source.title, bold=True)
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
    add_table(document, Table((tuple((text, 1) for text in header),), body), "", "", ("left",) * len(header))
