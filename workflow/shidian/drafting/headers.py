"""Whether the headers of a table name years, units, or both: guesses of a draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shidian.drafting.columns import Columns
from shidian.drafting.keys import YEAR_WORDS
from shidian.drafting.lists import CODE_WORDS
from shidian.drafting.periods import how_read, years_in_headers
from shidian.drafting.regions import NOBODY, Known, is_known, is_total, known_names
from shidian.yearbook.numbers import clean, parse_code, parse_year
from shidian.yearbook.tables import HeaderPath

SHORTEST, LONGEST = 2, 12
"""Fewest and most characters of a unit's name within a header."""


@dataclass(frozen=True)
class InHeader:
    """What headers say beside the series.

    Attributes:
        series: header of the series by column; nothing where headers say neither years nor units.
        year: what is declared under ``year``, None where no header says years.
        unit: what ``in_header`` under ``unit`` declares, None where no header names units.
        units: names of the units, by column in order.
        known: the level that the names are of.
    """

    series: Mapping[int, HeaderPath] = field(default_factory=dict)
    year: Mapping[str, Any] | None = None
    unit: bool | int | None = None
    units: Sequence[str] = ()
    known: Known = NOBODY


def says_in_headers(columns: Columns) -> InHeader:
    """Return what the headers above the numbers say of years and units."""
    paths = {
        c: columns.paths[c]
        for c in columns.shown
        if columns.paths[c] and columns.is_numeric(c) and not _is_key(columns, c)
    }
    paths |= {c: path for c, path in enumerate(columns.paths) if path and c not in columns.shown and _is_period(path)}
    if not paths:
        return InHeader()
    years = years_in_headers(paths)
    if years is not None and len(years.series) < 2 and _is_among_words(years.series.values()):
        years = None
    if years is not None and any(_is_year_column(columns, c) for c in columns.shown if c not in paths):
        years = None
    dated = {c: years.series[c] for c in years.series} if years is not None else dict(paths)
    found = _units(columns, paths, dated)
    if found is None:
        return InHeader(years.series, years.declared) if years is not None else InHeader()
    return InHeader(found.series, years.declared if years is not None else None, found.unit, found.units, found.known)


def _is_among_words(headers: Iterable[HeaderPath]) -> bool:
    """Whether headers hold words beside the year; of one column these may say whose prices it is in."""
    return any("{year}" in part for path in headers for part in path)


def _is_key(columns: Columns, column: int) -> bool:
    """Whether a column of numbers is no series: codes, years, serial numbers."""
    texts = columns.filled(column)
    if all(parse_year(text) is not None for text in texts) and (
        columns.says(column, YEAR_WORDS) or not columns.paths[column]
    ):
        return True
    if columns.says(column, CODE_WORDS):
        return True
    return all(parse_code(text, "gb2260") for text in texts)


def _is_year_column(columns: Columns, column: int) -> bool:
    texts = columns.filled(column)
    said = columns.says(column, YEAR_WORDS) and how_read(texts) is not None
    return all(texts) and (said or all(parse_year(text) is not None for text in texts))


def _is_period(path: HeaderPath) -> bool:
    """Whether a header is a year or another period, although nothing stands below it."""
    return how_read([path[-1]], named=False) is not None


def _units(columns: Columns, paths: Mapping[int, HeaderPath], dated: Mapping[int, HeaderPath]) -> InHeader | None:
    """Return the header row, or the part of the headers' texts, that names units; None where none does."""
    if any(columns.is_text(c) and columns.known(c).is_told for c in columns.shown if c not in paths):
        return None
    for row in sorted({i for path in paths.values() for i in range(len(path))}, reverse=True):
        here = {c: path[row] for c, path in paths.items() if len(path) > row and c in dated}
        named = {
            c: text
            for c, text in here.items()
            if is_total(text) or any(is_known(text, k) for k in ("province", "city", "county"))
        }
        known = known_names(set(named.values()))
        if len(set(named.values())) < 2 or len(named) * 5 < len(dated) * 4 or not known.is_told:
            continue
        lowest = all(len(paths[c]) == row + 1 for c in named)
        series = {c: _without(dated[c], text) for c, text in named.items()}
        return InHeader(series, None, True if lowest else row + 1, [clean(text) for text in named.values()], known)
    return _units_within(paths, dated)


def _without(path: HeaderPath, text: str) -> HeaderPath:
    at = path.index(text)
    return (*path[:at], *path[at + 1 :])


def _units_within(paths: Mapping[int, HeaderPath], dated: Mapping[int, HeaderPath]) -> InHeader | None:
    """Return units whose names begin the headers of one row: 北京gdp, 天津gdp."""
    if any(len(path) != 1 for path in paths.values()) or dated != paths:
        return None
    split = {c: found for c, path in paths.items() if (found := _named_first(path[0])) is not None}
    names = {name for name, _ in split.values()}
    if len(names) < 2 or len(split) < len(paths) or len({rest for _, rest in split.values()}) * 2 > len(split):
        return None
    series = {c: ("{name}" + rest,) for c, (_, rest) in split.items()}
    return InHeader(series, None, True, [name for name, _ in split.values()], known_names(names))


def _named_first(text: str) -> tuple[str, str] | None:
    """Split a header into the name of a province or city at its beginning and the rest."""
    for size in range(min(len(text) - 1, LONGEST), SHORTEST - 1, -1):
        if is_known(text[:size], "province") or is_known(text[:size], "city"):
            return text[:size], text[size:]
    return None
