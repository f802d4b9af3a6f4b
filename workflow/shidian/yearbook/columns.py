"""Columns of a file without sheets, as they are stored: texts as Arrow, numbers as NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shidian.yearbook.numbers import FLOAT, INTEGER, STRING, cell_text, usual_sizes

BLOCK = 1024
"""Rows that are made at a time where rows are asked for."""


class CellColumn(Protocol):
    """One column of cells; ``rows`` are 0-based."""

    def __len__(self) -> int:
        """Return how many rows there are."""

    def cells(self, start: int, stop: int) -> list[object]:
        """Return the cells of some rows that follow each other."""

    def texts(self, rows: np.ndarray) -> pa.Array:
        """Return what ``cell_text`` says of the cells."""

    def kinds(self, rows: np.ndarray) -> np.ndarray:
        """Return the kind of each cell."""

    def numbers(self, rows: np.ndarray) -> np.ndarray:
        """Return the stored numbers of rows that hold such."""


@dataclass(frozen=True)
class TextColumn:
    """A column of texts."""

    values: pa.Array

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.values)

    def cells(self, start: int, stop: int) -> list[object]:
        """Return the cells of some rows that follow each other."""
        return list(self.values.slice(start, stop - start).to_pylist())

    def texts(self, rows: np.ndarray) -> pa.Array:
        """Return the texts of some rows."""
        return self.values.take(pa.array(rows))

    def kinds(self, rows: np.ndarray) -> np.ndarray:
        """Say that every cell is a text."""
        return np.full(len(rows), STRING, dtype=np.int8)

    def numbers(self, rows: np.ndarray) -> np.ndarray:
        """Refuse: texts are no stored numbers."""
        raise TypeError("a column of texts stores no numbers")


@dataclass(frozen=True)
class NumberColumn:
    """A column of stored numbers, below the name of the column as the one text; nan is a blank cell.

    Attributes:
        name: the cell in row 0.
        values: those of rows 1 on, float64 or integers.
    """

    name: str
    values: np.ndarray

    def __len__(self) -> int:
        """Return how many rows there are, that of the name counted."""
        return len(self.values) + 1

    def cells(self, start: int, stop: int) -> list[object]:
        """Return the cells of some rows that follow each other."""
        below = self.values[max(start - 1, 0) : max(stop - 1, 0)].tolist()
        return [self.name] * (start == 0 < stop) + ["" if value != value else value for value in below]

    def texts(self, rows: np.ndarray) -> pa.Array:
        """Return the numbers of some rows as ``cell_text`` writes them."""
        texts = number_texts(self.values[np.maximum(rows, 1) - 1])
        return pc.if_else(pa.array(rows == 0), self.name, texts) if (rows == 0).any() else texts

    def kinds(self, rows: np.ndarray) -> np.ndarray:
        """Return the kind of each cell: the name and blanks are texts."""
        values = self.values[np.maximum(rows, 1) - 1]
        stored = FLOAT if values.dtype.kind == "f" else INTEGER
        return np.where((rows == 0) | (values != values), STRING, stored).astype(np.int8)

    def numbers(self, rows: np.ndarray) -> np.ndarray:
        """Return the numbers of some rows below the first."""
        return self.values[rows - 1].astype(np.float64)


@dataclass(frozen=True)
class CorrectedColumn:
    """A column in which some cells are replaced by texts."""

    column: CellColumn
    replaced: Mapping[int, str]

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.column)

    def cells(self, start: int, stop: int) -> list[object]:
        """Return the cells of some rows that follow each other."""
        found = self.column.cells(start, stop)
        for row, text in self.replaced.items():
            if start <= row < stop:
                found[row - start] = text
        return found

    def texts(self, rows: np.ndarray) -> pa.Array:
        """Return the texts of some rows."""
        texts = self.column.texts(rows)
        for row, text in self.replaced.items():
            if (rows == row).any():
                texts = pc.if_else(pa.array(rows == row), text, texts)
        return texts

    def kinds(self, rows: np.ndarray) -> np.ndarray:
        """Return the kind of each cell; what was replaced is a text."""
        return np.where(np.isin(rows, list(self.replaced)), STRING, self.column.kinds(rows)).astype(np.int8)

    def numbers(self, rows: np.ndarray) -> np.ndarray:
        """Return the stored numbers of some rows."""
        return self.column.numbers(rows)


class RowsOf(Sequence[list[object]]):
    """The rows of equally long columns, made some at a time when they are asked for."""

    def __init__(self, columns: Sequence[CellColumn]) -> None:
        """Take the columns."""
        self._columns = columns
        self._block = lru_cache(maxsize=4)(self._make)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._columns[0])

    @overload
    def __getitem__(self, at: int) -> list[object]: ...
    @overload
    def __getitem__(self, at: slice) -> list[list[object]]: ...
    def __getitem__(self, at: int | slice) -> list[object] | list[list[object]]:
        """Return a row, or several."""
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        row = range(len(self))[at]
        return self._block(row // BLOCK)[row % BLOCK]

    def __iter__(self) -> Iterator[list[object]]:
        """Go through the rows."""
        return (self[row] for row in range(len(self)))

    def _make(self, block: int) -> list[list[object]]:
        start, stop = block * BLOCK, min((block + 1) * BLOCK, len(self))
        return list(map(list, zip(*(column.cells(start, stop) for column in self._columns), strict=True)))


def number_texts(values: np.ndarray) -> pa.Array:
    """Return numbers as ``cell_text`` writes them, nan as the empty text of a blank cell."""
    if values.dtype.kind != "f":
        return pa.array(values).cast(pa.string())
    usual = usual_sizes(values)
    texts = pa.array(values, mask=~usual).cast(pa.string())
    rest = np.flatnonzero(~usual)
    if not len(rest):
        return texts
    written = pa.array(
        ["" if value != value else cell_text(value) for value in values[rest].tolist()], type=pa.string()
    )
    return pc.replace_with_mask(texts, pa.array(~usual), written)
