"""Periods of a panel: years, quarters, months and so on as consecutive whole numbers, and how they are written.

The number of a quarter is ``4 * year + quarter - 1``, of a month ``12 * year + month - 1``, of a week that of its
Monday in weeks since year 1, of a day its ordinal: neighbours differ by one, so that lags, gaps and event time count
periods.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

KINDS = ("year", "half", "quarter", "month", "week", "day", "wave", "integer")
PARTS = {"half": 2, "quarter": 4, "month": 12}
"""Kinds that divide a year, and into how many."""
HOW_WRITTEN = {
    "year": "2013", "half": "2013H1", "quarter": "2013Q4", "month": "2013-04", "week": "2013W07", "day": "2013-04-30",
    "wave": "3", "integer": "3",
}  # fmt: skip
NAMES = {"integer": "whole number"}
"""What the text of a kind is called in an error where it is not its own name."""
NOUNS = {"half": "half-year", "integer": "period"}
"""What a period of a kind is called where it is not the name of the kind."""
MOST = 1_000_000
"""Largest size of a number of a wave or of any whole number."""
_WIDE = {0x3000: " ", 0x2212: "-", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}
_ORDINAL = r"(?P<p>[1-4]) ?(?:[°ºª]|ero?|do|to|st|nd|rd|th)"
"""A number in order, as official statistics in Spanish, Portuguese, Italian and English write it: 1°, 2º, 3er, 2nd."""
_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december")  # fmt: skip
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|年(\d{1,2})月(\d{1,2})日)(?:[T ]00:00:00)?")
_WHOLE = re.compile(r"([+-]?\d{1,7})(?:\.0+)?")
_PATTERNS = {
    "half": (r"(?P<y>\d{4})[- ]?[HhSs](?P<p>[12])", r"[HhSs](?P<p>[12])[- ]?(?P<y>\d{4})",
             r"(?P<y>\d{4})年(?P<p>[上下])半年",
             rf"(?i:{_ORDINAL}(?: semestre| half)?(?: de| of)? (?P<y>\d{{4}}))"),
    "quarter": (r"(?P<y>\d{4})[-:/ ]?[Qq](?P<p>[1-4])", r"[Qq](?P<p>[1-4])[-:/ ]?(?P<y>\d{4})",
                r"(?P<y>\d{4})年?第?(?P<p>[1-4一二三四])季度?", r"(?P<y>\d{4})[- ]?[Tt](?P<p>[1-4])",
                r"[Tt](?P<p>[1-4])[- ]?(?P<y>\d{4})", r"(?P<p>[1-4])[QqTt][- ]?(?P<y>\d{4})",
                rf"(?i:{_ORDINAL}(?: trimestre| quarter)?(?: de| of)? (?P<y>\d{{4}}))"),
    "month": (r"(?P<y>\d{4})[-/:mM ](?P<p>\d{1,2})", r"(?P<y>\d{4})年(?P<p>\d{1,2})月份?", r"(?P<y>\d{4})(?P<p>\d{2})",
              r"(?P<p>[A-Za-z]{3,9})\.?[- ]?(?P<y>\d{4})", r"(?P<y>\d{4})[- ]?(?P<p>[A-Za-z]{3,9})\.?"),
    "week": (r"(?P<y>\d{4})-?[Ww](?P<p>\d{1,2})", r"(?P<y>\d{4})年第(?P<p>\d{1,2})周"),
}  # fmt: skip
_WAVE = re.compile(r"(?:wave|round|w|第)\s*(\d{1,6})\s*(?:轮|期|次|波)?", re.IGNORECASE)


@dataclass(frozen=True)
class Period:
    """What a period of a study is: one of ``KINDS``, and how many of them lie between two rows of a unit.

    With a ``step`` of 2 the panel's numbers count every second year from ``origin`` on: one lag is two years.
    """

    kind: str = "year"
    step: int = 1
    origin: int = 0

    @staticmethod
    def of(declared: Mapping[str, Any] | None) -> Period:
        """Return the period as a study declares it; years where it does not."""
        return Period(**(declared or {}))

    @property
    def noun(self) -> str:
        """What a period is called in an error."""
        return NOUNS.get(self.kind, self.kind)

    @property
    def word(self) -> str:
        """The name by which sentences call it: that of its kind, "period" for whole numbers and longer steps."""
        return "period" if self.kind in ("integer", "year") or self.step > 1 else self.kind

    def year_of(self, number: int) -> int | None:
        """Return the calendar year in which a period begins; None for waves and plain whole numbers."""
        if self.kind in ("wave", "integer"):
            return None
        calendar = self.origin + number * self.step if self.step > 1 else number
        if self.kind in PARTS:
            return calendar // PARTS[self.kind]
        return (
            calendar
            if self.kind == "year"
            else date.fromordinal(7 * calendar + 1 if self.kind == "week" else calendar).year
        )

    @property
    def is_plain(self) -> bool:
        """Whether these are years one after the other, which every sentence takes for granted."""
        return self.kind == "year" and self.step == 1

    def label(self, number: int) -> str:
        """Return a number as it is written: ``2013Q4``."""
        return written(self.kind, self.origin + number * self.step if self.step > 1 else number)

    def number(self, calendar: int) -> int | None:
        """Return the panel's number of a calendar number; None between two steps."""
        if self.step == 1:
            return calendar
        steps, rest = divmod(calendar - self.origin, self.step)
        return None if rest else steps


def written(kind: str, number: int) -> str:
    """Return a period's number as it is written.

    >>> written("quarter", 8055), written("month", 24159), written("wave", 3)
    ('2013Q4', '2013-04', '3')
    """
    if kind in PARTS:
        year, part = divmod(number, PARTS[kind])
        return f"{year:04d}-{part + 1:02d}" if kind == "month" else f"{year:04d}{kind[0].upper()}{part + 1}"
    if kind == "week":
        year, week, _ = date.fromordinal(7 * number + 1).isocalendar()
        return f"{year:04d}W{week:02d}"
    return date.fromordinal(number).isoformat() if kind == "day" else str(number)


def read_period(kind: str, text: str) -> int | None:
    """Return the number of a period that is written in any usual way, None where the text is no such period.

    >>> read_period("quarter", "Q42010"), read_period("month", "2013年4月"), read_period("month", "201304")
    (8043, 24159, 24159)
    """
    text = " ".join(text.translate(_WIDE).split())
    if kind in ("year", "integer", "wave"):
        return _read_number(kind, text)
    if (day := _read_date(text)) is not None or kind == "day":
        return day if day is None else _of_date(kind, day)
    return _read_part(kind, text)


def within_year(kind: str, year: int, part: int) -> int | None:
    """Return the number of a year's half, quarter, month or week, None where the year has no such part."""
    if kind == "week":
        try:
            return (date.fromisocalendar(year, part, 1).toordinal() - 1) // 7
        except ValueError:
            return None
    return year * PARTS[kind] + part - 1 if 1 <= part <= PARTS[kind] and 1 <= year <= 9999 else None


def _read_number(kind: str, text: str) -> int | None:
    if found := _WAVE.fullmatch(text) if kind == "wave" else None:
        return int(found[1])
    found = _WHOLE.fullmatch(text.removesuffix("年").strip() if kind == "year" else text)
    if found is None or abs(int(found[1])) > MOST:
        day = _read_date(text) if kind == "year" else None
        return None if day is None else day.year
    number = int(found[1])
    return None if kind == "year" and (0 <= number < 100 or abs(number) > 9999) else number


def _read_date(text: str) -> date | None:
    found = _DATE.fullmatch(text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    try:
        return date(*(int(part) for part in found.groups() if part)) if found else None
    except ValueError:
        return None


def _of_date(kind: str, day: date) -> int:
    if kind == "day":
        return day.toordinal()
    if kind == "week":
        return (day.toordinal() - 1) // 7
    return day.year * PARTS[kind] + (day.month - 1) * PARTS[kind] // 12


def _read_part(kind: str, text: str) -> int | None:
    for pattern in _PATTERNS[kind]:
        if found := re.fullmatch(pattern, text):
            word = found["p"]
            part = int(word) if word.isdigit() else _CHINESE.get(word) or _month_named(word)
            return within_year(kind, int(found["y"]), part)
    return None


def _month_named(word: str) -> int:
    """Return the number of a month by its English name or its first three letters, 0 where it is none."""
    names = _LONG if len(word) > 3 else _MONTHS
    return names.index(word.lower()) + 1 if word.lower() in names else 0


def stream_key(number: int) -> tuple[int, ...]:
    """Return the key of the random stream of a period's number; keys have no negative numbers, years before zero are.

    >>> stream_key(2010), stream_key(-500)
    ((2010,), (500, 1))
    """
    return (number,) if number >= 0 else (-number, 1)
