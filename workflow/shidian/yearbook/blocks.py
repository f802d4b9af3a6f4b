"""What a layout reader hands back: the rows of one table and the numbers of its columns, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from shidian.errors import SourceError
from shidian.yearbook.numbers import AS_PRINTED, BLANK, CORRECTED, MARK, cell_text, mark_kind, parse_number
from shidian.yearbook.source import Column
from shidian.yearbook.workbook import Grid


@dataclass(frozen=True)
class Place:
    """Where a table is, for messages, and the grid its cells are in."""

    file: str
    grid: Grid
    table: str

    def __str__(self) -> str:
        """Write file and sheet."""
        sheet = f", sheet '{self.grid.sheet}'" if self.grid.sheet else ""
        return f"{self.file}{sheet}"

    def at(self, row: int, column: int) -> str:
        """Name one cell for a message."""
        return f"{self}, cell {self.grid.cell(row, column)}"


@dataclass(frozen=True)
class Keys:
    """Unit and year of each data row; ``rows`` are 0-based positions in the grid. Lists are equally long.

    ``columns`` maps the grid column of each unit or year cell that was read to its header.
    """

    rows: list[int]
    code: list[str | None]
    name: list[str | None]
    province: list[str | None]
    year: list[int | None]
    columns: dict[int, str]


@dataclass(frozen=True)
class Numbers:
    """One indicator: values, flags and raw texts of the data rows ``index`` (positions in ``Keys``)."""

    column: Column
    position: int
    label: str
    index: list[int]
    values: np.ndarray
    flags: list[str]
    texts: list[str]
    years: list[int | None] | None = None


@dataclass(frozen=True)
class Event:
    """One line of the ledger: what was left out, read as missing, or changed, and how often."""

    event: str
    count: int
    detail: str = ""
    indicator: str = ""


@dataclass(frozen=True)
class Block:
    """One table as read."""

    place: Place
    keys: Keys
    numbers: list[Numbers]
    events: list[Event] = field(default_factory=list)


def parse_column(
    place: Place, column: Column, position: int, rows: Sequence[int], footnote_marks: tuple[str, ...]
) -> tuple[np.ndarray, list[str], list[str]]:
    """Read one column of numbers.

    Returns:
        values (nan where a declared mark means missing), flags, and raw texts, one a row.

    Raises:
        SourceError: a cell holds neither a number nor a declared mark; the message gives cell and text.
    """
    grid_rows = place.grid.rows
    cells = [grid_rows[row][position] for row in rows]
    texts = list(map(cell_text, cells))
    corrected = {i for i, row in enumerate(rows) if (row, position) in place.grid.originals}
    if not corrected and set(map(type, cells)) <= {float, int}:
        return np.array(cells, dtype=float), [AS_PRINTED] * len(cells), texts
    values = np.empty(len(cells))
    flags = []
    for i, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        if type(cell) is float or type(cell) is int:
            value: float | None = cell
            flag = AS_PRINTED
        elif not isinstance(cell, str):
            raise SourceError(f"{place.at(rows[i], position)}: '{text}' is no number but a {type(cell).__name__}")
        elif text.strip() in column.missing:
            value, flag = np.nan, mark_kind(text)
        else:
            value, flag = parse_number(text, footnote_marks), AS_PRINTED
            if value is None:
                raise SourceError(_unreadable(place.at(rows[i], position), column, text))
        values[i] = value
        flags.append(CORRECTED if i in corrected else flag)
    return (
        values,
        flags,
        [place.grid.printed(rows[i], position) if i in corrected else texts[i] for i in range(len(texts))],
    )


def _unreadable(where: str, column: Column, text: str) -> str:
    kind = mark_kind(text)
    if kind == BLANK:
        return f"{where}: blank, but '{column.indicator}' allows no blanks (missing: [\"\"] would)"
    if kind != MARK:
        return (
            f"{where}: '{text}' is not among the missing marks declared for '{column.indicator}'; "
            "add it if it means missing"
        )
    return (
        f"{where}: '{text}' is not a number (column '{column.header}', indicator '{column.indicator}'); "
        "declare it as a missing mark or as a footnote mark, declare the row as footer, or correct the cell"
    )


def flag_events(numbers: Numbers) -> list[Event]:
    """Count the cells of one column that were read as missing, by kind of mark, or corrected."""
    return [
        Event(
            flag if flag == CORRECTED else f"read as missing: {flag}",
            numbers.flags.count(flag),
            "",
            numbers.column.indicator,
        )
        for flag in sorted(set(numbers.flags) - {AS_PRINTED})
    ]
