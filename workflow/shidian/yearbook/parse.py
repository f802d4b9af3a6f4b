"""Reading the numbers of a table, all columns at once: values, what stands for the missing ones, texts as printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shidian.errors import SourceError
from shidian.yearbook.categories import code_of
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import (
    CORRECTED,
    FLAGS,
    FLOAT,
    INTEGER,
    STRING,
    mark_kind,
)
from shidian.yearbook.one_cell import AS_SHOWN, as_shown, parse_cell
from shidian.yearbook.tables import Column

PLAIN_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
"""Texts that Arrow and Python read as the same number, so that they need not be parsed one by one."""
PLAIN_COMMA = r"^-?[0-9]+(,[0-9]+)?$"
"""The same where the comma is the decimal mark."""
T = TypeVar("T")
BATCH = 1 << 20
"""Cells that are parsed, or written, at a time."""


@dataclass(frozen=True)
class Reading:
    """One column of the grid to read: for which series, in which data rows (``index``), of which years.

    ``years`` are ``NO_YEAR`` for facts without a year; ``in_header`` says that the header holds the year;
    ``label`` is the printed header where the declared one does not show it.
    """

    column: Column
    position: int
    index: np.ndarray
    years: np.ndarray
    in_header: bool = False
    label: str = ""


@dataclass(frozen=True)
class Numbers:
    """The numbers of one table, reading by reading; the arrays of a reading are as long as its ``index``.

    Attributes:
        readings: the columns read.
        values: nan where a declared mark means missing.
        flags: positions in ``FLAGS``.
        said: series and event -> how many of its cells were read in a way that the ledger tells.
    """

    readings: list[Reading]
    values: list[np.ndarray]
    flags: list[np.ndarray]
    said: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def sizes(self) -> list[int]:
        """How many numbers each reading has."""
        return [len(reading.index) for reading in self.readings]


@dataclass(frozen=True)
class _Cells:
    """The cells to parse: of which reading each one is, where it stands in the grid, its text as read."""

    place: Place
    readings: Sequence[Reading]
    of: np.ndarray
    rows: np.ndarray
    positions: np.ndarray
    texts: pa.Array


def read_numbers(place: Place, readings: list[Reading], rows: np.ndarray) -> Numbers:
    """Read the numbers of one table.

    Args:
        place: the table.
        readings: the columns to read.
        rows: 0-based rows of the table's data rows in the grid.

    Raises:
        SourceError: a cell holds neither a number nor a declared mark; the message gives cell and text.
    """
    values: list[np.ndarray] = []
    flags: list[np.ndarray] = []
    faults = []
    said = Counter[tuple[str, str]]()
    for some in in_batches(readings, [len(reading.index) for reading in readings]):
        read = _cells(place, some, rows)
        found, kinds = _parse(read, said)
        faults += _no_number(read, found, kinds)
        ends = np.cumsum([len(reading.index) for reading in some])[:-1]
        values += np.split(found, ends)
        flags += np.split(_flags(read, found), ends)
    if faults:
        raise SourceError(faults[0])
    return Numbers(readings, values, flags, said)


def in_batches(items: Sequence[T], sizes: Sequence[int]) -> Iterator[Sequence[T]]:
    """Split items that follow each other into batches of at most ``BATCH`` cells, or of one item."""
    start, cells = 0, 0
    for i, size in enumerate(sizes):
        if i > start and cells + size > BATCH:
            yield items[start:i]
            start, cells = i, 0
        cells += size
    if start < len(items):
        yield items[start:]


def _cells(place: Place, readings: Sequence[Reading], rows: np.ndarray) -> _Cells:
    sizes = [len(reading.index) for reading in readings]
    at = rows[np.concatenate([r.index for r in readings])], np.repeat([r.position for r in readings], sizes)
    return _Cells(place, readings, np.repeat(np.arange(len(readings)), sizes), *at, place.grid.texts_at(*at))


def _flags(read: _Cells, values: np.ndarray) -> np.ndarray:
    flags = np.zeros(len(values), dtype=np.int8)
    missing = np.flatnonzero(np.isnan(values))
    flags[missing] = [FLAGS.index(mark_kind(text)) for text in read.texts.take(pa.array(missing)).to_pylist()]
    for place in read.place.grid.originals:
        flags[read.place.grid.is_at(place, read.rows, read.positions)] = FLAGS.index(CORRECTED)
    return flags


def _parse(read: _Cells, said: Counter[tuple[str, str]]) -> tuple[np.ndarray, np.ndarray]:
    """Values and kinds of all cells: stored numbers as they are, plain numbers in one go, the rest one by one.

    ``said`` counts what the ledger tells.
    """
    grid = read.place.grid
    values = np.full(len(read.of), np.nan)
    kinds = grid.kinds_at(read.rows, read.positions)
    done = (kinds == FLOAT) | (kinds == INTEGER)
    values[done] = grid.numbers_at(read.rows[done], read.positions[done])
    written = np.flatnonzero(kinds == STRING)
    words = read.texts if len(written) == len(kinds) else read.texts.take(pa.array(written))
    missing = _missing(read, written, words)
    dates = np.array([reading.column.period is not None for reading in read.readings])[read.of]
    done &= ~dates
    comma = read.place.table.decimal == ","
    plain = _true(pc.match_substring_regex(words, PLAIN_COMMA if comma else PLAIN_NUMBER)) & ~missing & ~dates[written]
    found = words.filter(pa.array(plain))
    found = pc.replace_substring(found, ",", ".") if comma else found
    values[written[plain]] = found.cast(pa.float64()).to_numpy()
    _scale(read, values, done, said)
    done[written[plain | missing]] = True
    documents = np.flatnonzero(np.array([reading.column.is_text for reading in read.readings])[read.of])
    values[documents] = _measure_texts(read.texts.take(pa.array(documents)))
    done[documents] = True
    _read_categories(read, values, done)
    for i in np.flatnonzero(~done).tolist():
        column = read.readings[read.of[i]].column
        values[i], events = parse_cell(read.place, column, int(read.rows[i]), int(read.positions[i]))
        said.update((column.series, event) for event in events)
    return values, kinds


def _scale(read: _Cells, values: np.ndarray, stored: np.ndarray, said: Counter[tuple[str, str]]) -> None:
    """Put what cells show in the place of what they store, where their format scales and that is what is meant."""
    scaled = read.place.grid.scaled() if stored.any() else {}
    if not scaled:
        return
    for i in np.flatnonzero(stored).tolist():
        row, position = int(read.rows[i]), int(read.positions[i])
        column = read.readings[read.of[i]].column
        if (row, position) not in scaled or column.is_text or column.is_category:
            continue
        shown = as_shown(read.place, column, row, position, float(values[i]), scaled[row, position])
        if shown is not None:
            values[i] = shown
            said[column.series, AS_SHOWN] += 1


def _no_number(read: _Cells, values: np.ndarray, kinds: np.ndarray) -> list[str]:
    """Name a cell that is infinite, or a stored NaN: neither was printed, neither is a mark for missing."""
    stored = (kinds == FLOAT) | (kinds == INTEGER)
    wrong = np.flatnonzero(np.isinf(values) | (stored & np.isnan(values)))
    if not len(wrong):
        return []
    i = int(wrong[0])
    text = str(read.texts[i])
    what = "a stored 'not a number'" if np.isnan(values[i]) else "infinite: larger than any number can be"
    cell = read.place.at(int(read.rows[i]), int(read.positions[i]))
    return [f"{cell}: '{text[:60]}' is {what}; correct the cell"]


def _missing(read: _Cells, written: np.ndarray, words: pa.Array) -> np.ndarray:
    """Say which of the texts are, to the letter, a mark that means missing in their column.

    A blank is not taken on trust where the sheet has cells that only look blank.
    """
    found = np.zeros(len(written), dtype=bool)
    groups: dict[frozenset[str], list[int]] = {}
    for number, reading in enumerate(read.readings):
        groups.setdefault(frozenset(reading.column.missing), []).append(number)
    blank = _true(pc.equal(words, "")) if any("" in marks for marks in groups) else found
    distrusted = bool(blank.any()) and bool(read.place.grid.faults())
    for marks, numbers in groups.items():
        here = _true(pc.is_in(words, value_set=pa.array(sorted(marks), type=pa.string())))
        found = found | (here if len(groups) == 1 else here & np.isin(read.of[written], numbers))
    return found & ~blank if distrusted else found


def _measure_texts(texts: pa.Array) -> np.ndarray:
    """Return the number of characters of each document, nan where it is blank."""
    lengths = pc.utf8_length(texts).to_numpy().astype(np.float64)
    return np.where(_true(pc.equal(pc.utf8_trim_whitespace(texts), "")), np.nan, lengths)


def _read_categories(read: _Cells, values: np.ndarray, done: np.ndarray) -> None:
    """Give each text of a column of categories its code, nan where it is a mark that means missing."""
    for number, reading in enumerate(read.readings):
        if not reading.column.is_category:
            continue
        mine = np.flatnonzero(read.of == number)
        texts = pc.utf8_trim_whitespace(read.texts.take(pa.array(mine))).to_pylist()
        known = [bool(text) and text not in reading.column.missing for text in texts]
        for i, text, is_known in zip(mine.tolist(), texts, known, strict=True):
            values[i] = code_of(text) if is_known else np.nan
            done[i] |= is_known


def _true(answers: pa.Array) -> np.ndarray:
    return answers.to_numpy(zero_copy_only=False)


def count_flags(numbers: Numbers) -> np.ndarray:
    """Count each flag in each reading: one row a reading, one column a flag of ``FLAGS``."""
    shape = len(numbers.readings), len(FLAGS)
    of = np.repeat(np.arange(shape[0]), numbers.sizes)
    return np.bincount(of * len(FLAGS) + np.concatenate(numbers.flags), minlength=shape[0] * shape[1]).reshape(shape)
