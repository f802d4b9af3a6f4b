"""What changes from volume to volume, as a short table: year, what, as it was, as it is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shidian.drafting.by_volume import with_year
from shidian.drafting.merge import Merged
from shidian.drafting.volumes import Volume, leaves

MOST_ROWS, MOST_TEXT = 40, 44
"""Rows of the table, and characters of a cell, beyond which it is cut."""
SAID = {
    ("sheet",): "sheet", ("title",): "title", ("subtitles",): "lines above", ("header_depth",): "rows of headers",
    ("area",): "columns", ("unit", "name"): "name of units", ("unit", "code"): "code of units",
    ("unit", "skip"): "rows not read", ("ignore",): "columns not read", ("encoding",): "encoding",
    ("separator",): "separator", ("decimal",): "decimal mark", ("numbers",): "ways of numbers",
    ("unit", "level"): "level of units", ("layout",): "layout", ("unit", "province_rows"): "headings",
    ("keep_rows",): "rows kept", ("drop_rows",): "rows dropped",
}  # fmt: skip
"""Key of a declaration -> what the table calls it."""
Row = tuple[str, str, str, str]


def change_table(tables: Sequence[Merged]) -> list[str]:
    """Return the lines of the table on what changes; one line where nothing does."""
    rows = [row for table in tables for row in _rows(table)]
    rows.sort(key=lambda row: row[0])
    if not rows:
        return ["  all are declared alike"]
    more = [f"  and {len(rows) - MOST_ROWS} more changes"] if len(rows) > MOST_ROWS else []
    shown: list[Row] = [("from", "what", "was", "is"), *rows[:MOST_ROWS]]
    widths = [max(_width(row[i]) for row in shown) for i in range(3)]
    return [
        "  " + "  ".join([*(text + " " * (w - _width(text)) for text, w in zip(row, widths, strict=False)), row[3]])
        for row in shown
    ] + more


def _rows(table: Merged) -> Iterator[Row]:
    for i in range(1, len(table.volumes)):
        before, after = table.volumes[i - 1], table.volumes[i]
        when = str(after.year or after.name)
        old, new = _facts(before), _facts(after)
        for what in dict.fromkeys([*old, *new]):
            if old.get(what) != new.get(what):
                yield when, what, _cut(old.get(what, "none")), _cut(new.get(what, "none"))
        for name, columns in table.series.items():
            if (was := _shown(columns[i - 1], before)) != (now := _shown(columns[i], after)):
                yield when, name, _cut(was), _cut(now)
        common = [name for name, columns in table.series.items() if columns[i - 1] and columns[i]]
        was_order, now_order = (_order(table, common, j) for j in (i - 1, i))
        if was_order != now_order:
            moved = [name for name, other in zip(was_order, now_order, strict=True) if name != other]
            instead = [other for name, other in zip(was_order, now_order, strict=True) if name != other]
            yield when, "order of columns", _cut(", ".join(moved)), _cut(", ".join(instead))


def equal_headers(table: Merged) -> Iterator[str]:
    """Ask about columns of equal headers, told apart by their order, where what stands on their left changes."""
    for i in range(1, len(table.volumes)):
        left = [dict(zip(order[1:], order, strict=False)) for j in (i - 1, i) if (order := _printed(table, j))]
        for name, columns in table.series.items():
            if not all(one and "occurrence" in one for one in columns[i - 1 : i + 1]):
                continue
            if left[0].get(name) != left[1].get(name):
                yield (
                    f"{table.volumes[i].year or table.volumes[i].name}: '{_text((columns[i] or {})['header'])}' stands "
                    f"behind another column than before: is {name} still what its 'occurrence' says?"
                )


def _printed(table: Merged, i: int) -> list[str]:
    return _order(table, [name for name, columns in table.series.items() if columns[i]], i)


def _order(table: Merged, names: Sequence[str], i: int) -> list[str]:
    """Return series in the order in which a volume prints them."""
    place = {id(column): n for n, column in enumerate(table.volumes[i].entry["columns"].values())}
    return sorted(names, key=lambda name: place[id(table.series[name][i])])


def _facts(volume: Volume) -> dict[str, str]:
    found = leaves(volume.entry)
    return {said: _text(with_year(found[path], volume.year)) for path, said in SAID.items() if path in found}


def _shown(column: Mapping[str, Any] | None, volume: Volume) -> str:
    if column is None:
        return "none"
    name = next(name for name, one in volume.entry["columns"].items() if one is column)
    measure = volume.measure(name) or "unit not printed"
    header = _text(column["header"]).replace(str(volume.year), "{year}")
    return header if measure == "1" else f"{header}, {measure}"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " / ".join(map(_text, value))
    return str(value)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 3]}..."


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
