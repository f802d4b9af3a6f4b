"""Rows of a table: which are data, which are blank, notes, or headers printed again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shidian.errors import SourceError
from shidian.yearbook.grid import Grid
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import cell_text, clean, match_key


def distinct_texts(grid: Grid, rows: np.ndarray, column: int) -> tuple[list[str], np.ndarray]:
    """Return the distinct texts of a column in some rows, in the order in which they appear, and each row's text."""
    coded = grid.texts_at(rows, column).dictionary_encode()
    return coded.dictionary.to_pylist(), coded.indices.to_numpy()


@dataclass(frozen=True)
class Rows:
    """0-based positions of the data rows below the headers, and how many other rows there are of each kind."""

    data: np.ndarray
    blank: int
    footer: int
    repeated: int


def data_rows(place: Place) -> Rows:
    """Tell data rows from blank rows, footer rows, and rows that repeat the headers.

    Raises:
        SourceError: another number of blank rows than declared, headers repeated without declaration, or no data row.
    """
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
    repeated = [i for i in repeated_headers(place, labels, codes) if is_data[i]]
    is_data[repeated] = False
    if place.table.layout == "flat" and footer.blank_rows not in (blank, blank + beyond):
        raise SourceError(
            f"{place}: {blank} blank rows below the header, declared: footer: blank_rows: {footer.blank_rows}"
        )
    if not is_data.any():
        raise SourceError(f"{place}: no data row below the headers")
    return Rows(region.header[1] + np.flatnonzero(is_data), blank + beyond, skipped, len(repeated))


def repeated_headers(place: Place, labels: Sequence[str], codes: np.ndarray) -> list[int]:
    """Return which rows below the headers print one of the header rows again.

    Args:
        place: the table.
        labels: distinct texts that rows begin with.
        codes: number of each row's text, -1 for blank rows.

    Raises:
        SourceError: there is such a row and the table does not say that there are.
    """
    printed = [_row_keys(place, row) for row in range(*place.region.header)]
    printed = [keys for keys in printed if len(keys) > 1 or place.table.repeated_header]
    firsts = {next(iter(keys.values())) for keys in printed if keys}
    begin = np.array([*(match_key(label) in firsts for label in labels), False], dtype=bool)[codes]
    below = place.region.header[1]
    found = [i for i in np.flatnonzero(begin).tolist() if _row_keys(place, below + i) in printed]
    if found and not place.table.repeated_header:
        row = below + found[0]
        raise SourceError(
            f"{place}, row {row + place.grid.first_row}: the headers are printed again: {place.row_text(row)}; skip "
            "such rows by 'repeated_header: true' in the table"
        )
    if place.table.repeated_header and not found:
        raise SourceError(f"{place}: 'repeated_header' is declared, but no row repeats the headers")
    return found


def _row_keys(place: Place, row: int) -> dict[int, str]:
    """Return the match keys of the filled cells of a row, by column."""
    cells = enumerate(place.grid.rows[row][place.region.left : place.region.right])
    return {column: key for column, cell in cells if cell != "" and (key := match_key(cell_text(cell)))}


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
