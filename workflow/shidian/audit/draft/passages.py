"""A manuscript as passages of plain text that know where each character stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

REFERENCES = re.compile(
    r"\W*(?:[\dIVX]+\.?\s+)?(?:references?|bibliography|works cited|literature cited|参考文献|引用文献)\W*", re.I
)
"""A heading of the list of references."""
UNCHECKED = re.compile(r"unchecked(?:\s+(begin|end))?\b", re.I)


@dataclass(frozen=True)
class Passage:
    """A paragraph, a row of a table or a page.

    Attributes:
        text: what it says, without markup.
        places: (offset in the text, where that stands), ascending.
        section: heading above it; "" for none.
        skipped: why none of its numbers is checked ("references", "unchecked"); "" where they are.
    """

    text: str
    places: tuple[tuple[int, str], ...]
    section: str = ""
    skipped: str = ""

    def where(self, offset: int) -> str:
        """Return where a character stands."""
        at = bisect_right([start for start, _ in self.places], offset) - 1
        return self.places[max(at, 0)][1]


@dataclass(frozen=True)
class Line:
    """One line of a manuscript: its text without markup, where it stands, the heading that it is, the mark in it."""

    text: str
    where: str
    heading: str = ""
    mark: str = ""


def passages(lines: Iterable[Line], *, whole: bool = False) -> Iterator[Passage]:
    """Join lines to paragraphs, which blank lines and headings part.

    A mark "unchecked" covers its paragraph, or the next one where it stands alone; "unchecked begin" covers all until
    "unchecked end". All below a heading of references is none of the author's claims.

    Args:
        lines: the lines.
        whole: each line is a paragraph of its own.
    """
    section, listed, between, pending = "", False, False, False
    kept: list[Line] = []

    def closed() -> Iterator[Passage]:
        nonlocal pending
        marked = any(line.mark == "unchecked" for line in kept)
        if any(line.text.strip() for line in kept):
            why = "references" if listed else "unchecked" if marked or pending or between else ""
            yield _passage(kept, section, why)
            pending = False
        elif marked:
            pending = True
        kept.clear()

    for line in lines:
        if whole or line.heading or not (line.text.strip() or line.mark):
            yield from closed()
        if line.mark in ("begin", "end"):
            yield from closed()
            between = line.mark == "begin"
        if line.heading:
            section, listed = line.heading, bool(REFERENCES.fullmatch(line.heading))
        kept.append(line)
        if line.heading:
            yield from closed()
    yield from closed()


def mark_of(comment: str) -> str:
    """Return "unchecked", "begin" or "end" of a comment, "" where it is no mark."""
    found = UNCHECKED.match(comment.strip())
    return (found[1] or "unchecked").lower() if found else ""


def _passage(lines: list[Line], section: str, skipped: str) -> Passage:
    text, places = "", []
    for line in lines:
        places.append((len(text), line.where))
        text += line.text + "\n"
    return Passage(text, tuple(places), section, skipped)
