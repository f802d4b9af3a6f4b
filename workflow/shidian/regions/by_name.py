"""The unit that a printed name means, of all that were ever called so: never a guess."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shidian.messages import say
from shidian.regions.names import short_names
from shidian.regions.parents import Parent, parent_of, place_around
from shidian.regions.spelling import before_brackets, latin_keys, simplified
from shidian.regions.strangers import strange_name
from shidian.regions.table import LEVELS, Level, Spell, load_level

EXACT, SHORT, RENAMED, USAGE, BY_PARENT, DECLARED = "exact", "short", "renamed", "usage", "by parent", "declared"
GRADES = (EXACT, SHORT, RENAMED, USAGE, BY_PARENT, DECLARED)
"""How a unit was recognised: by name or code as in that year; without the word for its kind; by the name or code of
another year; by a name in use that no list has; by its province or city; by a declared alias."""


@dataclass(frozen=True)
class Match:
    """What a printed unit is; ``spell`` is None unless the unit is certain."""

    status: str
    reason: str = ""
    spell: Spell | None = None
    grade: str = ""


def match_name(name: str, parent: str | None, level: Level, year: int) -> Match:
    """Find the unit of a name in a year; ``parent`` is its province, its city, or both with a blank between them."""
    place = place_around(name, parent)
    if place.problem:
        return Match("unknown", place.problem)
    for text, is_usage in _readings(name):
        match = _match_text(name, text, is_usage, place, level, year)
        if match:
            return match
    if (parts := before_brackets(name)) and (match := _match_both(name, *parts, place, level, year)):
        return match
    return Match(*strange_name(name, parent, place, level, year))


def _readings(name: str) -> Iterator[tuple[str, bool]]:
    """Yield the name as printed and other ways to write it, and whether it is one of these."""
    yield name, False
    if (plain := simplified(name)) != name:
        yield plain, True
    yield from ((key, True) for key in latin_keys(name))


def _match_text(name: str, text: str, is_usage: bool, place: Parent, level: Level, year: int) -> Match | None:
    for names in (level.by_name, level.by_short_name, level.by_usage):
        called = names.get(text, ())
        here = [s for s in called if place.holds(s)]
        now = [s for s in here if s.covers(year)]
        candidates = now or here
        if not candidates:
            continue
        exact = names is level.by_name and bool(now)
        rivals = [
            *_ended_now(here, candidates, level, year),
            *(() if exact else _of_higher_levels(text, candidates, place, year)),
        ]
        if len({s.unit for s in candidates} | {(s.level, s.unit) for s in rivals}) > 1:
            return _ambiguous(name, [*candidates, *rivals])
        usage = is_usage or names is level.by_usage
        match = certain(candidates[-1], year, name, usage)
        apart = place.is_given and _match_text(name, text, is_usage, Parent(), level, year)
        if apart and apart.status == "ambiguous":
            return Match(match.status, match.reason, match.spell, BY_PARENT)
        return match
    return None


def _ended_now(here: Sequence[Spell], candidates: Sequence[Spell], level: Level, year: int) -> list[Spell]:
    """Units of the same full name that ended in the year, which a yearbook may still print; not those that the
    candidate took in."""
    kept, names = {s.unit for s in candidates}, {s.name for s in candidates}
    heirs = {s.code for s in candidates}
    found = []
    for spell in here:
        ended = level.units[spell.unit][-1].last_year + 1 == year
        if ended and spell.unit not in kept and spell.name in names:
            change = level.ended_by(spell.unit)
            if change is None or change.kind != "merge" or change.to_code not in heirs:
                found.append(spell)
    return found


def _of_higher_levels(text: str, candidates: Sequence[Spell], place: Parent, year: int) -> list[Spell]:
    """Provinces and cities of the same name, whose subtotal the row may be; not the place that the row lies in."""
    found, level = [], candidates[0].level
    own = {s.code for c in candidates for s in load_level(level).units[c.unit]}
    for name in LEVELS[: LEVELS.index(level)]:
        higher = load_level(name)
        called = (s for names in (higher.by_name, higher.by_short_name, higher.by_usage) for s in names.get(text, ()))
        for spell in called:
            alive = any(s.covers(year) for s in higher.units[spell.unit])
            outside = place.is_given and not place.has_inside(spell)
            if alive and not outside and spell.code not in own:
                found.append(spell)
    return found


def _match_both(name: str, now: str, then: str, place: Parent, level: Level, year: int) -> Match | None:
    """Match a name and the older one in its brackets: both must be the same unit's; or its place in brackets."""
    if not place.is_given and not parent_of(then).problem and not _called_units(then, level.name):
        found = match_name(now, then, level, year)
    else:
        found = match_name(now, None, level, year) if not place.is_given else _within(now, place, level, year)
        if found.spell is None or found.spell.unit not in _called_units(then, level.name):
            return None
    if found.spell is None:
        return None
    return Match("usage", _means(name, found.spell), found.spell, USAGE)


def _within(name: str, place: Parent, level: Level, year: int) -> Match:
    found = (_match_text(name, text, usage, place, level, year) for text, usage in _readings(name))
    return next((match for match in found if match), Match("unknown"))


@lru_cache(maxsize=16384)
def _called_units(name: str, level: str) -> frozenset[str]:
    table = load_level(level)
    keys = [text for text, _ in _readings(name)]
    names = (table.by_name, table.by_short_name, table.by_usage)
    return frozenset(spell.unit for key in keys for called in names for spell in called.get(key, ()))


def is_called(spell: Spell, name: str) -> bool:
    """Whether a unit was ever called so, in full, in short or in use, its older name in brackets or not."""
    called = _called_units(name, spell.level)
    if spell.unit in called:
        return True
    parts = before_brackets(name)
    return parts is not None and all(spell.unit in _called_units(part, spell.level) for part in parts)


def certain(spell: Spell, year: int, name: str | None, usage: bool = False) -> Match:
    """Return the match of a unit that is certain, with how its name or code says so."""
    if name is not None and usage:
        return Match("usage", _means(name, spell), spell, USAGE)
    if not spell.covers(year):
        reason = say("'{name}' was not its name in {year}", name=name, year=year)
        return Match("other_year", reason, spell, RENAMED)
    if name is None or name == spell.name:
        return Match("ok", "", spell, EXACT)
    if name in short_names(spell.name, spell.level):
        return Match("short_name", say("'{name}' is short for {unit}", name=name, unit=spell.name), spell, SHORT)
    if any(name == s.name or name in short_names(s.name, s.level) for s in load_level(spell.level).units[spell.unit]):
        return Match("other_year", say("'{name}' was not its name in {year}", name=name, year=year), spell, RENAMED)
    return Match("usage", _means(name, spell), spell, USAGE)


def _means(name: str, spell: Spell) -> str:
    return say("'{name}' means {unit}", name=name, unit=f"{spell.code} {spell.name}")


def _ambiguous(name: str, candidates: Sequence[Spell]) -> Match:
    listed = dict.fromkeys(f"{s.code} {s.name}" for s in sorted(candidates, key=lambda s: s.code))
    return Match(
        "ambiguous",
        say(
            "'{name}' may be {units}; give its province or code, or declare an alias",
            name=name, units=list(listed)[:8],
        ),
    )  # fmt: skip
