"""Fields of Word: captions that number themselves, references to them, and the lists made of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length
from docx.text.paragraph import Paragraph

from shidian.report.captions import captions
from shidian.report.study_report import ExhibitMeta
from shidian.report.typography import with_minus

_COUNTED = re.compile(r"^(.*?)(\d+)(\D*)$")
"""Words, the last digits and what stands behind them (第5.3.1节)."""
ENTRY = "table of figures"
"""Style of the lines of lists of tables and figures, by Word's own name."""


@dataclass(frozen=True)
class Caption:
    """What stands above a table or below a figure.

    Attributes:
        number: as printed, e.g. ``"Table 2"``, ``"Table A1"``, ``"图1"``; empty for none.
        title: without the number.
        figure: True counts it among the figures, False among the tables.
        lang: ``"en"`` or ``"zh"``; the sequence is then called 表 or 图, as in Word's own Chinese captions.
    """

    number: str
    title: str
    figure: bool = False
    lang: str = "en"

    @classmethod
    def of(cls, meta: ExhibitMeta, has_table: bool) -> Caption:
        """Return the caption of an exhibit: of a figure where its number says so, or where it prints no table."""
        figure = captions(meta.lang)["figure"].format(n="").strip()
        return cls(meta.number, meta.title, meta.number.startswith(figure) or not has_table, meta.lang)

    @property
    def text(self) -> str:
        """Number and title."""
        return "  ".join(part for part in (self.number, self.title) if part)

    @property
    def sequence(self) -> str:
        """Name of the sequence that numbers it: that of Word's own captions in the language."""
        return captions(self.lang)["figure" if self.figure else "table"].format(n="").strip()

    @property
    def bookmark(self) -> str:
        """Name of the bookmark around the number, the same in each run; empty where there is no number."""
        digest = hashlib.sha256(f"{self.number} {self.title}".encode()).hexdigest()
        return f"_Ref{int(digest[:8], 16):010d}" if self.number else ""


def add_caption(document: Document, caption: Caption) -> Paragraph:
    """Append a caption whose number is a ``SEQ`` field inside a bookmark, and return its paragraph.

    The field is told its number (``\\r``), so that updating the fields of a report or of one table's file changes none.
    """
    paragraph = document.add_paragraph(style="Caption")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    mark = _id(document)
    if caption.number:
        _bookmark(paragraph, "Start", mark, caption.bookmark)
    _write_number(paragraph, caption)
    if caption.number:
        _bookmark(paragraph, "End", mark)
    _write_title(paragraph, caption)
    return paragraph


def write_caption(paragraph: Paragraph, caption: Caption) -> None:
    """Append number and title of a caption, the number a field, without a bookmark."""
    _write_number(paragraph, caption)
    _write_title(paragraph, caption)


def _write_number(paragraph: Paragraph, caption: Caption) -> None:
    counted = _COUNTED.match(caption.number)
    if counted:  # "Truth 1", "Section 5.3.4" too: what else could count them, a hidden field, LibreOffice prints
        paragraph.add_run(counted[1])
        add_field(paragraph, rf"SEQ {caption.sequence} \* ARABIC \r {counted[2]}", counted[2])
        if counted[3]:
            paragraph.add_run(counted[3])
    elif caption.number:  # an appendix without a digit: printed as it is, and counted for the list
        paragraph.add_run(caption.number)
        add_field(paragraph, rf"SEQ {caption.sequence} \h", "")


def _write_title(paragraph: Paragraph, caption: Caption) -> None:
    paragraph.add_run(with_minus("  " * bool(caption.number and caption.title) + caption.title))


def add_field(paragraph: Paragraph, instruction: str, shown: str, *, outdated: bool = False) -> None:
    """Append a field with the result that is shown until Word updates it; an outdated one it updates when opened."""
    _open(paragraph, instruction, outdated)
    if shown:
        paragraph.add_run(shown)
    _mark(paragraph, "end")


def add_list(document: Document, instruction: str, entries: Iterable[tuple[str, str]]) -> None:
    """Append a list that Word makes of captions or headings, with the lines it will have.

    Args:
        document: the document to append to.
        instruction: the ``TOC`` field.
        entries: text and bookmark of each line; nothing is appended where there are none.
    """
    lines = list(entries)
    for i, (text, bookmark) in enumerate(lines):
        paragraph = document.add_paragraph(style=ENTRY)
        if i == 0:
            _open(paragraph, instruction, outdated=True)
        _link(paragraph, with_minus(text), bookmark)
        if i == len(lines) - 1:
            _mark(paragraph, "end")


def write_with_references(
    paragraph: Paragraph, text: str, references: Mapping[str, str], size: Length | None = None, *, bold: bool = False
) -> None:
    """Append a text in which the numbers of exhibits are ``REF`` fields.

    Args:
        paragraph: what is appended to.
        text: the text.
        references: number as printed -> bookmark.
        size, bold: of the paragraph's text.
    """
    longest = sorted(references, key=len, reverse=True)
    named = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest))})(?![\w.])" if longest else "(?!)")
    for i, piece in enumerate(named.split(with_minus(text))):
        if i % 2:
            add_field(paragraph, rf"REF {references[piece]} \h", piece)
        elif piece:
            paragraph.add_run(piece)
    for run in paragraph.runs:
        run.font.size, run.bold = size, bold or None


def entry_style(document: Document, width: int) -> None:
    """Add the style of a list's lines: page numbers flush right behind dots."""
    style: Any = document.styles.add_style(ENTRY, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    style.base_style = document.styles["Normal"]
    style.paragraph_format.space_after = 0
    style.paragraph_format.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def bookmarked_heading(document: Document, text: str, name: str) -> Paragraph:
    """Append a heading of a section inside a bookmark."""
    paragraph = document.add_heading(level=1)
    mark = _id(document)
    _bookmark(paragraph, "Start", mark, name)
    paragraph.add_run(with_minus(text))
    _bookmark(paragraph, "End", mark)
    return paragraph


def _link(paragraph: Paragraph, text: str, bookmark: str) -> None:
    """Append a line of a list: text and page, which lead to the bookmark."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), bookmark)
    link.set(qn("w:history"), "1")
    before = len(paragraph._p)
    paragraph.add_run(text)
    paragraph.add_run("\t")
    add_field(paragraph, rf"PAGEREF {bookmark} \h", "", outdated=True)
    for run in list(paragraph._p)[before:]:
        link.append(run)
    paragraph._p.append(link)


def _open(paragraph: Paragraph, instruction: str, outdated: bool) -> None:
    """Append the part of a field before its result."""
    _mark(paragraph, "begin", dirty=outdated)
    code = OxmlElement("w:instrText")
    code.set(qn("xml:space"), "preserve")
    code.text = f" {instruction} "
    paragraph.add_run()._r.append(code)
    _mark(paragraph, "separate")


def _mark(paragraph: Paragraph, kind: str, *, dirty: bool = False) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    if dirty:
        mark.set(qn("w:dirty"), "true")
    paragraph.add_run()._r.append(mark)


def _bookmark(paragraph: Paragraph, edge: str, mark: int, name: str = "") -> None:
    found = OxmlElement(f"w:bookmark{edge}")
    found.set(qn("w:id"), str(mark))
    if name:
        found.set(qn("w:name"), name)
    paragraph._p.append(found)


def _id(document: Document) -> int:
    """Return a number that no bookmark of the document has yet."""
    return len(list(document.element.body.iter(qn("w:bookmarkStart"))))
