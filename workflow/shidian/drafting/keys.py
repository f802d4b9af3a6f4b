"""Which columns of a table say the unit and the period of a row, and what level the units are: guesses of a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Any

from shidian.drafting.columns import Columns
from shidian.drafting.lists import CODE_WORDS, UNIT_WORDS, counts_rows, is_list, is_whole, says_facts
from shidian.drafting.periods import how_read
from shidian.drafting.regions import known_codes, known_names
from shidian.yearbook.numbers import parse_code, parse_year
from shidian.yearbook.periods import year_within

YEAR_WORDS = (
    "year", "年份", "年度", "年", "yr", "period", "time", "date", "日期", "时间", "quarter", "季度", "季", "qtr",
    "month", "月份", "月", "ym", "half", "半年", "week", "周", "day",
)  # fmt: skip
ITEM_WORDS = ("指标", "项目", "item", "indicator", "variable", "变量", "series", "科目")
MOST_NAMES = 2
"""Most names that the units of a code have on average, in different years and writings."""
MOST_ITEMS = 80
"""Most series that one column of names of series gives."""
FINEST = ("county", "city", "province")
NO_ID = "no column of codes or names was found: each row is a unit of its own, and the study says rows: individuals"
REPEATS = "repeats within a year: each row is an individual in it, and the study says rows: individuals"


@dataclass(frozen=True)
class Keys:
    """The columns, by number, that say unit and period of each row.

    Attributes:
        year: column of the period, None where there is none.
        period: how it reads, as declared under ``year``.
        code: column of codes, None where there is none.
        official: whether the codes are those of China's units.
        name: columns of names, the first of which is read.
        province: column of the provinces in which the units lie.
        city: column of the cities in which they lie.
        level: level of the units, "" where nothing tells.
        told: how many of the units are known at that level, in words.
        facts: whether each unit has one row whose years, such as those of adoption, are facts of it.
        items: column that names the series of each row.
        indented: number of columns over which names are indented, 0 where they are not.
        numbered: why each row is a unit of its own, "" where it is not.
    """

    year: int | None = None
    period: Mapping[str, Any] = field(default_factory=dict)
    code: int | None = None
    official: bool = False
    name: tuple[int, ...] = ()
    province: int | None = None
    city: int | None = None
    level: str = ""
    told: str = ""
    facts: bool = False
    items: int | None = None
    indented: int = 0
    numbered: str = ""

    @property
    def columns(self) -> set[int]:
        """All of them."""
        found = {self.year, self.code, *self.name, self.province, self.city, self.items}
        return {c for c in found if c is not None}

    @property
    def has_unit(self) -> bool:
        """Whether a column says the unit."""
        return self.code is not None or bool(self.name)


def guess_keys(columns: Columns, undated: bool = True, flat: bool = True) -> Keys:
    """Guess which columns say unit and period.

    Args:
        columns: those of the table.
        undated: whether the headers say no years, so that a column may.
        flat: whether rows may be individuals.
    """
    if indented := _indented(columns):
        return indented
    year, period = _period(columns) if undated else (None, {})
    listed = undated and is_list(columns, year)
    facts = listed and (year is not None or says_facts(columns))
    year, period = (None, {}) if facts else (year, period)
    regions = _regions(columns, year)
    code = _official(columns, year)
    names = _names(columns, year, code, regions)
    keys = Keys(year, period, code, code is not None, names, facts=facts)
    keys = _with_level(columns, keys)
    if code is None and (plain := _plain_code(columns, keys, listed)) is not None:
        telling = bool(names) and columns.tells(names[0], year)
        keys = replace(keys, code=plain) if telling else Keys(year, period, plain, facts=facts)
    keys = _with_places(columns, keys, regions)
    return _told_apart(columns, keys if undated or keys.has_unit else _first_column(columns, keys), flat)


def _period(columns: Columns) -> tuple[int | None, dict[str, Any]]:
    """Return the column of periods and how it reads; one whose header says years also where not all texts do."""
    doubtful = None
    for column in columns.shown:
        if not columns.says(column, YEAR_WORDS):
            continue
        texts = columns.filled(column)
        if all(texts) and (spec := how_read(texts)) is not None:
            return column, spec
        dated = sum(year_within(text) is not None for text in texts)
        if doubtful is None and dated * 2 > len(texts):
            doubtful = column
    if doubtful is not None:
        return doubtful, {}
    years = columns.all_are(parse_year)
    return next(iter(years), None), {}


def _regions(columns: Columns, year: int | None) -> dict[int, str]:
    """Return the columns of texts that name China's units, and the level of each."""
    found = {}
    for column in columns.shown:
        if column != year and columns.is_text(column) and (known := columns.known(column)).is_told:
            found[column] = known.level
    return found


def _official(columns: Columns, year: int | None) -> int | None:
    """Return the column of codes of China's units that tells rows apart, or else tells them with another column."""
    codes = columns.all_are(lambda text: parse_code(text, "gb2260"), but={year})
    shares = {c: known_codes(set(columns.filled(c))) for c in codes}
    told = [c for c in codes if shares[c].is_told]
    telling = [c for c in told if columns.tells(c, year)]
    ranked = telling or told
    return max(ranked, key=lambda c: (len(set(columns.filled(c))), shares[c].share, -c), default=None)


def _names(columns: Columns, year: int | None, code: int | None, regions: Mapping[int, str]) -> tuple[int, ...]:
    """Return the columns of names: the finest of China's units that tell rows apart, else texts that do, else those
    whose header says so.
    """
    texts = [c for c in columns.shown if c not in (year, code) and columns.is_text(c) and _belongs(columns, c, code)]
    of_regions = [c for level in FINEST for c in texts if regions.get(c) == level]
    together = [*regions, *([] if year is None else [year])]
    finest = [c for c in of_regions if regions[c] == regions[of_regions[0]]]
    telling = [c for c in texts if columns.tells(c, year)]
    if finest and (set(finest) & set(telling) or columns.is_unique(together)):
        ranked = [c for c in finest if c in telling] or finest
    else:
        likely = [
            c for c in texts if columns.says(c, UNIT_WORDS) or any(w in columns.header(c) for w in UNIT_WORDS[:8])
        ]
        ranked = [c for c in likely if c in telling] or telling or (likely if code is None else [])
        if not ranked and code is None:
            ranked = of_regions[:1] or [c for c in texts if not columns.says(c, ITEM_WORDS)][:1]
    if not ranked:
        return ()
    chosen = max(ranked, key=lambda c: (len(set(columns.filled(c))), -c))
    if not columns.paths[chosen]:
        return (chosen,)
    equal = columns.equal(chosen)
    beside = [c for c in equal if c - equal[0] == equal.index(c) and columns.is_text(c)]
    return tuple(beside) if len(beside) == len(equal) else (chosen,)


def _belongs(columns: Columns, column: int, code: int | None) -> bool:
    """Whether names go with the codes, some of which had two: not those of the places where mayors were born."""
    if code is None:
        return True
    codes = columns.filled(code)
    return len(set(zip(codes, columns.filled(column), strict=True))) <= MOST_NAMES * len(set(codes))


def _with_level(columns: Columns, keys: Keys) -> Keys:
    """Return the keys with the level that codes, else names, are known at."""
    known = known_codes(set(columns.filled(keys.code))) if keys.official and keys.code is not None else None
    if known is None and keys.name:
        known = columns.known(keys.name[0])
    return replace(keys, level=known.level, told=known.told) if known is not None and known.is_told else keys


def _with_places(columns: Columns, keys: Keys, regions: Mapping[int, str]) -> Keys:
    """Return the keys with the columns of provinces and cities that tell names apart; codes need none."""
    if keys.official or not keys.name or keys.level not in ("city", "county"):
        return keys
    named = list(map(bool, columns.filled(keys.name[0])))
    places = {c: regions[c] for c in regions if c not in keys.columns and all(compress(columns.filled(c), named))}
    province = next((c for c, level in places.items() if level == "province"), None)
    city = next((c for c, level in places.items() if level == "city" and keys.level == "county"), None)
    return replace(keys, province=province, city=city)


def _plain_code(columns: Columns, keys: Keys, listed: bool) -> int | None:
    """Return the column of numbers or letters that tells the units apart, where its header or nothing else does so."""
    telling = [c for c in columns.all_are(is_whole, but={keys.year, *keys.name}) if columns.tells(c, keys.year)]
    telling = [c for c in telling if keys.year is None or not counts_rows(columns, c)]
    said = [c for c in telling if columns.says(c, CODE_WORDS)]
    named = bool(keys.name) and columns.tells(keys.name[0], keys.year)
    alone = (keys.year is not None and not _numbers_years(columns, keys.year)) or listed
    return None if named and keys.level else next(iter(said or (telling if alone and not named else [])), None)


def _first_column(columns: Columns, keys: Keys) -> Keys:
    """Return the keys with the first column as names, where headers say the years and it tells rows apart (ages)."""
    first = columns.shown[0]
    return replace(keys, name=(first,)) if columns.is_named(first) and columns.tells(first, None) else keys


def _numbers_years(columns: Columns, year: int) -> bool:
    """Whether each period stands in one row, so that all rows are of one unit."""
    return columns.is_unique([year]) and len(columns.guess.data) > 1


def _told_apart(columns: Columns, keys: Keys, flat: bool) -> Keys:
    """Return the keys with the column that names series, or as rows of individuals, where units and years repeat."""
    unit = [c for c in (keys.code, *keys.name[:1], keys.province, keys.city) if c is not None]
    dated = [] if keys.year is None else [keys.year]
    if keys.facts or (unit and columns.is_unique([*unit, *dated])):
        return keys
    if (items := _items(columns, keys, [*unit, *dated])) is not None:
        return replace(keys, items=items)
    if not flat or (not unit and keys.year is not None and _numbers_years(columns, keys.year)):
        return keys
    if not unit:
        return replace(keys, numbered=NO_ID)
    header = " / ".join(columns.paths[unit[0]])
    return Keys(keys.year, keys.period, numbered=f'"{header}" {REPEATS}')


def _items(columns: Columns, keys: Keys, telling: Sequence[int]) -> int | None:
    """Return the column of texts that names the series of each row."""
    found = []
    for column in columns.shown:
        if column in keys.columns or not columns.is_text(column) or not columns.is_named(column):
            continue
        names = set(columns.filled(column))
        few = 2 <= len(names) <= MOST_ITEMS and "" not in names
        if few and (len(names) * 2 <= len(columns.guess.data) or columns.says(column, ITEM_WORDS)):
            found.append(column)
    return next((c for c in found if columns.is_unique([*telling, c])), None)


def _indented(columns: Columns) -> Keys | None:
    """Return the keys of a table whose names stand in one of several columns, by their level."""
    first = columns.shown[0] if columns.shown else 0
    width = 1
    while first + width in columns.shown and columns.is_text(first + width):
        path = columns.paths[first + width]
        if path and path != columns.paths[first]:
            break
        width += 1
    names = [columns.texts(c) for c in range(first, first + width)]
    one_a_row = all(sum(map(bool, row)) == 1 for row in zip(*names, strict=True))
    if (
        width < 2
        or not one_a_row
        or not columns.paths[first]
        or columns.equal(first) not in ([first], [*range(first, first + width)])
    ):
        return None
    lower = [name for texts in names[1:] for name in texts if name]
    known = known_names(lower)
    return Keys(
        name=(first,),
        indented=width,
        level=known.level if known.is_told else "",
        told=known.told if known.is_told else "",
    )
