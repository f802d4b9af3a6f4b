"""Cells printed once for several rows, merged or followed by blanks: filled down where a source file says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from shidian.errors import SourceError
from shidian.yearbook.addresses import HeaderRef
from shidian.yearbook.headers import Headers
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import clean, match_key


@dataclass(frozen=True)
class Fills:
    """For each column that is filled down, the row whose cell says what each row of the grid holds (0-based)."""

    sources: Mapping[int, np.ndarray] = field(default_factory=dict)

    def rows(self, column: int, rows: np.ndarray) -> np.ndarray:
        """Return the rows in which the cells of a column stand that some rows are described by."""
        return self.sources[column][rows] if column in self.sources else rows

    def count(self, column: int, rows: np.ndarray) -> int:
        """Return how many of some rows are described by a cell above them."""
        return int((self.rows(column, rows) != rows).sum())


def filled_headers(place: Place) -> list[HeaderRef]:
    """Return the headers of the columns that are declared as filled down."""
    table = place.table
    headers: list[HeaderRef] = [table.unit.headers[key] for key in table.unit.fill_down]
    if table.year and table.year.header is not None and table.year.fill_down:
        headers.append(table.year.header)
    return [*headers, *table.fill_down]


def fill_down(place: Place, headers: Headers, rows: np.ndarray) -> Fills:
    """Find for each data row the cell that says its key in the columns declared as filled down.

    Raises:
        SourceError: the first row is blank, a cell only looks blank, or a name would be filled into rows that another
            code, name or province stands in.
    """
    columns = {header: headers.single[header] for header in filled_headers(place)}
    if not columns:
        return Fills()
    sources = {column: _sources(place, header, column, rows) for header, column in columns.items()}
    fills = Fills(sources)
    _refuse_mixed(place, headers, fills, rows)
    return fills


def _sources(place: Place, header: HeaderRef, column: int, rows: np.ndarray) -> np.ndarray:
    texts = [clean(text) for text in place.grid.texts_at(rows, column).to_pylist()]
    printed = np.array([bool(text) for text in texts])
    faults = place.grid.faults()
    for row in rows[~printed].tolist() if faults else ():
        if fault := faults.get((row, column)):
            raise SourceError(f"{place.at(row, column)}: {fault}")
    if not printed[0]:
        raise SourceError(
            f"{place.at(int(rows[0]), column)}: blank, and no row above it prints a '{header}' to fill down"
        )
    last = np.maximum.accumulate(np.where(printed, np.arange(len(rows)), 0))
    everywhere = np.arange(len(place.grid.rows))
    everywhere[rows] = rows[last]
    return everywhere


def _refuse_mixed(place: Place, headers: Headers, fills: Fills, rows: np.ndarray) -> None:
    """Refuse a code or name filled into a row whose other keys say that it describes another unit."""
    unit = place.table.unit
    if unit.indented is not None:
        return
    columns = {key: headers.single[header] for key, header in unit.headers.items()}
    for key in ("code", "name"):
        if key not in unit.fill_down:
            continue
        above = fills.rows(columns[key], rows)
        for other in [o for o in columns if o != key]:
            here, there = (_keys(place, columns[other], fills.rows(columns[other], at)) for at in (rows, above))
            mixed = [i for i, (one, two) in enumerate(zip(here, there, strict=True)) if one and two and one != two]
            if mixed:
                row = int(rows[mixed[0]])
                raise SourceError(
                    f"{place.at(row, columns[key])}: blank, and '{unit.headers[other]}' is '{here[mixed[0]]}' in this "
                    f"row but '{there[mixed[0]]}' in row {place.grid.row_name(int(above[mixed[0]]))}, whose "
                    f"'{unit.headers[key]}' would be filled down; correct the cell"
                )


def _keys(place: Place, column: int, rows: np.ndarray) -> list[str]:
    return [match_key(text) for text in place.grid.texts_at(rows, column).to_pylist()]


def advice(place: Place, row: int, column: int, key: str) -> str:
    """Return what to declare where a key (code, name, province or year) is blank and a row above prints it, "" else."""
    rows = np.arange(place.region.header[1], row + 1)
    texts = [clean(text) for text in place.grid.texts_at(rows, column).to_pylist()]
    if texts[-1] or not any(texts):
        return ""
    where = "'fill_down: true' under 'year'" if key == "year" else f"'fill_down: [{key}]' under 'unit'"
    return f"; where it is printed once for several rows, declare {where}"
