"""Content controls around what was inserted into a Word document: they survive editing, and name their mark."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from shidian.audit.manuscript.regions import digest
from shidian.audit.manuscript.word_text import RPR, R, T, set_text
from shidian.errors import AuditError
from shidian.messages import say

SDT, TAG, ALIAS, CONTENT = qn("w:sdt"), qn("w:tag"), qn("w:alias"), qn("w:sdtContent")
PREFIX = "shidian:"
LONGEST = 64
"""Characters that Word keeps of a tag, and of a title."""


@dataclass(frozen=True)
class Control:
    """A content control of ours: its element, its mark, and the digest of what was inserted."""

    element: Any
    mark: str
    digest: str

    @property
    def content(self) -> Any:
        """The element that holds what was inserted."""
        return self.element.find(CONTENT)

    @property
    def text(self) -> str:
        """What stands in it now, deleted text of tracked changes aside."""
        return "".join(t.text or "" for t in self.content.iter(T))


def controls_in(root: Any) -> list[Control]:
    """Return our content controls in a part."""
    found = []
    for element in root.iter(SDT):
        tag, alias = (element.find(f"{qn('w:sdtPr')}/{name}") for name in (TAG, ALIAS))
        value = tag.get(qn("w:val")) if tag is not None else ""
        if value and value.startswith(PREFIX) and element.find(CONTENT) is not None:
            old, _, mark = value.removeprefix(PREFIX).partition(":")
            mark += alias.get(qn("w:val")) if alias is not None and len(value) == LONGEST else ""
            found.append(Control(element, mark, old))
    return found


def wrap_inline(run: Any, mark: str, text: str) -> None:
    """Put a run into a control and write a number into it.

    Raises:
        AuditError: the mark is too long for Word to keep.
    """
    element = _control(mark, text, run)
    run.addprevious(element)
    element.find(CONTENT).append(run)
    _write(run, text)


def wrap_block(paragraph: Any, mark: str, children: Sequence[Any]) -> None:
    """Put a control with paragraphs and tables in the place of a paragraph, which stays where it must.

    It stays where it ends a section or a table's cell, or carries bookmarks of the author's.

    Raises:
        AuditError: the mark is too long for Word to keep.
    """
    element = _control(mark, block_text(children), paragraph)
    element.find(CONTENT).extend(children)
    paragraph.addprevious(element)
    last_of_cell = paragraph.getparent().tag == qn("w:tc") and paragraph.getnext() is None
    if last_of_cell or any(paragraph.iter(qn("w:sectPr"), qn("w:bookmarkStart"), qn("w:bookmarkEnd"))):
        for run in list(paragraph.iter(R)):
            run.getparent().remove(run)
    else:
        paragraph.getparent().remove(paragraph)


def refill(control: Control, text: str, children: Sequence[Any] = ()) -> None:
    """Replace what stands in a control: a number in the format that the author gave it, or paragraphs and tables."""
    content = control.content
    if children:
        for child in list(content):
            content.remove(child)
        content.extend(children)
    else:
        runs = list(content.iter(R))
        run = runs[0] if runs else OxmlElement("w:r")
        for child in list(content):
            content.remove(child)
        content.append(run)
        _write(run, text)
    _mark_as(control.element, control.mark, digest(block_text(children) if children else text))


def block_text(children: Sequence[Any]) -> str:
    """Return all text of paragraphs and tables."""
    return "".join(t.text or "" for child in children for t in child.iter(T))


def _control(mark: str, text: str, place: Any) -> Any:
    element = OxmlElement("w:sdt")
    properties = OxmlElement("w:sdtPr")
    if place.tag == R and place.find(RPR) is not None:
        properties.append(deepcopy(place.find(RPR)))
    properties.extend([OxmlElement("w:alias"), OxmlElement("w:tag")])
    element.extend([properties, OxmlElement("w:sdtContent")])
    _mark_as(element, mark, digest(text))
    return element


def _mark_as(element: Any, mark: str, of: str) -> None:
    value = f"{PREFIX}{of}:{mark}"
    if len(value) > 2 * LONGEST:
        raise AuditError(say("has a name too long for Word to keep ({n} characters)", n=len(mark)))
    properties = element.find(qn("w:sdtPr"))
    properties.find(TAG).set(qn("w:val"), value[:LONGEST])
    alias = properties.find(ALIAS)
    if alias is None:
        alias = OxmlElement("w:alias")
        properties.insert(0, alias)
    alias.set(qn("w:val"), value[LONGEST:] if len(value) >= LONGEST else "shidian")


def _write(run: Any, text: str) -> None:
    """Write a text into a run, which keeps its format."""
    for child in [c for c in run if c.tag != RPR]:
        run.remove(child)
    t = OxmlElement("w:t")
    set_text(t, text)
    run.append(t)
