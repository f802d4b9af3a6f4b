"""One declaration for the tables of several volumes, with alternatives by year where they differ."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shidian.drafting.by_volume import ABSENT, Place, alternatives, dated, places_of, with_year
from shidian.drafting.draft import Drafted
from shidian.drafting.names import series_names
from shidian.drafting.volumes import NESTED, Key, Volume, leaves
from shidian.drafting.written import TODO, Remarks
from shidian.yearbook.by_year import TEXTS
from shidian.yearbook.tables import HeaderPath

UNITED = ("missing", "footnote_marks", ("footer", "texts"), ("footer", "patterns"))
MOST_SHEETS = 3
"""Most wordings of a sheet's name that are listed where each file has one sheet."""
BESIDE = ("measure", "occurrence", "as_shown", "where")
"""What a column's header takes along from volume to volume."""
Joined = Mapping[Key, Key]


@dataclass
class Merged:
    """The draft of a table over the years.

    Attributes:
        drafted: the declaration, remarks and names.
        volumes: the tables that it reads.
        series: name of a series -> its column in each volume, None where it has none.
        keys: name of a series -> what tells it over the years.
    """

    drafted: Drafted
    volumes: list[Volume]
    series: dict[str, list[Mapping[str, Any] | None]] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)


def merge(volumes: Sequence[Volume], joined: Joined, taken: Sequence[str], one_sheet: bool) -> Merged:
    """Return one declaration for a table of several volumes.

    Args:
        volumes: the tables, by year.
        joined: columns that go on under another header -> the column as it is called at last.
        taken: names of series of other tables.
        one_sheet: whether each file has one sheet, so that its name need not be known.
    """
    places = places_of([one.number for one in volumes], [one.year for one in volumes])
    remarks = Remarks()
    entry = _keys(volumes, places, one_sheet, remarks)
    columns, names, series, keys = _columns(volumes, places, joined, taken, remarks)
    footer = entry.pop("footer", None)
    marks = entry.pop("footnote_marks", None)
    blank = entry.pop("blank_headers", None)
    entry["columns"] = columns
    entry |= {"blank_headers": blank} if blank is not None else {}
    entry |= {"footer": footer} if footer else {}
    entry |= {"footnote_marks": marks} if marks else {}
    if footer:
        remarks.add("check that none of these is data", "footer")
    return Merged(Drafted(entry, remarks, names), list(volumes), series, keys)


def _keys(volumes: Sequence[Volume], places: Sequence[Place], one_sheet: bool, remarks: Remarks) -> dict[str, Any]:
    """Return what the declaration says beside its columns."""
    entry: dict[str, Any] = {}
    order = list(dict.fromkeys(path for volume in volumes for path in leaves(volume.entry)))
    order.sort(key=lambda path: path[0] in NESTED)
    for path in order:
        if path == ("header_row",) and _is_found(volumes):
            continue
        values = [leaves(volume.entry).get(path, ABSENT) for volume in volumes]
        if path == ("unit", "level"):
            value: Any = _level(values, volumes, remarks)
        elif path[-1] in UNITED or path in UNITED:
            value = _united(values, [v.year for v in volumes])
        else:
            values = dated(values, [v.year for v in volumes]) if path in TEXTS else values
            value = alternatives(places, values)
        if path == ("sheet",) and one_sheet and isinstance(value, list) and len(value) > MOST_SHEETS:
            path, value = ("sheets",), {"pattern": "{any}"}
        node = entry.setdefault(path[0], {}) if len(path) > 1 else entry
        node[path[-1]] = value
    if "fixed" in entry.get("year", {}) and places[0].year is not None:
        entry["year"] = {"from_file": True}
    elif "fixed" in entry.get("year", {}):
        entry["year"] = {"from_file": True} if len({volume.number for volume in volumes}) > 1 else entry["year"]
    return {"layout": entry.pop("layout"), **entry}


def _is_found(volumes: Sequence[Volume]) -> bool:
    """Whether the rows of headers move, and the reader finds them by the header of the unit's name."""
    rows = {volume.entry.get("header_row") for volume in volumes}
    named = all(isinstance(volume.entry["unit"].get("name"), str) for volume in volumes)
    return len(rows) > 1 and named and volumes[0].entry["layout"] == "yearbook"


def _level(values: Sequence[Any], volumes: Sequence[Volume], remarks: Remarks) -> Any:
    """Return the level that most volumes tell, with the question where some tell another."""
    counts = Counter(value for value in values if value != "other")
    level = counts.most_common(1)[0][0] if counts else "other"
    if others := [volume.name for value, volume in zip(values, volumes, strict=True) if value != level]:
        remarks.add(f"TODO: {', '.join(others[:3])} may be of another level", "unit", "level")
    told = volumes[-1].drafted.remarks.by_path.get(("unit", "level"))
    if told:
        remarks.add(told, "unit", "level")
    return level


def _united(values: Sequence[Any], years: Sequence[int | None]) -> list[Any]:
    """Return all texts that some volumes have, with their years where these are fewer."""
    lists = [[] if value is ABSENT else value for value in values]
    plain = list(dict.fromkeys(text for one in lists for text in one))
    if None in years:
        return plain
    written = list(dict.fromkeys(t for one, year in zip(lists, years, strict=True) for t in with_year(one, year)))
    return written if len(written) < len(plain) else plain


def _columns(
    volumes: Sequence[Volume], places: Sequence[Place], joined: Joined, taken: Sequence[str], remarks: Remarks
) -> tuple[dict[str, Any], dict[HeaderPath, str], dict[str, list[Mapping[str, Any] | None]], dict[str, Key]]:
    """Return the columns by their names, these by their headers, each column as the volumes have it, and its key."""
    found = [volume.columns() for volume in volumes]
    keys = list(dict.fromkeys(joined.get(key, key) for columns in found for key in columns))
    held: dict[Key, list[tuple[str, Mapping[str, Any]] | None]] = {}
    for key in keys:
        mine = {key, *(old for old, new in joined.items() if new == key)}
        held[key] = [next((columns[one] for one in columns if one in mine), None) for columns in found]
    paths = [_path(volumes, held[key]) for key in keys]
    columns, names, series, named = {}, {}, {}, {}
    for key, path, name in zip(keys, paths, series_names(paths, taken, len(taken)), strict=True):
        names[path], named[name] = name, key
        columns[name] = _column(volumes, places, held[key], name, remarks)
        series[name] = [None if one is None else one[1] for one in held[key]]
        _shared_remarks(volumes[-1], held[key][-1], name, remarks)
    remarks.add("move what is not needed to ignore", "columns")
    return columns, names, series, named


def _path(volumes: Sequence[Volume], held: Sequence[tuple[str, Any] | None]) -> HeaderPath:
    """Return the header that a series is named after: the last one, without the years and units that stand in it."""
    volume, one = next((v, o) for v, o in zip(reversed(volumes), reversed(held), strict=True) if o is not None)
    path = volume.path_of(one[0])
    return tuple(part.replace(f"{volume.year}年", "").replace(str(volume.year), "") for part in path)


def _column(
    volumes: Sequence[Volume],
    places: Sequence[Place],
    held: Sequence[tuple[str, Mapping[str, Any]] | None],
    name: str,
    remarks: Remarks,
) -> dict[str, Any]:
    """Return the declaration of one column."""
    measures = _measures(volumes, held, name, remarks)
    said: list[dict[str, Any] | None] = [
        None if one is None else {**one[1], "measure": measure} for one, measure in zip(held, measures, strict=True)
    ]
    there = [(place, one) for place, one in zip(places, said, strict=True) if one is not None]
    first = there[0][1]
    moving = [key for key in BESIDE if len({json.dumps(one.get(key)) for _, one in there}) > 1]
    column: dict[str, Any] = {}
    if len({json.dumps(one["header"]) for _, one in there}) > 1 or "occurrence" in moving:
        values = [ABSENT if one is None else _alternative(one, moving) for one in said]
        column["header"] = alternatives(places, values)
    else:
        column["header"] = alternatives(places, [ABSENT if one is None else one["header"] for one in said])
        for key in moving:
            column[key] = alternatives(places, [one.get(key, ABSENT) for one in _everywhere(said)])
    column |= {key: first[key] for key in (*BESIDE, "period") if key not in moving and key in first}
    if any("missing" in one for _, one in there):
        column["missing"] = sorted({mark for _, one in there for mark in one.get("missing", [""])})
    return column


def _everywhere(said: Sequence[dict[str, Any] | None]) -> list[dict[str, Any]]:
    """Return a column in each volume; where one has none, as the volume before has it, or the first that does."""
    last = next(one for one in said if one is not None)
    return [last := one if one is not None else last for one in said]


def _alternative(column: Mapping[str, Any], moving: Sequence[str]) -> dict[str, Any]:
    return {"is": column["header"], **{key: column[key] for key in moving if key in column}}


def _measures(
    volumes: Sequence[Volume], held: Sequence[tuple[str, Any] | None], name: str, remarks: Remarks
) -> list[str]:
    """Return the unit of measure of a column in each volume; where one says none it is asked, the nearest standing."""
    said = [None if one is None else volume.measure(one[0]) for volume, one in zip(volumes, held, strict=True)]
    if (known := [i for i, one in enumerate(said) if one is not None]) == [] or len(known) == len(held):
        if not known:
            remarks.add("TODO: unit of measure, which nothing in the files says", "columns", name, "measure")
        return [one or "1" for one in said]
    silent = [v for v, one, m in zip(volumes, held, said, strict=True) if one is not None and m is None]
    if silent:
        years = ", ".join(str(volume.year or volume.name) for volume in silent)
        remarks.add(f"TODO: nothing in the file says the unit of measure of {years}", "columns", name, "measure")
    return [one or str(said[min(known, key=lambda k: (abs(k - i), k))]) for i, one in enumerate(said)]


def _shared_remarks(volume: Volume, held: tuple[str, Any] | None, name: str, remarks: Remarks) -> None:
    """Take over what is remarked on a column of the last volume, but for its place and its unit of measure."""
    for path, text in volume.drafted.remarks.by_path.items() if held else ():
        if held and path[:2] == ("columns", held[0]) and len(path) == 3 and path[2] != "measure" and TODO in text:
            remarks.add(text, "columns", name, path[2])
