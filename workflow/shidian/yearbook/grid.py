"""One sheet as a grid of cells, whatever the file format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shidian.yearbook.cell_formats import Scaled
from shidian.yearbook.columns import CellColumn, CorrectedColumn, RowsOf
from shidian.yearbook.numbers import STRING, cell_kinds, cell_text, cell_texts, match_key


@dataclass(frozen=True)
class Grid:
    """The cells of one sheet.

    Attributes:
        sheet: name of the sheet; empty for .csv and .dta files.
        rows: equally long rows, from the sheet's cell A1 on; blank cells are ``""``.
        labels: for files without cell addresses, one name a column.
        first_row: number printed for ``rows[0]``.
        merges: merged ranges, each the 0-based (row, column) of its first and last cell.
        originals: what the corrected cells hold in the file, by 0-based row and column.
        faults: gives what is wrong with cells that only look blank, by 0-based row and column.
        scaled: gives the cells that their format shows in another size than they are stored in, likewise.
        uneven: of a text file the rows that have another number of cells than most, and their numbers.
        beyond: how many rows below and columns beside hold nothing but spaces and are no part of the grid.
        seen: what the reader took from the file that nobody declared: events of the ledger, and details.
    """

    sheet: str
    rows: Sequence[Sequence[object]]
    labels: tuple[str, ...] | None = None
    first_row: int = 1
    merges: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
    originals: Mapping[tuple[int, int], object] = field(default_factory=dict)
    faults: Callable[[], Mapping[tuple[int, int], str]] = field(default=dict)
    scaled: Callable[[], Mapping[tuple[int, int], Scaled]] = field(default=dict)
    uneven: Mapping[int, int] = field(default_factory=dict)
    seen: tuple[tuple[str, str], ...] = ()
    beyond: tuple[int, int] = (0, 0)
    _words: dict[bool, list[tuple[int, int, str]]] = field(default_factory=dict, init=False)

    @cached_property
    def cells(self) -> np.ndarray:
        """The rows as one array of objects."""
        cells = np.empty((len(self.rows), len(self.rows[0])), dtype=object)
        cells[:] = self.rows
        return cells

    @cached_property
    def kinds(self) -> np.ndarray:
        """The kind of each cell, in the shape of ``cells``."""
        return cell_kinds(self.cells.ravel()).reshape(self.cells.shape)

    @cached_property
    def texts(self) -> pa.Array:
        """The text of each cell, row after row."""
        return cell_texts(self.cells.ravel(), self.kinds.ravel())

    @cached_property
    def filled(self) -> np.ndarray:
        """True where a cell's text is not empty, in the shape of ``cells``."""
        return (pc.binary_length(self.texts).to_numpy() > 0).reshape(self.cells.shape)

    def words(self, ascii_only: bool) -> list[tuple[int, int, str]]:
        """Row, column and match key of the printed cells whose text is all ASCII (numbers too), or of all others."""
        if ascii_only not in self._words:
            is_ascii = pc.string_is_ascii(self.texts).to_numpy(zero_copy_only=False).reshape(self.cells.shape)
            chosen = np.nonzero(self.filled & (self.kinds == STRING) & (is_ascii == ascii_only))
            rows, columns = (places.tolist() for places in chosen)
            self._words[ascii_only] = list(zip(rows, columns, map(match_key, self.cells[chosen]), strict=True))
        return self._words[ascii_only]

    def fault(self, row: int, column: int) -> str | None:
        """Say what is wrong with a cell that only looks blank: an error value, an uncalculated formula."""
        return self.faults().get((row, column))

    def texts_at(self, rows: np.ndarray, columns: np.ndarray | int) -> pa.Array:
        """Texts of some cells, as they are read."""
        return self.texts.take(pa.array(rows * self.cells.shape[1] + columns))

    def kinds_at(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Kinds of some cells."""
        return self.kinds[rows, columns]

    def numbers_at(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Values of cells that store numbers."""
        return self.cells[rows, columns].astype(np.float64)

    def printed(self, rows: np.ndarray, columns: np.ndarray) -> pa.Array:
        """Texts that the file holds in some cells, corrected or not."""
        texts = self.texts_at(rows, columns)
        for place, original in self.originals.items():
            if (here := self.is_at(place, rows, columns)).any():
                texts = pc.if_else(pa.array(here), cell_text(original), texts)
        return texts

    def is_at(self, place: tuple[int, int], rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Say which of some cells is the one at a 0-based row and column."""
        return (rows == place[0]) & (columns == place[1])

    def corrected(self, texts: Mapping[tuple[int, int], str]) -> Grid:
        """Return the grid with other texts in some cells; what these hold in the file is kept as ``originals``."""
        rows = [list(row) for row in self.rows]
        originals = {(row, column): rows[row][column] for row, column in texts} | dict(self.originals)
        for (row, column), text in texts.items():
            rows[row][column] = text
        return replace(self, rows=rows, originals=originals)

    def uneven_row(self, header: int, rows: np.ndarray) -> str | None:
        """Name the first of some rows of a text file that has another number of cells than the header row."""
        width = len(self.rows[0])
        wanted = self.uneven.get(header, width)
        odd = sorted({*self.uneven, *rows[:1].tolist()} & set(rows.tolist())) if self.uneven else []
        for row in odd:
            if (cells := self.uneven.get(row, width)) != wanted:
                return f"row {row + self.first_row} has {cells} cells, the header row has {wanted}; is a comma missing?"
        return None

    def locate(self, address: str) -> tuple[int, int] | None:
        """Return the 0-based row and column of an address made by :meth:`cell`; None for no such cell."""
        if self.labels is not None:
            number, _, label = address.partition(":")
            column = self.labels.index(label) if label in self.labels else -1
        else:
            letters, number = re.fullmatch(r"([A-Z]*)(.*)", address).groups()  # type: ignore[union-attr]
            column = next((i for i in range(len(self.rows[0])) if column_letter(i) == letters), -1)
        row = int(number) - self.first_row if number.isdigit() else -1
        return (row, column) if column >= 0 and 0 <= row < len(self.rows) else None

    def column_name(self, column: int) -> str:
        """Letters of a column, or its label where the file has no letters."""
        return self.labels[column] if self.labels else column_letter(column)

    def row_name(self, row: int) -> str:
        """Return the number of a row as messages name it."""
        return str(row + self.first_row)

    def row_numbers(self, rows: np.ndarray) -> pa.Array:
        """Return what stands for some rows in the addresses of their cells."""
        return pa.array(rows + self.first_row).cast(pa.string())

    def cell(self, row: int, column: int) -> str:
        """Address of a cell given by 0-based positions: ``B3``; ``3:gdp`` where the file has no letters."""
        number, name = row + self.first_row, self.column_name(column)
        return f"{number}:{name}" if self.labels else f"{name}{number}"


@dataclass(frozen=True)
class ColumnGrid(Grid):
    """A grid that is kept as columns, of a file that may be long; its rows are made where they are asked for."""

    columns: Sequence[CellColumn] = ()

    @classmethod
    def of(cls, columns: Sequence[CellColumn], labels: tuple[str, ...], first_row: int = 1) -> ColumnGrid:
        """Return the grid of some equally long columns."""
        return cls("", RowsOf(columns), labels, first_row, columns=columns)

    def texts_at(self, rows: np.ndarray, columns: np.ndarray | int) -> pa.Array:
        """Texts of some cells, as they are read."""
        if isinstance(columns, int):
            return self.columns[columns].texts(rows)
        parts = [self.columns[column].texts(here) for column, here in _by_column(rows, columns)]
        return pa.concat_arrays([*parts, pa.array([], type=pa.string())])

    def kinds_at(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Kinds of some cells."""
        parts = [self.columns[column].kinds(here) for column, here in _by_column(rows, columns)]
        return np.concatenate([*parts, np.empty(0, dtype=np.int8)])

    def numbers_at(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Values of cells that store numbers."""
        parts = [self.columns[column].numbers(here) for column, here in _by_column(rows, columns)]
        return np.concatenate([*parts, np.empty(0)])

    def corrected(self, texts: Mapping[tuple[int, int], str]) -> Grid:
        """Return the grid with other texts in some cells; what these hold in the file is kept as ``originals``."""
        originals = {(row, column): self.rows[row][column] for row, column in texts} | dict(self.originals)
        columns = list(self.columns)
        for changed in {column for _, column in texts}:
            mine = {row: text for (row, column), text in texts.items() if column == changed}
            columns[changed] = CorrectedColumn(columns[changed], mine)
        return replace(self, rows=RowsOf(columns), columns=columns, originals=originals)


def _by_column(rows: np.ndarray, columns: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Split cells where the column changes: the column of each run, and its rows."""
    starts = np.flatnonzero(np.diff(columns, prepend=-1)).tolist()
    for start, stop in pairwise([*starts, len(columns)]):
        yield int(columns[start]), rows[start:stop]


def column_letter(index: int) -> str:
    """Return the spreadsheet letters of a 0-based column.

    >>> column_letter(0), column_letter(25), column_letter(26), column_letter(701)
    ('A', 'Z', 'AA', 'ZZ')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """Return the 0-based column of spreadsheet letters.

    >>> column_index('A'), column_index('AA')
    (0, 26)
    """
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
