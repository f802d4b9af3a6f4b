"""Whether a table is a list of facts of units, such as the years in which cities became pilots: guesses of a draft."""

from __future__ import annotations

import re

from shidian.drafting.columns import Columns
from shidian.drafting.periods import how_read
from shidian.yearbook.periods import year_within

UNIT_WORDS = (
    "地区", "城市", "地级市", "省份", "省市", "市县", "县", "单位名称", "region", "city", "province", "state", "county",
    "country", "name", "名称", "企业",
)  # fmt: skip
CODE_WORDS = ("id", "code", "代码", "编号", "编码", "fips", "stkcd", "stock", "cid", "pid", "firm")
NEVER = ("0", "9999", "inf", "Inf", "never", "-", "—", ".", "NA", "从未", "无")
"""What stands for the year of units to which something never happens."""
FEWEST_COUNTED = 30
"""Rows from which on whole numbers one after the other are numbers of rows."""


def says_facts(columns: Columns) -> bool:
    """Whether a list without a year for its rows says years of its units, or what kind they are, and no numbers."""
    dated = [c for c in columns.shown if _are_years_or_never(columns.distinct(c))]
    words = [c for c in columns.shown if columns.is_text(c)]
    codes = [c for c in columns.all_are(is_whole) if c == columns.shown[0] or columns.says(c, CODE_WORDS)]
    return bool(dated) or set(columns.shown) <= {*words, *codes}


def _are_years_or_never(texts: set[str]) -> bool:
    """Whether texts are years (or quarters and the like) of what happens to some units, and never to others."""
    shown = {text for text in texts if text and text not in NEVER}
    return bool(shown) and all(map(year_within, shown)) and how_read(sorted(shown), named=False) is not None


def is_list(columns: Columns, year: int | None) -> bool:
    """Whether the table is a list with a row a unit: a column names each once, and no column has one year for all."""
    if year is not None and len(set(columns.filled(year))) < 2:
        return False
    if year is not None and any(_is_panel(columns, c, year) for c in columns.shown if c != year):
        return False
    whole = [c for c in columns.all_are(is_whole, but={year}) if not (year is not None and counts_rows(columns, c))]
    shown = columns.shown
    named = [c for c in shown if c != year and columns.is_text(c) and c not in columns.printed_once]
    coded = [c for c in whole if c == shown[0] or columns.says(c, (*UNIT_WORDS, *CODE_WORDS))]
    return any(columns.tells(c, None) for c in (*named, *coded)) and len(columns.guess.data) > 1


def _is_panel(columns: Columns, column: int, year: int) -> bool:
    """Whether most texts of a column stand once in most periods, as units of a panel do."""
    units, years, rows = len(columns.distinct(column)), len(set(columns.filled(year))), len(columns.guess.data)
    most = units * years <= rows * 3 / 2 and 2 * units <= rows and units > 1
    return most and all(columns.filled(column)) and columns.is_unique([column, year])


def counts_rows(columns: Columns, column: int) -> bool:
    """Whether a column numbers the rows one after the other; of a few rows this may be chance."""
    texts = [text.removesuffix(".0") for text in columns.filled(column)]
    first = int(texts[0]) if texts and texts[0].isdigit() else None
    return len(texts) >= FEWEST_COUNTED and first is not None and texts == [str(first + i) for i in range(len(texts))]


def is_whole(text: str) -> object:
    """Return something where a text is a whole number, letters before it allowed, None else."""
    return re.fullmatch(r"\d+(\.0+)?|[A-Za-z]*\d+", text)
