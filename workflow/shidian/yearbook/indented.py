"""Names of units that stand in one of several columns, by their level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shidian.errors import SourceError
from shidian.yearbook.key_cells import read_name_cell
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import clean
from shidian.yearbook.unit_columns import Indented


@dataclass(frozen=True)
class IndentedNames:
    """Names of rows, by their level.

    Attributes:
        names: one a row.
        held: for each column the row of the cell that holds the name of each row, -1 where another column does.
        is_read: which rows are of a level that is read.
        above: the province that each row lies in, None where no level is that of provinces.
    """

    names: list[str | None]
    held: dict[int, np.ndarray]
    is_read: np.ndarray
    above: list[str | None] | None


def indented_names(place: Place, first: int, rows: np.ndarray, indented: Indented) -> IndentedNames:
    """Read names that stand in one of the columns from ``first`` on.

    Raises:
        SourceError: a row without a name, or with two.
    """
    header = str(place.table.unit.name)
    texts = [place.grid.texts_at(rows, first + i).to_pylist() for i in range(indented.columns)]
    levels = np.zeros(len(rows), dtype=np.int64)
    names: list[str | None] = []
    above: list[str | None] = []
    province: str | None = None
    for i, (row, *found) in enumerate(zip(rows.tolist(), *texts, strict=True)):
        filled = [level for level, text in enumerate(found) if clean(text)]
        if len(filled) > 1:
            one, two = (f"'{clean(found[level])}'" for level in filled[:2])
            raise SourceError(
                f"{place.at(row, first + filled[1])}: {two} stands beside {one}; of names that are indented over "
                f"{indented.columns} columns each row has one"
            )
        level = filled[0] if filled else 0
        names.append(read_name_cell(place, row, first + level, found[level], header, "name"))
        province = names[i] if level + 1 == indented.province else province
        above.append(province)
        levels[i] = level
    held = {first + level: np.where(levels == level, rows, -1) for level in range(indented.columns)}
    is_read = np.isin(levels + 1, indented.levels)
    return IndentedNames(names, held, is_read, None if indented.province is None else above)
