"""Rows of a table: which are data, and which unit and year each one describes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from shidian.errors import SourceError, nearest
from shidian.yaml_loader import UNPRINTABLE
from shidian.yearbook.headers import Headers
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import cell_text, clean, match_key, parse_code, parse_year, unit_name

NO_YEAR = 9999
"""Year of facts without a year."""


@dataclass(frozen=True)
class Keys:
    """Unit and year of each data row; ``rows`` are 0-based positions in the grid. Lists are equally long.

    ``columns`` maps the grid column of each unit or year cell that was read to its header.
    """

    rows: list[int]
    code: list[str | None]
    name: list[str | None]
    province: list[str | None]
    year: np.ndarray
    columns: dict[int, str]


def data_rows(place: Place) -> tuple[list[int], int, int]:
    """Tell data rows from blank and footer rows: 0-based positions of the data rows, and the two counts."""
    footer, region = place.table.footer, place.region
    patterns = [re.compile(pattern) for pattern in footer.patterns]
    texts_only = set(map(match_key, footer.texts))

    def is_footer(text: str) -> bool:
        return match_key(text) in texts_only or any(pattern.fullmatch(text) for pattern in patterns)

    rows, blank, skipped = [], 0, 0
    within = slice(region.header[1], region.bottom), slice(region.left, region.right)
    firsts = np.argmax(place.grid.filled[within], axis=1).tolist()
    for row, (first, line) in enumerate(zip(firsts, place.grid.cells[within], strict=True), region.header[1]):
        texts = (text for cell in line[first:] if cell != "" and (text := clean(cell_text(cell))))
        label = next(texts, None)
        if label is None:
            blank += 1
        elif is_footer(label) and all(map(is_footer, texts)):
            skipped += 1
        else:
            rows.append(row)
    if place.table.layout == "flat" and blank != footer.blank_rows:
        raise SourceError(
            f"{place}: {blank} blank rows below the header, declared: footer: blank_rows: {footer.blank_rows}"
        )
    if not rows:
        raise SourceError(f"{place}: no data row below the headers")
    return rows, blank, skipped


def read_keys(place: Place, headers: Headers, rows: list[int], file_year: int | None) -> Keys:
    """Read unit and year of each data row, but not of rows left out by ``skip``, ``only`` or as headings.

    Raises:
        SourceError: a name, code or year is missing or unreadable, or a row named in the declaration is gone.
    """
    unit, year, single = place.table.unit, place.table.year, headers.single
    named = [h for h in (unit.code, unit.name, unit.province, year.header if year else None) if h]
    names: list[str | None] = [unit.fixed_name] * len(rows)
    if unit.name is not None:
        names = [_name(place, row, single[unit.name], unit.name) for row in rows]
    kept, above = _kept_rows(place, names)
    rows, names = [rows[i] for i in kept], [names[i] for i in kept]
    provinces: list[str | None] = [above[i] for i in kept]
    if unit.province is not None:
        provinces = [_name(place, row, single[unit.province], unit.province) for row in rows]
    codes: list[str | None] = [unit.fixed_code] * len(rows)
    if unit.code is not None:
        codes = [_code(place, row, single[unit.code], unit.code_kind) for row in rows]
    if year is not None and year.header is not None:
        years = [_year(place, row, single[year.header]) for row in rows]
    else:
        fixed = None if year is None else file_year if year.from_file else year.fixed
        years = [fixed or NO_YEAR] * len(rows)
    return Keys(
        rows,
        codes,
        names,
        provinces,
        np.array(years, dtype=np.int64),
        {single[header]: header for header in named},
    )


def _kept_rows(place: Place, names: list[str | None]) -> tuple[list[int], list[str | None]]:
    """Positions of the rows to read, and for every row the province heading above it."""
    unit = place.table.unit
    if not (unit.only or unit.skip or unit.province_rows):
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


def _name(place: Place, row: int, column: int, header: str) -> str | None:
    name = _printed_name(cell_text(place.grid.rows[row][column]), place.table.footnote_marks)
    if name:
        _refuse_unprintable(place, row, column, name)
        return name
    if place.table.unit.name_optional:
        return None
    raise SourceError(
        f"{place.at(row, column)}: no {clean(header)}; "
        f"the row is neither data nor declared as footer: {place.row_text(row)}"
    )


@lru_cache(maxsize=4096)
def _printed_name(text: str, marks: tuple[str, ...]) -> str:
    text = text.strip()
    for mark in marks:
        text = text.removesuffix(mark).rstrip()
    return unit_name(text)


def _code(place: Place, row: int, column: int, kind: str) -> str:
    cell = place.grid.rows[row][column]
    code = parse_code(cell, kind)
    if code is None:
        expected = "a six-digit code" if kind == "gb2260" else "a code"
        raise SourceError(
            f"{place.at(row, column)}: '{cell_text(cell)}' is not {expected}; "
            f"if it is no data row declare it as footer: {place.row_text(row)}"
        )
    _refuse_unprintable(place, row, column, code)
    return code


def _refuse_unprintable(place: Place, row: int, column: int, text: str) -> None:
    """Refuse a name or code that no report could print: Word and XML have no place for control characters."""
    if found := UNPRINTABLE.search(text):
        raise SourceError(
            f"{place.at(row, column)}: the text holds the character U+{ord(found[0]):04X}, which cannot be printed; "
            "correct the cell"
        )


def _year(place: Place, row: int, column: int) -> int:
    cell = place.grid.rows[row][column]
    year = parse_year(cell)
    if year is None:
        raise SourceError(
            f"{place.at(row, column)}: '{cell_text(cell)}' is not a year; "
            f"if it is no data row declare it as footer: {place.row_text(row)}"
        )
    return year
