"""Rows of a table that are no units of the level read, and columns that say which rows are: guesses of a draft."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shidian.drafting.columns import Columns
from shidian.drafting.keys import Keys
from shidian.drafting.regions import COUNTRY, is_known, is_municipality, is_total
from shidian.yearbook.numbers import clean, match_key, unit_name

PREFECTURES = (
    "地级市", "地级", "直辖市", "副省级市", "副省级城市", "副省级", "省会", "省会城市", "计划单列市", "自治州",
    "地区", "盟", "地级行政区",
    "prefecture", "prefecture-level city", "municipality",
)  # fmt: skip
"""What a column of kinds of regions calls prefectures."""
OTHERS = (
    "县级市",
    "县级",
    "县",
    "区",
    "市辖区",
    "自治县",
    "旗",
    "省",
    "自治区",
    "全国",
    "合计",
    "乡镇",
    "county",
    "district",
    "province",
)
ABOVE = {"province": (), "city": ("province",), "county": ("city", "province")}


def rows_by_kind(columns: Columns, keys: Keys) -> tuple[int, list[str]] | None:
    """Return the column that says the kind of region of each row, and the kinds of prefectures, where others stand
    among these.
    """
    if keys.level != "city":
        return None
    for column in columns.shown:
        if column in keys.columns or not columns.is_text(column) or not columns.is_named(column):
            continue
        kinds = list(dict.fromkeys(map(clean, columns.filled(column))))
        kept = [kind for kind in kinds if kind.lower() in PREFECTURES]
        if kept and len(kept) < len(kinds) and all(kind.lower() in (*PREFECTURES, *OTHERS) for kind in kinds):
            return column, kept
    return None


def names_not_read(columns: Columns, names: Sequence[str], level: str, filtered: bool = False) -> dict[str, Any]:
    """Return what ``unit`` declares of rows (columns, where headers name the units) that are sums over units.

    Provinces under which cities are listed, each printed once, are headings; other sums are skipped by name.

    Args:
        columns: those of the table.
        names: the printed names, in order, once a row.
        level: that of the units.
        filtered: whether the rows of other levels are left out already.
    """
    if filtered:
        return {}
    distinct = {match_key(name): unit_name(name) for name in names if name}
    regions = level in ABOVE
    totals = [name for name in distinct.values() if is_total(name) and (regions or name.lower() not in COUNTRY)]
    higher = [name for name in distinct.values() if name not in totals and _is_above(name, level)]
    lower = len(distinct) - len(totals) - len(higher)
    higher = higher if lower > len(higher) else []
    headings = bool(higher) and len(distinct) == len(names) and level == "city" and not _ends_with(names, higher)
    if headings:
        units = [name for name in distinct.values() if name not in higher and is_municipality(name)]
        roles = {
            name: "unit" if name in units else "heading" for name in distinct.values() if name in (*higher, *units)
        }
        return {**({"skip": totals} if totals else {}), "province_rows": roles}
    return {"skip": [*totals, *higher]} if totals or higher else {}


def _is_above(name: str, level: str) -> bool:
    return not is_known(name, level) and any(is_known(name, above) for above in ABOVE.get(level, ()))


def _ends_with(names: Sequence[str], higher: Sequence[str]) -> bool:
    """Whether the sums stand behind all units, not above those that they sum up."""
    return bool(names) and unit_name(names[-1]) in higher


def footer_of(columns: Columns, flat: bool) -> dict[str, Any]:
    """Return what ``footer`` declares: texts below the headers that are no data, and of a flat table its blank rows.

    Args:
        columns: those of the table.
        flat: whether blank rows are counted.
    """
    known = {*columns.guess.data, *columns.guess.repeated}
    texts, blank = columns.part.texts, 0
    found: dict[str, None] = {}
    for row in range(columns.guess.region.header[1], len(texts)):
        if row in known:
            continue
        shown = [clean(text) for text in texts[row] if text]
        blank += not shown
        found |= dict.fromkeys(shown)
    footer: dict[str, Any] = {"texts": list(found)} if found else {}
    if flat and blank:
        footer["blank_rows"] = blank
    return footer
