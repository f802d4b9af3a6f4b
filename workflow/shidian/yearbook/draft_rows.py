"""Whether the rows of a table that no source file describes are units that are followed, or individuals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from shidian.yearbook.grid import Grid
from shidian.yearbook.numbers import cell_text, parse_number

NO_ID = "no column of codes or names was found: each row is a unit of its own, and the study says rows: individuals"
REPEATS = "repeats within a year: each row is an individual in it, and the study says rows: individuals"


def repeats(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> bool:
    """Say whether some columns have the same texts in two rows."""
    return len(set(_keys(grid, rows, columns))) < len(rows)


def numbered_units(grid: Grid, rows: Sequence[int], candidates: Sequence[int], year: int | None) -> int | None:
    """Return the column of whole numbers that are codes of units: each once a year, most of them in several years.

    Args:
        grid: the sheet.
        rows: its data rows.
        candidates: columns that may hold codes.
        year: the column of years, None where there is none, and so no such column either.
    """
    for column in candidates if year is not None else ():
        values = [cell_text(grid.rows[row][column]).strip() for row in rows]
        if not all(map(_is_whole, values)):
            continue
        times = Counter(values)
        if sum(n > 1 for n in times.values()) * 2 >= len(times) and not repeats(grid, rows, [column, year or 0]):
            return column
    return None


def _keys(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> list[tuple[str, ...]]:
    return [tuple(cell_text(grid.rows[row][column]).strip() for column in columns) for row in rows]


def _is_whole(text: str) -> bool:
    number = parse_number(text)
    return number is not None and number >= 0 and number % 1 == 0
