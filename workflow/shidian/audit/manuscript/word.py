"""Word: marks filled inside content controls, in body, headers, footers, footnotes and endnotes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import docx
from docx.opc.oxml import serialize_part_xml
from docx.opc.part import XmlPart
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from shidian.audit.manuscript.controls import Control, block_text, controls_in, refill, wrap_block, wrap_inline
from shidian.audit.manuscript.marks import MARK, BlockMark
from shidian.audit.manuscript.regions import Change, Log, digest, edited, no_end
from shidian.audit.manuscript.word_blocks import word_block
from shidian.audit.manuscript.word_text import MATH, P, cut_out, marks_of, text_of
from shidian.errors import AuditError
from shidian.messages import say

Ask = Callable[[str], str | BlockMark | None]
"""Text of a mark -> the number as printed, the block that it asks for, or None for braces of the author's own."""
Begun = Callable[[str], Iterator[tuple[int, str]]]
"""Text of a paragraph -> offset and beginning of each mark that has no end."""
STORIES = ("document.main", "header", "footer", "footnotes", "endnotes")


def filled_word(content: bytes, ask: Ask, log: Log, *, begun: Begun, replace_edited: bool = False) -> bytes:
    """Return a document with its marks filled and what an earlier run inserted replaced; nothing else changes.

    Args:
        content: the document.
        ask: what a mark asks for; raises ``AuditError`` where it cannot be had.
        log: gathers changes and faults.
        begun: finds marks without an end.
        replace_edited: replace also what the author edited since.

    Raises:
        AuditError: the file is no Word document.
    """
    document = open_word(content)
    for part, root, name in stories(document):
        for control in controls_in(root):
            _again(control, document, part, ask, log, replace_edited, name)
        _refuse_unread(root, ask, begun, log, name)
        for mark in marks_of(root):
            try:
                given = ask(mark.text)
                if given is None:
                    log.left.append(f"{{{{{mark.text}}}}}")
                elif isinstance(given, str):
                    wrap_inline(cut_out(mark), mark.text, given)
                    log.changes.append(Change(mark.text, "", given))
                else:
                    _block(mark, given, document, part, log)
            except AuditError as problem:
                log.faults.append((_where(mark.paragraph, root, name), f"{{{{{mark.text}}}}}", str(problem)))
        if not isinstance(part, XmlPart):
            part._blob = serialize_part_xml(root)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def open_word(content: bytes) -> Any:
    """Return a Word document.

    Raises:
        AuditError: the file is none, or is locked by a password.
    """
    try:
        return docx.Document(io.BytesIO(content))
    except Exception as problem:  # python-docx raises what its zip and XML readers do
        raise AuditError(
            say("is no Word document (.docx) that can be read: {what}", what=str(problem).splitlines()[0][:120])
        ) from problem


def stories(document: Any) -> Iterator[tuple[Any, Any, str]]:
    """Give each part that holds paragraphs, its root element, and what it is called ("" for the body)."""
    for part in document.part.package.iter_parts():
        kind = next((name for name in STORIES if part.content_type.endswith(f".{name}+xml")), None)
        if kind:
            root = part.element if isinstance(part, XmlPart) else parse_xml(part.blob)
            yield part, root, "" if kind == STORIES[0] else kind


def _refuse_unread(root: Any, ask: Ask, begun: Begun, log: Log, name: str) -> None:
    """Log marks that have no end, and those in equations, where Word keeps no content control."""
    for paragraph in root.iter(P):
        for _, head in begun(text_of(paragraph)):
            log.faults.append((_where(paragraph, root, name), head, no_end()))
    for equation in root.iter(f"{MATH}oMath"):
        for found in MARK.finditer("".join(t.text or "" for t in equation.iter(f"{MATH}t"))):
            try:
                given = ask(found[1].strip())
            except AuditError:
                given = ""
            if given is not None:
                what = say("stands in an equation, where Word keeps no content control: write it beside the equation")
                log.faults.append((_where(equation, root, name), found[0], what))


def _block(mark: Any, given: BlockMark, document: Any, part: Any, log: Log) -> None:
    if not mark.alone:
        raise AuditError(say("a table or figure needs a paragraph of its own"))
    if not isinstance(part, XmlPart):
        raise AuditError(say("a table or figure cannot stand in a note"))
    children = word_block(given, document, part, mark.paragraph)
    wrap_block(mark.paragraph, mark.text, children)
    log.changes.append(Change(mark.text, "", block_text(children), block=True))


def _again(
    control: Control, document: Any, part: Any, ask: Ask, log: Log, replace_edited: bool, name: str
) -> None:  # fmt: skip
    """Put into a control what its mark asks for now."""
    before, shown = control.text, f"{{{{{control.mark}}}}}"
    where = _where(control.element, control.element.getroottree().getroot(), name)
    try:
        if digest(before) != control.digest and not replace_edited:
            raise AuditError(edited())
        given = ask(control.mark)
        if given is None:
            raise AuditError(say("is no mark of this study"))
        if isinstance(given, str):
            after = given
            if digest(after) != digest(before):
                refill(control, given)
        else:
            children = word_block(given, document, part, control.element)
            after = block_text(children)
            old = [blip.get(qn("r:embed")) for blip in control.content.iter(qn("a:blip"))]
            refill(control, "", children)
            _drop_pictures(old, part)
    except AuditError as problem:
        log.faults.append((where, shown, str(problem)))
        return
    log.changes.append(Change(control.mark, before, after, not isinstance(given, str)))


def _drop_pictures(relations: list[str], part: Any) -> None:
    """Let go of the pictures that nothing shows any more, so that a document does not grow by each run."""
    shown = {blip.get(qn("r:embed")) for blip in part.element.iter(qn("a:blip"))}
    for relation in set(relations) - shown:
        part.rels.pop(relation, None)


def _where(element: Any, root: Any, name: str) -> str:
    """Return which paragraph of a part an element stands in, with its first words."""
    paragraph = element if element.tag == qn("w:p") else next(element.iterancestors(qn("w:p")), None)
    if paragraph is None:
        paragraph = next(element.iter(qn("w:p")), None)
    known = list(root.iter(qn("w:p")))
    at = known.index(paragraph) + 1 if paragraph in known else 0
    words = text_of(paragraph)[:30] if paragraph is not None else ""
    part = f"{name} " if name else ""
    return say("{part}paragraph {n} ('{words}')", part=part, n=at, words=words)
