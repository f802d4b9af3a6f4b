"""Names of series for a draft, from the headers of a table."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from shidian.yearbook.tables import HeaderPath

NAME = re.compile(r"[a-z][a-z0-9_]*")
TAKEN = ("unit", "unit_name", "year", "adoption_year", "simulated", "left_out")
"""Columns of every panel, which no series may be called."""
UNIT_OF_MEASURE = re.compile(r"[（(]([^（）()]{1,12})[）)]")


def series_names(paths: Sequence[HeaderPath], taken: Collection[str] = (), start: int = 0) -> list[str]:
    """Return a name for each header: its words in small letters, ``series_3`` where it has none in such letters.

    Args:
        paths: the headers; of a header tree the lowest level is enough where it is like no other.
        taken: names that other tables have already.
        start: number before that of the first header.

    >>> series_names([("GDP per capita (yuan)",), ("Rate",), ("城市",), ("Rate",)])
    ['gdp_per_capita', 'rate', 'series_3', 'rate_2']
    """
    lowest = [_name(path[-1:]) for path in paths]
    names: list[str] = []
    for number, (path, name) in enumerate(zip(paths, lowest, strict=True), start=start + 1):
        wanted = name if lowest.count(name) == 1 else _name(path)
        if wanted in TAKEN:
            wanted = f"{wanted}_value"
        names.append(_free(wanted or f"series_{number}", {*names, *taken}))
    return names


def _name(path: HeaderPath) -> str:
    """Return the words of a header as a name, "" where they give none."""
    text = UNIT_OF_MEASURE.sub(" ", " ".join(path))
    if not text.isascii():
        return ""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:60]
    if name and name[0].isdigit():
        name = f"n{name}"
    return name if NAME.fullmatch(name) else ""


def _free(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    return next(f"{name}_{n}" for n in range(2, len(taken) + 3) if f"{name}_{n}" not in taken)
