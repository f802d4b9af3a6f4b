"""One sheet as a grid of cells, whatever the file format."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shidian.yearbook.numbers import STRING, cell_kinds, cell_text, cell_texts, match_key

MOST_CELLS, MOST_COLUMNS = 10_000_000, 16_384
"""Largest rectangle of a sheet that is read; most columns, those that Excel knows."""


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
    """

    sheet: str
    rows: Sequence[Sequence[object]]
    labels: tuple[str, ...] | None = None
    first_row: int = 1
    merges: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
    originals: Mapping[tuple[int, int], object] = field(default_factory=dict)
    faults: Callable[[], Mapping[tuple[int, int], str]] = field(default=dict)
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

    def printed(self, rows: np.ndarray, columns: np.ndarray) -> pa.Array:
        """Texts that the file holds in some cells, corrected or not."""
        texts = self.texts.take(pa.array(rows * self.cells.shape[1] + columns))
        if not self.originals:
            return texts
        found = (self.originals.get(place) for place in zip(rows.tolist(), columns.tolist(), strict=True))
        originals = pa.array([None if cell is None else cell_text(cell) for cell in found], type=pa.string())
        return pc.coalesce(originals, texts)

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

    def cell(self, row: int, column: int) -> str:
        """Address of a cell given by 0-based positions: ``B3``; ``3:gdp`` where the file has no letters."""
        number, name = row + self.first_row, self.column_name(column)
        return f"{number}:{name}" if self.labels else f"{name}{number}"


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
