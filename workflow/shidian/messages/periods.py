"""Sentences of panels whose periods are not years: "quarter" for "year", 2013Q4 for its number.

Templates are written for years. ``Dated`` puts what is behind a text in the words of the study's period: numbers of
periods among the arguments as they are written, and around it all the name of the period, for which each language has
its own word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shidian.messages.period_names import dates_of
from shidian.messages.words import Argument, Words, keep, said
from shidian.period import Period

MARGIN = 400
"""Periods before and after the panel's that its dates may lie in."""
_WHOLE = re.compile(r"(?<![\w.])-?\d+(?![\w.]|,\d)")
_SPANS = re.compile(r"\(([\d–, ]+)\)")


@dataclass(frozen=True)
class Dated:
    """Texts of one panel, in the words of its period.

    Attributes:
        period: the period.
        first, last: the panel's first and last number.
    """

    period: Period
    first: int
    last: int

    @staticmethod
    def of(period: Period, years: Iterable[int]) -> Dated:
        """Take the panel's first and last number from its column of periods."""
        known = [int(year) for year in years]
        return Dated(period, min(known, default=0), max(known, default=0))

    def text(self, text: str, *, alone: bool = False) -> str:
        """Return a text in the words of the period; one that was not said stays.

        ``alone``: a text that is nothing but a number of the panel's periods is one, such as the head of a column.
        """
        if alone and _WHOLE.fullmatch(text):
            return self._dates(str(text), self.first, self.last)
        words = said(text)
        if isinstance(words, Words):
            if words.how == "period":
                return words
            named = self.period.word
            return keep(Words.of("period", {"name": named, "text": self._argument(words, dated=False)}))
        return text

    def _argument(self, value: Argument, *, dated: bool) -> Argument:
        if isinstance(value, Words):
            if value.how == "period":
                return value
            fixed = {"", "by", "none", "noun"}
            inherit, dates = dated and value.how != "say", dates_of(str(value.parts.get("", "")))
            parts = {
                name: one if name in fixed and not isinstance(one, Words)
                else self._argument(one, dated=inherit or name in dates)
                for name, one in value.parts.items()
            }  # fmt: skip
            return Words.of(value.how, parts)
        if isinstance(value, list):
            return [self._argument(one, dated=dated) for one in value]
        if isinstance(value, str):
            if dated:
                return self._dates(value, self.first - MARGIN, self.last + MARGIN)
            return _SPANS.sub(lambda found: f"({self._dates(found[1], self.first, self.last)})", value)
        whole = isinstance(value, int) and not isinstance(value, bool)
        return self.period.label(value) if dated and whole and self._near(value) else value

    def _dates(self, text: str, first: int, last: int) -> str:
        """Return a text with the numbers from ``first`` to ``last`` in it as periods are written."""

        def written(found: re.Match[str]) -> str:
            return self.period.label(int(found[0])) if first <= int(found[0]) <= last else found[0]

        return _WHOLE.sub(written, text)

    def _near(self, number: int) -> bool:
        return self.first - MARGIN <= number <= self.last + MARGIN
