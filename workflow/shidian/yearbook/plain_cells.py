"""The cells of a sheet of an .xlsx file that is written plainly, as Excel and most others do: all at once.

Whatever is not so written is left to the library: errors, truth values, formulas without a result, cells without an
address or out of order, other namespaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from shidian.yearbook.plain_texts import plain_texts
from shidian.yearbook.xml_tags import Grammar, Tags, slices

_NEXT = (b"c ", b"c /", b"/row")
_ROWS = (b"row ", b"row /", b"")
_GRAMMAR = Grammar.of({
    b"": _ROWS,
    b"row ": _NEXT,
    b"row /": _ROWS,
    b"c ": (b"v", b"is", b"f", b"f ", b"f /"),
    b"c /": _NEXT,
    b"f": (b"/f",),
    b"f ": (b"/f",),
    b"/f": (b"v",),
    b"f /": (b"v",),
    b"v": (b"/v",),
    b"/v": (b"/c",),
    b"is": (b"t", b"t "),
    b"t": (b"/t",),
    b"t ": (b"/t",),
    b"/t": (b"/is",),
    b"/is": (b"/c",),
    b"/c": _NEXT,
    b"/row": _ROWS,
}, texts=(b"v", b"f", b"f ", b"t", b"t "))  # fmt: skip
_FULL, _BLANK, _VALUE, _INLINE, _PRESERVED = map(_GRAMMAR.kind, (b"c ", b"c /", b"v", b"is", b"t "))
_FORMULAS = {_GRAMMAR.kind(b"f"): 2, _GRAMMAR.kind(b"f "): 2, _GRAMMAR.kind(b"f /"): 1}
"""How many tags a formula has that stands before the value of its cell."""
_ATTRIBUTES = re.compile(r'(?: s="(\d{1,5})")?(?: t="(n|s|str|inlineStr)")?/?')
_NUMERALS = np.isin(np.arange(256), np.frombuffer(b"0123456789+-.eE", dtype=np.uint8))
LETTERS, DIGITS = 3, 7
STORED, SHARED, TEXT, INLINE = range(4)
"""Types of cells: a stored number, the number of a shared string, a text in the cell, as a value or as an element."""
_TYPES = {None: STORED, "n": STORED, "s": SHARED, "str": TEXT, "inlineStr": INLINE}


@dataclass(frozen=True)
class Addresses:
    """0-based rows and columns of some cells, row after row, and the numbers of their styles."""

    rows: np.ndarray
    columns: np.ndarray
    styles: np.ndarray

    def only(self, chosen: np.ndarray) -> Addresses:
        """Return those of some cells."""
        return Addresses(self.rows[chosen], self.columns[chosen], self.styles[chosen])


@dataclass(frozen=True)
class PlainCells:
    """The cells of a sheet.

    Attributes:
        all: where they are, blank ones too.
        full: where those are that hold something.
        types: ``STORED``, ``SHARED``, ``TEXT`` or ``INLINE`` of each of these.
        numbers: the stored numbers, in their order.
        shared: numbers of the shared strings, in their order.
        texts: the texts that stand in the cells themselves, in their order.
        has_formulas: whether some of the values are results of formulas.
    """

    all: Addresses
    full: Addresses
    types: np.ndarray
    numbers: np.ndarray
    shared: np.ndarray
    texts: pa.Array
    has_formulas: bool


def plain_cells(xml: bytes, start: int, stop: int) -> PlainCells | None:
    """Return the cells that stand between two places of a sheet; None where any is not written plainly."""
    tags = Tags.of(xml, start, stop, _GRAMMAR)
    if tags is None or not tags.have_plain_attributes(_GRAMMAR.names, but=(b"c ", b"c /")):
        return None
    cells = np.flatnonzero((tags.kinds == _FULL) | (tags.kinds == _BLANK))
    is_full = tags.kinds[cells] == _FULL
    where = _addresses(tags.data, tags.opens[cells])
    said = where and _attributes(xml, where[2], tags.closes[cells])
    if where is None or said is None:
        return None
    every, types = Addresses(where[0], where[1], said[0]), said[1][is_full]
    held = cells[is_full] + 1
    formulas = _before_values(tags, held)
    held += formulas
    if not (tags.kinds[held] == np.where(types == INLINE, _INLINE, _VALUE)).all():
        return None
    held += types == INLINE
    numbers, shared = _numbers(tags.texts(held[types == STORED])), _counts(tags.texts(held[types == SHARED]))
    own = (types == TEXT) | (types == INLINE)
    mine = held[own]
    texts = plain_texts(
        xml[start:stop], tags.closes[mine] + 1 - start, tags.opens[mine + 1] - start, tags.kinds[mine] != _PRESERVED
    )
    if numbers is None or shared is None or texts is None:
        return None
    has_formulas = bool(formulas.any())
    if has_formulas and (tags.closes[held] + 1 == tags.opens[held + 1])[formulas > 0].any():
        return None  # a result that is not there
    return PlainCells(every, every.only(is_full), types, numbers, shared, texts, has_formulas)


def _before_values(tags: Tags, first: np.ndarray) -> np.ndarray:
    """Return how many tags of a formula stand before each value, given the first tag within each cell."""
    sizes = np.zeros(len(_GRAMMAR.names), dtype=np.int64)
    sizes[list(_FORMULAS)] = list(_FORMULAS.values())
    return sizes[tags.kinds[first]]


def _addresses(data: np.ndarray, opens: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Return row and column of each cell, and where its address ends; None where one has none, or out of order."""
    at = opens + len(b"<c ")
    if any((data[at + i] != letter).any() for i, letter in enumerate(b'r="')):
        return None
    at += len(b'r="')
    columns, goes_on = np.zeros(len(at), dtype=np.int32), np.ones(len(at), dtype=bool)
    for _ in range(LETTERS):
        letter = data[at] - np.uint8(ord("A"))
        goes_on &= letter < 26
        columns = np.where(goes_on, columns * 26 + letter + 1, columns)
        at += goes_on
    rows, goes_on = np.zeros(len(at), dtype=np.int64), np.ones(len(at), dtype=bool)
    for _ in range(DIGITS):
        digit = data[at] - np.uint8(ord("0"))
        goes_on &= digit < 10
        if not goes_on.any():
            break
        rows = np.where(goes_on, rows * 10 + digit, rows)
        at += goes_on
    places = (rows << 16) + columns
    if (
        not len(at)
        or (data[at] != ord('"')).any()
        or not (rows.min() and columns.min())
        or (np.diff(places) <= 0).any()
    ):
        return None
    return rows - 1, columns - 1, at + 1


def _attributes(xml: bytes, starts: np.ndarray, stops: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return style and type of each cell, which stand behind its address; None where anything else does."""
    coded = slices(xml, starts, stops).dictionary_encode()
    found = [_ATTRIBUTES.fullmatch(text) for text in coded.dictionary.to_pylist()]
    if not all(found):
        return None
    said = [(int(one[1] or 0), _TYPES[one[2]]) for one in found if one]
    return tuple(np.array(column).take(coded.indices.to_numpy()) for column in zip(*said, strict=True))


def _numbers(texts: pa.Array) -> np.ndarray | None:
    """Return what some texts of decimal numbers say; None where one is none."""
    size = texts.offset + len(texts)
    letters = np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)
    if size and not _NUMERALS.take(letters[: np.frombuffer(texts.buffers()[1], dtype=np.int32)[size]]).all():
        return None
    try:
        return texts.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return None


def _counts(texts: pa.Array) -> np.ndarray | None:
    try:
        return texts.cast(pa.int32()).to_numpy()
    except pa.ArrowInvalid:
        return None
