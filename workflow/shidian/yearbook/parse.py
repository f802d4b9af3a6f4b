"""Reading one column of numbers: values, what stands for the missing ones, the texts as printed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shidian.errors import SourceError
from shidian.yearbook.layout import Place
from shidian.yearbook.numbers import (
    AS_PRINTED,
    BLANK,
    CORRECTED,
    FLAGS,
    MARK,
    PLAIN_DIGITS,
    cell_text,
    clean,
    mark_kind,
    parse_number,
)
from shidian.yearbook.tables import Column


def parse_column(
    place: Place, column: Column, position: int, rows: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Read one column of numbers.

    Args:
        place: the table.
        column: what the declaration says of the column.
        position: 0-based column of the grid.
        rows: 0-based rows of the grid.

    Returns:
        values (nan where a declared mark means missing), flags (positions in ``FLAGS``), raw texts.

    Raises:
        SourceError: a cell holds neither a number nor a declared mark; the message gives cell and text.
    """
    grid = place.grid
    cells = [grid.rows[row][position] for row in rows]
    texts = [cell if type(cell) is str else cell_text(cell) for cell in cells]
    if column.is_text:
        return *_measure_texts(texts), texts
    values = np.full(len(cells), np.nan)
    flags = np.zeros(len(cells), dtype=np.int8)
    missing = set(column.missing)
    if "" in cells and grid.faults():
        missing.discard("")
    numeric = list(range(len(cells)))
    if not missing.isdisjoint(cells):
        numeric = [i for i in numeric if cells[i] not in missing]
    plain = _plain_numbers([cells[i] for i in numeric])
    if plain is None:
        for i, cell in enumerate(cells):
            values[i] = _parse_cell(place, column, rows[i], position, cell)
    else:
        values[numeric] = plain
    for i in np.flatnonzero(np.isnan(values)).tolist():
        flags[i] = FLAGS.index(mark_kind(texts[i]))
    for i in [i for i, row in enumerate(rows) if (row, position) in grid.originals] if grid.originals else ():
        flags[i], texts[i] = FLAGS.index(CORRECTED), grid.printed(rows[i], position)
    return values, flags, texts


def _measure_texts(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of characters of each document, nan where it is blank, and the flags."""
    blank = np.array([not text.strip() for text in texts], dtype=bool)
    values = np.array([len(text) for text in texts], dtype=float)
    return np.where(blank, np.nan, values), np.where(blank, FLAGS.index(BLANK), FLAGS.index(AS_PRINTED))


def _plain_numbers(cells: Sequence[object]) -> Sequence[float] | None:
    """Read cells that are all stored numbers, or all plain decimals stored as text; None for any others."""
    kinds = set(map(type, cells))
    if kinds <= {float, int}:
        return cells  # type: ignore[return-value]
    if kinds == {str} and PLAIN_DIGITS.fullmatch("".join(cells)):  # type: ignore[arg-type]
        try:
            return list(map(float, cells))  # type: ignore[arg-type]
        except ValueError:
            return None
    return None


def _parse_cell(place: Place, column: Column, row: int, position: int, cell: object) -> float:
    """Read one cell of any kind; nan for a declared mark."""
    if type(cell) is float or type(cell) is int:
        return cell
    text = cell_text(cell)
    fault = None if text else place.grid.fault(row, position)
    if isinstance(cell, str) and text.strip() in column.missing and not fault:
        return np.nan
    where = place.at(row, position)
    if fault:
        raise SourceError(f"{where}: {fault}")
    if not isinstance(cell, str):
        raise SourceError(f"{where}: '{text}' is not a number but a {type(cell).__name__}; correct the cell")
    value = parse_number(text, place.table.footnote_marks)
    if value is None:
        raise SourceError(f"{where}: {_unreadable(column, text)}")
    return value


def _unreadable(column: Column, text: str) -> str:
    kind = mark_kind(text)
    if kind == BLANK:
        return f"blank, but '{column.indicator}' allows no blanks (missing: [\"\"] would)"
    if kind != MARK:
        return f"'{text}' is not a missing mark declared for '{column.indicator}'; add it if it means missing"
    return (
        f"'{clean(text)}' is not a number (indicator '{column.indicator}', column "
        f"'{' / '.join(column.header)}'); declare it as a missing mark or a footnote mark, "
        "declare the row as footer, or correct the cell"
    )


def flag_counts(flags: np.ndarray) -> list[tuple[str, int]]:
    """Count the flags other than ``as_printed``, sorted by name."""
    counts = np.bincount(flags, minlength=len(FLAGS))
    return sorted((flag, int(n)) for flag, n in zip(FLAGS, counts, strict=True) if n and flag != AS_PRINTED)
