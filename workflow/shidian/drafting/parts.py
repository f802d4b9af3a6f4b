"""The rows and columns of a sheet that one table fills."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from shidian.yearbook.cell_formats import Scaled
from shidian.yearbook.grid import Grid, column_letter
from shidian.yearbook.numbers import cell_text


@dataclass(frozen=True)
class Part:
    """The part of a sheet that one table fills, and the text of each cell.

    Attributes:
        grid: its cells alone; rows keep their numbers.
        left: columns of the sheet on its left.
        area: its columns, such as ``H:M``, where other tables stand beside it.
    """

    grid: Grid
    left: int = 0
    area: str = ""

    @cached_property
    def texts(self) -> list[list[str]]:
        """The cells' texts, without blanks around them."""
        return [[cell_text(cell).strip() for cell in row] for row in self.grid.rows]

    def letter(self, column: int) -> str:
        """Letters of a column in the sheet."""
        return column_letter(column + self.left)

    def name(self, column: int) -> str:
        """What the reader calls a column: its letters, or its name in files without cell addresses."""
        return self.grid.column_name(column) if self.grid.labels else self.letter(column)

    def rows(self, start: int, stop: int) -> Part:
        """Return the part of some of the rows."""
        return self._cut(start, stop, 0, len(self.grid.rows[0]))

    def columns(self, first: int, last: int) -> Part:
        """Return the part of the columns from one to another, an area of its own."""
        cut = self._cut(0, len(self.grid.rows), first, last + 1)
        return Part(cut.grid, cut.left, f"{self.letter(first)}:{self.letter(last)}")

    def _cut(self, start: int, stop: int, left: int, right: int) -> Part:
        grid = self.grid
        merges = [
            ((top - start, first - left), (bottom - start, last - left))
            for (top, first), (bottom, last) in grid.merges
            if start <= top and bottom < stop and left <= first and last < right
        ]

        def scaled() -> dict[tuple[int, int], Scaled]:
            return {
                (r - start, c - left): how
                for (r, c), how in grid.scaled().items()
                if start <= r < stop and left <= c < right
            }

        narrow = right - left < len(grid.rows[0])
        rows = [row[left:right] for row in grid.rows[start:stop]] if narrow else grid.rows[start:stop]
        cut = Grid(grid.sheet, rows, grid.labels, grid.first_row + start, merges, scaled=scaled)
        return Part(cut, self.left + left, self.area)
