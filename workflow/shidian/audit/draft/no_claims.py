"""Numbers that claim nothing about results: years, dates, references, labels, levels, versions, parts of names."""

from __future__ import annotations

import re

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_LABELS = (
    r"(?<![A-Za-z])(?:Tables?|Tabs?\.|Figures?|Figs?\.?|Equations?|Eqs?\.|Chapters?|Chap\.|Append(?:ix|ices)|Panels?|"
    r"Columns?|Cols?\.|Rows?|Models?|Hypothes[ie]s|Propositions?|Footnotes?|Steps?|Lines?|Items?|Specifications?|"
    r"Regressions?|Parts?|Theorems?|Lemmas?|Algorithms?|Stages?|Nos?\.|Vols?\.|Issues?|pp?\.|pages?|Articles?|"
    r"表|图|式|列|模型|假设|第|附录)"
)
_BARE = r"[A-Z]?\d{1,3}[a-z]?(?![\d.,]*\d)"
_BRACKETED = r"[(（][A-Z]?\d{1,3}[a-z]?[)）]"
_DASH = r"(?:and|&|or|to|through|–|—|-|~|至|和|、)"
_PERCENT = r"(?:%|percent|per\s?cent)"
_SHARE = r"\d{1,2}(?:\.\d{1,2})?"
_UNITS = r"obs|cit|firm|unit|count|row|town|village|household|district|province|compan"
_STARS = r"[*∗]{1,3}"

_PATTERNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("address", (r"https?://\S+", r"www\.\S+", r"doi:?\s?\S+", r"10\.\d{4,}/\S+", r"\S+@\S+\.\w+", r"\bJEL\b[^.\n]*")),
    ("date", (
        r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b", r"\b\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b", r"\b\d{1,2}:\d{2}\b",
        rf"\b{_DAY}\s+{_MONTH}(?:,?\s+\d{{4}})?\b", rf"\b{_MONTH}\s+{_DAY}(?:,?\s+\d{{4}})?(?![\d.%])",
        r"\d{4}\s?年(?:\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?日)?)?", r"\d{1,2}\s?月\s?\d{1,2}\s?日",
    )),
    ("reference", (
        r"\[\d{1,3}(?:\s?[,;–—-]\s?\d{1,3})*\]", r"\bet al\.?,?\s\(?\d{4}[a-z]?",
        r"\d+\s?\(\d+(?:[-–]\d+)?\)\s?[:,]\s?(?:pp\.\s)?\d+\s?[-–]+\s?\d+",
    )),
    ("label", (
        r"\b(?:Sections?|Secs?\.)\s*\d{1,2}(?:\.\d{1,2})*"
        rf"(?:(?:,|\s*{_DASH})\s*\d{{1,2}}(?:\.\d{{1,2}})*(?![\d%]))*",
        r"§\s*\d+(?:\.\d+)*",
        rf"{_LABELS}\s*{_BRACKETED}(?:\s*(?:,|{_DASH})\s*(?:{_DASH}\s*)?{_BRACKETED})*",
        rf"{_LABELS}\s*{_BARE}(?:(?:,\s*{_BARE})+,?\s*{_DASH}\s*{_BARE}|\s*{_DASH}\s*{_BARE})?",
        rf"{_LABELS}\s*[A-Z]?\d{{1,2}}\.\d{{1,2}}(?![\d%])",
        r"[(（]\d{1,2}[a-z]?[)）]",
        # a line of a wrapped paragraph may begin with a decimal number; a heading begins its own passage
        r"(?m:^)\s*\d{1,2}[.)、]\s", r"\A\s*[1-9]\d?(?:\.\d{1,2})+(?:[.)、]\s|\s+(?-i:(?=[A-Z\u4e00-\u9fff])))",
    )),
    ("level", (
        rf"(?:{_SHARE}\s?{_PERCENT}?(?:\s*,\s*|\s*/\s*|,?\s+(?:and|or)\s+))*{_SHARE}[\s-]?{_PERCENT}[\s-]+"
        r"(?:(?:two-sided|statistical|uniform|pointwise|bootstrap)\s)*"
        r"(?:significan|confidence|quantiles?\b|percentiles?\b|levels?\b|CIs?\b|critical|intervals?\b|credible|bands?\b)",
        rf"\b(?:at|above|below|within)\s(?:the\s)?(?:0\.1|1|5|10)\s?{_PERCENT}(?!\s?points)",
        r"(?:90|95|99|10|5|1)\s?[%％]\s?的?(?:统计)?(?:显著|置信|水平)", r"[*∗]+\s?,?\s?(?:[:=]\s?)?p\s?[<≤]\s?0?\.\d+",
        rf"{_STARS}\s?(?:,\s?{_STARS}\s?)*(?:,?\s?and\s{_STARS}\s)?(?:denote|indicate|represent)[^.]*?(?:level|significan)",
        r"(?<![\d.])\d{1,2}(?:\.\d{1,2})?(?:st|nd|rd|th)\s(?:and\s\d{1,2}(?:\.\d{1,2})?(?:st|nd|rd|th)\s)?percentiles?",
        rf"winsori[sz]ed?[^.;]{{0,30}}?\d(?:\.\d)?\s?{_PERCENT}",
    )),
    ("version", (r"\b(?:Stata(?:/\w+)?|R|Python|version|v\.?|SPSS|EViews|MATLAB|ArcGIS|GeoDa)\s?\d+(?:\.\d+)*\b",)),
    ("year", (
        r"(?<![\d.,])(?:19|20)\d{2}(?:[a-z]|s)?(?:\s?[–—/-]\s?(?:(?:19|20)?\d{2})(?!\d))?"
        rf"(?![\d.,]*\d|\s?(?:%|percent|{_UNITS}))",
    )),
    ("name", (r"(?<![A-Za-z\d.])\d+(?:[A-Za-z]{2,}|st|nd|rd|th)\b", r"\b\d+(?:\.\d+){2,}")),
)  # fmt: skip

NO_CLAIM: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile("|".join(patterns), 0 if reason in ("version", "year", "name") else re.I))
    for reason, patterns in _PATTERNS
)
"""Reason -> what claims nothing about the results."""
