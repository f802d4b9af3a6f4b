"""The table and its note as Markdown, for a README, a Quarto document or a pull request."""

from __future__ import annotations

from shidian.exhibits.result import ExhibitResult
from shidian.report.study_report import ExhibitMeta, join_note, note_sentences
from shidian.report.tables.markdown import as_markdown, table_markdown

FORMAT = {"ending": ".md"}


def write(result: ExhibitResult, meta: ExhibitMeta) -> bytes:
    """Return heading, table and note."""
    assert result.table is not None
    heading = f"**{as_markdown(meta.heading)}**" if meta.heading else ""
    note = as_markdown(join_note(note_sentences(result, meta, short=True), meta.lang))
    return ("\n\n".join(filter(None, [heading, table_markdown(result.table), note])) + "\n").encode("utf-8")
