"""Sheets, or files, of one kind: whether one declaration reads several of them, and how their names differ."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shidian.drafting.periods import MOST_AROUND
from shidian.drafting.regions import is_region, known_names
from shidian.yearbook.numbers import clean
from shidian.yearbook.patterns import said_by, tokens_in
from shidian.yearbook.periods import PeriodText, year_within

LEAST = 0.8
"""Share of names that must be those of China's units to be taken for such."""


def pattern_of(names: Sequence[str]) -> str | None:
    """Return how some names differ, by ``{year}`` and ``{name}``; None where nothing else tells them apart.

    >>> pattern_of(["data_2010", "data_2011"]), pattern_of(["Beijing1997", "Tianjin1998"]), pattern_of(["a", "b"])
    ('data_{year}', '{name}{year}', None)
    """
    if len(set(names)) < 2:
        return None
    dated = [year_within(clean(name)) for name in names]
    rests = [found[1] if found else clean(name) for found, name in zip(dated, names, strict=True)]
    if any(found is None for found in dated) and any(found is not None for found in dated):
        return None
    if len(set(rests)) == 1:
        return _checked(rests[0], names)
    found = {_named(rest) for rest in rests}
    pattern = found.pop() if len(found) == 1 else None
    return None if pattern is None else _checked(pattern, names)


def _named(text: str) -> str | None:
    """Return a text with ``{name}`` in the place of the longest name of a unit within it, None without any."""
    year = "{year}"
    plain = text.replace(year, "\0")
    for size in range(len(plain), 1, -1):
        for start in range(len(plain) - size + 1):
            part = plain[start : start + size]
            if (
                "\0" not in part
                and part == part.strip(" _-")
                and is_region(part)
                and size * 3 >= len(plain) - MOST_AROUND
            ):
                return (plain[:start] + "{name}" + plain[start + size :]).replace("\0", year)
    return None


def names_unit(sheet: str) -> bool:
    """Whether the name of a sheet says a unit, alone or with a year: 北京, Beijing1997."""
    found = year_within(clean(sheet))
    return _named(found[1] if found else clean(sheet)) is not None


def _checked(pattern: str, names: Sequence[str]) -> str | None:
    """Return the pattern where the reader reads all names by it, and each says something else."""
    said = [said_by(pattern, name, PeriodText()) for name in names]
    return pattern if tokens_in(pattern) and None not in said and len(set(said)) == len(said) else None


def one_kind(entries: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the declaration that reads several tables, given what is drafted for each; None where they differ.

    Notes below the tables and marks that mean missing may differ, as may the sheet, the year and the one unit that a
    sheet's name says.
    """
    entries = list(entries)
    if len({kind_of(entry) for entry in entries}) > 1:
        return None
    merged: dict[str, Any] = json.loads(json.dumps(entries[0]))
    for entry in entries[1:]:
        for name, column in entry["columns"].items():
            mine = merged["columns"][name]
            if "missing" in column or "missing" in mine:
                mine["missing"] = sorted({*mine.get("missing", [""]), *column.get("missing", [""])})
        if footer := entry.get("footer"):
            there = merged.setdefault("footer", {})
            for key in ("texts", "patterns"):
                if listed := list(dict.fromkeys([*there.get(key, []), *footer.get(key, [])])):
                    there[key] = listed
    return merged


def kind_of(entry: Mapping[str, Any]) -> str:
    """Return all that a declaration says besides what may differ within a family, as one text."""
    plain = {key: value for key, value in entry.items() if key not in ("sheet", "footer")}
    plain["columns"] = {
        name: {key: value for key, value in column.items() if key != "missing"}
        for name, column in entry["columns"].items()
    }
    plain["unit"] = {key: value for key, value in entry["unit"].items() if key != "fixed_name"}
    if "fixed_name" in entry["unit"]:
        plain["unit"] = "one"
    if "fixed" in entry.get("year", {}):
        plain["year"] = "one"
    plain["blank_rows"] = entry.get("footer", {}).get("blank_rows", 0)
    return json.dumps(plain, ensure_ascii=False)


def family(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the declaration of a family of sheets, None where they are of several kinds or their names say nothing."""
    if len(entries) < 2 or (pattern := pattern_of([str(entry["sheet"]) for entry in entries])) is None:
        return None
    if (merged := one_kind(entries)) is None:
        return None
    tokens = tokens_in(pattern)
    one_unit, undated = "fixed_name" in merged["unit"], "fixed" in merged.get("year", {})
    if (one_unit and "name" not in tokens) or (undated and "year" not in tokens):
        return None
    pattern = pattern if one_unit else pattern.replace("{name}", "{any}")
    pattern = pattern if undated else pattern.replace("{year}", "{any}")
    named = {"layout": merged.pop("layout"), "sheets": {"pattern": pattern}}
    merged.pop("sheet")
    if one_unit:
        names = [
            said.name
            for entry in entries
            if (said := said_by(pattern, str(entry["sheet"]), PeriodText())) and said.name
        ]
        known = known_names(names)
        merged["unit"] = {"level": known.level if known.share >= LEAST else "other", "from_sheet": True}
    if undated:
        merged["year"] = {"from_sheet": True}
    return named | merged
