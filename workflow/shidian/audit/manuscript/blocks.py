"""Tables and figures as text: LaTeX, and Markdown as Pandoc and Quarto read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from shidian.audit.manuscript.finished import FinishedExhibit
from shidian.audit.manuscript.marks import BlockMark
from shidian.report.study_report import join_note, note_sentences
from shidian.report.tables.latex import escape
from shidian.report.tables.markdown import as_markdown, table_markdown


@dataclass
class Pictures:
    """Figures that are copied beside a manuscript.

    Attributes:
        folder: name of the folder beside it.
        files: name in that folder -> content.
    """

    folder: str
    files: dict[str, bytes] = field(default_factory=dict)

    def add(self, exhibit: FinishedExhibit, ending: str) -> str:
        """Take a figure and return its path as the manuscript names it."""
        name = f"{exhibit.meta.id}{ending}"
        self.files[name] = exhibit.printed(ending)
        return f"{self.folder}/{name}"


def tex_block(mark: BlockMark, pictures: Pictures) -> str:
    """Return a table as it was printed for LaTeX, or a figure with caption and note.

    Raises:
        AuditError: it was not printed, is stale, or does not say SIMULATED.
    """
    exhibit = mark.exhibit
    if mark.what == "table":
        text = exhibit.printed(".tex").decode("utf-8").strip()
    else:
        path, note = pictures.add(exhibit, ".pdf"), note_of(exhibit)
        text = "\n".join(
            [
                r"\begin{figure}[htbp]",
                r"\centering",
                rf"\includegraphics[width=\linewidth]{{{path}}}",
                rf"\caption{{{escape(exhibit.meta.title or exhibit.meta.id)}}}",
                rf"\label{{fig:{exhibit.meta.id}}}",
                *([rf"\par\footnotesize {escape(note)}"] if note else []),
                r"\end{figure}",
            ]
        )
    exhibit.require_mark(text)
    return text


def markdown_block(mark: BlockMark, pictures: Pictures) -> str:
    """Return a table of pipes with caption and note, or a figure as a link to the copied picture.

    Raises:
        AuditError: it was not printed, is stale, or does not say SIMULATED.
    """
    exhibit = mark.exhibit
    note, heading = note_of(exhibit), exhibit.meta.heading
    if mark.what == "table":
        exhibit.printed(".csv")
        assert exhibit.result.table is not None
        parts = [
            f"**{as_markdown(heading)}**" if heading else "",
            table_markdown(exhibit.result.table),
            as_markdown(note),
        ]
    else:
        parts = [f"![{as_markdown(heading or exhibit.meta.id)}]({pictures.add(exhibit, '.png')})", as_markdown(note)]
    text = "\n\n".join(part for part in parts if part)
    exhibit.require_mark(text)
    return text


def note_of(exhibit: FinishedExhibit) -> str:
    """Return the note as a journal prints it."""
    meta = exhibit.meta
    return join_note(note_sentences(exhibit.result, meta, short=True), meta.lang)


BLOCK_WRITERS: Mapping[str, Callable[[BlockMark, Pictures], str]] = {
    ".tex": tex_block, ".md": markdown_block, ".qmd": markdown_block,
}  # fmt: skip
"""Ending of a manuscript -> what writes a block into it."""
