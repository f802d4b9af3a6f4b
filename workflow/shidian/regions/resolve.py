"""Printed names and codes to units of a study's fixed geography: never a guess."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from shidian.errors import PanelError
from shidian.messages import say
from shidian.regions.refusal import refuse
from shidian.regions.table import LEVELS, Level, Spell, load_level, province_code

CERTAIN = ("ok", "alias", "short_name", "other_year")
"""Statuses of rows whose unit is certain: printed as in that year; by a declared alias; without the word for
its kind; under the name or code of another year."""
COLUMNS = ("name", "code", "province", "year", "unit", "unit_code", "unit_name", "status", "reason")


@dataclass(frozen=True)
class Match:
    """What a printed unit is; ``spell`` is None unless the unit is certain."""

    status: str
    reason: str = ""
    spell: Spell | None = None


def resolve_units(
    names: Sequence[str | None] | None,
    codes: Sequence[str | None] | None,
    years: Sequence[int | None] | int,
    level: str,
    geography: int,
    provinces: Sequence[str | None] | None = None,
    aliases: Mapping[str, str] | None = None,
    accept: Collection[str] = (),
) -> pd.DataFrame:
    """Find the unit of each row in the geography of one year.

    Args:
        names: printed names; None where there are only codes.
        codes: printed six-digit codes; None where there are only names.
        years: year of each row, or one for all; missing (a policy list) counts as the year of the geography.
        level: ``province``, ``city`` or ``county``.
        geography: the year whose units the study uses.
        provinces: printed provinces, to tell equal names apart.
        aliases: declared names that no rule foresees -> six-digit code.
        accept: statuses besides the certain ones that raise no error: ``merged`` (the unit is the successor,
            of which the row describes a part), ``ended``, ``not_established``, ``unknown``, ``ambiguous``,
            ``conflict``.

    Returns:
        One row an input row (``COLUMNS``): the unit, its code and name in the geography, status, and the
        reason where the status is not ``ok``. ``unit`` is missing where it is not certain.

    Raises:
        PanelError: a row has a status that is not accepted; the message lists the rows and the nearest names.
    """
    if level not in LEVELS:
        raise PanelError(say("unknown level '{level}'; known: {known}", level=level, known=list(LEVELS)))
    n = len(names if names is not None else codes or ())
    blank: list[str | None] = [None] * n
    year_list = [years] * n if isinstance(years, int) else list(years)
    rows = list(
        zip(
            _texts(names, blank),
            _texts(codes, blank),
            _texts(provinces, blank),
            map(_year, year_list),
            strict=True,
        )
    )
    known = {row: _resolve(row, load_level(level), geography, aliases or {}) for row in set(rows)}
    found = pd.DataFrame([(*row, *known[row]) for row in rows], columns=list(COLUMNS))
    found = found.astype({**dict.fromkeys(set(COLUMNS) - {"year"}, "str"), "year": "Int64"})
    refuse(found[~found["status"].isin({*CERTAIN, *accept})], level)
    return found


def _texts(values: Sequence[str | None] | None, blank: list[str | None]) -> list[str | None]:
    return blank if values is None else [None if pd.isna(v) else str(v) for v in values]


def _year(value: int | None) -> int | None:
    return None if pd.isna(value) else int(value)


def _resolve(
    row: tuple[str | None, str | None, str | None, int | None],
    level: Level,
    geography: int,
    aliases: Mapping[str, str],
) -> tuple[str | None, str | None, str | None, str, str]:
    """Unit, its code and name in the geography, status and reason of one row."""
    name, code, province, printed_year = row
    year = geography if printed_year is None else printed_year
    if name is not None and name in aliases:
        match = _by_alias(name, aliases[name], level, year)
    elif code is not None:
        match = _by_code(code, name, level, year)
    elif name is not None:
        match = _by_name(name, province, level, year)
    else:
        match = Match("unknown", say("neither name nor code is printed"))
    if match.spell is None:
        return None, None, None, match.status, match.reason
    return _in_geography(match, level, year, geography)


def _by_alias(name: str, code: str, level: Level, year: int) -> Match:
    match = _by_code(code, None, level, year)
    if match.spell is None:
        return Match(
            "unknown",
            say("the declared alias of '{name}' is code {code}, which is no unit of this level", name=name, code=code),
        )
    declared = say("'{name}' is declared to be {code} {unit}", name=name, code=code, unit=match.spell.name)
    return Match("alias", declared, match.spell)


def _by_code(code: str, name: str | None, level: Level, year: int) -> Match:
    spells = level.by_code.get(code, ())
    if not spells:
        near = _suggest(name, level)
        return Match(
            "unknown", say("code {code} is no unit of this level in 2002-2022{nearest}", code=code, nearest=near)
        )
    if name is not None:
        spells = tuple(s for s in spells if any(_named(t, name) for t in level.units[s.unit]))
        if not spells:
            return Match(
                "conflict",
                say(
                    "code {code} belongs to {owners}, not to '{name}'{nearest}",
                    code=code,
                    owners=sorted({s.name for s in level.by_code[code]}),
                    name=name,
                    nearest=_suggest(name, level),
                ),
            )
    current = [s for s in spells if s.covers(year)]
    if current:
        return _certain(current[0], year, name)
    units = {s.unit for s in spells}
    if len(units) > 1:
        shared = say("code {code} was used by several units, none of them in {year}", code=code, year=year)
        return Match("ambiguous", shared)
    return Match("other_year", say("code {code} was not in force in {year}", code=code, year=year), spells[-1])


def _by_name(name: str, province: str | None, level: Level, year: int) -> Match:
    prefix = None
    if province is not None:
        prefix = province_code(province)
        if prefix is None:
            return Match("unknown", say("'{name}' is no province", name=province))
    for spells in (level.by_name.get(name, ()), level.by_short_name.get(name, ())):
        here = [s for s in spells if prefix is None or s.code[:2] == prefix]
        for candidates in ([s for s in here if s.covers(year)], here):
            units = sorted({s.unit for s in candidates})
            if len(units) > 1:
                return _ambiguous(name, candidates)
            if units:
                return _certain(candidates[-1], year, name)
    near = _suggest(name, level)
    none = say("no unit of this level is called '{name}'{nearest}", name=name, nearest=near)
    if province:
        none = say(
            "no unit of this level is called '{name}' in {province}{nearest}",
            name=name, province=province, nearest=near,
        )  # fmt: skip
    return Match("unknown", none)


def _ambiguous(name: str, candidates: Sequence[Spell]) -> Match:
    listed = [f"{s.code} {s.name}" for s in sorted(candidates, key=lambda s: s.code)[:8]]
    return Match(
        "ambiguous",
        say("'{name}' may be {units}; give its province or code, or declare an alias", name=name, units=listed),
    )


def _certain(spell: Spell, year: int, name: str | None) -> Match:
    if not spell.covers(year):
        return Match("other_year", say("'{name}' was not its name in {year}", name=name, year=year), spell)
    if name is None or name == spell.name:
        return Match("ok", "", spell)
    if _named(spell, name):
        return Match("short_name", say("'{name}' is short for {unit}", name=name, unit=spell.name), spell)
    return Match("other_year", say("'{name}' was not its name in {year}", name=name, year=year), spell)


def _named(spell: Spell, name: str) -> bool:
    from shidian.regions.names import short_names

    return name == spell.name or name in short_names(spell.name, spell.level)


def _in_geography(
    match: Match, level: Level, year: int, geography: int
) -> tuple[str | None, str | None, str | None, str, str]:
    """Carry a certain unit into the geography of the study."""
    spell = match.spell
    assert spell is not None
    spells = level.units[spell.unit]
    for moment, what in ((year, say("in the year of the row")), (geography, say("in the study's geography"))):
        if any(s.covers(moment) for s in spells):
            continue
        if not spells[0].first_year > moment:
            return _after_end(spells[-1], level, moment, geography, what)
        founded = say(
            "{unit} was founded in {year}, not yet there {what}",
            unit=spell.name, year=spells[0].first_year, what=what,
        )  # fmt: skip
        return None, None, None, "not_established", founded
    there = next(s for s in spells if s.covers(geography))
    return there.unit, there.code, there.name, match.status, match.reason


def _after_end(
    last: Spell, level: Level, moment: int, geography: int, what: str
) -> tuple[str | None, str | None, str | None, str, str]:
    change = level.ended_by(last.unit)
    reason = say(
        "{unit} ended in {year}, before {moment}: not there {what}",
        unit=last.name, year=last.last_year + 1, moment=moment, what=what,
    )  # fmt: skip
    if change:
        reason = say("{reason} ({note})", reason=reason, note=change.note or change.to_name or change.to_code)
    if change is None or change.kind != "merge":
        return None, None, None, "ended", reason
    (target,) = (s for s in level.by_code[change.to_code] if s.covers(geography))
    merged = say("{reason}; it is a part of {unit}", reason=reason, unit=target.name)
    return target.unit, target.code, target.name, "merged", merged


def _suggest(name: str | None, level: Level) -> str:
    """Nearest names, as a hint to the user only."""
    if name is None:
        return ""
    from rapidfuzz import process

    near = process.extract(name, sorted(level.by_name), limit=3, score_cutoff=50)
    if not near:
        return ""
    return say("; nearest: {names}", names=[f"{level.by_name[n][-1].code} {n}" for n, *_ in near])
