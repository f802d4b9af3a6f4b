"""From the blocks of some files to their tables of cells and records, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shidian.yearbook.grid import Grid
from shidian.yearbook.numbers import FLAGS
from shidian.yearbook.parse import Reading
from shidian.yearbook.read import Block
from shidian.yearbook.rows import NO_YEAR
from shidian.yearbook.units import number_units, refuse_duplicates

CELL_COLUMNS = (
    "cell_id", "source_id", "file", "sha256", "sheet", "cell", "row_label", "column_label", "raw_text",
)  # fmt: skip
RECORD_COLUMNS = (
    "source_id", "unit_code", "unit_name", "province", "year", "indicator", "value", "measure", "flag",
    "cell_id",
)  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """Which file the blocks come from; ``number`` is the file's number in the source."""

    source: str
    number: int
    file: str
    digest: str

    @property
    def prefix(self) -> str:
        """First part of the ids of the file's cells."""
        return f"{self.source}/{self.number}"


@dataclass(frozen=True)
class Part:
    """One column of a block as read: a unit or year column, or one of numbers (``is_number``).

    ``rows`` are positions in the block's data rows; ``sheet`` is the block's position among the sheets.
    """

    block: int
    sheet: int
    position: int
    label: str
    rows: np.ndarray
    is_number: bool


@dataclass(frozen=True)
class Reads:
    """All cells that were read, part after part; the arrays are equally long.

    ``row`` counts in the grid; ``label`` is a position in ``row_labels``.
    """

    parts: list[Part]
    part: np.ndarray
    row: np.ndarray
    label: np.ndarray
    row_labels: list[str]
    text: pa.Array
    address: pa.DictionaryArray
    cell_id: pa.Array

    def of_part(self, values: Sequence[int] | Sequence[bool]) -> np.ndarray:
        """Give each cell what its part has."""
        return np.array(values)[self.part]


def build_tables(blocks: Sequence[Block], origins: Sequence[Origin]) -> tuple[pa.Table, pa.Table]:
    """Return the cells that were read and the records they hold; texts that repeat are dictionary-encoded.

    Args:
        blocks: tables as read.
        origins: the file of each block; blocks of one file stand together.

    Returns:
        cells: each cell once, in order of file, table, column and row (``CELL_COLUMNS``).
        records: one row a file, unit, year and series, sorted in this order (``RECORD_COLUMNS``).

    Raises:
        SourceError: a file holds two numbers for one unit, year and series.
    """
    of_block = [(origin, block.place.grid.sheet) for block, origin in zip(blocks, origins, strict=True)]
    sheets = list(dict.fromkeys(of_block))
    reads = _gather(blocks, origins, [sheets.index(sheet) for sheet in of_block])
    return _cells(reads, sheets), _records(reads, blocks, origins)


def _gather(blocks: Sequence[Block], origins: Sequence[Origin], sheet_of: Sequence[int]) -> Reads:
    parts: list[Part] = []
    texts: list[pa.Array] = []
    for b, block in enumerate(blocks):
        everywhere = np.arange(len(block.keys.rows))
        for column, header in block.keys.columns.items():
            parts.append(Part(b, sheet_of[b], column, header, everywhere, False))
            rows = np.array(block.keys.rows)
            texts.append(block.place.grid.printed(rows, np.full(len(rows), column)))
        for reading in block.numbers.readings:
            label = _column_label(reading)
            parts.append(Part(b, sheet_of[b], reading.position, label, reading.index, True))
        texts.append(block.numbers.texts)
    part = np.repeat(np.arange(len(parts)), [len(p.rows) for p in parts])
    starts = np.cumsum([0, *(len(block.keys.rows) for block in blocks)])
    labels = np.concatenate([p.rows + starts[p.block] for p in parts])
    row = np.concatenate([np.array(block.keys.rows) for block in blocks])[labels]
    sheet = pa.array([f"{origins[p.block].prefix}/{blocks[p.block].place.grid.sheet}!" for p in parts])
    address = _addresses([(blocks[p.block].place.grid, p.position) for p in parts], part, row)
    cell_id = pc.binary_join_element_wise(sheet.take(pa.array(part)), address.dictionary_decode(), "")
    row_labels = [text for block in blocks for text in _row_labels(block)]
    return Reads(parts, part, row, labels, row_labels, pa.concat_arrays(texts), address, cell_id)


def _addresses(columns: Sequence[tuple[Grid, int]], part: np.ndarray, rows: np.ndarray) -> pa.DictionaryArray:
    """Write the addresses of cells as :meth:`Grid.cell` does, each address once.

    Args:
        columns: grid and column of each part.
        part: the part of each cell.
        rows: the grid's row of each cell.
    """
    names = [(grid.column_name(column), grid.labels is not None) for grid, column in columns]
    distinct = {name: i for i, name in enumerate(dict.fromkeys(names))}
    number = rows + np.array([grid.first_row for grid, _ in columns])[part]
    height = int(number.max()) + 1
    code = np.array([distinct[name] for name in names])[part] * height + number
    used = np.zeros(len(distinct) * height, dtype=bool)
    used[code] = True
    column, line = (pa.array(each) for each in np.divmod(np.flatnonzero(used), height))
    before = pa.array(["" if labelled else name for name, labelled in distinct])
    after = pa.array([f":{name}" if labelled else "" for name, labelled in distinct])
    texts = pc.binary_join_element_wise(before.take(column), line.cast(pa.string()), after.take(column), "")
    return pa.DictionaryArray.from_arrays(pa.array((np.cumsum(used) - 1).astype(np.int32)[code]), texts)


def _cells(reads: Reads, sheets: Sequence[tuple[Origin, str]]) -> pa.Table:
    sheet = reads.of_part([part.sheet for part in reads.parts])
    table = pa.table({
        "cell_id": reads.cell_id,
        "source_id": _coded([origin.source for origin, _ in sheets], sheet),
        "file": _coded([origin.file for origin, _ in sheets], sheet),
        "sha256": _coded([origin.digest for origin, _ in sheets], sheet),
        "sheet": _coded([name for _, name in sheets], sheet),
        "cell": reads.address,
        "row_label": _coded(reads.row_labels, reads.label),
        "column_label": _coded([part.label for part in reads.parts], reads.part),
        "raw_text": reads.text,
    })  # fmt: skip
    columns = [(part.sheet, part.position) for part in reads.parts]
    if len(set(columns)) < len(columns):  # tables share a column: a cell may have been read twice
        position = reads.of_part([part.position for part in reads.parts])
        places = (sheet << 40) + (reads.row << 16) + position
        table = table.take(pa.array(np.sort(np.unique(places, return_index=True)[1])))
    return table


def _records(reads: Reads, blocks: Sequence[Block], origins: Sequence[Origin]) -> pa.Table:
    units = number_units(blocks)
    every = [block.numbers for block in blocks]
    is_number = reads.of_part([part.is_number for part in reads.parts])
    readings = [reading for numbers in every for reading in numbers.readings]
    firsts = np.cumsum([0, *(len(numbers.readings) for numbers in every)])
    of = np.concatenate([numbers.of + first for numbers, first in zip(every, firsts[:-1], strict=True)])
    names = sorted({reading.column.series for reading in readings})
    file = np.repeat([origin.number for origin in origins], [len(numbers.of) for numbers in every])
    unit = np.concatenate([rows[numbers.index] for rows, numbers in zip(units.of_row, every, strict=True)])
    year = np.concatenate([numbers.years for numbers in every])
    series = np.array([names.index(reading.column.series) for reading in readings])[of]
    when = year * len(names) + series
    span = (NO_YEAR + 1) * len(names)
    refuse_duplicates(blocks, (file * (int(units.identity.max()) + 1) + units.identity[unit]) * span + when)
    order = np.argsort((file * len(units.code) + unit) * span + when, kind="stable")
    return pa.table({
        "source_id": _coded([origins[0].source], np.zeros(len(order), dtype=np.int64)),
        "unit_code": _coded(units.code, unit[order]),
        "unit_name": _coded(units.name, unit[order]),
        "province": _coded(units.province, unit[order]),
        "year": pa.array(year[order], mask=(year == NO_YEAR)[order]),
        "indicator": _coded(names, series[order]),
        "value": np.concatenate([numbers.values for numbers in every])[order],
        "measure": _coded([reading.column.measure for reading in readings], of[order]),
        "flag": _coded(FLAGS, np.concatenate([numbers.flags for numbers in every])[order]),
        "cell_id": reads.cell_id.take(pa.array(np.flatnonzero(is_number)[order])),
    })  # fmt: skip


def _row_labels(block: Block) -> list[str]:
    keys = block.keys
    return [
        " ".join(part for part in (name or code, None if year == NO_YEAR else str(year)) if part)
        for code, name, year in zip(keys.code, keys.name, keys.year.tolist(), strict=True)
    ]


def _column_label(reading: Reading) -> str:
    years = np.unique(reading.years).tolist() if reading.in_header else []
    return " / ".join((*reading.column.header, *map(str, years)))


def _coded(values: Sequence[str | None], codes: np.ndarray) -> pa.DictionaryArray:
    """Return the texts that ``codes`` point at, each text stored once; None is missing."""
    distinct = {value: i for i, value in enumerate(dict.fromkeys(v for v in values if v is not None))}
    numbers = np.array([distinct.get(value, -1) for value in values], dtype=np.int32)[codes]  # type: ignore[arg-type]
    dictionary = pa.array(list(distinct), type=pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(numbers, mask=numbers < 0), dictionary)
