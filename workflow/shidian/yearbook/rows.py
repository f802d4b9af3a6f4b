"""Rows of a table: which are data, and which unit and year each one describes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TypeVar

import numpy as np

from shidian.errors import SourceError, nearest
from shidian.yaml_loader import UNPRINTABLE
from shidian.yearbook.grid import Grid
from shidian.yearbook.headers import Headers
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import cell_text, clean, match_key, parse_code, unit_name
from shidian.yearbook.periods import PeriodText

T = TypeVar("T")
NO_YEAR = 4_000_000
"""Year of facts without a year: beyond the number of any period (the last day of 9999 is 3,652,059)."""
YEARS_APART = 2 * NO_YEAR
"""How far apart two keys must be so that any two periods can stand between them, those before year 0 too."""


@dataclass(frozen=True)
class Keys:
    """Unit and year of each data row; ``rows`` are 0-based positions in the grid. All are equally long.

    ``columns`` maps the grid column of each unit or year cell that was read to its header.
    """

    rows: np.ndarray
    code: list[str | None]
    name: list[str | None]
    province: list[str | None]
    year: np.ndarray
    columns: dict[int, str]


def distinct_texts(grid: Grid, rows: np.ndarray, column: int) -> tuple[list[str], np.ndarray]:
    """Return the distinct texts of a column in some rows, in the order in which they appear, and each row's text."""
    coded = grid.texts_at(rows, column).dictionary_encode()
    return coded.dictionary.to_pylist(), coded.indices.to_numpy()


def data_rows(place: Place) -> tuple[np.ndarray, int, int]:
    """Tell data rows from blank and footer rows: 0-based positions of the data rows, and the two counts."""
    footer, region = place.table.footer, place.region
    patterns = [re.compile(pattern) for pattern in footer.patterns]
    texts_only = set(map(match_key, footer.texts))

    def is_footer(text: str) -> bool:
        return match_key(text) in texts_only or any(pattern.fullmatch(text) for pattern in patterns)

    labels, codes = _first_texts(place)
    is_data = codes >= 0
    blank, skipped, beyond = int((~is_data).sum()), 0, place.grid.beyond[0]
    if patterns or texts_only:
        suspect = np.array([*map(is_footer, labels), False], dtype=bool)[codes]
        for i in np.flatnonzero(suspect).tolist():
            line = place.grid.rows[region.header[1] + i][region.left : region.right]
            if all(is_footer(text) for cell in line if cell != "" and (text := clean(cell_text(cell)))):
                is_data[i] = False
                skipped += 1
    if place.table.layout == "flat" and footer.blank_rows not in (blank, blank + beyond):
        raise SourceError(
            f"{place}: {blank} blank rows below the header, declared: footer: blank_rows: {footer.blank_rows}"
        )
    if not is_data.any():
        raise SourceError(f"{place}: no data row below the headers")
    return region.header[1] + np.flatnonzero(is_data), blank + beyond, skipped


def _first_texts(place: Place) -> tuple[list[str], np.ndarray]:
    """Return the distinct texts that rows below the header begin with, and each row's; -1 where all cells are blank."""
    region, texts = place.region, dict[str, int]()
    codes = np.full(region.bottom - region.header[1], -1)
    for column in range(region.left, region.right):
        still = np.flatnonzero(codes < 0)
        if not len(still):
            break
        found, of = distinct_texts(place.grid, region.header[1] + still, column)
        known = [texts.setdefault(text, len(texts)) if text else -1 for text in map(clean, found)]
        codes[still] = np.array(known)[of]
    return list(texts), codes


def read_keys(place: Place, headers: Headers, rows: np.ndarray, file_year: int | None, prefix: str = "") -> Keys:
    """Read unit and year of each data row, but not of rows left out by ``skip``, ``only`` or as headings.

    Where the rows are units by their number, ``prefix`` tells those of this table from those of others.

    Raises:
        SourceError: a name, code or year is missing or unreadable, or a row named in the declaration is gone.
    """
    unit, year, single = place.table.unit, place.table.year, headers.single
    named = [h for h in (unit.code, unit.name, unit.province, year.header if year else None) if h]
    names: list[str | None] = [unit.fixed_name] * len(rows)
    if unit.name is not None:
        names = _each(place, rows, single[unit.name], partial(_name, header=unit.name))
    kept, above = _kept_rows(place, names)
    rows, names = rows[kept], [names[i] for i in kept]
    provinces: list[str | None] = [above[i] for i in kept]
    if unit.province is not None:
        provinces = _each(place, rows, single[unit.province], partial(_name, header=unit.province))
    codes: list[str | None] = [unit.fixed_code] * len(rows)
    if unit.code is not None:
        codes = _each(place, rows, single[unit.code], partial(_code, kind=unit.code_kind))
    if unit.row_number:
        codes = [f"{prefix}{row}" for row in (rows + place.grid.first_row).tolist()]
    if year is not None and year.header is not None:
        years = _each(place, rows, single[year.header], partial(_year, reads=year.text))
    else:
        fixed = None if year is None else file_year if year.from_file else year.fixed
        years = [NO_YEAR if fixed is None else fixed] * len(rows)
    return Keys(
        rows,
        codes,
        names,
        provinces,
        np.array(years, dtype=np.int64),
        {single[header]: header for header in named},
    )


def _each(place: Place, rows: np.ndarray, column: int, read: Callable[[Place, int, int, str], T]) -> list[T]:
    """Read a column's text in each row, equal texts once: ``read`` is given the first row that has it."""
    texts, codes = distinct_texts(place.grid, rows, column)
    firsts = np.unique(codes, return_index=True)[1]
    read_texts = [read(place, row, column, text) for row, text in zip(rows[firsts].tolist(), texts, strict=True)]
    return [read_texts[code] for code in codes.tolist()]


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


def _name(place: Place, row: int, column: int, text: str, header: str) -> str | None:
    name = _printed_name(text, place.table.footnote_marks)
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


def _code(place: Place, row: int, column: int, text: str, kind: str) -> str:
    code = parse_code(text, kind)
    if code is None:
        expected = "a code" if kind == "plain" else "a six-digit code (for other codes declare 'code_kind: plain')"
        raise SourceError(
            f"{place.at(row, column)}: '{text}' is not {expected}; "
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


def _year(place: Place, row: int, column: int, text: str, reads: PeriodText) -> int:
    year = reads.read(text)
    if year is None:
        footer = "" if reads.advice(text) else f"; if it is no data row declare it as footer: {place.row_text(row)}"
        raise SourceError(f"{place.at(row, column)}: {reads.refusal(text)}{footer}")
    return year
