"""Cells of a LaTeX column whose numbers align at the point: what stands before, in and behind each number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shidian.report.tables.latex_text import em_width, escape

NUMBER = re.compile(
    r"(?P<open>[(\[]?)(?P<sign>[-−]?)(?P<whole>\d[\d,]*)(?P<point>\.?)(?P<decimals>\d*)(?P<unit>%?)(?P<close>[)\]]?)"
    r"(?P<mark>[*†‡§^#+]*|[a-z])"
)
_SHARE = 0.3
"""Share of the filled cells of a column that must be numbers for them to align; the other cells are centred."""


@dataclass(frozen=True)
class Number:
    """A printed number in its parts: ``before`` and ``behind`` are what brackets, unit and stars are in LaTeX."""

    before: str
    sign: str
    whole: str
    decimals: str
    behind: str
    behind_em: float
    stars: int

    @property
    def commas(self) -> bool:
        """Whether its thousands are set apart."""
        return "," in self.whole

    @property
    def ungrouped(self) -> bool:
        """Whether it has four digits or more, not set apart."""
        return not self.commas and len(self.whole) > 3

    @property
    def zero(self) -> bool:
        """Whether its digits are all zero."""
        return not (self.whole + self.decimals).strip("0,")

    def latex(self) -> str:
        """Return the cell."""
        before = f"{{{self.before}}}" if self.before else ""
        point = "." if self.decimals else ""
        behind = f"{{{self.behind}}}" if self.behind else ""
        return f"{before}{self.sign}{self.whole.replace(',', '')}{point}{self.decimals}{behind}"


def number(text: str) -> Number | None:
    """Return a cell's number, None for a text that holds something else or that siunitx would print otherwise."""
    found = NUMBER.fullmatch(text.strip())
    if found is None or (found["point"] and not found["decimals"]):
        return None
    if len(found["whole"]) > 1 and found["whole"].startswith("0"):  # a code: its zeros stay
        return None
    if "," in found["whole"] and not re.fullmatch(r"\d{1,3}(,\d{3})+", found["whole"]):
        return None
    marks = f"$^{{{''.join(_mark(mark) for mark in found['mark'])}}}$" if found["mark"] else ""
    return Number(
        escape(found["open"]).strip("{}"), "-" if found["sign"] else "", found["whole"], found["decimals"],
        escape(found["unit"]) + escape(found["close"]).strip("{}") + marks,
        em_width(found["unit"] + found["close"]), len(found["mark"]),
    )  # fmt: skip


@dataclass(frozen=True)
class Aligned:
    """A column of numbers aligned at the point: siunitx type, cells by text, ems of its numbers, stars."""

    type: str
    cells: dict[str, str]
    em: float
    stars: int


def aligned(texts: Sequence[str]) -> Aligned | None:
    """Return how the numbers of a column align, None for a column that is not mainly numbers.

    Where some have decimals, whole numbers among them (N at the foot) are centred as texts.
    """
    filled = [text for text in texts if text.strip()]
    found = {text: number(text) for text in filled}
    numbers = {text: one for text, one in found.items() if one is not None}
    if any(one.decimals for one in numbers.values()):
        numbers = {text: one for text, one in numbers.items() if one.decimals}
    if not numbers or sum(text in numbers for text in filled) < _SHARE * len(filled):
        return None
    grouped = any(one.commas for one in numbers.values())
    if grouped and any(one.ungrouped for one in numbers.values()):
        numbers = {text: one for text, one in numbers.items() if not one.commas}
        grouped = False
    return _column(numbers, grouped) if numbers else None


def _column(numbers: dict[str, Number], grouped: bool) -> Aligned:
    ones = list(numbers.values())
    sign = "-" if any(one.sign for one in ones) else ""
    whole = max((one.whole for one in ones), key=len)
    digits, decimals = len(whole.replace(",", "")), max(len(one.decimals) for one in ones)
    before = "(" if any(one.before == "(" for one in ones) else "[" if any(one.before for one in ones) else ""
    widest = max(ones, key=lambda one: one.behind_em + one.stars / 2)
    behind = widest.behind
    options = [f"table-format={sign}{digits}" + (f".{decimals}" if decimals else "")]
    if before:
        options += [f"table-space-text-pre={{{before}}}", "table-align-text-pre=false"]
    if behind:
        options += [f"table-space-text-post={{{behind}}}", "table-align-text-post=false"]
    grouping = "integer,group-minimum-digits=4,group-separator={,}" if grouped else "none"
    options.append(f"group-digits={grouping}")
    if any(one.sign and one.zero for one in ones):
        options.append("retain-negative-zero=true")
    em = em_width(f"{'−' if sign else ''}{whole}{'.' if decimals else ''}{'0' * decimals}{before}") + widest.behind_em
    cells = {text: one.latex() for text, one in numbers.items()}
    return Aligned(f"S[{','.join(options)}]", cells, em, widest.stars)


def _mark(mark: str) -> str:
    return {"†": r"\dagger", "‡": r"\ddagger", "§": r"\S", "^": r"\wedge", "#": r"\#"}.get(mark, mark)
