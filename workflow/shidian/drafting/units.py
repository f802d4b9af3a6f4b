"""What a draft declares of units and years."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shidian.drafting.columns import Columns
from shidian.drafting.families import names_unit
from shidian.drafting.headers import InHeader
from shidian.drafting.keys import ITEM_WORDS, Keys
from shidian.drafting.measures import measure_of
from shidian.drafting.periods import sole_year
from shidian.drafting.regions import COUNTRY, is_known, known_names
from shidian.drafting.written import TODO, Remarks
from shidian.yearbook.numbers import match_key

NO_LEVEL = "TODO: country, province, city, county or other"


def of_items(columns: Columns, keys: Keys, head: InHeader) -> Keys:
    """Return the keys with the column of names as that of series, where it says what the rows are about, not whom."""
    if not keys.name or keys.level or keys.indented or not columns.is_named(keys.name[0]):
        return keys
    texts = set(columns.filled(keys.name[0]))
    measured = sum(bool(measure_of((text,))) for text in texts) * 2 > len(texts)
    elsewhere = head.unit is not None or names_unit(columns.part.grid.sheet)
    if elsewhere or ((columns.says(keys.name[0], ITEM_WORDS) or measured) and keys.code is None):
        return replace(keys, name=(), items=keys.name[0], facts=False)
    return keys


def draft_unit(columns: Columns, keys: Keys, head: InHeader, remarks: Remarks) -> dict[str, Any]:
    """Return what ``unit`` declares; rows of other levels are said elsewhere."""
    if head.unit is not None:
        return _headed(head, remarks)
    if keys.numbered:
        remarks.add(f"TODO: {keys.numbered}", "unit", "row_number")
        return {"level": "other", "row_number": True}
    unit: dict[str, Any] = {"level": keys.level or "other"}
    if not keys.has_unit:
        return _sole(columns, remarks)
    remarks.add(keys.told if keys.level else NO_LEVEL, "unit", "level")
    for key, column in (
        ("code", keys.code),
        ("name", next(iter(keys.name), None)),
        ("province", keys.province),
        ("city", keys.city),
    ):
        if column is None:
            continue
        spans = key == "name" and len(keys.name) > 1 and len(columns.paths[column]) == 1
        unit[key] = columns.paths[column][0] if spans else columns.reference(column)
        if key == "code" and not keys.official:
            unit["code_kind"] = "plain"
    if keys.indented:
        return unit | {"indented": _levels(columns, keys)}
    unit |= {"name_columns": len(keys.name)} if len(keys.name) > 1 else {}
    if keys.official and keys.name and "" in columns.texts(keys.name[0]) and keys.name[0] not in columns.printed_once:
        unit["name_optional"] = True
    places = {"code": keys.code, "name": next(iter(keys.name), None), "province": keys.province, "city": keys.city}
    once = [key for key, column in places.items() if column is not None and column in columns.printed_once]
    return unit | ({"fill_down": once} if once else {})


def _headed(head: InHeader, remarks: Remarks) -> dict[str, Any]:
    remarks.add(head.known.told, "unit", "level")
    return {"level": head.known.level, "in_header": head.unit}


def _levels(columns: Columns, keys: Keys) -> dict[str, Any]:
    """Return what ``indented`` declares: how many columns, and which level is that of provinces."""
    found: dict[str, Any] = {"columns": keys.indented}
    for level in range(keys.indented - 1):
        known = known_names({text for text in columns.texts(keys.name[0] + level) if text}, ("province",))
        if known.is_told and keys.level != "province":
            return found | {"province": level + 1}
    return found


def _sole(columns: Columns, remarks: Remarks) -> dict[str, Any]:
    """Return the one unit of a table in which no column and no header names units, as its titles say it."""
    texts = [*columns.guess.titles, columns.part.grid.sheet]
    for text in texts:
        for part in match_key(text).replace("：", ":").split(":")[-1:]:
            level = next((level for level in ("province", "city", "county") if is_known(part, level)), None)
            if level is not None:
                return {"level": level, "fixed_name": part}
            if part.lower() in COUNTRY:
                return {"level": "country", "fixed_name": part}
    remarks.add(NO_LEVEL, "unit", "level")
    remarks.add("the one unit that the whole table describes", "unit", "fixed_name")
    return {"level": "country", "fixed_name": TODO}


def draft_year(columns: Columns, keys: Keys, head: InHeader, remarks: Remarks, file: str = "") -> dict[str, Any] | None:
    """Return what ``year`` declares, None for facts of units; ``file`` is the name of the file, which may say it."""
    declared: dict[str, Any]
    if head.year is not None:
        declared = dict(head.year)
    elif keys.year is not None:
        declared = {"header": columns.reference(keys.year), **keys.period}
        declared |= {"fill_down": True} if keys.year in columns.printed_once else {}
    elif keys.facts and head.unit is None:
        remarks.add("no year: facts of the unit, such as the year of adoption", "unit")
        return None
    elif (said := _said(columns, file)) is not None:
        remarks.add(f"as '{said[1]}' says", "year")
        return {"fixed": said[0]}
    else:
        remarks.add(
            "TODO: the year of the table, which nothing in the file says; leave 'year' out for facts of units",
            "year",
        )
        return {"fixed": TODO}
    if declared.get("fiscal"):
        remarks.add("of 2010-2011 the first year, 2010; or last", "year")
    return declared


def _said(columns: Columns, file: str) -> tuple[int, str] | None:
    """Return the year that the name of the sheet, a title or the name of the file says, and what says it."""
    for text in (columns.part.grid.sheet, "; ".join(t for t in columns.guess.titles if "年鉴" not in t), file):
        if (year := sole_year(text)) is not None:
            return year, text[:40]
    return None
