"""Which unit and year each row of a table describes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import numpy as np

from shidian.errors import SourceError, nearest
from shidian.yearbook.addresses import HeaderRef
from shidian.yearbook.data_rows import distinct_texts
from shidian.yearbook.fills import Fills
from shidian.yearbook.headers import Headers
from shidian.yearbook.indented import indented_names
from shidian.yearbook.key_cells import read_code_cell, read_name_cell, read_year_cell
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import match_key
from shidian.yearbook.tables import Table
from shidian.yearbook.year_rows import YearRows

T = TypeVar("T")
NO_YEAR = 4_000_000
"""Year of facts without a year: beyond the number of any period (the last day of 9999 is 3,652,059)."""
YEARS_APART = 2 * NO_YEAR
"""How far apart two keys must be so that any two periods can stand between them, those before year 0 too."""


@dataclass(frozen=True)
class Keys:
    """Unit and year of each data row; ``rows`` are 0-based positions in the grid. All are equally long.

    ``province`` is where the unit lies: its province, its city, or both with a blank between them.
    ``columns`` maps the grid column of each unit or year cell that was read to its header. ``held`` says, of those
    columns whose cells are not one a row, in which row of the grid the cell of each data row stands, -1 for none.
    ``headings`` maps the column of rows that print a year alone to the row above each data row that does.
    Where headers name the units, the rows of the table stand ``copies`` times, once a unit.
    """

    rows: np.ndarray
    code: list[str | None]
    name: list[str | None]
    province: list[str | None]
    year: np.ndarray
    columns: dict[int, str]
    held: dict[int, np.ndarray] = field(default_factory=dict)
    headings: dict[int, np.ndarray] = field(default_factory=dict)
    copies: int = 1


def read_keys(
    place: Place,
    headers: Headers,
    rows: np.ndarray,
    file_year: int | None,
    prefix: str = "",
    fills: Fills | None = None,
    heads: YearRows | None = None,
) -> Keys:
    """Read unit and year of each data row, but not of rows left out by ``skip``, ``only`` or as headings.

    Where the rows are units by their number, ``prefix`` tells those of this table from those of others. ``fills`` says
    which cells are filled down, ``heads`` which rows print the years of those below.

    Raises:
        SourceError: a name, code or year is missing or unreadable, or a row named in the declaration is gone.
    """
    unit, year, single, fills = place.table.unit, place.table.year, headers.single, fills or Fills()
    read = partial(_each, place, single=single, fills=fills)
    names: list[str | None] = [unit.fixed_name] * len(rows)
    held: dict[int, np.ndarray] = {}
    is_read, above = np.ones(len(rows), dtype=bool), None
    if unit.name is not None and unit.indented is not None:
        indented = indented_names(place, single[unit.name], rows, unit.indented)
        names, held, is_read, above = indented.names, indented.held, indented.is_read, indented.above
    elif unit.name is not None:
        names = read(rows, unit.name, partial(read_name_cell, header=unit.name, key="name"))
    kept, headings = _kept_rows(place, names)
    kept = [i for i in kept if is_read[i]]
    rows, names = rows[kept], [names[i] for i in kept]
    provinces: list[str | None] = [(above or headings)[i] for i in kept]
    if unit.province is not None:
        provinces = read(rows, unit.province, partial(read_name_cell, header=unit.province, key="province"))
    if unit.city is not None:
        cities = read(rows, unit.city, partial(read_name_cell, header=unit.city, key="city"))
        provinces = [" ".join(filter(None, parts)) or None for parts in zip(provinces, cities, strict=True)]
    codes: list[str | None] = [unit.fixed_code] * len(rows)
    if unit.code is not None:
        codes = read(rows, unit.code, partial(read_code_cell, kind=unit.code_kind))
    elif unit.name_optional:
        _refuse_nameless(place, rows, names, unit.name, single)
    if unit.row_number:
        codes = [f"{prefix}{row}" for row in (rows + place.grid.first_row).tolist()]
    if year is not None and year.header is not None:
        years = read(rows, year.header, partial(read_year_cell, reads=year.text))
    elif heads is not None:
        years = heads.years(rows)
    else:
        fixed = None if year is None else file_year if year.from_file else year.fixed
        years = [NO_YEAR if fixed is None else fixed] * len(rows)
    columns = {single[header]: str(header) for header in named_columns(place.table)}
    held = {column: lines[kept] for column, lines in held.items()}
    held |= {column: fills.rows(column, rows) for column in columns if column in fills.sources}
    columns |= {column: str(unit.name) for column in held if column not in columns}
    above_all = {} if heads is None else {heads.column: heads.rows(rows)}
    return Keys(rows, codes, names, provinces, np.array(years, dtype=np.int64), columns, held, above_all)


def _refuse_nameless(
    place: Place, rows: np.ndarray, names: list[str | None], header: HeaderRef | None, single: Mapping[HeaderRef, int]
) -> None:
    """Refuse rows without a name where no code says which unit they describe: they would be one unit without any."""
    if header is None or None not in names:
        return
    row = int(rows[names.index(None)])
    raise SourceError(
        f"{place.at(row, single[header])}: no {header}, and no 'code' is declared that would say which unit it is: "
        f"{place.row_text(row)}"
    )


def named_columns(table: Table) -> list[HeaderRef]:
    """Return the headers of the columns that say units and years."""
    unit, year = table.unit, table.year.header if table.year else None
    return [header for header in (unit.code, unit.name, unit.province, unit.city, year) if header]


def for_each_unit(keys: Keys, units: Sequence[tuple[str | None, str | None]]) -> Keys:
    """Return the keys with each row once for each of the units, (name, code), that the headers name."""
    n, copies = len(keys.rows), len(units)
    everywhere = {column: np.tile(keys.held.get(column, keys.rows), copies) for column in keys.columns}
    return replace(
        keys,
        rows=np.tile(keys.rows, copies),
        code=[code for _, code in units for _ in range(n)],
        name=[name for name, _ in units for _ in range(n)],
        province=keys.province * copies,
        year=np.tile(keys.year, copies),
        held=everywhere,
        headings={column: np.tile(lines, copies) for column, lines in keys.headings.items()},
        copies=copies,
    )


def _each(
    place: Place,
    rows: np.ndarray,
    header: HeaderRef,
    read: Callable[[Place, int, int, str], T],
    single: Mapping[HeaderRef, int],
    fills: Fills,
) -> list[T]:
    """Read a column's text in each row, equal texts once: ``read`` is given the first row that has it."""
    column = single[header]
    rows = fills.rows(column, rows)
    texts, codes = distinct_texts(place.grid, rows, column)
    firsts = np.unique(codes, return_index=True)[1]
    read_texts = [read(place, row, column, text) for row, text in zip(rows[firsts].tolist(), texts, strict=True)]
    return [read_texts[code] for code in codes.tolist()]


def _kept_rows(place: Place, names: list[str | None]) -> tuple[list[int], list[str | None]]:
    """Positions of the rows to read, and for every row the province heading above it."""
    unit = place.table.unit
    if unit.in_header or not (unit.only or unit.skip or unit.province_rows):
        return list(range(len(names))), [None] * len(names)
    keys = [match_key(name or "") for name in names]
    for name in (*unit.only, *unit.skip, *unit.province_rows):
        if match_key(name) not in keys:
            hint = nearest(name, [n for n in names if n])
            raise SourceError(f"{place}: there is no row '{name}', which the declaration of units names{hint}")
    only, skip = set(map(match_key, unit.only)), set(map(match_key, unit.skip))
    roles = {match_key(name): role for name, role in unit.province_rows.items()}
    kept, above, province = [], [], None
    for i, key in enumerate(keys):
        province = names[i] if key in roles else province
        above.append(province)
        if roles.get(key) != "heading" and key not in skip and (not only or key in only):
            kept.append(i)
    return kept, above
