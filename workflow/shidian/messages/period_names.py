"""What each language calls a period: templates are written for years and say another name in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

DATES = frozenset((
    "year", "years", "base", "base_year", "bases", "first", "last", "cohort", "cohorts", "when", "adoption", "moment",
))  # fmt: skip
"""Arguments of templates that may hold numbers of periods."""
ALSO_DATES = (("year '{value}'", "value"), ("in every year", "groups"))
"""Part of a template -> an argument that holds periods there, and something else in other templates."""


def dates_of(template: str) -> frozenset[str]:
    """Return the arguments of a template that may hold numbers of periods."""
    return DATES | {name for part, name in ALSO_DATES if part in template}


ENGLISH_NAMES = {
    "half": "half-year", "quarter": "quarter", "month": "month", "week": "week", "day": "day", "wave": "wave",
    "period": "period",
}  # fmt: skip
CHINESE_NAMES = {
    "half": ("半年度", "半年", "个半年"), "quarter": ("季度", "季度", "个季度"), "month": ("月份", "月", "个月"),
    "week": ("周次", "周", "周"), "day": ("日期", "日", "天"), "wave": ("轮次", "轮", "轮"),
    "period": ("时期", "期", "期"),
}  # fmt: skip
"""Name -> what stands for 年份, for 年, and behind a count."""
ADJECTIVES = {"half": "half-yearly", "quarter": "quarterly", "month": "monthly", "week": "weekly", "day": "daily"}
_ENGLISH = re.compile(r"(?<![{\w])([Yy])ear(s?|ly)\b(?!})")
_NUMBER_OF_PERIODS = re.compile(r"((?:units\}\s*[×，、]\s*|单元、)\{years\})\s*年(?!份)")
_DATE_BEFORE = re.compile(r"(\{(?:" + "|".join(sorted(DATES)) + r")\})\s*年(?!份|数)")
_COUNT_BEFORE = re.compile(r"(?<=[}一两])\s*年(?!份|数)")


def english(template: str, name: str) -> str:
    """Return an English template that says the name of a period where it said year.

    >>> english("{year}: {n} years of unit-years", "quarter")
    '{year}: {n} quarters of unit-quarters'
    """
    noun = ENGLISH_NAMES[name]

    def word(found: re.Match[str]) -> str:
        other = ADJECTIVES.get(name, noun) if found[2] == "ly" else noun + found[2]
        return other[0].upper() + other[1:] if found[1] == "Y" else other

    return _ENGLISH.sub(word, template)


def chinese(template: str, name: str) -> str:
    """Return a Chinese template that says the name of a period where it said 年.

    >>> chinese("{year} 年与前 {n} 年：年份效应", "quarter")
    '{year}与前 {n} 个季度：季度效应'
    """
    long, short, counted = CHINESE_NAMES[name]
    text = _NUMBER_OF_PERIODS.sub(lambda found: f"{found[1]} {counted}", template)
    text = _DATE_BEFORE.sub(r"\1", text)
    text = _COUNT_BEFORE.sub(f" {counted}", text)
    return text.replace("年份", long).replace("年度", short).replace("年", short)


def captions_of(words: Mapping[str, str], name: str, lang: str) -> dict[str, str]:
    """Return the fixed texts of a figure with the name of its period in those of its axes."""
    swap: Any = english if lang == "en" else chinese
    return {key: swap(text, name) if key.startswith("axis_") else text for key, text in words.items()}
