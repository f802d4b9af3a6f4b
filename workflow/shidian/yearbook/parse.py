"""Reading the numbers of a table, all columns at once: values, what stands for the missing ones, texts as printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
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
from shidian.yearbook.plain_numbers import plain_numbers
from shidian.yearbook.tables import Column

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
    """The cells to parse: of which reading each one is, where it stands in the grid, its kind.

    ``written`` are those that hold a text, ``words`` their texts.
    """

    place: Place
    readings: Sequence[Reading]
    of: np.ndarray
    rows: np.ndarray
    positions: np.ndarray
    kinds: np.ndarray
    written: np.ndarray
    words: pa.Array

    @cached_property
    def stored(self) -> np.ndarray:
        """Say which cells store a number."""
        return (self.kinds == FLOAT) | (self.kinds == INTEGER)

    def texts(self, at: np.ndarray) -> pa.Array:
        """Return the texts of some of the cells."""
        return self.place.grid.texts_at(self.rows[at], self.positions[at])

    def of_columns(self, wanted: Callable[[Column], bool]) -> np.ndarray:
        """Say which cells are of columns of a kind."""
        return np.array([wanted(reading.column) for reading in self.readings])[self.of]


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
        found = _parse(read, said)
        faults += _no_number(read, found)
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
    kinds = place.grid.kinds_at(*at)
    written = np.flatnonzero(kinds == STRING)
    words = place.grid.texts_at(*(at if len(written) == len(kinds) else (at[0][written], at[1][written])))
    return _Cells(place, readings, np.repeat(np.arange(len(readings)), sizes), *at, kinds, written, words)


def _flags(read: _Cells, values: np.ndarray) -> np.ndarray:
    flags = np.zeros(len(values), dtype=np.int8)
    missing = np.flatnonzero(np.isnan(values))
    marks = read.texts(missing).dictionary_encode()
    kinds = np.array([FLAGS.index(mark_kind(text)) for text in marks.dictionary.to_pylist()], dtype=np.int8)
    flags[missing] = kinds.take(marks.indices.to_numpy())
    for place in read.place.grid.originals:
        flags[read.place.grid.is_at(place, read.rows, read.positions)] = FLAGS.index(CORRECTED)
    return flags


def _parse(read: _Cells, said: Counter[tuple[str, str]]) -> np.ndarray:
    """Values of all cells: stored numbers as they are, plain numbers in one go, the rest one by one.

    ``said`` counts what the ledger tells.
    """
    values = np.full(len(read.of), np.nan)
    done = read.stored.copy()
    values[done] = read.place.grid.numbers_at(read.rows[done], read.positions[done])
    missing = _missing(read)
    dates = read.of_columns(lambda column: column.period is not None)
    done &= ~dates
    numbers, plain = plain_numbers(read.words, read.place.table.decimal)
    plain &= ~missing & ~dates[read.written]
    values[read.written[plain]] = numbers[plain]
    _scale(read, values, done, said)
    done[read.written[plain | missing]] = True
    documents = np.flatnonzero(read.of_columns(lambda column: column.is_text))
    values[documents] = _measure_texts(read.texts(documents))
    done[documents] = True
    _read_categories(read, values, done)
    _parse_rest(read, values, np.flatnonzero(~done), said)
    return values


def _parse_rest(read: _Cells, values: np.ndarray, rest: np.ndarray, said: Counter[tuple[str, str]]) -> None:
    """Read the cells that no quicker way reads; equal texts of a column, none of them blank, once."""
    known: dict[tuple[int, str], tuple[float, tuple[str, ...]]] = {}
    texts = read.texts(rest).to_pylist() if len(rest) else []
    for i, text in zip(rest.tolist(), texts, strict=True):
        number, column = int(read.of[i]), read.readings[read.of[i]].column
        found = known.get((number, text)) if text and read.kinds[i] == STRING else None
        if found is None:
            found = parse_cell(read.place, column, int(read.rows[i]), int(read.positions[i]))
            known[number, text] = found
        values[i] = found[0]
        said.update((column.series, event) for event in found[1])


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


def _no_number(read: _Cells, values: np.ndarray) -> list[str]:
    """Name a cell that is infinite, or a stored NaN: neither was printed, neither is a mark for missing."""
    wrong = np.flatnonzero(np.isinf(values) | (read.stored & np.isnan(values)))
    if not len(wrong):
        return []
    i = int(wrong[0])
    text = str(read.texts(wrong[:1])[0])
    what = "a stored 'not a number'" if np.isnan(values[i]) else "infinite: larger than any number can be"
    cell = read.place.at(int(read.rows[i]), int(read.positions[i]))
    return [f"{cell}: '{text[:60]}' is {what}; correct the cell"]


def _missing(read: _Cells) -> np.ndarray:
    """Say which of the texts are, to the letter, a mark that means missing in their column.

    A blank is not taken on trust where the sheet has cells that only look blank.
    """
    words, found = read.words, np.zeros(len(read.written), dtype=bool)
    groups: dict[frozenset[str], list[int]] = {}
    for number, reading in enumerate(read.readings):
        groups.setdefault(frozenset(reading.column.missing), []).append(number)
    blank = _true(pc.equal(words, "")) if any("" in marks for marks in groups) else found
    distrusted = bool(blank.any()) and bool(read.place.grid.faults())
    for marks, numbers in groups.items():
        here = _true(pc.is_in(words, value_set=pa.array(sorted(marks), type=pa.string())))
        found = found | (here if len(groups) == 1 else here & np.isin(read.of[read.written], numbers))
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
        texts = pc.utf8_trim_whitespace(read.texts(mine)).to_pylist()
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
