"""Printed names and codes to units of a study's fixed geography: never a guess."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from shidian.errors import PanelError
from shidian.messages import say
from shidian.regions.by_name import DECLARED, RENAMED, USAGE, Match, certain, is_called, match_name
from shidian.regions.refusal import refuse
from shidian.regions.strangers import OTHER_LEVEL, UNKNOWN, ZONE, nearest_names, strange_code
from shidian.regions.table import LEVELS, Level, Spell, load_level

CERTAIN = ("ok", "alias", "short_name", "other_year", "usage")
"""Statuses of rows whose unit is certain: printed as in that year; by a declared alias; without the word for
its kind; under the name or code of another year; under a name or code in use that no list has."""
COLUMNS = ("name", "code", "province", "year", "unit", "unit_code", "unit_name", "status", "reason", "grade")
Found = tuple[str | None, str | None, str | None, str, str, str | None]
"""Unit, its code and name in the geography, status, reason and grade."""


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
        codes: printed codes of six digits, also their first two or four, or twelve; None where there are only names.
        years: year of each row, or one for all; missing (a policy list) counts as the year of the geography.
        level: ``province``, ``city`` or ``county``.
        geography: the year whose units the study uses.
        provinces: printed provinces, cities, or both with a blank between them, to tell equal names apart.
        aliases: declared names that no rule foresees -> six-digit code.
        accept: statuses besides the certain ones that raise no error: ``merged`` (the unit is the successor,
            of which the row describes a part), ``ended``, ``not_established``, ``unknown``, ``ambiguous``,
            ``conflict``, ``other_level``, ``zone``; ``unknown`` stands for the last two as well.

    Returns:
        One row an input row (``COLUMNS``): the unit, its code and name in the geography, status, and the
        reason where the status is not ``ok``. ``unit`` is missing where it is not certain; ``grade`` (``GRADES``) says
        how it was recognised, and is missing where there is none in the geography.

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
    passing = {*CERTAIN, *accept, *((OTHER_LEVEL, ZONE) if UNKNOWN in accept else ())}
    refuse(found[~found["status"].isin(passing)], level)
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
) -> Found:
    """Find the unit of one row."""
    name, code, province, printed_year = row
    year = geography if printed_year is None else printed_year
    if name is not None and name in aliases:
        match = _by_alias(name, aliases[name], level, year)
    elif code is not None:
        match = _by_code(code, name, level, year)
    elif name is not None:
        match = match_name(name, province, level, year)
    else:
        match = Match("unknown", say("neither name nor code is printed"))
    if match.spell is None:
        return None, None, None, match.status, match.reason, None
    return _in_geography(match, level, year, geography)


def _by_alias(name: str, code: str, level: Level, year: int) -> Match:
    match = _by_code(code, None, level, year)
    if match.spell is None:
        return Match(
            "unknown",
            say("the declared alias of '{name}' is code {code}, which is no unit of this level", name=name, code=code),
        )
    declared = say("'{name}' is declared to be {code} {unit}", name=name, code=code, unit=match.spell.name)
    return Match("alias", declared, match.spell, DECLARED)


def _by_code(printed: str, name: str | None, level: Level, year: int) -> Match:
    code = _six_digits(printed)
    spells = level.by_code.get(code, ())
    if not spells:
        return Match(*strange_code(code, name, level, year))
    if name is not None:
        spells = tuple(s for s in spells if is_called(s, name))
        if not spells:
            return Match(
                "conflict",
                say(
                    "code {code} belongs to {owners}, not to '{name}'{nearest}",
                    code=printed,
                    owners=sorted({s.name for s in level.by_code[code]}),
                    name=name,
                    nearest=nearest_names(name, level),
                ),
            )
    current = [s for s in spells if s.covers(year)]
    units = {s.unit for s in current or spells}
    if len(units) > 1:
        shared = say("code {code} was used by several units, none of them in {year}", code=printed, year=year)
        return Match("ambiguous", shared)
    spell = current[0] if current else spells[-1]
    if printed != spell.code and (current or code != spell.code):
        means = say("code {code} means {unit}", code=printed, unit=f"{spell.code} {spell.name}")
        return Match("usage", means, spell, USAGE)
    if current:
        return certain(spell, year, name)
    return Match("other_year", say("code {code} was not in force in {year}", code=code, year=year), spell, RENAMED)


def _six_digits(code: str) -> str:
    """Return a code of two, four or twelve digits with six: 42 -> 420000, 420600000000 -> 420600."""
    code = code.removesuffix(".0")
    if not (code.isascii() and code.isdigit()):
        return code
    return code[:6] if len(code) == 12 and code[6:] == "000000" else f"{code:0<6}" if len(code) in (2, 4) else code


def _in_geography(match: Match, level: Level, year: int, geography: int) -> Found:
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
        return None, None, None, "not_established", founded, None
    there = next(s for s in spells if s.covers(geography))
    return there.unit, there.code, there.name, match.status, match.reason, match.grade


def _after_end(last: Spell, level: Level, moment: int, geography: int, what: str) -> Found:
    change = level.ended_by(last.unit)
    reason = say(
        "{unit} ended in {year}, before {moment}: not there {what}",
        unit=last.name, year=last.last_year + 1, moment=moment, what=what,
    )  # fmt: skip
    if change:
        reason = say("{reason} ({note})", reason=reason, note=change.note or change.to_name or change.to_code)
    heirs = level.by_code[change.to_code] if change and change.kind == "merge" else ()
    target = next((s for heir in heirs for s in level.units[heir.unit] if s.covers(geography)), None)
    if target is None:
        return None, None, None, "ended", reason, None
    merged = say("{reason}; it is a part of {unit}", reason=reason, unit=target.name)
    return target.unit, target.code, target.name, "merged", merged, None
