"""Rows of a sheet that look like data, and those that do not: guesses of a draft from the texts of cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from shidian.drafting.regions import is_region
from shidian.yearbook.number_forms import FORMS, Writing
from shidian.yearbook.numbers import BLANK, MARK, mark_kind, match_key, parse_number, parse_year
from shidian.yearbook.periods import PeriodText

Texts = Sequence[Sequence[str]]
"""The texts of a sheet, row by row."""
NUMBERED_ROWS = 5
"""Rows from the first of data on that may number the columns."""
MOST_ROWS = 1_000
"""Rows that tell which columns hold numbers."""
NOTE = re.compile(
    r"(注|附注|备注|说明|资料来源|数据来源|来源|Notes?|Sources?|Data sources?)\s*[\d一二三]?\s*[:：.].*", re.IGNORECASE
)
ORDINAL = re.compile(r"[甲乙丙丁戊A-Z]|[（(]?\d{1,2}[）)]?(\s*=.*)?|[①-⑳]")
LONGEST_NUMBER = 10
"""Most characters of a text that may be a number with something to correct."""
SHORT = 4
"""Most characters of a text in the place of a sole number that is no header."""
_LOOSE = (Writing((), ".", FORMS), Writing((), ",", FORMS))


def printed_again(texts: Texts, start: int, end: int, first: int) -> list[int]:
    """Return the rows below the first row of data that print the header rows again, all of them."""
    heads = [[match_key(text) for text in texts[r]] for r in range(start, end)]
    tops = {text for text in texts[start] if text}
    rows = [r for r in range(first, len(texts) - len(heads)) if tops.intersection(texts[r])]
    found = [r for r in rows if all([match_key(t) for t in texts[r + i]] == head for i, head in enumerate(heads))]
    return [r + i for r in found for i in range(len(heads)) if any(texts[r + i])]


def first_data(texts: Texts, certain: Sequence[int]) -> int | None:
    """Return the first row of data: going up from the first certain one, rows that look as it does."""
    if not certain:
        return None
    first, worded = certain[0], rows_of_words(texts, certain)
    while first > 0 and (_same_kind(texts, first - 1, first) or (first > 1 and first - 1 in worded)):
        first -= 1
    return first


def _same_kind(texts: Texts, above: int, row: int) -> bool:
    """Whether the row above data is data: its cells are as those of the data, and say a unit or a year as these do."""
    one, other = texts[above], texts[row]
    filled = [c for c, text in enumerate(one) if text]
    if above == 0 or not any(texts[above - 1]) or not filled:
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
    steps = {later - year for year, later in pairwise(years)}
    return len(steps) == 1 and steps <= {-1, 1, 5, -5, 10, -10}


def rows_of_words(texts: Texts, certain: Sequence[int]) -> set[int]:
    """Return rows without a number that are units all the same: a name that stands once, and a word of several rows.

    So stands a state that has not adopted among those that have: ``Alabama, Not Adopted`` with no year.
    """
    if not certain:
        return set()
    name = next(c for c, text in enumerate(texts[certain[0]]) if text)
    known = set(certain)
    wordy = [r for r, row in enumerate(texts) if r not in known and row[name] and _of_words(row)]
    if not wordy:
        return set()
    names = Counter(row[name] for row in texts)
    words = [Counter(column) for column in zip(*texts, strict=True)]

    def shares(r: int) -> bool:
        return any(words[c][text] > 1 for c, text in enumerate(texts[r]) if text and c != name)

    return {r for r in wordy if names[texts[r][name]] == 1 and shares(r)}


def _of_words(row: Sequence[str]) -> bool:
    """Whether a row has several filled cells, none of them a number or a mark."""
    filled = [text for text in row if text]
    return len(filled) > 1 and not any(map(is_value, filled))


def data_below(texts: Texts, first: int, certain: Sequence[int], again: set[int]) -> list[int]:
    """Return the rows of data from the first one on: rows of numbers, marks or years, and units without any."""
    sure = {r for r in certain if r >= first} | {first}
    numeric = numeric_columns(texts, sorted(sure - again))
    some = sorted(sure)[:: max(1, len(sure) // MOST_ROWS)]
    width = range(len(texts[0]))
    dated = [c for c in width if sum(parse_year(texts[r][c]) is not None for r in some) * 2 > len(some)]
    keys = [c for c in width if c not in numeric and sum(bool(texts[r][c]) for r in some) * 2 > len(some)]
    above = {text for row in texts[:first] for text in row if text}
    worded = rows_of_words(texts, certain)
    data = []
    for r in range(first, len(texts)):
        row = texts[r]
        if r in again or not any(row) or (r in sure and r - first < NUMBERED_ROWS and _is_ordinals(row)):
            continue
        if r in sure or r in worded:
            data.append(r)
            continue
        shown = any(row[c] and is_value(row[c]) for c in numeric)
        year = any(parse_year(row[c]) is not None for c in dated)
        named = not dated and any(row[c] and is_region(row[c]) for c in (keys or [0]))
        odd = any(row[c] and row[c] not in above for c in keys) and _is_odd(
            [row[c] for c in numeric if row[c] not in above]
        )
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


def numeric_columns(texts: Texts, rows: Sequence[int]) -> list[int]:
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


def list_rows(texts: Texts) -> list[int]:
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


def looks_like_data(row: Sequence[str]) -> bool:
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
