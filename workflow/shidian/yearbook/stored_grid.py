"""A sheet that is kept as arrays of what its cells store; its rows are made where they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shidian.yearbook.columns import number_texts
from shidian.yearbook.grid import Grid
from shidian.yearbook.numbers import FLOAT, STRING, match_key

NUMBER = -1
"""Stands in the place of a text's number where a cell stores a number."""


@dataclass(frozen=True)
class StoredGrid(Grid):
    """A grid of numbers and texts.

    Attributes:
        numbers: the stored numbers, one row a row of the sheet; nan where there is none.
        codes: which of the texts each cell holds, or ``NUMBER``.
        distinct: the texts, the first one empty.
    """

    numbers: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    codes: np.ndarray = field(default_factory=lambda: np.empty((0, 0), dtype=np.int32))
    distinct: pa.Array = field(default_factory=lambda: pa.array([""]))

    @cached_property
    def kinds(self) -> np.ndarray:
        """The kind of each cell."""
        return np.where(self.codes == NUMBER, FLOAT, STRING).astype(np.int8)

    @cached_property
    def texts(self) -> pa.Array:
        """The text of each cell, row after row."""
        return _texts(self.numbers.ravel(), self.codes.ravel(), self.distinct)

    @cached_property
    def filled(self) -> np.ndarray:
        """True where a cell's text is not empty."""
        return (self.codes == NUMBER) | (pc.binary_length(self.distinct).to_numpy() > 0)[self.codes]

    def words(self, ascii_only: bool) -> list[tuple[int, int, str]]:
        """Row, column and match key of the printed cells whose text is all ASCII (numbers too), or of all others."""
        if ascii_only not in self._words:
            is_ascii = pc.string_is_ascii(self.distinct).to_numpy(zero_copy_only=False)
            wanted = (is_ascii == ascii_only) & (pc.binary_length(self.distinct).to_numpy() > 0)
            rows, columns = np.nonzero(np.append(wanted, False)[self.codes])
            codes = self.codes[rows, columns]
            keys = [match_key(text) for text in self.distinct.take(pa.array(codes)).to_pylist()]
            self._words[ascii_only] = list(zip(rows.tolist(), columns.tolist(), keys, strict=True))
        return self._words[ascii_only]

    def texts_at(self, rows: np.ndarray, columns: np.ndarray | int) -> pa.Array:
        """Texts of some cells, as they are read."""
        return _texts(self.numbers[rows, columns], self.codes[rows, columns], self.distinct)

    def numbers_at(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Values of cells that store numbers."""
        return self.numbers[rows, columns]

    def corrected(self, texts: Mapping[tuple[int, int], str]) -> Grid:
        """Return the grid with other texts in some cells; what these hold in the file is kept as ``originals``."""
        originals = {(row, column): self.rows[row][column] for row, column in texts} | dict(self.originals)
        numbers, codes = self.numbers.copy(), self.codes.copy()
        for i, place in enumerate(texts):
            numbers[place], codes[place] = np.nan, len(self.distinct) + i
        distinct = pa.concat_arrays([self.distinct, pa.array(list(texts.values()), type=pa.string())])
        rows = StoredRows(numbers, codes, distinct)
        return replace(self, rows=rows, numbers=numbers, codes=codes, distinct=distinct, originals=originals)


def _texts(numbers: np.ndarray, codes: np.ndarray, distinct: pa.Array) -> pa.Array:
    """Return the texts of some cells."""
    stored = codes == NUMBER
    if not stored.any():
        return distinct.take(pa.array(codes))
    written = number_texts(numbers[stored])
    if stored.all():
        return written
    places = codes.astype(np.int64)
    places[stored] = len(distinct) + np.arange(len(written))
    return pa.concat_arrays([distinct, written]).take(pa.array(places))


class StoredRows(Sequence[list[object]]):
    """The rows of a sheet of numbers and texts, each made when it is asked for."""

    def __init__(self, numbers: np.ndarray, codes: np.ndarray, distinct: pa.Array) -> None:
        """Take the arrays of a :class:`StoredGrid`."""
        self._numbers, self._codes, self._distinct = numbers, codes, distinct
        self._row = lru_cache(maxsize=1024)(self._make)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._codes)

    @overload
    def __getitem__(self, at: int) -> list[object]: ...
    @overload
    def __getitem__(self, at: slice) -> list[list[object]]: ...
    def __getitem__(self, at: int | slice) -> list[object] | list[list[object]]:
        """Return a row, or several."""
        rows = range(len(self))[at]
        return self._row(rows) if isinstance(rows, int) else [self._row(row) for row in rows]

    def _make(self, row: int) -> list[object]:
        codes = self._codes[row]
        texts = self._distinct.take(pa.array(np.maximum(codes, 0))).to_pylist()
        pairs = zip(codes.tolist(), texts, self._numbers[row].tolist(), strict=True)
        return [number if code == NUMBER else text for code, text, number in pairs]
