"""The page, the size and the columns of a table in Word: measured, so that no number is broken in two."""

from __future__ import annotations

import re

from docx.shared import Cm, Pt

from shidian.exhibits.result import Table
from shidian.report.tables.latex_text import em_width, unbreakable
from shidian.report.tables.structure import alignments, is_heading
from shidian.report.typography import unbroken

PAGE, TURNED = int(Cm(16)), int(Cm(24.7))
"""Width of the text of an A4 page with margins of 2.5 cm, upright and turned."""
_STEPS = ((False, 9.0), (False, 8.0), (True, 9.0), (True, 8.0), (True, 7.0), (True, 6.0), (True, 5.0))
_MARGINS = int(Cm(0.42))
"""What a cell has left and right of its text."""
_CHINESE, _FEWEST = re.compile("[\u3400-\u9fff]"), 4.0
"""Chinese may break behind any character: a column of it is as wide as so many, or stands on end."""
_WIDEST, _STUB = 20.0, 6.0
"""Ems that a column gets at most before others have theirs, and that the stub keeps."""


def page_of(table: Table) -> tuple[bool, float]:
    """Return whether a table's page is turned and its size in points: the first at which no word or number breaks."""
    least, _ = _ems(table)
    for turned, size in _STEPS:
        if sum(_width(em, size) for em in least) <= (TURNED if turned else PAGE):
            return turned, size
    return _STEPS[-1]


def column_shares(table: Table, page: int, size: float) -> list[int]:
    """Return the widths of the stub and the columns, which add up to the page.

    Each has room for its longest number or word; what is left goes to those whose texts are longer.
    """
    least, whole = ([_width(em, size) for em in ems] for ems in _ems(table))
    room = page - sum(least)
    wanted = [long - short for long, short in zip(whole, least, strict=True)]
    if room < 0 or room >= sum(wanted):
        needs = least if room < 0 else whole
        return [round(page * need / sum(needs)) for need in needs]
    return [short + round(room * want / sum(wanted)) for short, want in zip(least, wanted, strict=True)]


def _ems(table: Table) -> tuple[list[float], list[float]]:
    """Return for the stub and each column the ems of its longest piece that must not break, and of its longest text."""
    least, whole = [_STUB] + [0.0] * (len(alignments(table)) - 1), [0.0] * len(alignments(table))
    for j, text in _texts(table):
        kept = unbroken(text)
        whole[j] = max(whole[j], min(_WIDEST, em_width(kept)))
        least[j] = max([least[j], *(em_width(piece) for piece in _pieces(kept))])
        if _CHINESE.search(kept):
            least[j] = max(least[j], min(_FEWEST, em_width(kept)))
    least[0] = min(least[0], max(whole[0], 1.0)) if whole[0] < _STUB else least[0]
    return least, [max(pair) for pair in zip(least, whole, strict=True)]


def _texts(table: Table) -> list[tuple[int, str]]:
    found = []
    for line in table.header:
        at = 0
        for text, span in line:
            found += [(at, text)] if span == 1 else []
            at += span
    body = [row for row in table.rows if not is_heading(row)]
    return found + [(j, text) for row in body for j, text in enumerate((row.label, *(c.text for c in row.cells)))]


def _pieces(text: str) -> list[str]:
    """Return what must stay on one line: a word, a Chinese character, a number with all that is tied to it."""
    return [
        piece
        for word in re.split(r"[ \t\n]+", text)
        for piece in ([word] if "\u00a0" in word or not any(c.isalpha() for c in word) else unbreakable(word))
    ]


def _width(em: float, size: float) -> int:
    return round(em * size * 1.03 * int(Pt(1))) + _MARGINS
