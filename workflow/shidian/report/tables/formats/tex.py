"""The table and its note as LaTeX."""

from __future__ import annotations

from shidian.exhibits.result import ExhibitResult
from shidian.report.study_report import ExhibitMeta, join_note, note_sentences
from shidian.report.tables.latex import table_latex
from shidian.report.tables.look import Look

FORMAT = {"ending": ".tex"}


def write(result: ExhibitResult, meta: ExhibitMeta) -> bytes:
    """Return the table environment."""
    assert result.table is not None
    note = join_note(note_sentences(result, meta, short=True), meta.lang)
    return table_latex(result.table, meta.title, note, meta.id, meta.lang, Look.of(meta.printing)).encode("utf-8")
