"""Where the tables of a sheet seem to lie: titles, header rows, data rows, notes. The reader never guesses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shidian.drafting.lines import (
    NOTE,
    data_below,
    first_data,
    is_value,
    list_rows,
    looks_like_data,
    numeric_columns,
    printed_again,
)
from shidian.drafting.parts import Part
from shidian.yearbook.grid import Grid
from shidian.yearbook.headers import header_paths
from shidian.yearbook.layout import Region
from shidian.yearbook.numbers import clean, match_key, parse_number
from shidian.yearbook.tables import HeaderPath

MOST_HEADER_ROWS = 5
MOST_CELLS_SEEN = 3_000_000
"""Cells of a sheet that are looked at; the rows below are taken for data, and the reader says where they are not."""
FEWEST_NAMES = 3
"""Fewest names that tell whether tables stand beside each other."""
SAME_NAMES = 0.8
"""Share of rows in which a column repeats the names of units from which on another table begins with it."""
UNIT_ROW = re.compile(r"(?:计量)?单位[:：]\s*(.+)|\bunits?\s*[:：]\s*(.+)", re.IGNORECASE)


@dataclass(frozen=True)
class Guess:
    """Where a table that no source file describes seems to lie in its part of a sheet.

    Attributes:
        titles: texts above the headers.
        region: header rows and columns.
        paths: headers of each column.
        data: rows of data.
        repeated: rows that print a header row again.
    """

    titles: list[str]
    region: Region
    paths: list[HeaderPath]
    data: list[int]
    repeated: tuple[int, ...] = ()


def find_tables(grid: Grid) -> list[tuple[Part, Guess]]:
    """Find the tables stacked in a sheet, and those beside each other: the part of each, and where it lies in it."""
    whole, width = Part(grid), max(1, len(grid.rows[0]))
    if len(grid.rows) * width > MOST_CELLS_SEEN:
        whole = whole.rows(0, MOST_CELLS_SEEN // width)
    first = _guess(whole)
    if first is None:
        return []
    beside = [(part, first if part is whole else _guess(part)) for part in _beside(whole, first)]
    if not all(_holds_numbers(part, guess) for part, guess in beside):
        beside = [(whole, first)]  # words beside a table are columns of it
    found = []
    for part, guess in beside:
        if guess is None:
            continue
        starts = _starts(part, guess)
        if len(starts) == 1:
            found.append((part, guess))
            continue
        stops = [*starts[1:], len(grid.rows)]
        parts = [part.rows(start, stop) for start, stop in zip(starts, stops, strict=True)]
        found += [(one, mine) for one in parts if (mine := _guess(one)) is not None]
    return found


def _holds_numbers(part: Part, guess: Guess | None) -> bool:
    """Say whether a block has a column of numbers beside its names."""
    rows = guess.data if guess is not None else []
    return any(parse_number(text) is not None for row in rows for text in part.texts[row][1:])


def _beside(part: Part, first: Guess) -> list[Part]:
    """Return the parts of tables that stand beside each other, each beginning with the same names of units."""
    if part.grid.labels:
        return [part]
    names = [[match_key(row[c]) for row in (part.texts[r] for r in first.data)] for c in range(len(first.paths))]
    shown = [c for c, texts in enumerate(names) if any(texts)]
    starts = shown[:1]
    for c in shown[2:]:
        if c - starts[-1] > 1 and _repeats(names[shown[0]], names[c]):
            starts.append(c)
    if len(starts) < 2:
        return [part]
    ends = [max(c for c in shown if c < start) for start in starts[1:]] + [len(first.paths) - 1]
    return [part.columns(0 if i == 0 else start, end) for i, (start, end) in enumerate(zip(starts, ends, strict=True))]


def _repeats(names: Sequence[str], others: Sequence[str]) -> bool:
    """Whether a column repeats the names of another: row by row, or names that stand once each in other rows."""
    filled = [name for name in names if name]
    if len(set(filled)) < FEWEST_NAMES or sum(map(is_value, filled)) * 2 > len(filled):
        return False
    same = sum(bool(name) and name == other for name, other in zip(names, others, strict=True))
    once = len(set(filled)) > SAME_NAMES * len(filled) and len(set(filled) & set(others)) > SAME_NAMES * len(filled)
    return once or same > SAME_NAMES * len(names)


def _starts(part: Part, first: Guess) -> list[int]:
    """Return the rows in which the tables of a sheet begin: above headers that are not those of the first one again."""
    top, bottom = first.region.header
    again = set(first.repeated)
    anchor = next((match_key(path[0]) for path in first.paths if path), "")
    starts, last = [0], bottom
    known = set(first.data)
    for row in range(bottom, len(part.texts)):
        if row in known or row in again or row < last:
            continue
        head = (
            match_key(next(iter(filter(None, part.texts[row])), "")) == anchor and sum(map(bool, part.texts[row])) > 1
        )
        if head or _heads_another(part, row, first):
            starts.append(max(_block_start(part, row, known), starts[-1] + 1))
            last = row + (bottom - top)
    return starts


def _heads_another(part: Part, row: int, first: Guess) -> bool:
    """Whether a row below a table's data holds texts above most columns of numbers, with data below it."""
    numeric = [c for c in numeric_columns(part.texts, first.data) if first.paths[c]]
    filled = [c for c in numeric if part.texts[row][c]]
    words = [c for c in filled if not is_value(part.texts[row][c])]
    later = any(data > row for data in first.data)
    return later and len(words) >= 2 and len(words) * 2 > len(numeric)


def _block_start(part: Part, header: int, data: set[int]) -> int:
    """First of the rows above a header row that are no data, no blank and no note."""
    start = header
    while start > 0 and start - 1 not in data and (filled := list(filter(None, part.texts[start - 1]))):
        if NOTE.match(filled[0]):
            break
        start -= 1
    return start


def _guess(part: Part) -> Guess | None:
    """Find the first row of numbers and the header rows above it; None without any."""
    texts = part.texts
    certain = [r for r, row in enumerate(texts) if looks_like_data(row)]
    first = first_data(texts, certain)
    rows = list_rows(texts) if first is None or first == 0 else []
    if rows:
        return _with_header(part, (rows[0] - 1, rows[0]), rows, ())
    if first is None or first == 0:
        return None
    end = first
    while end > 0 and not any(texts[end - 1]):
        end -= 1
    start = _header_start(part, end)
    if start >= end:
        return None
    again = printed_again(texts, start, end, first)
    data = data_below(texts, first, certain, set(again))
    return _with_header(part, (start, end), data, tuple(again)) if data else None


def _with_header(part: Part, header: tuple[int, int], data: list[int], again: tuple[int, ...]) -> Guess:
    titles = [clean(text) for row in part.texts[: header[0]] for text in row if text]
    region = Region(0, header, len(part.texts), 0, len(part.texts[0]))
    return Guess(titles, region, header_paths(part.grid, region), data, again)


def _header_start(part: Part, end: int) -> int:
    """First header row: going up from the data, the last row that is neither blank nor a title."""
    spans: dict[int, list[tuple[int, int, int]]] = {}
    for (top, left), (bottom, right) in part.grid.merges:
        for row in range(top, bottom + 1):
            spans.setdefault(row, []).append((left, right, top))
    start = end
    for row in range(end - 1, max(end - MOST_HEADER_ROWS, 0) - 1, -1):
        if _is_title(part.texts[row], spans.get(row, []), row, is_lowest=row == end - 1):
            break
        start = row
    return start


def _is_title(row: Sequence[str], spans: Sequence[tuple[int, int, int]], at: int, is_lowest: bool) -> bool:
    """Whether a row above data is blank, a title, or a row of units of measure, and no header row."""
    filled = [c for c, text in enumerate(row) if text]
    if any(UNIT_ROW.match(row[c]) for c in filled) and len(filled) < 3:
        return True
    if len(filled) >= 2:
        return False
    above = any(top < at for _, _, top in spans)  # merged cells that begin here are blank but for the one filled
    if not filled:
        return not above
    wide = [(left, right) for left, right, _ in spans if left <= filled[0] <= right and right > left]
    if wide:
        return wide[0][0] == 0
    return not (is_lowest and filled[0] > 0 and len(row) == filled[0] + 1) and not above
