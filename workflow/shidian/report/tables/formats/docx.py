"""The table and its note as a Word document."""

from __future__ import annotations

from shidian.exhibits.result import ExhibitResult
from shidian.report.study_report import ExhibitMeta, join_note, note_sentences
from shidian.report.tables.look import Look
from shidian.report.tables.word import table_docx
from shidian.report.tables.word_fields import Caption

FORMAT = {"ending": ".docx"}


def write(result: ExhibitResult, meta: ExhibitMeta) -> bytes:
    """Return the document."""
    assert result.table is not None
    caption = Caption.of(meta, has_table=True) if meta.heading else None
    note = join_note(note_sentences(result, meta, short=True), meta.lang)
    return table_docx(result.table, caption, note, Look.of(meta.printing))
