"""Whether the rows of a table that no source file describes are individuals: guesses of a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shidian.yearbook.draft_keys import SAMPLE, Keys, is_text
from shidian.yearbook.grid import Grid
from shidian.yearbook.numbers import cell_text
from shidian.yearbook.tables import HeaderPath

NO_ID = "no column of codes or names was found: each row is a unit of its own, and the study says rows: individuals"
REPEATS = "repeats within a year: each row is an individual in it, and the study says rows: individuals"


def of_individuals(grid: Grid, paths: Sequence[HeaderPath], data: Sequence[int], keys: Keys) -> tuple[Keys, str]:
    """Return the keys of a flat table, without a unit where its rows are individuals, and why they are, "" else.

    They are where no column says the unit, or where the column that does and all texts beside it are the same in two
    rows of one period: a table with one row a series has texts that tell them apart.

    Args:
        grid: the sheet.
        paths: header of each column.
        data: the rows of data.
        keys: as guessed.
    """
    unit = [c for c in (keys.code, *keys.name) if c is not None]
    if keys.facts:
        return keys, ""
    if not unit:
        return keys, NO_ID
    texts = [c for c, path in enumerate(paths) if path and c not in keys.columns and _is_text(grid, data, c)]
    telling = [*unit, *([] if keys.year is None else [keys.year]), *texts]
    rows = {tuple(cell_text(grid.rows[row][c]).strip() for c in telling) for row in data}
    if len(rows) == len(data):
        return keys, ""
    return replace(keys, code=None, name=(), level="", told=""), f'"{" / ".join(paths[unit[0]])}" {REPEATS}'


def _is_text(grid: Grid, data: Sequence[int], column: int) -> bool:
    return is_text([cell_text(grid.rows[row][column]).strip() for row in data[:SAMPLE]])
