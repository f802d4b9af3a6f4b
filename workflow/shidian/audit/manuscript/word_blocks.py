"""Tables and figures for a Word document: what was printed of an exhibit, fitted to the author's page and styles."""

from __future__ import annotations

import io
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Emu, Pt
from docx.text.paragraph import Paragraph

from shidian.audit.manuscript.blocks import note_of
from shidian.audit.manuscript.controls import block_text
from shidian.audit.manuscript.finished import FinishedExhibit
from shidian.audit.manuscript.marks import BlockMark
from shidian.report.captions import captions
from shidian.report.page.alt_text import alt_text
from shidian.report.tables.word_fields import Caption, write_caption

WIDEST = Emu(16 * 360000)
"""Width of a page's text where a document says nothing, in English metric units."""
TWIP = 635
"""English metric units in a twentieth of a point."""


def word_block(mark: BlockMark, document: Any, part: Any, place: Any) -> list[Any]:
    """Return the elements of a table, or of a figure with caption and note.

    Args:
        mark: what is asked for.
        document: the author's document.
        part: the part of it that the block goes into.
        place: the element in whose place it will stand.

    Raises:
        AuditError: it was not printed, is stale, or does not say SIMULATED.
    """
    width = _text_width(place, document)
    if mark.what == "table":
        elements = list(_table(mark.exhibit, document, width))
    else:
        elements = _figure(mark.exhibit, part, width)
    mark.exhibit.require_mark(block_text(elements))
    return elements


def _table(exhibit: FinishedExhibit, document: Any, width: int) -> Iterator[Any]:
    """Give the body of the exhibit's own Word file, with styles that the author's document has."""
    own = docx.Document(io.BytesIO(exhibit.printed(".docx")))
    section = own.sections[-1]
    scale = min(1.0, width / (section.page_width - section.left_margin - section.right_margin))  # type: ignore[operator]
    styles = {style.style_id for style in document.styles}
    for child in own.element.body:
        if child.tag == qn("w:sectPr"):
            continue
        element = deepcopy(child)
        for name in ("pStyle", "rStyle", "tblStyle"):
            for style in list(element.iter(qn(f"w:{name}"))):
                if style.get(qn("w:val")) not in styles:
                    style.getparent().remove(style)
        for mark in list(element.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"), qn("w:sectPr"))):
            mark.getparent().remove(mark)
        for sized in element.iter(qn("w:gridCol"), qn("w:tcW"), qn("w:tblW")):
            value = sized.get(qn("w:w"))
            if value and value.isdigit() and sized.get(qn("w:type"), "dxa") == "dxa":
                sized.set(qn("w:w"), str(round(int(value) * scale)))
        yield element


def _figure(exhibit: FinishedExhibit, part: Any, width: int) -> list[Any]:
    """Return the picture with its alternative text, its caption and its note."""
    picture, caption = _paragraph(part), _paragraph(part)
    drawn = picture.add_run().add_picture(io.BytesIO(exhibit.printed(".png")))
    if drawn.width > width:
        drawn.height, drawn.width = Emu(round(drawn.height * width / drawn.width)), Emu(width)
    note = note_of(exhibit)
    said = alt_text(exhibit, exhibit.meta.lang)
    mark = captions(exhibit.meta.lang)["simulated"] if exhibit.meta.simulated else ""
    drawn._inline.docPr.set("descr", f"{said} {mark}".strip())
    picture.paragraph_format.keep_with_next = True
    write_caption(
        caption, Caption.of(replace(exhibit.meta, title=exhibit.meta.title or exhibit.meta.id), has_table=False)
    )
    for run in caption.runs:
        run.bold = True
    picture.alignment = caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
    elements = [picture._p, caption._p]
    if note:
        caption.paragraph_format.keep_with_next = True
        below = _paragraph(part)
        below.add_run(note).font.size = Pt(8.5)
        elements.append(below._p)
    return elements


def _paragraph(part: Any) -> Paragraph:
    from docx.oxml import OxmlElement

    return Paragraph(OxmlElement("w:p"), _Story(part))


class _Story:
    """What a paragraph outside any body asks for: the part that its pictures go to."""

    def __init__(self, part: Any) -> None:
        self.part = part


def _text_width(place: Any, document: Any) -> int:
    """Return the width of the text where an element stands: that of its table's cell, else of its section."""
    for cell in place.iterancestors(qn("w:tc")):
        found = cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}")
        if found is not None and found.get(qn("w:type")) == "dxa":
            return int(found.get(qn("w:w"))) * TWIP
    body = document.element.body
    top = next((e for e in [place, *place.iterancestors()] if e.getparent() is body), None)
    behind = [top, *top.itersiblings()] if top is not None else [body[-1]]
    section = next((s for element in behind for s in element.iter(qn("w:sectPr"))), None)
    if section is None or section.find(qn("w:pgSz")) is None:
        return WIDEST
    size, margins = section.find(qn("w:pgSz")), section.find(qn("w:pgMar"))
    sides = sum(int(margins.get(qn(f"w:{s}"), 0)) for s in ("left", "right")) if margins is not None else 0
    return (int(size.get(qn("w:w"), 11906)) - sides) * TWIP
