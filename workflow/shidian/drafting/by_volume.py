"""Values of a key in several volumes: one where all have it, else alternatives by year, the years in runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ABSENT = object()
"""Stands where a volume has no such key."""
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True)
class Place:
    """Which of the volumes: number of its file, and its year where all files have one that is theirs alone."""

    number: int
    year: int | None


def places_of(numbers: Sequence[int], years: Sequence[int | None]) -> list[Place]:
    """Return the places of some volumes; years choose only where each file has one of its own."""
    apart = None not in years and len(set(years)) == len(years)
    return [Place(number, year if apart else None) for number, year in zip(numbers, years, strict=True)]


def alternatives(places: Sequence[Place], values: Sequence[Any]) -> Any:
    """Return the one value of a key, or its alternatives as a source file writes them.

    Args:
        places: the volumes, by year.
        values: the value in each, ``ABSENT`` for none; a mapping with ``is`` says what moves with it too.

    >>> alternatives(places_of([1, 2, 3], [2004, 2005, 2006]), ["城市", "城市", "地级市"])
    [{'until': 2005, 'is': '城市'}, {'from': 2006, 'is': '地级市'}]
    """
    if all(one == values[0] for one in values):
        return values[0]
    if any(place.year is None for place in places):
        return _by_files(places, values)
    runs: list[tuple[int, int, Any]] = []
    for place, value in zip(places, values, strict=True):
        assert place.year is not None
        if runs and runs[-1][2] == value:
            runs[-1] = runs[-1][0], place.year, value
        else:
            runs.append((place.year, place.year, value))
    return [
        {**({"from": first} if i else {}), **({"until": last} if i < len(runs) - 1 else {}), **_said(value)}
        for i, (first, last, value) in enumerate(runs)
    ]


def _by_files(places: Sequence[Place], values: Sequence[Any]) -> list[dict[str, Any]]:
    kinds: list[tuple[Any, list[int]]] = []
    for place, value in zip(places, values, strict=True):
        same = next((numbers for one, numbers in kinds if one == value), None)
        if same is None:
            kinds.append((value, [place.number]))
        else:
            same.append(place.number)
    return [{"files": numbers, **_said(value)} for value, numbers in kinds]


def _said(value: Any) -> dict[str, Any]:
    if value is ABSENT:
        return {"absent": True}
    return dict(value) if isinstance(value, Mapping) and "is" in value else {"is": value}


def dated(values: Sequence[Any], years: Sequence[int | None]) -> list[Any]:
    """Return texts, or lists of them, with ``{year}`` for the year of their volume, where that makes more equal.

    >>> dated(["2004年财政", "2005年财政"], [2004, 2005]), dated(["2-1", "2-1"], [2004, 2005])
    (['{year}年财政', '{year}年财政'], ['2-1', '2-1'])
    """
    if None in years:
        return list(values)
    written = [with_year(one, year) for one, year in zip(values, years, strict=True)]
    return written if _kinds(written) < _kinds(values) else list(values)


def _kinds(values: Sequence[Any]) -> int:
    return len({repr(one) for one in values})


def with_year(value: Any, year: int | None) -> Any:
    """Return a text with ``{year}``, ``{year-1}`` or ``{year+1}`` for years near that of its volume."""
    if isinstance(value, list):
        return [with_year(one, year) for one in value]
    if not isinstance(value, str) or year is None or "{" in value:
        return value

    def token(found: re.Match[str]) -> str:
        away = int(found[0]) - year
        return found[0] if abs(away) > 1 else "{year}" if not away else f"{{year{away:+d}}}"

    return _YEAR.sub(token, value)
