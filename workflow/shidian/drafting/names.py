"""Names of series for a draft, from the headers of a table."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

from shidian.drafting.measures import BRACKETS, is_measure, without_measure
from shidian.yearbook.numbers import match_key
from shidian.yearbook.tables import HeaderPath

NAME = re.compile(r"[a-z][a-z0-9_]*")
TAKEN = ("unit", "unit_name", "year", "adoption_year", "simulated", "left_out")
"""Columns of every panel, which no series may be called."""
LONGEST_NAME = 60
"""Most characters of a name; words beyond are left out."""
TERMS = Path(__file__).with_name("terms.csv")
_SILENT = re.compile(r"[的之与和及、，,。.·:：/／_＿\-—()（）\[\]【】“”\"'\s]+")


def series_names(
    paths: Sequence[HeaderPath],
    taken: Collection[str] = (),
    start: int = 0,
    known: Mapping[HeaderPath, str] | None = None,
) -> list[str]:
    """Return a name for each header: its words in small letters, ``series_3`` where it has none in such letters.

    Args:
        paths: the headers; of a header tree the lowest level is enough where it is like no other.
        taken: names that other tables have already.
        start: number before that of the first header.
        known: names that some headers have already, in other files of one kind.

    >>> series_names([("GDP per capita (yuan)",), ("Rate",), ("甲乙",), ("Rate",), ("年末常住人口（万人）",)])
    ['gdp_per_capita', 'rate', 'series_3', 'rate_2', 'year_end_resident_population']
    """
    lowest = [_name(_without_measures(path)[-1:]) for path in paths]
    names: list[str] = []
    for number, (path, name) in enumerate(zip(paths, lowest, strict=True), start=start + 1):
        wanted = name if lowest.count(name) == 1 else _name(path)
        if wanted in TAKEN:
            wanted = f"{wanted}_value"
        wanted = (known or {}).get(path) or wanted or f"series_{number}"
        names.append(_free(wanted, {*names} if path in (known or {}) else {*names, *taken}))
    return names


def _without_measures(path: HeaderPath) -> HeaderPath:
    """Return a header without the texts that are units of measure, as a row of such below the headers gives them."""
    return tuple(part for part in path if not is_measure(part)) or path


def _name(path: HeaderPath) -> str:
    """Return the words of a header as a name, "" where they give none."""
    parts = _without_measures(path)
    text = " ".join(BRACKETS.sub(" ", part) for part in parts)
    if not text.isascii():
        latin = re.sub(r"^[^A-Za-z]+", "", re.sub(r"[^\x20-\x7e]+", " ", text))
        text = latin if len(re.findall("[A-Za-z]{2,}", latin)) > 1 else " ".join(translated(part) for part in parts)
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    name = re.sub(r"_[a-z0-9]*$", "", name[:LONGEST_NAME]) if len(name) > LONGEST_NAME else name
    if name and name[0].isdigit():
        name = f"n{name}"
    return name if NAME.fullmatch(name) else ""


def translated(text: str) -> str:
    """Return a Chinese header in the words of the table of terms, "" where one of its words is not there.

    >>> translated("第一产业增加值（亿元）"), translated("甲乙丙")
    ('primary value added', '')
    """
    plain = match_key(without_measure(text))
    words: list[str] = []
    while plain:
        if silent := _SILENT.match(plain):
            plain = plain[silent.end() :]
        elif latin := re.match(r"[A-Za-z0-9]+", plain):
            words.append(latin[0])
            plain = plain[latin.end() :]
        else:
            size = next((n for n in range(min(len(plain), _longest()), 0, -1) if plain[:n] in terms()), 0)
            if not size:
                return ""
            words.append(terms()[plain[:size]])
            plain = plain[size:]
    return " ".join(filter(None, words))


@cache
def terms() -> Mapping[str, str]:
    """Return the words of statistical headers, Chinese -> English; those without a meaning of their own give none."""
    with TERMS.open(encoding="utf-8", newline="") as stream:
        return {row["chinese"]: row["english"] for row in csv.DictReader(stream)}


@cache
def _longest() -> int:
    return max(map(len, terms()))


def _free(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    return next(f"{name}_{n}" for n in range(2, len(taken) + 3) if f"{name}_{n}" not in taken)
