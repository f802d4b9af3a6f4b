"""In which city or province of one year's geography a unit of another level and year lies."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from shidian.regions.table import Level, Spell, load_level

Inside = Callable[[str, int], str | None]
"""Unit (its name in ``resources/regions``) and year -> code of the city or province that its area lies in."""


@cache
def inside(level: str, to: str, geography: int) -> Inside:
    """Return what says in which unit of the geography the area of a smaller unit lies.

    A unit that ended lies where the units lie that its area went to; None where these lie in several. One that was
    founded after the geography's year lies in the city that holds it in its own year, as this was in the geography.

    Args:
        level: level of the smaller units, ``county`` or ``city``.
        to: level of the larger ones, ``city`` or ``province``.
        geography: the year.
    """
    small, large = load_level(level), load_level(to)

    @cache
    def find(unit: str, year: int) -> str | None:
        spells = small.units[unit]
        if there := next((one for one in spells if one.covers(geography)), None):
            return _parent(there.code, large, geography, geography)
        if spells[0].first_year > geography:
            then = next((one for one in spells if one.covers(year)), spells[0])
            return _parent(then.code, large, max(year, then.first_year), geography)
        change = small.ended_by(unit)
        successors = _successors(small, change.to_code, change.year) if change else []
        found = {find(one.unit, one.first_year) for one in successors}
        return found.pop() if len(found) == 1 else None

    return find


@cache
def members(level: str, to: str, geography: int, year: int) -> dict[str, frozenset[str]]:
    """Return code of each larger unit of the geography -> the smaller units that there were in it in a year."""
    find = inside(level, to, geography)
    found: dict[str, set[str]] = {}
    for unit, spells in load_level(level).units.items():
        if any(one.covers(year) for one in spells) and (parent := find(unit, year)):
            found.setdefault(parent, set()).add(unit)
    return {parent: frozenset(units) for parent, units in found.items()}


def unit_of(level: str, code: str, year: int) -> str:
    """Return the unit that has a code in a year."""
    spells = load_level(level).by_code[code]
    return next((one for one in spells if one.covers(year)), spells[-1]).unit


def name_of(level: str, unit: str, year: int) -> str:
    """Return code and name of a unit in a year."""
    spells = load_level(level).units[unit]
    one = next((spell for spell in spells if spell.covers(year)), spells[-1])
    return f"{one.code} {one.name}"


def _parent(code: str, large: Level, year: int, geography: int) -> str | None:
    """Return the code, in the geography, of the larger unit that a code of a year lies in."""
    ways = [f"{code[:2]}0000"] if large.name == "province" else [f"{code[:4]}00", f"{code[:2]}0000"]
    for way in ways:
        holder = next((one for one in large.by_code.get(way, ()) if one.covers(year) and one.code == way), None)
        if holder is not None:
            return _code_in(large.units[holder.unit], geography)
    return None


def _code_in(spells: tuple[Spell, ...], geography: int) -> str | None:
    return next((one.code for one in spells if one.covers(geography)), None)


def _successors(level: Level, codes: str, year: int) -> list[Spell]:
    """Return the units that an area went to, as they were at the end of the year of the change."""
    listed = [code for code in codes.split(";") if code]
    return [one for code in listed for one in level.by_code.get(code, ()) if one.covers(year)]
