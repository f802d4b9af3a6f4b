"""Small numbers of a column in one form: where one stands as 5.5e-06, another is no 0.000035 but 3.5e-05."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from shidian.exhibits.result import Cell, Row, Table

_PLAIN = re.compile(r"(?<![\d.,e])-?0\.(0+[1-9]\d|0+10)(?![\d.e])")
_EXPONENT = re.compile(r"\de[-+]\d")
_DECIMALS = re.compile(r"\d\.(\d+)(?![\d.e])")


def in_one_form(table: Table) -> Table:
    """Return a table in whose columns numbers that would round to zero have one form: two significant digits.

    A column in which one has an exponent has each with one; other numbers and other columns stay.
    """
    columns = range(len(table.rows[0].cells)) if table.rows else range(0)
    mixed = {j for j in columns if any(_EXPONENT.search(row.cells[j].text) for row in table.rows if row.cells[j].ref)}
    if not mixed:
        return table
    usual = {j: _usual([row.cells[j].text for row in table.rows]) for j in mixed}
    return Table(table.header, tuple(_row(row, usual) for row in table.rows))


def _usual(texts: list[str]) -> int:
    """Return the decimals that most numbers have, of several so often the fewest."""
    counts = Counter(len(decimals) for text in texts for decimals in _DECIMALS.findall(text))
    return min((n for n in counts if counts[n] == max(counts.values())), default=0)


def _row(row: Row, usual: dict[int, int]) -> Row:
    cells = tuple(_cell(cell, usual[j]) if j in usual and cell.ref else cell for j, cell in enumerate(row.cells))
    return replace(row, cells=cells)


def _cell(cell: Cell, usual: int) -> Cell:
    def written(found: re.Match[str]) -> str:
        value = float(found[0])
        tiny = len(found[1]) > usual and abs(value) < 0.5 * 10.0**-usual
        return f"{value:.1e}" if tiny else found[0]

    return Cell(_PLAIN.sub(written, cell.text), cell.ref)
