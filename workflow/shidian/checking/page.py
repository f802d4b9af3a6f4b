"""A report as plain text: sections of lines, wrapped by the width that characters have on a screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from shidian.messages import say

WIDTH = 100
"""Columns of a page."""
SHOWN = 20
"""Most lines of a section that are shown unless all are asked for."""


OPENING, CLOSING = "([{'\"（“《【", ")]}'\".,:;!?）”》】，。、：；"
"""What a line does not end in, and what none begins with."""


@dataclass(frozen=True)
class Finding:
    """A line of a section that is told below the place in which it was found, which is said once."""

    where: str
    text: str


@dataclass(frozen=True)
class Section:
    """A heading and the lines below it, each a message or a finding; ``as_is`` lines are set already."""

    heading: str
    lines: Sequence[str | Finding] = ()
    more: str = ""
    as_is: bool = False


def cut(heading: str, lines: Sequence[str | Finding], *, every: bool) -> Section:
    """Return a section of the first lines, which says how many more there are."""
    left = 0 if every else len(lines) - SHOWN
    more = say("and {n} more lines (--all shows them)", n=left) if left > 0 else ""
    return Section(heading, lines[:SHOWN] if left > 0 else lines, more)


def page(sections: Sequence[Section], translated: Callable[[str], str]) -> str:
    """Return sections as one text.

    Args:
        sections: the sections.
        translated: gives a message in the language of the reader.
    """
    lines: list[str] = []
    for section in sections:
        lines += ["", *wrapped(translated(section.heading), "", "  ")]
        where = ""
        for line in section.lines:
            if isinstance(line, Finding):
                lines += wrapped(f"{translated(line.where)}:", "  ", "    ") if line.where != where else []
                lines += wrapped(translated(line.text), "    ", "      ")
                where = line.where
            else:
                lines += [f"  {line}"] if section.as_is else wrapped(translated(line), "  ", "    ")
        lines += wrapped(translated(section.more), "  ", "    ") if section.more else []
    return "\n".join(lines[1:])


def wrapped(text: str, first: str, later: str) -> list[str]:
    """Return a text in lines of at most ``WIDTH`` columns, broken at blanks and between Chinese characters."""
    lines, line = [], first
    for word in _words(text):
        if width_of(line + word.rstrip()) > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = later
        word = word.lstrip() if not line.strip() else word
        while width_of(line + word.rstrip()) > WIDTH:
            cut = _fitting(word, WIDTH - width_of(line))
            lines.append(line + word[:cut])
            line, word = later, word[cut:]
        line += word
    return [*lines, line.rstrip()]


def width_of(text: str) -> int:
    """Return how many columns a text takes: two for a Chinese character."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Return a text filled up with blanks to a width in columns; on the left where ``right`` is to align it so."""
    blanks = " " * max(0, width - width_of(text))
    return blanks + text if right else text + blanks


def _words(text: str) -> Iterator[str]:
    """Give parts of a text after each of which a line may end."""
    word = ""
    for letter in text:
        if word and _may_part(word[-1], letter):
            yield word
            word = ""
        word += letter
    if word:
        yield word


def _may_part(before: str, after: str) -> bool:
    """Say whether a line may end between two characters."""
    if before == " " or after == " ":
        return before == " " and after != " "
    return (_is_wide(before) or _is_wide(after)) and before not in OPENING and after not in CLOSING


def _is_wide(letter: str) -> bool:
    return east_asian_width(letter) in "WF"


def _fitting(word: str, width: int) -> int:
    for cut in range(1, len(word)):
        if width_of(word[: cut + 1]) > width:
            return cut
    return len(word)
