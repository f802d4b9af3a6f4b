"""How the texts of headers, cells and names of a file say years or other periods: guesses of a draft."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shidian.yearbook.numbers import HALF_WIDTH, clean
from shidian.yearbook.patterns import year_texts
from shidian.yearbook.periods import PeriodText, year_within
from shidian.yearbook.tables import HeaderPath

FISCAL = "first"
DATES = ("year", "half", "quarter", "month", "week", "day")
"""Kinds of which a date says the period, the longest first."""
TWO_YEARS = re.compile(r"\d{4}\s*[-/–—]\s*(\d{4}|\d{2})年?度?")
DATE = re.compile(r"\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?([T ]00:00:00)?")
AFFIX = re.compile(r"(FY|CY|财年|年末|年底|年初|年中|年|末|底|预计|估计|预测|[eEpP]|[\s().（）]|\{any\})*")
"""What may stand around a year that is the whole header; with other words the header is that of a series too."""
MOST_AROUND = 12
"""Most characters that stand around the year in a header or name whose year is read."""


def how_read(texts: Sequence[str], named: bool = True) -> dict[str, Any] | None:
    """Return what ``year`` declares so that all of some texts read as periods; None where nothing makes them so.

    Args:
        texts: cells, headers or names; blank ones are passed over.
        named: whether something says that these are periods; else whole numbers such as 201004 are none.

    >>> how_read(["2010", "2011年"]), how_read(["2010-12-31", "2011-12-31"]), how_read(["FY2010", "FY2011"])
    ({}, {'kind': 'year'}, {'pattern': 'FY{year}'})
    """
    shown = list(dict.fromkeys(text for text in texts if text))
    if not shown:
        return None
    if _read_all(shown, {}):
        return {}
    if not named and all(re.fullmatch(r"[\d.,+-]*", text) for text in shown):
        return None
    if any(TWO_YEARS.fullmatch(text) or re.search("[年财]度|财年", text) for text in shown):
        return {"fiscal": FISCAL} if _read_all(shown, {"fiscal": FISCAL}) else None
    dated = all(DATE.fullmatch(text) for text in shown)
    kinds = [kind for kind in DATES if (dated or kind != "year") and _read_all(shown, {"kind": kind})]
    apart = [kind for kind in kinds if len({PeriodText(kind).read(text) for text in shown}) == len(shown)]
    kind = next(iter(apart or kinds[-1:]), None)
    if kind is not None:
        return {"kind": kind}
    patterns = dict.fromkeys(found[1] for text in shown if (found := year_within(text.translate(HALF_WIDTH))))
    for pattern in list(patterns)[:1]:
        if pattern != "{year}" and len(pattern) <= MOST_AROUND + 6 and _read_all(shown, {"pattern": pattern}):
            return {"pattern": pattern}
    return None


def _read_all(texts: Sequence[str], spec: Mapping[str, Any]) -> bool:
    reads = PeriodText(**spec)
    return all(reads.read(text) is not None for text in texts)


@dataclass(frozen=True)
class HeaderYears:
    """How headers say the years of their columns.

    Attributes:
        series: the header of the series by column, without the year or with ``{year}`` in its place.
        declared: what stands under ``year``.
    """

    series: Mapping[int, HeaderPath]
    declared: Mapping[str, Any] = field(default_factory=dict)


def years_in_headers(paths: Mapping[int, HeaderPath]) -> HeaderYears | None:
    """Return how headers say years, None where fewer than two, or not a sole one, do.

    A header row that holds nothing but periods comes first, the lowest of several; then years within texts.

    Args:
        paths: header of each column that may hold numbers.

    >>> years_in_headers({1: ("gdp", "2010"), 2: ("gdp", "2011")}).series[1]
    ('gdp',)
    >>> years_in_headers({1: ("gdp2010",), 2: ("gdp2011",)}).series[2]
    ('gdp{year}',)
    """
    for row in sorted({i for path in paths.values() for i in range(len(path))}, reverse=True):
        if found := _whole(paths, row):
            return found
    return _within(paths)


def _whole(paths: Mapping[int, HeaderPath], row: int) -> HeaderYears | None:
    """Years that are the whole text of one header row."""
    here = {c: path for c, path in paths.items() if len(path) > row}
    dated = {c: path for c, path in here.items() if how_read([path[row]], named=False) is not None}
    lowest = all(len(path) == row + 1 for path in dated.values())
    if not dated or (len(dated) == 1 and (len(paths) > 1 or not lowest)) or len(dated) * 2 < len(paths):
        return None
    spec = how_read([path[row] for path in dated.values()], named=False)
    if spec is not None and not AFFIX.fullmatch(spec.get("pattern", "").replace("{year}", "")):
        return None
    if spec is None or (not lowest and len({len(path) for path in dated.values()}) > 1):
        return None
    series = {c: (*path[:row], *path[row + 1 :]) for c, path in dated.items()}
    return HeaderYears(series, {"in_header": True if lowest else row + 1, **spec})


def _within(paths: Mapping[int, HeaderPath]) -> HeaderYears | None:
    """Years within the texts of headers, in one place of the path."""
    series = {c: found for c, path in paths.items() if (found := _without_year(path)) is not None}
    if not series or (len(series) == 1 and len(paths) > 1) or len(series) * 2 < len(paths):
        return None
    return HeaderYears(series, {"in_header": True})


def _without_year(path: HeaderPath) -> HeaderPath | None:
    for i in range(len(path) - 1, -1, -1):
        found = year_within(clean(path[i]).translate(HALF_WIDTH))
        if found is None:
            continue
        pattern = found[1].replace("{year}年", "{year}") if _is_plain_year(found[1]) else found[1]
        if any(PeriodText().read(text) for text in year_texts(pattern, path[i])):
            return (*path[:i], pattern, *path[i + 1 :])
    return None


def _is_plain_year(pattern: str) -> bool:
    return pattern.startswith("{year}年") or pattern.endswith("{year}年")


def sole_year(text: str) -> int | None:
    """Return the one year that a title or a name says, None where it says none or several.

    >>> sole_year("2019年各地区生产总值"), sole_year("1996-2023年"), sole_year("gdp")
    (2019, None, None)
    """
    found = {int(year) for year in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text.translate(HALF_WIDTH))}
    return found.pop() if len(found) == 1 else None
