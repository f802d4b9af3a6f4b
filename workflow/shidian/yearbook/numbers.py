"""What a printed cell says: numbers, marks that mean missing, years and codes, as yearbooks print them."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import lru_cache

import numpy as np
import pyarrow as pa

NUMBER = re.compile(r"[+-]?([1-9]\d{0,2}(,\d{3})+|\d+)(\.\d*)?([eE][+-]?\d+)?|[+-]?\.\d+([eE][+-]?\d+)?")
YEAR = re.compile(r"(\d{4})(\.0+)?\s*年?")
CODE = re.compile(r"(\d{6})(0{6})?(\.0+)?")
ZERO_WIDTH = re.compile("[\u200b\u200c\u200d\u2060\ufeff]+")
HALF_WIDTH = {0x3000: " ", 0x2212: "-", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}
"""Full-width characters and their usual forms. (Unicode's own folding would read 37① and 37² as 371, 372.)"""
DASHES = frozenset("-‐‑‒–—―－─")
ELLIPSES = frozenset(".…⋯")

OTHER, STRING, FLOAT, INTEGER = range(4)
"""Kinds of cells: ``OTHER`` are truth values, dates and times."""

AS_PRINTED, BLANK, DASH, ELLIPSIS, MARK, CORRECTED = FLAGS = (
    "as_printed", "blank", "dash", "ellipsis", "mark", "corrected",
)  # fmt: skip
"""What a record's flag may be: the four after ``as_printed`` say which mark stands for a missing value."""


def cell_text(value: object) -> str:
    """Return a cell's content as text: text verbatim, a number in the shortest form that reads back the same.

    >>> cell_text(110000.0), cell_text(0.1), cell_text(' 北 京')
    ('110000', '0.1', ' 北 京')
    """
    if type(value) is str:
        return value
    if type(value) is float:
        text = repr(value)
        return text[:-2] if text.endswith(".0") else text
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


class _Kinds(dict[type, int]):
    """Number of a kind of cell, by its Python type."""

    def __missing__(self, key: type) -> int:
        return OTHER


_KINDS = _Kinds({str: STRING, float: FLOAT, int: INTEGER})


def cell_kinds(cells: np.ndarray) -> np.ndarray:
    """Tell ``STRING``, ``FLOAT``, ``INTEGER`` and ``OTHER`` cells apart."""
    return np.fromiter(map(_KINDS.__getitem__, map(type, cells)), dtype=np.int8, count=len(cells))


def cell_texts(cells: np.ndarray, kinds: np.ndarray) -> pa.Array:
    """Return what :func:`cell_text` says of each cell, as one array; ``kinds`` are those of :func:`cell_kinds`."""
    stored = np.flatnonzero(kinds == FLOAT)
    values = cells[stored].astype(np.float64)
    usual = usual_sizes(values)
    fast, written = stored[usual], np.flatnonzero(kinds == STRING)
    others = np.ones(len(cells), dtype=bool)
    others[fast] = others[written] = False
    rest = np.flatnonzero(others)
    parts = [
        pa.array(values[usual]).cast(pa.string()),
        pa.array(cells[written], type=pa.string()),
        pa.array(list(map(cell_text, cells[rest])), type=pa.string()),
    ]
    order = np.empty(len(cells), dtype=np.int64)
    order[np.concatenate([fast, written, rest])] = np.arange(len(cells))
    return pa.concat_arrays(parts).take(pa.array(order))


def usual_sizes(values: np.ndarray) -> np.ndarray:
    """Say which numbers Arrow writes as Python does, never with an exponent."""
    sizes = np.abs(values)
    return (sizes >= 1e-4) & (sizes < 1e10)


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """Return a text with runs of spaces and line breaks as one space, none at the ends, none of no width."""
    return " ".join(ZERO_WIDTH.sub("", text).split())


@lru_cache(maxsize=8192)
def match_key(text: str) -> str:
    """Return what two printings of one header have in common: width of characters and all spaces ignored.

    >>> match_key('地 区') == match_key('地区'), match_key('（万台）') == match_key('(万台)')
    (True, True)
    """
    return "".join(clean(text).translate(HALF_WIDTH).split())


def unit_name(text: str) -> str:
    """Return a unit's name without the spaces that printers put between Chinese characters.

    >>> unit_name('北  京'), unit_name('Inner\\nMongolia')
    ('北京', 'Inner Mongolia')
    """
    return re.sub(r"(?<=[⺀-鿿])\s+(?=[⺀-鿿])", "", clean(text))


@lru_cache(maxsize=256)
def mark_kind(mark: str) -> str:
    """Name a mark that stands for a number: ``blank``, ``dash``, ``ellipsis``, ``mark`` for any other."""
    stripped = "".join(mark.split())
    if not stripped:
        return BLANK
    if set(stripped) <= DASHES:
        return DASH
    if set(stripped) <= ELLIPSES:
        return ELLIPSIS
    return MARK


def parse_number(text: str, footnote_marks: tuple[str, ...] = ()) -> float | None:
    """Read a number printed as text: full-width digits, thousands separators, declared footnote marks.

    Returns None where the text is not one number (two decimal points, a space inside, a unit, ...).
    """
    text = text.strip()
    for mark in footnote_marks:
        text = text.removesuffix(mark).rstrip()
    normal = text.translate(HALF_WIDTH)
    return float(normal.replace(",", "")) if NUMBER.fullmatch(normal) else None


def parse_year(value: object) -> int | None:
    """Read a year stored as 2003, 2003.0, '2003' or '2003年'; None when it is not between 1900 and 2100."""
    if isinstance(value, bool | datetime | date | time):
        return None
    match = YEAR.fullmatch(cell_text(value).translate(HALF_WIDTH).strip())
    year = int(match[1]) if match else 0
    return year if 1900 <= year <= 2100 else None


def parse_code(value: object, kind: str) -> str | None:
    """Read a unit's code: six digits for ``gb2260``, any text for ``plain``; None when unreadable."""
    text = cell_text(value).translate(HALF_WIDTH).strip()
    if kind == "plain":
        return text or None
    match = CODE.fullmatch(text)
    return match[1] if match else None
