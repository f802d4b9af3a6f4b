"""The page of a LaTeX table: font step, landscape and columns that wrap, chosen by the measured widths of its texts.

The page is that of an article on A4 with margins of 2.5 cm, or that which a style names; text of 11 points, the largest
of most classes. All lengths are points of TeX.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shidian.exhibits.result import Table
from shidian.report.fonts import needs_cjk
from shidian.report.tables.latex_cells import Aligned, aligned
from shidian.report.tables.latex_text import em_width, unbreakable
from shidian.report.tables.look import A4, Page
from shidian.report.tables.structure import alignments, is_heading
from shidian.report.typography import with_minus

_PROSE, _STUB = 15.0, 11.0
"""Ems that a column of sentences and the stub keep before the page is turned or set smaller."""
_HEADER = 4.1
"""Ems below which a header is not broken: four Chinese characters."""
_SLACK = 2.0
_CHINESE_LEADING = 1.3
_WRAPPED = 1.25
"""Lines that a wrapped text may need more than its width says."""


@dataclass(frozen=True)
class Step:
    """A font step: command, width that an em of ten points and a raised star have in it, base line,
    half the gap between columns."""

    command: str
    em: float
    star: float
    line: float
    gap: float
    landscape: bool = False


_NORMAL, _SMALL = Step("", 10.95, 4.76, 13.6, 6.0), Step(r"\small", 10.0, 4.6, 12.0, 5.0)
_NOTE, _SCRIPT = Step(r"\footnotesize", 9.26, 4.34, 11.0, 4.0), Step(r"\scriptsize", 8.51, 4.34, 9.5, 3.0)
_TINY = Step(r"\tiny", 7.34, 4.19, 7.0, 2.5)
_FIVE = Step(r"\fontsize{5}{6}\selectfont", 6.81, 4.19, 6.0, 1.5, landscape=True)


STEPS = (
    _NORMAL, _SMALL, _NOTE, _SCRIPT,
    *(replace(step, landscape=True) for step in (_SMALL, _NOTE, _SCRIPT, _TINY)), _FIVE,
)  # fmt: skip
"""What is tried, in this order."""


@dataclass(frozen=True)
class Column:
    """A column: its numbers where they align, its side, its width and whether its texts wrap at it."""

    numbers: Aligned | None
    side: str
    width: float
    wraps: bool


@dataclass(frozen=True)
class Layout:
    """How a table stands on the page.

    Attributes:
        step: font step and page.
        columns: the stub and each column.
        width: width of the whole table.
        long: whether it is taller than a page and must break.
        scale: below 1 for a table that no step makes narrow enough: it is shrunk as a whole.
    """

    step: Step
    columns: tuple[Column, ...]
    width: float
    long: bool
    scale: float = 1.0

    def room(self, first: int, span: int) -> float:
        """Return the width of the columns that a text spans."""
        return sum(column.width for column in self.columns[first : first + span]) + 2 * self.step.gap * (span - 1)


@dataclass(frozen=True)
class _Texts:
    """The texts of a column: of its body and of its own header cells."""

    body: tuple[str, ...]
    header: tuple[str, ...]
    numbers: Aligned | None
    side: str
    prose: bool

    def natural(self, step: Step) -> float:
        """Return the points of its body on one line each, and of its header broken."""
        widths = [em_width(text) for text in self.body if self.numbers is None or text not in self.numbers.cells]
        numbers = self.numbers.em + self.numbers.stars * step.star / step.em if self.numbers else 0.0
        body = max([*widths, numbers])
        return step.em * max(body, *(_narrowest(text, body) for text in self.header), 0.0)

    def hard(self) -> float:
        """Return the ems below which a word of it would stick out."""
        words = [word for text in (*self.body, *self.header) for word in unbreakable(text)]
        return max([em_width(word) for word in words], default=0.0)


def layout(table: Table, below: int = 0, page: Page = A4) -> Layout:
    """Choose the first step at which the table is no wider than the page, its columns wrapped where they hold words.

    Args:
        table: the printed table.
        below: ems of the caption and the note, which share the page.
        page: the text of the page.
    """
    texts = _columns(table)
    tried = [(step, True) for step in STEPS] + [(step, False) for step in STEPS[2:]]
    at_steps = ((step, _widths(table, texts, step, page, comfortable=kept)) for step, kept in tried)
    fitting = ((step, widths) for step, widths in at_steps if widths)
    step, widths = next(fitting, (_FIVE, [text.natural(_FIVE) for text in texts]))
    columns = tuple(
        Column(text.numbers, text.side, width, text.prose and width < text.natural(step) - 0.01)
        for text, width in zip(texts, widths, strict=True)
    )
    found = Layout(step, columns, sum(widths) + 2 * step.gap * (len(widths) - 1), long=False)
    room = _page(step, page)
    height = _height(table, found) + _below(below, room)
    if found.width > room.width:
        return replace(found, scale=round(0.99 * min(room.width / found.width, room.height / height), 3))
    return replace(found, long=height > 0.92 * room.height)


def _page(step: Step, page: Page) -> Page:
    return page.turned if step.landscape else page


def broken(text: str, ems: float) -> list[str]:
    """Return the lines of a text, none wider than so many ems where its words allow it."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and em_width(joined) <= ems:
            lines[-1] = joined
            continue
        *whole, last = _pieces(word, ems)
        lines += [*whole, last]
    return lines or [""]


def _pieces(word: str, ems: float) -> list[str]:
    """Return a word in the parts of which each fits: broken at its hyphens or between Chinese characters."""
    lines = [""]
    if em_width(word) <= ems:
        return [word]
    for piece in unbreakable(word):
        if lines[-1] and em_width(lines[-1] + piece) > ems:
            lines.append("")
        lines[-1] += piece
    return lines


def _narrowest(text: str, body: float) -> float:
    """Return the width of a header over a body so wide, broken into lines, about three where words allow."""
    words = [em_width(word) for word in unbreakable(text)]
    target = max([body, em_width(text) / 3, min(_HEADER, em_width(text)), *words])
    return max(em_width(line) for line in broken(text, target + 1e-6))


def _columns(table: Table) -> list[_Texts]:
    body = [row for row in table.rows if not is_heading(row)]
    found = []
    for j, side in enumerate(alignments(table)):
        texts = tuple(with_minus(row.cells[j - 1].text.strip() if j else row.label) for row in body)
        header = tuple(
            with_minus(text) for line in table.header for at, text, span in spans(line) if at == j and span == 1
        )
        numbers = aligned(texts) if j else None
        prose = numbers is None and any(len(unbreakable(text)) > 1 and not _interval(text) for text in texts)
        found.append(_Texts(texts, header, numbers, "left" if side == "left" else "center", prose))
    return found


def _interval(text: str) -> bool:
    return text.strip()[:1] in ("[", "(", "<") or not any(character.isalpha() for character in text)


def spans(line: Sequence[tuple[str, int]]) -> list[tuple[int, str, int]]:
    """Return (first column, text, columns spanned) of each cell of a header line."""
    found, at = [], 0
    for text, span in line:
        found.append((at, text, span))
        at += span
    return found


def _widths(table: Table, texts: list[_Texts], step: Step, page: Page, comfortable: bool) -> list[float] | None:
    """Return the widths of the columns at a step in points, None where they do not fit."""
    room = _page(step, page).width - _SLACK - 2 * step.gap * (len(texts) - 1)
    natural = [text.natural(step) for text in texts]
    least = []
    for j, (text, whole) in enumerate(zip(texts, natural, strict=True)):
        keep = (_PROSE if j else _STUB) * step.em if comfortable else 0.0
        least.append(min(whole, max(text.hard() * step.em, keep)) if text.prose else whole)
    least = _under_spans(table, least, step)
    natural = [max(pair) for pair in zip(natural, least, strict=True)]
    if sum(least) > room:
        return None
    share = min(1.0, (room - sum(least)) / max(sum(natural) - sum(least), 1e-9))
    return [low + share * (high - low) for low, high in zip(least, natural, strict=True)]


def _under_spans(table: Table, widths: list[float], step: Step) -> list[float]:
    """Return the widths, the last column below a header widened where its longest word needs it."""
    wider = list(widths)
    for line in table.header:
        for at, text, span in spans(line):
            if span > 1:
                need = max((em_width(word) for word in unbreakable(text)), default=0.0) * step.em
                have = sum(wider[at : at + span]) + 2 * step.gap * (span - 1)
                wider[at + span - 1] += max(0.0, need - have)
    return wider


def _height(table: Table, found: Layout) -> float:
    """Return the height of a table in points, its wrapped texts counted in lines."""
    step = found.step
    line = step.line * (_CHINESE_LEADING if _chinese(table) else 1.0)
    lines = float(len(table.header)) * 2
    for row in table.rows:
        texts = (row.label, *(cell.text for cell in row.cells))
        lines += 1 if is_heading(row) else max(map(_lines, texts, found.columns, [step] * len(texts)))
    return lines * line + 8.0 * (2 + sum(row.rule_above for row in table.rows))


def _lines(text: str, column: Column, step: Step) -> float:
    if not column.wraps:
        return 1.0
    return math.ceil(max(1.0, em_width(text) * step.em / column.width) * _WRAPPED - 0.25)


def _below(ems: int, room: Page) -> float:
    """Return the height of a caption and a note so long."""
    return 50.0 + math.ceil(ems * _NOTE.em / room.width * 1.1) * _NOTE.line * 1.1


def _chinese(table: Table) -> bool:
    return needs_cjk([*(text for line in table.header for text, _ in line), *(row.label for row in table.rows)])
