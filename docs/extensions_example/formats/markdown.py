"""The table as Markdown, for a README or a pull request."""

from __future__ import annotations

from shidian.exhibits.result import ExhibitResult
from shidian.report.study_report import ExhibitMeta, join_note, note_sentences

FORMAT = {"ending": ".md"}


def write(result: ExhibitResult, meta: ExhibitMeta) -> bytes:
    """Return heading, table and note; a spanning text comes first."""
    assert result.table is not None
    lines = [[part for text, span in line for part in (text, *[""] * (span - 1))] for line in result.table.header]
    lines.append(["---"] * len(lines[0]))
    lines += [[row.label, *(cell.text for cell in row.cells)] for row in result.table.rows]
    body = "\n".join("| " + " | ".join(text.replace("|", "\\|") for text in line) + " |" for line in lines)
    note = join_note(note_sentences(result, meta, short=True), meta.lang)
    heading = f"**{meta.heading}**" if meta.heading else ""
    return ("\n\n".join(filter(None, [heading, body, note])) + "\n").encode("utf-8")
