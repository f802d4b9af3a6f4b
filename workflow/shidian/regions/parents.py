"""The province or city in which a printed unit lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from shidian.messages import say
from shidian.regions.spelling import latin_keys, simplified
from shidian.regions.table import Level, Spell, load_level

NO_CITY = ("省直辖", "自治区直辖", "自治州直辖", "直辖县级", "市辖区", "县")
"""How what stands for the city begins where a county has none."""


@dataclass(frozen=True)
class Parent:
    """Where a unit lies: the beginnings of its code; ``problem`` says which text is no place."""

    prefixes: tuple[str, ...] = ("",)
    problem: str = ""

    @property
    def is_given(self) -> bool:
        """Whether a province or a city is printed."""
        return self.prefixes != ("",)

    def holds(self, spell: Spell) -> bool:
        """Whether a unit lies here."""
        return spell.code.startswith(self.prefixes)

    def has_inside(self, spell: Spell) -> bool:
        """Whether a unit of a higher level lies here and is not the place itself, nor one around it."""
        own = spell.code[:2] if spell.code.endswith("0000") else spell.code[:4]
        return any(own.startswith(prefix) and own != prefix for prefix in self.prefixes)


@cache
def parent_of(text: str | None) -> Parent:
    """Return the place that a text names: a province, a city, or both with a blank between them."""
    found = Parent()
    for name in (text or "").split(" ") if text and not latin_keys(text) else filter(None, [text]):
        if name.startswith(NO_CITY):
            continue
        here = _place(name, found)
        if not here.is_given:
            return here
        found = here
    return found


def place_around(name: str, text: str | None) -> Parent:
    """Return the place that a unit of a name lies in, by the text of :func:`parent_of`.

    Of a county that lies in no city (万宁市 of 海南省) lists print its own name in the place of the city's.
    """
    found = parent_of(text)
    above, _, last = (text or "").rpartition(" ")
    return parent_of(above or None) if found.problem and last == name else found


def _place(name: str, within: Parent) -> Parent:
    if not within.is_given and (spells := _called(name, load_level("province"))):
        return Parent((spells[0].code[:2],))
    level = load_level("city")
    units = {spell.unit for spell in _called(name, level) if within.holds(spell)}
    if not units:
        none = say("'{name}' is no province and no city", name=name)
        return Parent(problem=none if within.is_given else say("'{name}' is no province", name=name))
    return Parent(tuple(sorted({prefix_of(spell) for unit in units for spell in level.units[unit]})))


def prefix_of(spell: Spell) -> str:
    """Return how the codes of what lies in a province or city begin."""
    return spell.code[:2] if spell.code.endswith("0000") else spell.code[:4]


def _called(name: str, level: Level) -> Sequence[Spell]:
    for key in (name, simplified(name), *latin_keys(name)):
        for names in (level.by_name, level.by_short_name, level.by_usage):
            if key in names:
                return names[key]
    return ()
