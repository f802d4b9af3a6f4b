"""How a table's column of periods reads: kind, two-digit years, fiscal years, parts of one year."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from shidian.errors import SourceError
from shidian.period import HOW_WRITTEN, NAMES, PARTS, read_period, within_year
from shidian.yearbook.numbers import HALF_WIDTH, parse_year
from shidian.yearbook.patterns import year_texts

_TWO_YEARS = re.compile(r"(\d{4})\s*[-/–—]\s*(\d{4}|\d{2})(?:年度?)?")
_FISCAL = re.compile(r"(\d{4})\s*(?:财政|会计)?年度")
_WITHIN = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NAMED = re.compile(r"(?:FY|财年)\s*(\d{4})|(\d{4})\s*财年", re.IGNORECASE)
_TWO_DIGITS = re.compile(r"'?(\d{1,2})(?:\.0+)?\s*年?")
PARTED = (*PARTS, "week")
MOST_AROUND = 6
"""Most characters around a year for which a pattern is advised; longer texts are notes."""


@dataclass(frozen=True)
class PeriodText:
    """How the text of a period reads.

    Attributes:
        kind: kind of period; "" for years between 1900 and 2100 that nothing is said of.
        pivot: first of the hundred years that two digits stand for: 1930 reads 81 as 1981 and 29 as 2029.
        fiscal: which year a span of two is, "first" or "last"; "" where spans are refused.
        in_year: the year of which a bare number is the half, quarter, month or week.
        pattern: what stands around the period in the text, such as ``FY{year}``.
    """

    kind: str = ""
    pivot: int | None = None
    fiscal: str = ""
    in_year: int | None = None
    pattern: str = ""

    def read(self, text: str) -> int | None:
        """Return the period's number, None where the text is none."""
        if self.pattern:
            bare = replace(self, pattern="")
            read = (bare.read(one) for one in year_texts(self.pattern, text))
            return next((number for number in read if number is not None), None)
        if not self.kind and self.pivot is None and not self.fiscal:
            return parse_year(text)
        kind, plain = self.kind or "year", text.translate(HALF_WIDTH).strip()
        if self.pivot is not None and (found := _TWO_DIGITS.fullmatch(plain)):
            return self.pivot + (int(found[1]) - self.pivot) % 100
        if self.fiscal and (named := _NAMED.fullmatch(plain)):
            return int(named[1] or named[2])
        if self.fiscal and (first := _first_of_two(plain)) is not None:
            return first + (self.fiscal == "last")
        if self.in_year is not None and re.fullmatch(r"\d{1,2}(\.0+)?", plain):
            return within_year(kind, self.in_year, int(float(plain)))
        return read_period(kind, plain)

    def declared(self, where: str, value: int | str) -> int:
        """Return the number of a period that a source file itself names.

        Raises:
            SourceError: it is no such period; ``where`` names the file and the key.
        """
        number = self.read(str(value))
        if number is None:
            raise SourceError(f"{where}: {self.refusal(str(value))}")
        return number

    def refusal(self, text: str) -> str:
        """Return why a text is no period and what to declare, as it stands behind the place of the cell."""
        kind = self.kind or "year"
        told = f"'{text}' is not a {NAMES.get(kind, kind)}"
        return told + (f"; {advice}" if (advice := self.advice(text)) else "")

    def advice(self, text: str) -> str:
        """Return what to declare so that a text reads as a period, "" where nothing makes it one."""
        plain = text.translate(HALF_WIDTH).strip()
        if self.pattern:
            return f"the pattern is '{self.pattern}'"
        if _NAMED.fullmatch(plain) and not self.fiscal:
            return (
                "for FY2010 as 2010 declare 'fiscal: first' or 'fiscal: last', or 'pattern: \"FY{year}\"', under 'year'"
            )
        if _first_of_two(plain) is not None and not self.fiscal:
            return "declare which of its two years it is under 'year', as 'fiscal: first' or 'fiscal: last'"
        if _TWO_DIGITS.fullmatch(plain) and not self.kind:
            return ("for years of two digits declare 'pivot: 1930' (81 is 1981) under 'year', for waves 'kind: wave', "
                    "for other whole numbers 'kind: integer'")  # fmt: skip
        if self.kind:
            return f"{self.kind}s are written as {HOW_WRITTEN[self.kind]}" if self.kind in PARTED else ""
        if read_period("day", plain) is not None and not plain.isdigit():
            return "declare which period a date lies in under 'year', as 'kind: year', 'kind: quarter' or 'kind: day'"
        for kind in ("half", "quarter", "month", "week", "day"):
            if read_period(kind, plain) is not None:
                return f"for a {kind} declare 'kind: {kind}' under 'year', and 'period: {{kind: {kind}}}' in the study"
        if (found := year_within(plain)) and 4 < len(plain) <= MOST_AROUND + 4:
            return f"for {found[0]} declare 'pattern: \"{found[1]}\"' under 'year'"
        if read_period("integer", plain) is not None:
            return "for years before 1900 declare 'kind: year' under 'year', for other whole numbers 'kind: integer'"
        return ""


def year_within(text: str) -> tuple[str, str] | None:
    """Return the first year that stands in a text, and the text with ``{year}`` in its place; None without any."""
    if (found := _WITHIN.search(text)) is None:
        return None
    return found[0], text[: found.start()] + "{year}" + text[found.end() :]


def _first_of_two(text: str) -> int | None:
    """Return the first year of ``2010-2011``, ``2003/04`` or ``2010年度``, None where the text is no such span."""
    if found := _FISCAL.fullmatch(text):
        return int(found[1])
    if (found := _TWO_YEARS.fullmatch(text)) is None:
        return None
    first, last = int(found[1]), int(found[2])
    return first if last == (first + 1) % (10 ** len(found[2])) else None
