"""Where the tables of a sheet seem to lie: titles, header rows, data rows, notes. The reader never guesses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from shidian.yearbook.cell_formats import Scaled
from shidian.yearbook.draft_regions import is_region
from shidian.yearbook.grid import Grid
from shidian.yearbook.headers import header_paths
from shidian.yearbook.layout import Region
from shidian.yearbook.number_forms import FORMS, Writing
from shidian.yearbook.numbers import BLANK, MARK, cell_text, clean, mark_kind, match_key, parse_number, parse_year
from shidian.yearbook.periods import PeriodText
from shidian.yearbook.tables import HeaderPath

MOST_HEADER_ROWS = 5
MOST_CELLS_SEEN = 3_000_000
"""Cells of a sheet that are looked at; the rows below them are taken for data, and the reader says where they are not."""
MOST_ROWS = 1_000
"""Rows that tell which columns hold numbers."""
UNIT_ROW = re.compile(r"(?:计量)?单位[:：]\s*(.+)|\bunits?\s*[:：]\s*(.+)", re.IGNORECASE)
NOTE = re.compile(r"(注|附注|备注|说明|资料来源|数据来源|来源|Notes?|Sources?|Data sources?)\s*[\d一二三]?\s*[:：.].*", re.IGNORECASE)
ORDINAL = re.compile(r"[甲乙丙丁戊A-Z]|[（(]?\d{1,2}[）)]?(\s*=.*)?|[①-⑳]")
LONGEST_NUMBER = 10
"""Most characters of a text that may be a number with something to correct."""
SHORT = 4
"""Most characters of a text in the place of a sole number that is no header."""
_LOOSE = (Writing((), ".", FORMS), Writing((), ",", FORMS))


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


@dataclass(frozen=True)
class Part:
    """The rows of a sheet that one table fills, and the text of each cell."""

    grid: Grid

    @cached_property
    def texts(self) -> list[list[str]]:
        """The cells' texts, without blanks around them."""
        return [[cell_text(cell).strip() for cell in row] for row in self.grid.rows]


def find_tables(grid: Grid) -> list[tuple[Part, Guess]]:
    """Find the tables stacked in a sheet: the part that each one fills, and where it lies in it."""
    width = max(1, len(grid.rows[0]))
    if len(grid.rows) * width > MOST_CELLS_SEEN:
        grid = _part(grid, 0, MOST_CELLS_SEEN // width).grid
    whole = Part(grid)
    first = _guess(whole)
    if first is None:
        return []
    starts = _starts(whole, first)
    if len(starts) == 1:
        return [(whole, first)]
    parts = [_part(grid, start, stop) for start, stop in zip(starts, [*starts[1:], len(grid.rows)], strict=True)]
    return [(part, guess) for part in parts if (guess := _guess(part)) is not None]


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
        head = match_key(next(iter(filter(None, part.texts[row])), "")) == anchor and sum(map(bool, part.texts[row])) > 1
        if head or _heads_another(part, row, first):
            starts.append(max(_block_start(part, row, known), starts[-1] + 1))
            last = row + (bottom - top)
    return starts


def _heads_another(part: Part, row: int, first: Guess) -> bool:
    """Whether a row below a table's data holds texts above most columns of numbers, with data below it."""
    numeric = [c for c in _numeric(part.texts, first.data) if first.paths[c]]
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


def _part(grid: Grid, start: int, stop: int) -> Part:
    merges = [
        ((top - start, left), (bottom - start, right))
        for (top, left), (bottom, right) in grid.merges
        if start <= top and bottom < stop
    ]

    def scaled() -> dict[tuple[int, int], Scaled]:
        return {(r - start, c): how for (r, c), how in grid.scaled().items() if start <= r < stop}

    return Part(Grid(grid.sheet, grid.rows[start:stop], grid.labels, grid.first_row + start, merges, scaled=scaled))


def _guess(part: Part) -> Guess | None:
    """Find the first row of numbers and the header rows above it; None without any."""
    texts = part.texts
    certain = [r for r, row in enumerate(texts) if _looks_like_data(row)]
    first = _first_data(part, certain)
    rows = _list_rows(texts) if first is None or first == 0 else []
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
    again = _printed_again(texts, start, end, first)
    data = _data_below(part, first, certain, set(again))
    return _with_header(part, (start, end), data, tuple(again)) if data else None


def _printed_again(texts: Sequence[Sequence[str]], start: int, end: int, first: int) -> list[int]:
    """Return the rows below the first row of data that print the header rows again, all of them."""
    heads = [[match_key(text) for text in texts[r]] for r in range(start, end)]
    tops = {text for text in texts[start] if text}
    rows = [r for r in range(first, len(texts) - len(heads)) if tops.intersection(texts[r])]
    found = [r for r in rows if all([match_key(t) for t in texts[r + i]] == head for i, head in enumerate(heads))]
    return [r + i for r in found for i in range(len(heads)) if any(texts[r + i])]


def _with_header(part: Part, header: tuple[int, int], data: list[int], again: tuple[int, ...]) -> Guess:
    titles = [clean(text) for row in part.texts[: header[0]] for text in row if text]
    region = Region(0, header, len(part.texts), 0, len(part.texts[0]))
    return Guess(titles, region, header_paths(part.grid, region), data, again)


def _first_data(part: Part, certain: Sequence[int]) -> int | None:
    """Return the first row of data: going up from the first certain one, rows that look as it does and are no headers."""
    if not certain:
        return None
    first = certain[0]
    while first > 0 and _same_kind(part, first - 1, first):
        first -= 1
    return first


def _same_kind(part: Part, above: int, row: int) -> bool:
    """Whether the row above data is data: its cells are as those of the data, and say a unit or a year as these do."""
    one, other = part.texts[above], part.texts[row]
    filled = [c for c, text in enumerate(one) if text]
    if above == 0 or not any(part.texts[above - 1]) or not filled:
        return False
    if any(not other[c] or is_value(one[c]) != is_value(other[c]) for c in filled):
        return False
    years = [c for c in filled if parse_year(one[c]) is not None]
    if len(years) == 1 and parse_year(other[years[0]]) is not None and not one[years[0]].endswith("年"):
        return True
    first = filled[0]
    named = not is_value(one[first]) and is_region(one[first]) and is_region(other[first])
    return named and not _are_steps([int(float(one[c].rstrip("年"))) for c in years])


def _are_steps(years: Sequence[int]) -> bool:
    """Whether numbers are years at equal distances, as above columns."""
    steps = {later - year for year, later in zip(years, years[1:], strict=False)}
    return len(steps) == 1 and steps <= {-1, 1, 5, -5, 10, -10}


def _data_below(part: Part, first: int, certain: Sequence[int], again: set[int]) -> list[int]:
    """Return the rows of data from the first one on: rows of numbers, marks or years, and units without any."""
    texts, sure = part.texts, {r for r in certain if r >= first} | {first}
    numeric = _numeric(texts, sorted(sure - again))
    some = sorted(sure)[:: max(1, len(sure) // MOST_ROWS)]
    width = range(len(texts[0]))
    dated = [c for c in width if sum(parse_year(texts[r][c]) is not None for r in some) * 2 > len(some)]
    keys = [c for c in width if c not in numeric and sum(bool(texts[r][c]) for r in some) * 2 > len(some)]
    above = {text for row in texts[:first] for text in row if text}
    data = []
    for r in range(first, len(texts)):
        row = texts[r]
        if r in again or not any(row) or (r in sure and r - first < MOST_HEADER_ROWS and _is_ordinals(row)):
            continue
        if r in sure:
            data.append(r)
            continue
        shown = any(row[c] and is_value(row[c]) for c in numeric)
        year = any(parse_year(row[c]) is not None for c in dated)
        named = not dated and any(row[c] and is_region(row[c]) for c in (keys or [0]))
        odd = any(row[c] and row[c] not in above for c in keys) and _is_odd([row[c] for c in numeric if row[c] not in above])
        if (shown or year or named or odd) and not NOTE.match(next(filter(None, row))):
            data.append(r)
    return data


def _is_odd(texts: Sequence[str]) -> bool:
    """Whether short texts stand where numbers do, or one with a digit: the reader refuses them by their cell."""
    odd = [text for text in texts if text and len(text) <= LONGEST_NUMBER]
    return any(re.search(r"\d", text) for text in odd) or (len(texts) == 1 and bool(odd) and len(odd[0]) <= SHORT)


def _is_ordinals(row: Sequence[str]) -> bool:
    """Whether a row numbers the columns: 甲 | 1 | 2 | 3."""
    filled = [text for text in row if text]
    numbers = [int(found[0]) for text in filled[1:] if (found := re.search(r"\d+", text))]
    counted = numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False
    return counted and len(filled) > 2 and not is_region(filled[0]) and all(ORDINAL.fullmatch(text) for text in filled)


def _numeric(texts: Sequence[Sequence[str]], rows: Sequence[int]) -> list[int]:
    """Return the columns of numbers that are no years: most of their filled cells are numbers or marks."""
    found = []
    step = max(1, len(rows) // MOST_ROWS)
    for c in range(len(texts[0])):
        filled = [texts[r][c] for r in rows[::step] if texts[r][c]]
        numbers = [text for text in filled if is_value(text)]
        if len(numbers) * 2 > len(filled) and any(parse_year(text) is None for text in numbers):
            found.append(c)
    return found


@lru_cache(maxsize=65536)
def is_value(text: str) -> bool:
    """Whether a text is a number, in any way of writing, or a mark that stands for one."""
    if parse_number(text) is not None or mark_kind(text) not in (MARK, BLANK):
        return True
    return any(writing.read(text)[0] is not None for writing in _LOOSE)


def _list_rows(texts: Sequence[Sequence[str]]) -> list[int]:
    """Rows of a list of texts and years below one row of headers; none where it is no such list."""
    filled = [[text for text in row if text] for row in texts]
    if len(filled) < 3 or len(filled[0]) != len(texts[0]) or len(filled[0]) < 2 or len(set(filled[0])) < len(filled[0]):
        return []
    if any(parse_number(text) is not None for text in filled[0]) or any(is_region(text) for text in filled[0]):
        return []
    rows = [row for row in range(1, len(texts)) if filled[row]]
    dated = any(parse_year(text) is not None for row in rows for text in filled[row])
    whole = sum(len(filled[row]) > 1 for row in rows) * 2 > len(rows)
    return rows if dated or (whole and any(is_region(text) for row in rows[:50] for text in filled[row])) else []


def _looks_like_data(row: Sequence[str]) -> bool:
    """A row of data: after its first filled cell a number that is no year, or marks in most cells."""
    texts = [text for text in row if text][1:]
    if any(_is_quantity(text) for text in texts):
        return True
    return sum(mark_kind(text) not in (MARK, BLANK) for text in texts) * 2 > len(texts)


@lru_cache(maxsize=65536)
def _is_quantity(text: str) -> bool:
    """Whether a text is a number and neither a year nor another period."""
    if parse_number(text) is not None:
        return parse_year(text) is None
    return mark_kind(text) == MARK and is_value(text) and PeriodText("month").read(text) is None


def _header_start(part: Part, end: int) -> int:
    """First header row: going up from the data, the last row that is neither blank nor a title."""
    spans = {}
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


