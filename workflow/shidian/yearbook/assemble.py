"""From the blocks of some files to their tables of cells and records, a batch of cells at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shidian.yearbook.arrow import Texts
from shidian.yearbook.parse import Reading, in_batches
from shidian.yearbook.read import Block
from shidian.yearbook.record_tables import Origin, around, record_tables
from shidian.yearbook.rows import NO_YEAR
from shidian.yearbook.units import Units, number_units, refuse_duplicates

CELL_COLUMNS = (
    "cell_id", "source_id", "file", "sha256", "sheet", "cell", "row_label", "column_label", "raw_text",
)  # fmt: skip
YEAR_ABOVE = "(period of the rows below)"
"""Label of the column of a cell that says the period of the rows below it."""
ABOVE = "filled down from"
"""What stands in the label of a row before the cells above it that say its unit or year."""


@dataclass(frozen=True)
class Part:
    """One column of a block as read: a unit or year column, or one of numbers.

    ``rows`` are positions in the block's data rows, whose cells stand in the rows ``lines`` of the grid; ``sheet`` is
    the block's position among the sheets.
    """

    block: int
    sheet: int
    position: int
    label: str
    rows: np.ndarray
    lines: np.ndarray | None = None

    def lines_in(self, blocks: Sequence[Block]) -> np.ndarray:
        """Return the row of the grid of each cell: that of its data row where nothing else is said."""
        return blocks[self.block].keys.rows[self.rows] if self.lines is None else self.lines


@dataclass(frozen=True)
class Assembly:
    """The tables of some files, made of their blocks a batch of cells at a time: they are many, and go to a file.

    Attributes:
        blocks: tables as read.
        origins: the file of each block; blocks of one file stand together.
    """

    blocks: Sequence[Block]
    origins: Sequence[Origin]

    def __post_init__(self) -> None:
        """Refuse a file that holds two numbers for one unit, year and series (``SourceError``)."""
        refuse_duplicates(self.blocks, [origin.number for origin in self.origins], self.units)

    @cached_property
    def units(self) -> Units:
        """The units that the blocks describe."""
        return number_units(self.blocks)

    def cells(self) -> Iterator[pa.Table]:
        """Give each cell that was read once, in order of file, table, column and row (``CELL_COLUMNS``)."""
        of_block = [(o, block.place.grid.sheet) for block, o in zip(self.blocks, self.origins, strict=True)]
        sheets = list(dict.fromkeys(of_block))
        parts = [part for b, sheet in enumerate(of_block) for part in _parts(b, sheets.index(sheet), self.blocks[b])]
        labels = Texts.of([text for block in self.blocks for text in _row_labels(block)])
        starts = np.cumsum([0, *(len(block.keys.rows) for block in self.blocks)])
        if len({(part.sheet, part.position) for part in parts}) < len(parts):  # tables share a column
            yield _each_once(self._cells(parts, sheets, labels, starts), parts, self.blocks)
            return
        for some in in_batches(parts, [len(part.rows) for part in parts]):
            yield self._cells(some, sheets, labels, starts)

    def _cells(
        self, parts: Sequence[Part], sheets: Sequence[tuple[Origin, str]], labels: Texts, starts: np.ndarray
    ) -> pa.Table:
        of = np.repeat(np.arange(len(parts)), [len(part.rows) for part in parts])
        sheet = np.array([part.sheet for part in parts])[of]
        rows = [part.lines_in(self.blocks) for part in parts]
        before, after = around([(self.blocks[part.block].place.grid, part.position) for part in parts])
        grids = [self.blocks[part.block].place.grid for part in parts]
        line = pa.concat_arrays([grid.row_numbers(mine) for grid, mine in zip(grids, rows, strict=True)])
        where, of_cell = pa.array([f"{origin.prefix}/{name}!" for origin, name in sheets]), pa.array(of)
        cell = pc.binary_join_element_wise(before.take(of_cell), line, after.take(of_cell), "")
        return pa.table({
            "cell_id": pc.binary_join_element_wise(where.take(pa.array(sheet)), cell, ""),
            "source_id": Texts.of([origin.source for origin, _ in sheets]).at(sheet),
            "file": Texts.of([origin.file for origin, _ in sheets]).at(sheet),
            "sha256": Texts.of([origin.digest for origin, _ in sheets]).at(sheet),
            "sheet": Texts.of([name for _, name in sheets]).at(sheet),
            "cell": cell,
            "row_label": labels.at(np.concatenate([part.rows + starts[part.block] for part in parts])),
            "column_label": Texts.of([part.label for part in parts]).at(of),
            "raw_text": pa.concat_arrays(_printed(self.blocks, parts, rows)),
        })  # fmt: skip

    def records(self) -> Iterator[pa.Table]:
        """Give one row a file, unit, year and series, sorted in this order (``RECORD_COLUMNS``)."""
        return record_tables(self.blocks, self.origins, self.units)


def _parts(b: int, sheet: int, block: Block) -> Iterator[Part]:
    """Return the columns that were read of a block: those of its units and years, then its numbers."""
    everywhere = np.arange(len(block.keys.rows))
    for column, header in block.keys.columns.items():
        if column not in block.keys.held:
            yield Part(b, sheet, column, header, everywhere)
            continue
        lines, first = np.unique(block.keys.held[column], return_index=True)
        yield Part(b, sheet, column, header, first[lines >= 0], lines[lines >= 0])
    for column, above in block.keys.headings.items():
        lines, first = np.unique(above, return_index=True)
        yield Part(b, sheet, column, YEAR_ABOVE, first, lines)
    for reading in block.numbers.readings:
        yield Part(b, sheet, reading.position, _column_label(reading, block.place.table.written), reading.index)


def _printed(blocks: Sequence[Block], parts: Sequence[Part], rows: Sequence[np.ndarray]) -> list[pa.Array]:
    """Return the texts of the parts' cells, block by block."""
    texts = []
    for b, mine in groupby(zip(parts, rows, strict=True), key=lambda pair: pair[0].block):
        columns, lines = zip(*((part.position, line) for part, line in mine), strict=True)
        positions = np.repeat(columns, [len(line) for line in lines])
        texts.append(blocks[b].place.grid.printed(np.concatenate(lines), positions))
    return texts


def _each_once(cells: pa.Table, parts: Sequence[Part], blocks: Sequence[Block]) -> pa.Table:
    """Return the cells without those that were read a second time."""
    places = [(p.sheet << 40) + (p.lines_in(blocks) << 16) + p.position for p in parts]
    return cells.take(pa.array(np.sort(np.unique(np.concatenate(places), return_index=True)[1])))


def _row_labels(block: Block) -> list[str]:
    """Return unit and year of each data row, with the cells that say them where these stand in other rows."""
    keys, table = block.keys, block.place.table
    labels = [
        " ".join(part for part in (name or code, None if year == NO_YEAR else table.written(year)) if part)
        for code, name, year in zip(keys.code, keys.name, keys.year.tolist(), strict=True)
    ]
    held = {} if table.unit.indented is not None else keys.held
    above = [(column, lines) for column, lines in (*held.items(), *keys.headings.items()) if (lines != keys.rows).any()]
    if not above:
        return labels
    for i in np.flatnonzero(np.any([lines != keys.rows for _, lines in above], axis=0)).tolist():
        cells = [block.place.grid.cell(int(lines[i]), c) for c, lines in above if lines[i] != keys.rows[i]]
        labels[i] = f"{labels[i]} ({ABOVE} {', '.join(cells)})"
    return labels


def cells_above(row_label: str) -> str:
    """Return the cells of a row's label that say its unit or year from above it, "" for none.

    >>> cells_above("石家庄市 2011 (filled down from A2)")
    'A2'
    """
    _, found, cells = row_label.rpartition(f" ({ABOVE} ")
    return cells.removesuffix(")") if found else ""


def _column_label(reading: Reading, written: Callable[[int], str]) -> str:
    years = np.unique(reading.years).tolist() if reading.in_header else []
    return reading.label or " / ".join((*reading.column.header, *map(written, years)))
