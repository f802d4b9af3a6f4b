"""How the numbers of a style are written: decimals by what a number is, stars, brackets."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from shidian.printed import fixed, p_text

_NUMBER = re.compile(r"^[-−]?(?P<whole>\d[\d,]*)(?:\.(?P<decimals>\d+))?(?P<exponent>e[-+]\d+)?$")


@dataclass(frozen=True)
class PrintStyle:
    """A style as tables are printed by it; what is None is printed as estimated.

    Attributes:
        decimals: decimals by what a number is: coefficient, se, t, p, interval, r2, f, mean, other.
        tiny: "digits" or "zero", how a number is printed that would round to zero.
        stars: (level, mark) pairs, none of them for no stars.
        statistic: what stands with a coefficient: se, t, p, interval, none.
        brackets: what it stands in, an opening and a closing one.
        beside: whether it stands beside the coefficient.
        foot: rows at the foot, in order.
        words: English word -> word printed.
        language: language of these words, "" for any.
        digits: decimals that the table was estimated with: a number with others has a form of its own and keeps it.
        marks: the marks of significance that the table was estimated with -> level.
    """

    decimals: Mapping[str, int] = field(default_factory=dict)
    tiny: str | None = None
    stars: tuple[tuple[float, str], ...] | None = None
    statistic: str | None = None
    brackets: str | None = None
    beside: bool = False
    foot: tuple[str, ...] | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    digits: tuple[int, ...] = (4,)
    marks: Mapping[str, float] = field(default_factory=dict)

    @staticmethod
    def of(style: Mapping[str, Any], estimated: Mapping[str, Any]) -> PrintStyle:
        """Read a checked style and the form that the table was estimated in."""
        digits = estimated.get("digits", 4)
        stars = style.get("stars")
        return PrintStyle(
            decimals=style.get("decimals", {}),
            tiny=style.get("tiny"),
            stars=None if stars is None else tuple((float(level), mark) for mark, level in stars.items()),
            statistic=style.get("statistic"),
            brackets={"round": "()", "square": "[]", None: None}[style.get("brackets")],
            beside=style.get("place") == "beside",
            foot=tuple(style["foot"]) if "foot" in style else None,
            words=style.get("words", {}),
            language=style.get("language", ""),
            digits=tuple(digits) if isinstance(digits, list | tuple) else (int(digits),),
            marks=estimated.get("stars", {}),
        )

    def decimals_of(self, kind: str) -> int | None:
        """Return the decimals of a kind of number, None for those of the exhibit."""
        return self.decimals.get(kind, self.decimals.get("other"))

    def number(self, value: float, kind: str) -> str:
        """Return a number that is no count; where it would round to zero, as ``tiny`` says."""
        if not math.isfinite(value):
            return "∞" if value > 0 else "-∞"
        decimals = self.decimals_of(kind)
        decimals = min(self.digits) if decimals is None else decimals
        text = fixed(value, decimals)
        if value == 0 or float(text.replace(",", "")) != 0 or self.tiny == "zero":
            return text
        needed = 1 - math.floor(math.log10(abs(value)))
        return f"{value:.{needed}f}" if needed <= decimals + 2 else f"{value:.1e}"

    def p(self, value: float) -> str:
        """Return a p-value, "< 0.001" below half its last digit."""
        decimals = self.decimals_of("p")
        return p_text(value, min(self.digits) if decimals is None else decimals)

    def mark(self, p: float) -> str:
        """Return the stars that a p-value earns."""
        stars = self.stars if self.stars is not None else tuple((level, mark) for mark, level in self.marks.items())
        earned = [(level, mark) for level, mark in stars if not pd.isna(p) and p < level]
        return min(earned)[1] if earned else ""

    def earned(self, p: float) -> bool:
        """Say whether a p-value earned a mark in the table as estimated."""
        return not pd.isna(p) and any(p < level for level in self.marks.values())

    def is_printed(self, text: str, value: float) -> bool:
        """Say whether a text prints a number in the form that the table was estimated in, decimals of its own aside."""
        found = _NUMBER.match(text)
        if found is None:
            return text in ("∞", "-∞")
        places = len(found["decimals"] or "")
        if found["exponent"] or (places not in self.digits and round(value, min(self.digits)) == 0 and value != 0):
            return abs(float(text.replace(",", "").replace("−", "-")) - value) <= 0.06 * abs(value)
        return places in self.digits and fixed(value, places).replace(",", "") == text.replace(",", "")

    def unmarked(self, text: str) -> tuple[str, str]:
        """Return a text without the mark of significance behind it, and the mark."""
        mark = max((mark for mark in self.marks if mark and text.endswith(mark)), key=len, default="")
        return text.removesuffix(mark), mark
