"""From the blocks of some files to their frames of cells, records and ledger lines, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shidian.errors import SourceError
from shidian.yearbook.grid import Grid
from shidian.yearbook.numbers import FLAGS
from shidian.yearbook.read import Block, Numbers
from shidian.yearbook.rows import NO_YEAR

CELL_COLUMNS = (
    "cell_id", "source_id", "file", "sha256", "sheet", "cell", "row_label", "column_label", "raw_text",
)  # fmt: skip
RECORD_COLUMNS = (
    "source_id", "unit_code", "unit_name", "province", "year", "indicator", "value", "measure", "flag",
    "cell_id",
)  # fmt: skip
LEDGER_COLUMNS = ("source_id", "file", "sheet", "table", "indicator", "event", "count", "detail")
TEXT = pd.StringDtype(na_value=np.nan)


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
class Units:
    """The distinct units in sorted order, and for each block the unit of each data row.

    ``identity`` is equal for two printings of one unit: those with one code, or with one name and province.
    """

    code: list[str | None]
    name: list[str | None]
    province: list[str | None]
    identity: np.ndarray
    of_row: list[np.ndarray]


@dataclass(frozen=True)
class Reads:
    """All cells that were read, the unit and year cells of each block before its numbers; equally long.

    ``may_repeat`` is true where tables share a column, so that a cell may have been read twice.
    """

    sheet: np.ndarray
    row: np.ndarray
    column: np.ndarray
    address: pa.Array
    cell_id: pa.Array
    row_label: pa.Array
    column_label: pa.Array
    text: pa.Array
    is_number: np.ndarray
    may_repeat: bool


def build_frames(blocks: Sequence[Block], origins: Sequence[Origin]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the cells that were read and the records they hold.

    Args:
        blocks: tables as read.
        origins: the file of each block; blocks of one file stand together.

    Returns:
        cells: each cell once, in order of file, table, column and row (``CELL_COLUMNS``).
        records: one row a file, unit, year and indicator, sorted in this order (``RECORD_COLUMNS``).

    Raises:
        SourceError: a file holds two numbers for one unit, year and indicator.
    """
    sheets = [(origin, block.place.grid.sheet) for block, origin in zip(blocks, origins, strict=True)]
    distinct = list(dict.fromkeys(sheets))
    reads = _gather(blocks, [distinct.index(sheet) for sheet in sheets], distinct)
    return _cells(reads, distinct), _records(reads, blocks, origins)


def _gather(blocks: Sequence[Block], sheet_of: Sequence[int], sheets: Sequence[tuple[Origin, str]]) -> Reads:
    parts: list[tuple[int, int, np.ndarray, str, bool]] = []
    row_labels: list[str] = []
    label_of: list[np.ndarray] = []
    texts: list[str] = []
    for b, block in enumerate(blocks):
        grid, rows = block.place.grid, np.array(block.keys.rows, dtype=np.int64)
        for column, header in block.keys.columns.items():
            parts.append((b, column, rows, header, False))
            label_of.append(np.arange(len(rows)) + len(row_labels))
            texts += [grid.printed(row, column) for row in block.keys.rows]
        for numbers in block.numbers:
            parts.append((b, numbers.position, rows[numbers.index], _column_label(numbers), True))
            label_of.append(numbers.index + len(row_labels))
            texts += numbers.texts
        row_labels += _row_labels(block)
    sizes = [len(rows) for _, _, rows, _, _ in parts]
    row = np.concatenate([rows for _, _, rows, _, _ in parts])
    part = pa.array(np.repeat(np.arange(len(parts)), sizes))
    address = _addresses([(blocks[b].place.grid, column) for b, column, *_ in parts], part, row)
    prefixes = [f"{sheets[sheet_of[b]][0].prefix}/{blocks[b].place.grid.sheet}!" for b, *_ in parts]
    return Reads(
        sheet=np.repeat([sheet_of[b] for b, *_ in parts], sizes),
        row=row,
        column=np.repeat([column for _, column, *_ in parts], sizes),
        address=address,
        cell_id=pc.binary_join_element_wise(pa.array(prefixes).take(part), address, ""),
        row_label=pa.array(row_labels).take(pa.array(np.concatenate(label_of))),
        column_label=pa.array([label for *_, label, _ in parts]).take(part),
        text=pa.array(texts),
        is_number=np.repeat([number for *_, number in parts], sizes),
        may_repeat=len({(sheet_of[b], column) for b, column, *_ in parts}) < len(parts),
    )


def _cells(reads: Reads, sheets: Sequence[tuple[Origin, str]]) -> pd.DataFrame:
    sheet = reads.sheet
    columns = [reads.cell_id, reads.address, reads.row_label, reads.column_label, reads.text]
    if reads.may_repeat:
        places = (sheet << 40) + (reads.row << 16) + reads.column
        first = np.sort(np.unique(places, return_index=True)[1])
        sheet, columns = sheet[first], [column.take(pa.array(first)) for column in columns]
    cell_id, address, row_label, column_label, text = map(_text, columns)
    return pd.DataFrame({
        "cell_id": cell_id,
        "source_id": _coded([origin.source for origin, _ in sheets], sheet),
        "file": _coded([origin.file for origin, _ in sheets], sheet),
        "sha256": _coded([origin.digest for origin, _ in sheets], sheet),
        "sheet": _coded([name for _, name in sheets], sheet),
        "cell": address,
        "row_label": row_label,
        "column_label": column_label,
        "raw_text": text,
    }, copy=False)  # fmt: skip


def _records(reads: Reads, blocks: Sequence[Block], origins: Sequence[Origin]) -> pd.DataFrame:
    units = _units(blocks)
    parts = [(b, numbers) for b, block in enumerate(blocks) for numbers in block.numbers]
    sizes = [len(numbers.index) for _, numbers in parts]
    indicators = sorted({numbers.column.indicator for _, numbers in parts})
    file = np.repeat([origins[b].number for b, _ in parts], sizes)
    unit = np.concatenate([units.of_row[b][numbers.index] for b, numbers in parts])
    year = np.concatenate([numbers.years for _, numbers in parts])
    indicator = np.repeat([indicators.index(numbers.column.indicator) for _, numbers in parts], sizes)
    when = year * len(indicators) + indicator
    span = 10000 * len(indicators)
    same = (file * (int(units.identity.max()) + 1) + units.identity[unit]) * span + when
    _refuse_duplicates(blocks, parts, same)
    order = np.argsort((file * len(units.code) + unit) * span + when, kind="stable")
    measures = [numbers.column.measure for _, numbers in parts]
    flags = np.concatenate([numbers.flags for _, numbers in parts])
    cell_ids = reads.cell_id.take(pa.array(np.flatnonzero(reads.is_number)[order]))
    return pd.DataFrame({
        "source_id": _coded([origins[0].source], np.zeros(len(order), dtype=np.int64)),
        "unit_code": _coded(units.code, unit[order]),
        "unit_name": _coded(units.name, unit[order]),
        "province": _coded(units.province, unit[order]),
        "year": pd.arrays.IntegerArray(np.where(year == NO_YEAR, 1, year)[order], (year == NO_YEAR)[order]),
        "indicator": _coded(indicators, indicator[order]),
        "value": np.concatenate([numbers.values for _, numbers in parts])[order],
        "measure": _coded(measures, np.repeat(np.arange(len(parts)), sizes)[order]),
        "flag": _coded(FLAGS, flags[order]),
        "cell_id": _text(cell_ids),
    }, copy=False)  # fmt: skip


def build_ledger(blocks: Sequence[Block], origins: Sequence[Origin]) -> pd.DataFrame:
    """Return what was skipped, left out, read as missing or corrected, with counts (``LEDGER_COLUMNS``)."""
    lines = [
        (
            origin.source,
            origin.file,
            block.place.grid.sheet,
            block.place.table.name,
            e.indicator,
            e.event,
            e.detail,
        )
        for block, origin in zip(blocks, origins, strict=True)
        for e in block.events
    ]
    counts = np.array([event.count for block in blocks for event in block.events], dtype=np.int64)
    texts = [_text(pa.array([line[i] for line in lines], type=pa.large_string())) for i in range(7)]
    columns = dict(zip((name for name in LEDGER_COLUMNS if name != "count"), texts, strict=True))
    return pd.DataFrame({name: columns.get(name, counts) for name in LEDGER_COLUMNS}, copy=False)


def _units(blocks: Sequence[Block]) -> Units:
    keys = [list(zip(b.keys.code, b.keys.name, b.keys.province, strict=True)) for b in blocks]
    distinct = sorted({key for rows in keys for key in rows}, key=lambda key: [(k is None, k or "") for k in key])
    number = {key: i for i, key in enumerate(distinct)}
    of_row = [np.array([number[key] for key in rows], dtype=np.int64) for rows in keys]
    seen: dict[object, int] = {}
    identity = [seen.setdefault(code or (name, province), len(seen)) for code, name, province in distinct]
    codes, names, provinces = zip(*distinct, strict=True)
    return Units(list(codes), list(names), list(provinces), np.array(identity), of_row)


def _refuse_duplicates(blocks: Sequence[Block], parts: Sequence[tuple[int, Numbers]], keys: np.ndarray) -> None:
    """Refuse two numbers with one key: one unit (its code, or its name and province), year and indicator."""
    order = np.argsort(keys, kind="stable")
    doubled = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    if not doubled.size:
        return
    places = [(blocks[b], numbers, k) for b, numbers in parts for k in range(len(numbers.index))]

    def at(block: Block, numbers: Numbers, k: int) -> str:
        return block.place.at(block.keys.rows[numbers.index[k]], numbers.position)

    block, numbers, k = one = places[order[doubled[0]]]
    other = places[order[doubled[0] + 1]]
    unit, names = numbers.index[k], block.keys
    unit_text = " ".join(part for part in (names.name[unit], names.code[unit], names.province[unit]) if part)
    when = "" if numbers.years[k] == NO_YEAR else f", year {numbers.years[k]}"
    raise SourceError(
        f"{at(*other)}: unit {unit_text}{when} has two numbers for '{numbers.column.indicator}'; "
        f"the other is at {at(*one)}"
    )


def _addresses(columns: Sequence[tuple[Grid, int]], part: pa.Array, rows: np.ndarray) -> pa.Array:
    """Write the addresses of cells as :meth:`Grid.cell` does; ``part`` says which column each one is in."""
    names = [grid.column_name(column) for grid, column in columns]
    before = ["" if grid.labels else name for (grid, _), name in zip(columns, names, strict=True)]
    after = [f":{name}" if grid.labels else "" for (grid, _), name in zip(columns, names, strict=True)]
    numbers = pa.array(rows + np.array([grid.first_row for grid, _ in columns])[part.to_numpy()]).cast(pa.string())
    return pc.binary_join_element_wise(pa.array(before).take(part), numbers, pa.array(after).take(part), "")


def _row_labels(block: Block) -> list[str]:
    keys = block.keys
    return [
        " ".join(part for part in (name or code, None if year == NO_YEAR else str(year)) if part)
        for code, name, year in zip(keys.code, keys.name, keys.year.tolist(), strict=True)
    ]


def _column_label(numbers: Numbers) -> str:
    years = np.unique(numbers.years).tolist() if numbers.in_header else []
    return " / ".join((*numbers.column.header, *map(str, years)))


def _text(values: pa.Array) -> pd.api.extensions.ExtensionArray:
    return TEXT.__from_arrow__(  # type: ignore[attr-defined]
        values.cast(pa.large_string())
    )


def _coded(values: Iterable[str | None], codes: np.ndarray) -> pd.api.extensions.ExtensionArray:
    return _text(pa.array(list(values), type=pa.large_string()).take(pa.array(codes)))
