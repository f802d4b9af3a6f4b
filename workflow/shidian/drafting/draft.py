"""Drafting the declaration of a table from what a sheet shows; guesses are marked TODO or checked by the reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shidian.drafting.columns import Columns, printed
from shidian.drafting.find import Guess
from shidian.drafting.headers import InHeader, says_in_headers
from shidian.drafting.keys import Keys, guess_keys
from shidian.drafting.parts import Part
from shidian.drafting.regions import known_codes
from shidian.drafting.rows import footer_of, names_not_read, rows_by_kind
from shidian.drafting.series import Named, Series, draft_series, writing_of
from shidian.drafting.units import draft_unit, draft_year, of_items
from shidian.drafting.written import Remarks
from shidian.yearbook.labels import Labels
from shidian.yearbook.numbers import match_key, parse_code


@dataclass(frozen=True)
class Shown:
    """What a file says beyond its cells: encoding of its texts, the separator of its cells where that is no comma, and
    in Stata labels of variables and their values, and variables whose labels are read.
    """

    encoding: str | None = None
    labels: Labels = field(default_factory=Labels)
    separator: str | None = None
    labelled: tuple[str, ...] = ()


NOTHING = Shown()
"""A file that says nothing beyond its cells."""


@dataclass
class Drafted:
    """The draft of one table.

    Attributes:
        entry: its declaration, as a source file holds it.
        remarks: what stands behind its lines.
        names: the names of its series by their headers.
    """

    entry: dict[str, Any]
    remarks: Remarks
    names: dict[tuple[str, ...], str]


def draft_table(
    part: Part, guess: Guess, shown: Shown = NOTHING, named: Named | None = None, above: int = -1
) -> Drafted:
    """Draft the declaration of one table.

    Args:
        part: its cells.
        guess: where headers and data lie.
        shown: what the file says beyond its cells.
        named: names of series that are taken or known.
        above: how many titles equal to its own stand above it, in other tables; -1 where it is the only one.
    """
    columns, remarks, named = Columns(part, guess), Remarks(), named or Named()
    first, last = guess.region.header
    grid = part.grid
    flat = not (guess.titles or last - first > 1 or grid.first_row > 1 or part.area or named.layout == "yearbook")
    head = says_in_headers(columns)
    keys = guess_keys(columns, undated=head.year is None, flat=flat and not head.series)
    keys = of_items(columns, keys, head)
    entry: dict[str, Any] = {"layout": "flat" if flat else "yearbook"}
    entry |= _of_file(grid.sheet, shown)
    entry |= {"area": part.area} if part.area else {}
    entry |= _above(guess, above)
    if first + grid.first_row:  # .dta files have no row of headers
        entry["header_row"] = first + grid.first_row
    if not flat:
        entry["header_depth"] = last - first
    kinds = rows_by_kind(columns, keys)
    series, ignored = _series(columns, keys, head, flat)
    writing = writing_of(columns, series)
    entry |= {"decimal": ","} if writing.decimal == "," else {}
    entry |= {"numbers": list(writing.forms)} if writing.forms else {}
    entry["unit"] = draft_unit(columns, keys, head, remarks)
    entry["unit"] |= names_not_read(
        columns, _names(columns, keys, head), str(entry["unit"]["level"]), kinds is not None
    )
    if (year := draft_year(columns, keys, head, remarks, named.hint)) is not None:
        entry["year"] = year
    if kinds is not None:
        entry["keep_rows"] = {columns.paths[kinds[0]][0]: kinds[1][0] if len(kinds[1]) == 1 else kinds[1]}
        ignored = [c for c in ignored if c != kinds[0]]
        series = [one for one in series if one.columns != (kinds[0],)]
    entry |= _nameless(columns, keys)
    filled = [
        columns.paths[c][0]
        for c in (keys.items, kinds[0] if kinds else None)
        if c in columns.printed_once and c is not None
    ]
    entry |= {"fill_down": filled} if filled else {}
    entry |= {"repeated_header": True} if guess.repeated else {}
    drafts = draft_series(columns, keys, series, writing, shown.labels, named, remarks)
    entry |= {"expect": drafts.expect} if drafts.expect else {}
    ignored = [c for c in ignored if c not in drafts.read]
    read = {columns.paths[c] for c in keys.columns} | {one.path for one in series}
    headed = [path for path in dict.fromkeys(columns.paths[c] for c in ignored) if path and path not in read]
    entry |= {"ignore": [printed(path) for path in headed]} if headed else {}
    entry["columns"] = drafts.columns
    used = keys.columns | drafts.read | {c for one in series for c in one.columns}
    used |= set(range(keys.name[0], keys.name[0] + keys.indented)) if keys.indented else set()
    blank = sum(not path and c not in used for c, path in enumerate(columns.paths))
    entry |= {"blank_headers": blank} if blank else {}
    footer = footer_of(columns, flat)
    if footer:
        entry["footer"] = footer
        remarks.add("check that none of these is data", "footer")
    entry |= {"footnote_marks": list(drafts.marks)} if drafts.marks else {}
    return Drafted(entry, remarks, drafts.names)


def _nameless(columns: Columns, keys: Keys) -> dict[str, Any]:
    """Return the filter that leaves out rows without a name, where nothing else says which unit they describe."""
    if not keys.name or keys.indented or keys.code is not None or not columns.is_named(keys.name[0]):
        return {}
    blank = columns.filled(keys.name[0]).count("")
    return {"drop_rows": {columns.paths[keys.name[0]][0]: ""}} if blank else {}


def _of_file(sheet: str, shown: Shown) -> dict[str, Any]:
    said = {
        "sheet": sheet, "encoding": shown.encoding, "separator": shown.separator, "value_labels": list(shown.labelled),
    }  # fmt: skip
    return {key: value for key, value in said.items() if value}


def _above(guess: Guess, above: int) -> dict[str, Any]:
    """Return what the texts above the headers declare."""
    if not guess.titles:
        return {}
    occurrence = {"title_occurrence": above + 1} if above >= 0 else {}
    title, *others = guess.titles
    return {"title": title, **occurrence, **({"subtitles": others} if others else {})}


def _names(columns: Columns, keys: Keys, head: InHeader) -> Sequence[str]:
    """Return the printed names of units, once a row, or once a column where headers say them."""
    if head.unit is not None:
        return list(dict.fromkeys(head.units))
    if not keys.name:
        return []
    if keys.indented:
        return []
    return columns.filled(keys.name[0])


def _series(columns: Columns, keys: Keys, head: InHeader, flat: bool) -> tuple[list[Series], list[int]]:
    """Return the series with their columns, and the columns with a header that are not read."""
    apart = keys.columns | (set(range(keys.name[0], keys.name[0] + keys.indented)) if keys.indented else set())
    rest = [c for c in range(len(columns.paths)) if c not in apart]
    if head.series:
        groups: dict[tuple[str, ...], list[int]] = {}
        for c in rest:
            if c in head.series:
                groups.setdefault(head.series[c], []).append(c)
        read = {c for group in groups.values() for c in group}
        return [Series(path, tuple(group)) for path, group in groups.items()], [c for c in rest if c not in read]
    found: list[int] = []
    ignored: list[int] = []
    for c in rest:
        (found if _is_series(columns, keys, c, flat) else ignored).append(c)
    return [Series(columns.paths[c], (c,)) for c in found], ignored


def _is_series(columns: Columns, keys: Keys, column: int, flat: bool) -> bool:
    """Whether a column that says neither unit nor year is read: numbers, and in flat tables texts with a header."""
    if not any(columns.distinct(column)):
        return False
    headed = bool(columns.paths[column])
    if columns.is_text(column):
        return flat and headed and keys.items is None
    return (headed or columns.is_numeric(column)) and not (keys.official and _is_other_code(columns, column))


def _is_other_code(columns: Columns, column: int) -> bool:
    """Whether a column holds codes of regions beside those of the units."""
    texts = set(columns.texts(column))
    return all(parse_code(text, "gb2260") for text in texts) and known_codes(texts).is_told


def title_count(rows: Sequence[Sequence[str]], title: str) -> int:
    """Return how often a title stands in the cells of a sheet."""
    key = match_key(title)
    return sum(match_key(text) == key for row in rows for text in row if text)
