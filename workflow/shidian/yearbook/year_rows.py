"""Rows that print a period alone, such as ``(1) 2015年``, as the heading of the rows below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shidian.errors import SourceError
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import cell_text, clean


@dataclass(frozen=True)
class YearRows:
    """The headings of a table that say the periods of the rows below them.

    Attributes:
        column: grid column in which the headings stand.
        below: rows of the grid (0-based) that are data, without the headings.
        above: grid row -> row of the heading above it, one for each of the ``below``.
        periods: row of a heading -> number of its period.
    """

    column: int
    below: np.ndarray
    above: Mapping[int, int]
    periods: Mapping[int, int]

    def rows(self, rows: np.ndarray) -> np.ndarray:
        """Return the rows of the headings that stand above some data rows."""
        return np.array([self.above[row] for row in rows.tolist()], dtype=np.int64)

    def years(self, rows: np.ndarray) -> list[int]:
        """Return the periods of some data rows."""
        return [self.periods[self.above[row]] for row in rows.tolist()]


def year_rows(place: Place, rows: np.ndarray) -> YearRows | None:
    """Find the headings among the data rows of a table that declares ``heading_rows``, None for any other.

    A heading is a row of which one cell alone is filled, with a text that reads as the period.

    Raises:
        SourceError: there is none, headings stand in different columns, or a row stands above the first.
    """
    year = place.table.year
    if year is None or not year.heading_rows:
        return None
    found: dict[int, tuple[int, int]] = {}
    for row in rows.tolist():
        alone = _only_cell(place, row)
        if alone is not None and (number := year.text.read(alone[1])) is not None:
            found[row] = alone[0], number
    if not found:
        raise SourceError(
            f"{place}: no row prints a period alone ('heading_rows'); the first rows are "
            f"{'; '.join(place.row_text(row) for row in rows[:3].tolist())}"
        )
    first, column = next((row, column) for row, (column, _) in found.items())
    if first != rows[0]:
        raise SourceError(
            f"{place}, row {int(rows[0]) + place.grid.first_row}: no period is printed above this row: "
            f"{place.row_text(int(rows[0]))}; the first is {place.at(first, column)}"
        )
    for row, (other, _) in found.items():
        if other != column:
            raise SourceError(
                f"{place.at(row, other)}: a period alone in its row, but the others stand in column "
                f"{place.grid.cell(first, column)}"
            )
    above, current = {}, first
    for row in rows.tolist():
        current = row if row in found else current
        above[row] = current
    below = np.array([row for row in rows.tolist() if row not in found], dtype=np.int64)
    if not len(below):
        raise SourceError(f"{place}: no data row below the rows that print a period alone")
    return YearRows(column, below, above, {row: number for row, (_, number) in found.items()})


def _only_cell(place: Place, row: int) -> tuple[int, str] | None:
    """Return the column and text of the one filled cell of a row, None where there are more."""
    left, right = place.region.left, place.region.right
    filled = [
        (left + i, text) for i, cell in enumerate(place.grid.rows[row][left:right]) if (text := clean(cell_text(cell)))
    ]
    return filled[0] if len(filled) == 1 else None
