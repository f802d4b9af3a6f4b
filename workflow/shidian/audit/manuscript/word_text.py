"""Paragraphs of a Word document as text, whatever runs Word has split them into, and marks cut out of them."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

from shidian.audit.manuscript.marks import MARK

P, R, T, RPR, MOVED = qn("w:p"), qn("w:r"), qn("w:t"), qn("w:rPr"), qn("w:moveFrom")
SPACE = qn("xml:space")
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


@dataclass(frozen=True)
class WordMark:
    """A mark in a paragraph.

    Attributes:
        paragraph: the ``w:p`` element.
        text: what stands between the braces.
        span: where its characters lie in the paragraph's text.
        alone: whether the paragraph holds nothing else.
    """

    paragraph: Any
    text: str
    span: tuple[int, int]
    alone: bool


def texts_of(paragraph: Any) -> list[Any]:
    """Return the ``w:t`` elements of a paragraph, without those of text boxes in it and of words moved elsewhere."""
    return [
        t
        for t in paragraph.iter(T)
        if next(t.iterancestors(P)) is paragraph and next(t.iterancestors(MOVED), None) is None
    ]


def text_of(paragraph: Any) -> str:
    """Return the text of a paragraph."""
    return "".join(t.text or "" for t in texts_of(paragraph))


def marks_of(root: Any) -> list[WordMark]:
    """Return the marks in all paragraphs of a part, those of one paragraph last to first."""
    found = []
    for paragraph in root.iter(P):
        text = text_of(paragraph)
        for m in reversed(list(MARK.finditer(text))):
            alone = text.strip() == m[0] and not _pictures(paragraph)
            found.append(WordMark(paragraph, m[1].strip(), m.span(), alone))
    return found


def cut_out(mark: WordMark) -> Any:
    """Return the run that holds all of a mark and nothing else, formatted as its first letter.

    The paragraph's other runs keep their text and their format.
    """
    start, end = mark.span
    _split_at(mark.paragraph, start)
    _split_at(mark.paragraph, end)
    inside = list(_between(mark.paragraph, start, end))
    first = inside[0]
    first.text = "".join(t.text or "" for t in inside)
    for t in inside[1:]:
        run = t.getparent()
        run.remove(t)
        if all(child.tag == RPR for child in run):
            run.getparent().remove(run)
    return first.getparent()


def set_text(t: Any, text: str) -> None:
    """Write the text of a ``w:t``, blanks at its ends kept."""
    t.text = text
    t.set(SPACE, "preserve")


def _between(paragraph: Any, start: int, end: int) -> Iterator[Any]:
    at = 0
    for t in texts_of(paragraph):
        length = len(t.text or "")
        if start <= at and at + length <= end and length:
            yield t
        at += length


def _split_at(paragraph: Any, offset: int) -> None:
    """Split the run in which a character lies, so that it begins a run of its own."""
    at = 0
    for t in texts_of(paragraph):
        text = t.text or ""
        if at < offset < at + len(text):
            rest = deepcopy(t)
            set_text(rest, text[offset - at :])
            set_text(t, text[: offset - at])
            t.addnext(rest)
            _move_from(rest)
            return
        if at == offset and text:
            _move_from(t)
            return
        if at + len(text) == offset and text and (later := t.getnext()) is not None:
            _move_from(later)
            return
        at += len(text)


def _move_from(child: Any) -> None:
    """Put a child of a run and all behind it into a new run of the same format, where anything stands before it."""
    run = child.getparent()
    before = [c for c in child.itersiblings(preceding=True) if c.tag != RPR]
    if not before:
        return
    new = run.makeelement(R, dict(run.attrib))
    if run.find(RPR) is not None:
        new.append(deepcopy(run.find(RPR)))
    for later in [child, *child.itersiblings()]:
        new.append(later)
    run.addnext(new)


def _pictures(paragraph: Any) -> bool:
    return any(paragraph.iter(qn("w:drawing"), qn("w:pict"), qn("w:object")))
