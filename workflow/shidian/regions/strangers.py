"""What a printed name or code is that is no unit of the level asked for: one of another level, a zone, or unknown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from shidian.messages import say
from shidian.regions.parents import NO_CITY, Parent
from shidian.regions.table import FIRST_YEAR, LAST_YEAR, LEVELS, Level, Spell, load_level

UNKNOWN, OTHER_LEVEL, ZONE = "unknown", "other_level", "zone"
LEVEL_NAMES = {"province": say("province"), "city": say("city"), "county": say("county")}
_ZONE = re.compile(
    r".{2,}(?:开发区|高新区|高新技术(?:产业)?区|经开区|工业(?:园)?区|产业园区?|产业集聚区|园区|保税(?:港)?区|管理区|管委会"
    r"|示范区|试验区|实验区|合作区|旅游区|风景区|度假区|新区|新城)"
)
"""Zones that no code list has: development zones, new areas, parks."""


_GROUP = re.compile("市区|市辖区|县|(?:" + "|".join(text for text in NO_CITY if "直辖" in text) + ").*")
"""Rows that hold several units of a level together, such as all districts of a city."""


def strange_name(name: str, parent: str | None, place: Parent, level: Level, year: int) -> tuple[str, str]:
    """Return the status of a name that no unit of the level has, and the reason."""
    named = [s for other in _others(level) for s in other.by_name.get(name, ())]
    short = load_level("province").by_short_name.get(name, ()) if level.name != "province" else ()
    if found := [s for s in (*named, *short) if place.holds(s) or s.level == "province"]:
        return OTHER_LEVEL, _is_another(f"'{name}'", found, level, year)
    if _ZONE.fullmatch(name):
        return ZONE, say("'{name}' is a zone, no unit of the code lists", name=name)
    if _GROUP.fullmatch(name):
        return OTHER_LEVEL, say("'{name}' stands for several units", name=name)
    near = nearest_names(name, level)
    if parent:
        return UNKNOWN, say(
            "no unit of this level is called '{name}' in {province}{nearest}", name=name, province=parent, nearest=near
        )
    return UNKNOWN, say("no unit of this level is called '{name}'{nearest}", name=name, nearest=near)


def strange_code(code: str, name: str | None, level: Level, year: int) -> tuple[str, str]:
    """Return the status of a code that no unit of the level has, and the reason."""
    if found := [s for other in _others(level) for s in other.by_code.get(code, ())]:
        return OTHER_LEVEL, _is_another(code, found, level, year)
    if name is not None and _ZONE.fullmatch(name):
        return ZONE, say("'{name}' is a zone, no unit of the code lists", name=name)
    if name is not None and _GROUP.fullmatch(name):
        return OTHER_LEVEL, say("'{name}' stands for several units", name=name)
    return UNKNOWN, say(
        "code {code} is no unit of this level in {first}-{last}{nearest}",
        code=code, first=FIRST_YEAR, last=LAST_YEAR, nearest=nearest_names(name, level),
    )  # fmt: skip


def _others(level: Level) -> list[Level]:
    return [load_level(name) for name in LEVELS if name != level.name]


def _is_another(shown: str, found: Sequence[Spell], level: Level, year: int) -> str:
    spell = next((s for s in found if s.covers(year)), found[-1])
    return say(
        "{shown} is the {other} {unit}, and the level asked for is {level}",
        shown=shown, other=LEVEL_NAMES[spell.level], unit=f"{spell.code} {spell.name}", level=LEVEL_NAMES[level.name],
    )  # fmt: skip


def nearest_names(name: str | None, level: Level) -> str:
    """Return the nearest names, as a hint to the user only."""
    near = _nearest(name, level.name) if name is not None else ()
    return say("; nearest: {names}", names=[f"{level.by_name[n][-1].code} {n}" for n in near]) if near else ""


@lru_cache(maxsize=16384)
def _nearest(name: str, level: str) -> tuple[str, ...]:
    from rapidfuzz import process

    near = process.extract(name, _names(level), limit=6, score_cutoff=50)
    is_district = name.endswith("区") and not name.endswith("地区")  # 海淀区 is no 海东地区
    return tuple(text for text, *_ in near if not (is_district and text.endswith("地区")))[:3]


@cache
def _names(level: str) -> list[str]:
    return sorted(load_level(level).by_name)
