"""The table as reStructuredText, for documents that Sphinx builds."""

from __future__ import annotations

from shidian.exhibits.result import ExhibitResult
from shidian.report.study_report import ExhibitMeta, join_note, note_sentences

FORMAT = {"ending": ".rst"}


def write(result: ExhibitResult, meta: ExhibitMeta) -> bytes:
    """Return heading, table and note; a spanning text comes first."""
    assert result.table is not None
    lines = [[part for text, span in line for part in (text, *[""] * (span - 1))] for line in result.table.header]
    heads = len(lines)
    lines += [[row.label, *(cell.text for cell in row.cells)] for row in result.table.rows]
    body = "\n".join("   * - " + "\n     - ".join(map(_escaped, line)) for line in lines)
    note = _escaped(join_note(note_sentences(result, meta, short=True), meta.lang))
    title = f".. list-table:: {_escaped(meta.heading)}\n   :header-rows: {heads}"
    return ("\n\n".join(filter(None, [title, body, note])) + "\n").encode("utf-8")


def _escaped(text: str) -> str:
    """Return text in which no sign means anything to reStructuredText."""
    return "".join(f"\\{sign}" if sign in "\\*`|_" else sign for sign in text)
