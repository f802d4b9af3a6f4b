"""The table of units: which code and name each one had at the end of each year."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shidian.regions.names import names_without_peoples, short_names
from shidian.regions.spelling import keys_of_unit

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "regions"
FIRST_YEAR, LAST_YEAR = 1990, 2026
LEVELS = ("province", "city", "county")


@dataclass(frozen=True)
class Spell:
    """A unit's code and name, valid at the ends of the years ``first_year`` to ``last_year``."""

    unit: str
    level: str
    code: str
    name: str
    first_year: int
    last_year: int

    def covers(self, year: int) -> bool:
        """Whether code and name were valid at the end of a year; years beyond the table count as its ends."""
        return self.first_year <= clamp(year) <= self.last_year


@dataclass(frozen=True)
class Change:
    """One change of units, as written in ``resources/regions/changes.csv``."""

    year: int
    level: str
    kind: str
    from_code: str
    from_name: str
    to_code: str
    to_name: str
    note: str


@dataclass(frozen=True)
class Level:
    """The units of one level, by every way to name them.

    ``by_code`` has the codes of GB/T 2260 and the others in use for a unit (110100 of Beijing); ``by_usage`` the names
    that stand in no list: 克州, 景宁县, and those in Latin letters under the keys of ``shidian.regions.spelling``.
    """

    name: str
    units: Mapping[str, tuple[Spell, ...]]
    by_code: Mapping[str, tuple[Spell, ...]]
    by_name: Mapping[str, tuple[Spell, ...]]
    by_short_name: Mapping[str, tuple[Spell, ...]]
    by_usage: Mapping[str, tuple[Spell, ...]]
    changes: tuple[Change, ...]

    def ended_by(self, unit: str) -> Change | None:
        """The change that ended a unit; None for a unit that goes on."""
        last = self.units[unit][-1]
        ends = (c for c in self.changes if c.from_code == last.code and c.year == last.last_year + 1)
        return next((c for c in ends if c.kind in ("end", "merge", "split")), None)


def clamp(year: int) -> int:
    """Move a year into the years that the table covers."""
    return min(max(year, FIRST_YEAR), LAST_YEAR)


@cache
def load_level(level: str) -> Level:
    """Read the units of one level (``province``, ``city`` or ``county``) from ``resources/regions``."""
    with (FOLDER / "units.csv").open(encoding="utf-8", newline="") as stream:
        spells = [
            Spell(r["unit"], level, r["code"], r["name"], int(r["first_year"]), int(r["last_year"]))
            for r in csv.DictReader(stream)
            if r["level"] == level
        ]
    spells.sort(key=lambda spell: spell.last_year)
    units = _grouped((spell.unit, spell) for spell in spells)
    usage = _usage(level)
    codes = [(name, spell) for unit, name, kind in usage if kind == "code" for spell in units[unit]]
    with (FOLDER / "changes.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["level"] == level]
    changes = tuple(Change(**{**row, "year": int(row["year"])}) for row in rows)  # type: ignore[arg-type]
    return Level(
        name=level,
        units=units,
        by_code=_grouped([*((spell.code, spell) for spell in spells), *codes]),
        by_name=_grouped((spell.name, spell) for spell in spells),
        by_short_name=_grouped((short, spell) for spell in spells for short in short_names(spell.name, level)),
        by_usage=_grouped(_used_names(spells, units, usage)),
        changes=changes,
    )


def _usage(level: str) -> list[tuple[str, str, str]]:
    """Unit, name (or code) in use, and its kind (chinese, english, code)."""
    with (FOLDER / "usage.csv").open(encoding="utf-8", newline="") as stream:
        return [(r["unit"], r["name"], r["kind"]) for r in csv.DictReader(stream) if r["level"] == level]


def _used_names(
    spells: Sequence[Spell], units: Mapping[str, tuple[Spell, ...]], usage: Sequence[tuple[str, str, str]]
) -> Iterator[tuple[str, Spell]]:
    """Every name in use, with the spells that it may mean."""
    for spell in spells:
        for name in names_without_peoples(spell.name, spell.level):
            yield name, spell
    for unit, name, kind in usage:
        for spell in units[unit]:
            if kind == "chinese":
                yield name, spell
            elif kind == "english":
                for key in keys_of_unit(name, spell.name):
                    yield key, spell


def _grouped(pairs) -> dict[str, tuple[Spell, ...]]:  # type: ignore[no-untyped-def]
    groups: dict[str, list[Spell]] = defaultdict(list)
    for key, spell in pairs:
        groups[key].append(spell)
    return {key: tuple(group) for key, group in groups.items()}
