"""Which columns of a table say the unit and the period of a row, and what level the units are: guesses of a draft."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shidian.period import read_period
from shidian.regions.table import load_level
from shidian.yearbook.grid import Grid
from shidian.yearbook.numbers import cell_text, match_key, parse_code, parse_number, parse_year, unit_name
from shidian.yearbook.tables import HeaderPath

UNIT_WORDS = (
    "地区", "城市", "地级市", "省份", "省市", "市县", "县", "单位名称", "region", "city", "province", "state", "county",
    "country", "name", "名称", "企业",
)  # fmt: skip
CODE_WORDS = ("id", "code", "代码", "编号", "编码", "fips", "stkcd", "stock", "cid", "pid", "firm")
YEAR_WORDS = ("year", "年份", "年度", "年", "yr", "period", "time", "date", "日期", "时间")
PERIOD_WORDS = {
    "quarter": ("quarter", "季度", "季", "qtr"), "month": ("month", "月份", "月", "ym"), "half": ("half", "半年"),
    "week": ("week", "周"), "day": ("date", "day", "日期"),
}  # fmt: skip
LEVELS = ("city", "province", "county")
SAMPLE, MOST_ROWS, LEAST_SHARE = 400, 5_000, 0.5
"""Rows that tell what a column is, rows that tell whether it names units, and the share of known units that tells."""


@dataclass(frozen=True)
class Keys:
    """The columns, by number, that say unit and period of each row.

    Attributes:
        year: column of the period, None where there is none.
        period: its kind where it is none of the years 1900-2100, "" else.
        code: column of codes, None where there is none.
        official: whether the codes are those of China's units.
        name: columns of names, the first of which is read.
        level: level of the units, "" where nothing tells.
        told: how many of the units are known at that level, in words.
        facts: whether each unit has one row whose years, such as those of adoption, are facts of it.
    """

    year: int | None
    period: str
    code: int | None
    official: bool
    name: tuple[int, ...]
    level: str
    told: str
    facts: bool

    @property
    def columns(self) -> set[int]:
        """All of them."""
        return {c for c in (self.year, self.code, *self.name) if c is not None}


def guess_keys(grid: Grid, paths: Sequence[HeaderPath], data: Sequence[int]) -> Keys:
    """Guess which columns say unit and period; ``paths`` are the headers by column, ``data`` the rows of data."""
    table = _Table(grid, paths, data)
    year, period = _period(table)
    facts = _are_facts(table, year)
    year, period = (None, "") if facts else (year, period)
    codes = table.all_are(lambda value: parse_code(value, "gb2260"), but={year})
    official = max(codes, key=lambda c: (_known(table.units(c), by_code=True)[1], -c), default=None)
    level, share, told = _known(table.units(official), by_code=True) if official is not None else ("", 0.0, "")
    if share < LEAST_SHARE:
        official, level, told = None, "", ""
    names = _names(table, year, official)
    if not level and names:
        level, share, told = _known(table.units(names[0]), by_code=False)
        level, told = (level, told) if share >= LEAST_SHARE else ("", "")
    code = official if official is not None else _plain_code(table, year, names, facts)
    return Keys(year, period, code, official is not None, names, level, told, facts)


@dataclass(frozen=True)
class _Table:
    """The columns with a header, and their texts in the rows of data."""

    grid: Grid
    paths: Sequence[HeaderPath]
    data: Sequence[int]

    @property
    def columns(self) -> list[int]:
        return [c for c, path in enumerate(self.paths) if path]

    def texts(self, column: int, most: int = SAMPLE) -> list[str]:
        return [cell_text(self.grid.rows[row][column]).strip() for row in self.data[:most]]

    def units(self, column: int) -> list[str]:
        return sorted({text for text in self.texts(column, MOST_ROWS) if text})

    def header(self, column: int) -> str:
        return match_key(self.paths[column][-1]).lower()

    def says(self, column: int, words: Sequence[str]) -> bool:
        """Whether a header holds one of some words, those of Latin letters as whole words."""
        header = " ".join(self.paths[column][-1:]).lower()
        parts = re.split(r"[^a-z]+", header)
        return any(word in parts if word.isascii() else word in header for word in words)

    def all_are(self, read: Callable[[str], object], but: set[int | None]) -> list[int]:
        return [c for c in self.columns if c not in but and all(read(text) is not None for text in self.texts(c))]

    def tells(self, column: int, year: int | None) -> bool:
        """Whether no two rows have the same value, in the same period where there is one, and none is blank."""
        values = self.texts(column, MOST_ROWS)
        years = self.texts(year, MOST_ROWS) if year is not None else [""] * len(values)
        repeats = len(set(years)) == 1 or len(set(values)) < len(values)
        return all(values) and len(set(zip(values, years, strict=True))) == len(values) and repeats


def _period(table: _Table) -> tuple[int | None, str]:
    """Return the column of periods and its kind, "" for years between 1900 and 2100."""
    for kind, words in PERIOD_WORDS.items():
        for column in table.all_are(lambda text, kind=kind: read_period(kind, text), but=set()):  # type: ignore[misc]
            written = any(re.search(r"\D", text.removesuffix(".0")) for text in table.texts(column))
            if table.says(column, words) and (written or kind != "day"):
                return column, kind
    years = table.all_are(parse_year, but=set())
    said = [column for column in years if table.says(column, YEAR_WORDS)]
    return next(iter(said or years), None), ""


def _names(table: _Table, year: int | None, code: int | None) -> tuple[int, ...]:
    """Return the columns of names: those of texts that tell rows apart, else those whose header says so."""
    texts = [c for c in table.columns if c not in (year, code) and is_text(table.texts(c))]
    likely = [c for c in texts if table.says(c, UNIT_WORDS) or any(w in table.header(c) for w in UNIT_WORDS[:8])]
    telling = [c for c in texts if table.tells(c, year)]
    ranked = [c for c in likely if c in telling] or telling or (likely if code is None else [])
    if not ranked and code is None:
        ranked = texts[:1]
    if not ranked:
        return ()
    chosen = max(ranked, key=lambda c: (len(set(table.texts(c))), -c))
    return tuple(sorted(c for c in table.columns if table.paths[c] == table.paths[chosen]))


def _are_facts(table: _Table, year: int | None) -> bool:
    """Whether the table is a list with a row a unit: a column names each once, and no column has one year for all."""
    if year is not None and len(table.units(year)) < 2:
        return False
    whole = table.all_are(_whole, but={year})
    named = [c for c in table.columns if c != year and is_text(table.texts(c))]
    coded = [c for c in whole if c == table.columns[0] or table.says(c, (*UNIT_WORDS, *CODE_WORDS))]
    return any(table.tells(c, None) for c in (*named, *coded)) and len(table.data) > 1


def _plain_code(table: _Table, year: int | None, names: Sequence[int], facts: bool) -> int | None:
    """Return the column of numbers or letters that tells the units apart, where its header or nothing else does so."""
    telling = [c for c in table.all_are(_whole, but={year, *names}) if table.tells(c, year)]
    said = [c for c in telling if table.says(c, CODE_WORDS)]
    named = bool(names) and table.tells(names[0], year)
    alone = year is not None or facts
    return next(iter(said or (telling if alone and not named else [])), None)


def _whole(text: str) -> object:
    return re.fullmatch(r"\d+(\.0+)?|[A-Za-z]*\d+", text)


def _known(units: Sequence[str], by_code: bool) -> tuple[str, float, str]:
    """Return the level of China's units that most of some are of, their share, and the count in words."""
    best = ("", 0.0, "")
    for name in LEVELS:
        level = load_level(name)
        if by_code:
            found = sum(parse_code(unit, "gb2260") in level.by_code for unit in units)
        else:
            printed = [unit_name(unit) for unit in units]
            found = sum(unit in level.by_name or unit in level.by_short_name for unit in printed)
        share = found / len(units) if units else 0.0
        if share > best[1]:
            kind = "codes" if by_code else "names"
            best = (name, share, f"{found} of {len(units)} {kind} are known at this level")
    return best


def is_text(texts: Sequence[str]) -> bool:
    """Whether a column holds texts: words in most of its filled cells, not numbers and marks."""
    filled = [text for text in texts if text]
    words = sum(parse_number(text) is None and any(map(str.isalpha, text)) for text in filled)
    return words * 2 > len(filled)


def period_of(texts: Sequence[str]) -> str:
    """Return the kind of period that every filled cell of a column of texts shows (2015Q1), "" where none does."""
    filled = [text for text in texts if text]
    return next((kind for kind in PERIOD_WORDS if filled and all(read_period(kind, t) is not None for t in filled)), "")
