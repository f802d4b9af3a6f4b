"""A table that goes on over several pages, as one grid whose cells keep the page and place that they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
import pyarrow as pa

from shidian.errors import SourceError
from shidian.messages import say
from shidian.yearbook.grid import Grid
from shidian.yearbook.numbers import cell_text, match_key

OF = " of "
"""What stands between a cell and the page that it is on, where that is not the first: ``B12 of page 4 table 1``."""


@dataclass(frozen=True)
class JoinedGrid(Grid):
    """A grid of several sheets below each other; ``row_names`` are the numbers of the rows with their sheets."""

    row_names: tuple[str, ...] = ()

    def row_name(self, row: int) -> str:
        """Return the number of a row in its sheet, and this sheet where it is not the first."""
        return self.row_names[row]

    def row_numbers(self, rows: np.ndarray) -> pa.Array:
        """Return what stands for some rows in the addresses of their cells."""
        return pa.array(self.row_names).take(pa.array(rows))

    def cell(self, row: int, column: int) -> str:
        """Address of a cell given by 0-based positions: ``B3``, ``B3 of page 4 table 1``."""
        return f"{self.column_name(column)}{self.row_names[row]}"

    def locate(self, address: str) -> tuple[int, int] | None:
        """Return the 0-based row and column of an address made by :meth:`cell`; None for no such cell."""
        letters = "".join(takewhile(str.isupper, address))
        column = next((i for i in range(len(self.rows[0])) if self.column_name(i) == letters), -1)
        number = address[len(letters) :]
        return (self.row_names.index(number), column) if column >= 0 and number in self.row_names else None


def joined(file: str, parts: Sequence[tuple[Grid, int]]) -> Grid:
    """Put the tables of several pages below each other; headers repeated on further pages are dropped.

    Args:
        file: the file, for messages.
        parts: the grid of each page, and the row in which its table begins; text around tables is kept.

    Raises:
        SourceError: a table has another number of columns than the first.
    """
    first, start = parts[0]
    rows = [list(row) for row in first.rows]
    names = [str(first.first_row + row) for row in range(len(rows))]
    merges, seen = list(first.merges), list(first.seen)
    for grid, begins in parts[1:]:
        if len(grid.rows[0]) != len(first.rows[0]):
            raise SourceError(
                f"{file}, sheet '{grid.sheet}': {len(grid.rows[0])} columns, but '{first.sheet}', which it continues, "
                f"has {len(first.rows[0])}; 'pdf: {{explicit_vertical_lines: [...]}}' says where columns end"
            )
        same = _repeated(first.rows[start:], grid.rows[begins:])
        kept = [row for row in range(len(grid.rows)) if not begins <= row < begins + same]
        offset = {row: len(rows) + i for i, row in enumerate(kept)}
        rows += [list(grid.rows[row]) for row in kept]
        names += [f"{grid.first_row + row}{OF}{grid.sheet}" for row in kept]
        merges += [
            ((offset[top], left), (offset[bottom], right))
            for (top, left), (bottom, right) in grid.merges
            if top in offset and bottom in offset
        ]
        seen += [*grid.seen, (say("tables of further pages joined to the first"), grid.sheet)]
        seen += [(say("repeated headers of further pages dropped"), f"{grid.sheet}: {same}")] if same else []
    return JoinedGrid(
        first.sheet, rows, first_row=first.first_row, merges=merges, seen=tuple(seen), row_names=tuple(names)
    )


def _repeated(first: Sequence[Sequence[object]], other: Sequence[Sequence[object]]) -> int:
    """Return how many rows of a table are those with which the first one begins: its headers once more."""
    pairs = zip(map(_keys, first), map(_keys, other), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1] and any(pair[0]), pairs))


def _keys(row: Sequence[object]) -> list[str]:
    return [match_key(cell_text(cell)) for cell in row]
