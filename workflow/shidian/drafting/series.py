"""What a draft declares of the series of a table: names, headers, units of measure, marks."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shidian.drafting.columns import NOTHING_SAID, Columns, printed
from shidian.drafting.keys import Keys
from shidian.drafting.lines import is_value
from shidian.drafting.measures import is_measure, measure_of
from shidian.drafting.names import series_names
from shidian.drafting.periods import how_read
from shidian.drafting.written import Remarks
from shidian.yaml_loader import UNPRINTABLE
from shidian.yearbook.labels import Labels
from shidian.yearbook.number_forms import PERCENT, Writing, guess_writing
from shidian.yearbook.numbers import MARK, clean, mark_kind, parse_year
from shidian.yearbook.periods import year_within
from shidian.yearbook.tables import HeaderPath

LONG_TEXT = 120
"""Characters from which on texts are documents, no categories."""
MOST_VALUES = 12
"""Most labels of values that a remark shows."""
MOST_ODD, MOST_ODD_SHARE = 20, 0.005
"""Texts with digits that are no numbers, and their share, up to which they are taken for slips among numbers."""
MOST_MARKS = 30
"""Most marks that a draft lists as missing."""
_MARKED = re.compile(r"(.*\d)\s*([①-⑳⑴-⒇*#†‡¹²³⁴-⁹]+)")
_NO_MARK = re.compile(r"\d|" + UNPRINTABLE.pattern)
"""What no mark for a missing number holds; a text with digits is an error until it is corrected."""
_NAMELESS = re.compile(r"(sheet|table|data|page|s|t)?[\s_-]*\d*", re.IGNORECASE)
TO_MEASURE = "TODO: unit of measure, which nothing in the file says"


@dataclass(frozen=True)
class Named:
    """What a draft has from others: names of series that are taken or known by their headers, and the layout of all."""

    taken: Collection[str] = ()
    start: int = 0
    known: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    hint: str = ""
    layout: str = ""


@dataclass(frozen=True)
class Series:
    """A series: its header, without what headers say of years and units, and its columns."""

    path: HeaderPath
    columns: tuple[int, ...]


@dataclass
class Drafts:
    """The drafts of all series: columns of the declaration, columns read beside them, their names by header."""

    columns: dict[str, Any] = field(default_factory=dict)
    expect: dict[str, str] = field(default_factory=dict)
    read: set[int] = field(default_factory=set)
    marks: tuple[str, ...] = ()
    names: dict[HeaderPath, str] = field(default_factory=dict)


def writing_of(columns: Columns, series: Sequence[Series]) -> Writing:
    """Guess how the texts of some series write numbers, with the marks that stand behind some."""
    texts = {text for one in series for c in one.columns if not columns.is_text(c) for text in columns.distinct(c)}
    marked = [found for text in texts if (found := _MARKED.fullmatch(text)) and is_value(found[1])]
    marks = tuple(sorted({found[2] for found in marked}))
    guessed = guess_writing(text for text in texts if not _MARKED.fullmatch(text))
    return Writing(marks, guessed.decimal, guessed.forms)


def draft_series(
    columns: Columns,
    keys: Keys,
    series: Sequence[Series],
    writing: Writing,
    labels: Labels,
    named: Named,
    remarks: Remarks,
) -> Drafts:
    """Return the drafts of the series of a table.

    Args:
        columns: those of the table.
        keys: columns of units, years and names of series.
        series: as its headers tell them.
        writing: how its texts write numbers.
        labels: what the file says of columns and values.
        named: names of series that are taken or known.
        remarks: what stands behind the lines, added to.
    """
    drafts = Drafts(marks=writing.marks)
    measures = _measure_column(columns, keys, drafts)
    series = [one for one in series if one.columns[0] not in drafts.read]
    wanted = _by_item(columns, keys, series) if keys.items is not None else [(one.path, one, "") for one in series]
    if len(wanted) == 1 and not wanted[0][0]:
        wanted = [(_titled(columns, named), *wanted[0][1:])]
    bare = [tuple(part.replace("{year}", "").replace("{name}", "") for part in path) for path, _, _ in wanted]
    names = series_names(bare, named.taken, named.start, named.known)
    for path, name, (_, one, item) in zip(bare, names, wanted, strict=True):
        drafts.names[path] = name
        entry: dict[str, Any] = {"header": _header(columns, one)}
        if (
            len(columns.equal(one.columns[0])) > 1
            and len(one.columns) == 1
            and one.path == columns.paths[one.columns[0]]
            and one.path
        ):
            entry["occurrence"] = columns.equal(one.columns[0]).index(one.columns[0]) + 1
        mine = measures.get(item) or measures.get("")
        label = labels.variables.get(one.path[-1], "") if one.path else ""
        here = (item, *one.path) if item else one.path
        entry |= _values(columns, one, here, label, mine, writing, name, remarks)
        if item and keys.items is not None:
            entry["where"] = {columns.paths[keys.items][0]: item}
        drafts.columns[name] = entry
        _remark(columns, one, label, labels, name, remarks)
    remarks.add("move what is not needed to ignore", "columns")
    return drafts


def _titled(columns: Columns, named: Named) -> HeaderPath:
    """Return what stands for a header where the years are the whole header: the title, else the name of the file."""
    for text in [*reversed(columns.guess.titles), columns.part.grid.sheet, named.hint]:
        plain = clean(text.replace("：", ":").split(":")[-1])
        if plain and not _NAMELESS.fullmatch(plain) and series_names([(plain,)]) != ["series_1"]:
            return (plain,)
    return ("value",)


def _by_item(columns: Columns, keys: Keys, series: Sequence[Series]) -> list[tuple[HeaderPath, Series, str]]:
    """Return a series for each name of series in the rows; with several columns of numbers each has one of each."""
    assert keys.items is not None
    items = list(dict.fromkeys(map(clean, columns.filled(keys.items))))
    if len(series) == 1:
        return [((item,), series[0], item) for item in items]
    return [((item, *one.path), one, item) for item in items for one in series]


def _measure_column(columns: Columns, keys: Keys, drafts: Drafts) -> dict[str, str]:
    """Return the unit of measure that a column of such says, by series ("" for all), and expect a constant one."""
    for c in columns.shown:
        if c in keys.columns or not columns.is_named(c):
            continue
        texts = [clean(text) for text in columns.filled(c)]
        if not all(texts) or not all(map(is_measure, set(texts))):
            continue
        if len(set(texts)) == 1:
            drafts.expect[columns.paths[c][0]] = texts[0]
            drafts.read.add(c)
            return {"": texts[0]}
        if keys.items is not None:
            pairs = set(zip(map(clean, columns.filled(keys.items)), texts, strict=True))
            if len(dict(pairs)) == len(pairs):
                return dict(pairs)
    return {}


def _header(columns: Columns, one: Series) -> str | list[str] | dict[str, Any]:
    if not one.path and not columns.paths[one.columns[0]]:
        return {"column": columns.part.letter(one.columns[0])}
    return printed(one.path)


def _values(
    columns: Columns,
    one: Series,
    path: HeaderPath,
    label: str,
    measure: str | None,
    writing: Writing,
    name: str,
    remarks: Remarks,
) -> dict[str, Any]:
    """Return measure and marks of one series."""
    if len(one.columns) == 1 and _holds_words(columns, one.columns[0]):
        return _words(columns.texts(one.columns[0]))
    texts = {text for c in one.columns for text in columns.distinct(c)}
    measure = measure or measure_of(path, label, columns.guess.titles)
    if not measure and PERCENT in writing.forms and any(text.endswith(("%", "％")) for text in texts):
        measure = "%"
    if not measure and _are_years(texts):
        measure = "year"
    if not measure and not _is_pure(texts):
        remarks.add(TO_MEASURE, "columns", name, "measure")
    entry: dict[str, Any] = {"measure": measure or "1"}
    entry |= _scale(columns, one, name, remarks)
    marks = {text for text in texts if writing.read(text)[0] is None and not _NO_MARK.search(text)}
    if marks - {""}:
        entry["missing"] = sorted(marks)[:MOST_MARKS]
        if any(mark_kind(mark) == MARK for mark in marks):
            remarks.add("TODO: keep what means missing", "columns", name, "missing")
    return entry


def _holds_words(columns: Columns, column: int) -> bool:
    """Whether a column holds texts: words, or others most of which are no numbers, such as 1996-02."""
    texts = [text for text in columns.texts(column) if text and text.lower() not in NOTHING_SAID]
    odd = sum(bool(re.search(r"\d", text)) and not is_value(text) and not _MARKED.fullmatch(text) for text in texts)
    return columns.is_text(column) or odd > max(MOST_ODD, MOST_ODD_SHARE * len(texts))


def _is_pure(texts: Collection[str]) -> bool:
    """Whether numbers have no unit of measure: 0 and 1."""
    return {text for text in texts if text} <= {"0", "1"}


def _are_years(texts: Collection[str]) -> bool:
    """Whether numbers are years, such as those in which cities became pilots."""
    shown = {text for text in texts if text}
    return bool(shown) and all(parse_year(text) is not None for text in shown)


def _words(texts: Sequence[str]) -> dict[str, Any]:
    period = how_read([text for text in texts if text], named=False) if any(map(year_within, texts[:50])) else None
    if period is not None and period.get("kind"):
        return {"measure": "1", "period": period}
    return {"measure": "text" if sum(map(len, texts)) > LONG_TEXT * len(texts) else "category"}


def _scale(columns: Columns, one: Series, name: str, remarks: Remarks) -> dict[str, Any]:
    """Say where cells show another size than they store."""
    grid = columns.part.grid
    scaled = grid.scaled()
    for row, column in (
        (row, column) for column in one.columns for row in columns.guess.data if (row, column) in scaled
    ):
        stored, how = grid.rows[row][column], scaled[row, column]
        if isinstance(stored, int | float) and not isinstance(stored, bool) and how.power is not None:
            shown = f"{how.shown(float(stored)):,.10g}{'%' if how.power == 2 else ''}"
            text = f"cells show {shown} (format {how.format}), store {columns.part.texts[row][column]}"
            remarks.add(text, "columns", name, "as_shown")
            return {"as_shown": True}
    return {}


def _remark(columns: Columns, one: Series, label: str, labels: Labels, name: str, remarks: Remarks) -> None:
    where = ", ".join(map(columns.part.name, one.columns[:8])) + (", ..." if len(one.columns) > 8 else "")
    remarks.add(f"column {where}{f': {label}' if label else ''}", "columns", name)
    told: Mapping[float, str] = labels.values.get(one.path[-1], {}) if one.path else {}
    if told:
        shown = "; ".join(f"{code:g} = {text}" for code, text in list(told.items())[:MOST_VALUES])
        remarks.add(shown, "columns", name, "header")
