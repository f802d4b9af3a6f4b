"""From the blocks of one file to its frames of cells, records and ledger lines, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shidian.errors import SourceError
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
    """The distinct units of a file in sorted order, and for each block the unit of each data row."""

    code: list[str | None]
    name: list[str | None]
    province: list[str | None]
    of_row: list[np.ndarray]


@dataclass(frozen=True)
class Reads:
    """All cells that were read, the unit and year cells of each block before its numbers; equally long."""

    sheet: np.ndarray
    row: np.ndarray
    column: np.ndarray
    address: pa.Array
    cell_id: pa.Array
    row_label: pa.Array
    column_label: pa.Array
    text: pa.Array
    is_number: np.ndarray


def build_frames(blocks: Sequence[Block], origin: Origin) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the cells that were read and the records they hold.

    Returns:
        cells: each cell once, in order of sheet, row and column (``CELL_COLUMNS``).
        records: one row a unit, year and indicator, sorted by unit, year and indicator (``RECORD_COLUMNS``).

    Raises:
        SourceError: the file holds two numbers for one unit, year and indicator.
    """
    reads = _gather(blocks, origin)
    return _cells(reads, blocks, origin), _records(reads, blocks, origin)


def _gather(blocks: Sequence[Block], origin: Origin) -> Reads:
    sheets = _sheets(blocks)
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
            index = numbers.index
            parts.append((b, numbers.position, rows[index], _column_label(numbers), True))
            label_of.append(index + len(row_labels))
            texts += numbers.texts
        row_labels += _row_labels(block)
    sizes = [len(rows) for _, _, rows, _, _ in parts]
    row = np.concatenate([rows for _, _, rows, _, _ in parts])
    part = pa.array(np.repeat(np.arange(len(parts)), sizes))
    grids = [blocks[b].place.grid for b, *_ in parts]
    names = [grid.column_name(column) for grid, (_, column, *_) in zip(grids, parts, strict=True)]
    first_row = np.repeat([grid.first_row for grid in grids], sizes)
    address = _addresses(pa.array(names).take(part), pa.array(row + first_row), bool(grids[0].labels))
    prefixes = [f"{origin.prefix}/{grid.sheet}!" for grid in grids]
    return Reads(
        sheet=np.repeat([sheets.index(grid.sheet) for grid in grids], sizes),
        row=row,
        column=np.repeat([column for _, column, *_ in parts], sizes),
        address=address,
        cell_id=pc.binary_join_element_wise(pa.array(prefixes).take(part), address, ""),
        row_label=pa.array(row_labels).take(pa.array(np.concatenate(label_of))),
        column_label=pa.array([label for *_, label, _ in parts]).take(part),
        text=pa.array(texts),
        is_number=np.repeat([number for *_, number in parts], sizes),
    )


def _cells(reads: Reads, blocks: Sequence[Block], origin: Origin) -> pd.DataFrame:
    _, first = np.unique((reads.sheet << 40) + (reads.row << 16) + reads.column, return_index=True)
    take = pa.array(first)
    return pd.DataFrame({
        "cell_id": _text(reads.cell_id.take(take)),
        "source_id": _constant(origin.source, len(first)),
        "file": _constant(origin.file, len(first)),
        "sha256": _constant(origin.digest, len(first)),
        "sheet": _coded(_sheets(blocks), reads.sheet[first]),
        "cell": _text(reads.address.take(take)),
        "row_label": _text(reads.row_label.take(take)),
        "column_label": _text(reads.column_label.take(take)),
        "raw_text": _text(reads.text.take(take)),
    }, copy=False)  # fmt: skip


def _records(reads: Reads, blocks: Sequence[Block], origin: Origin) -> pd.DataFrame:
    units = _units(blocks)
    parts = [(b, numbers) for b, block in enumerate(blocks) for numbers in block.numbers]
    sizes = [len(numbers.index) for _, numbers in parts]
    indicators = sorted({numbers.column.indicator for _, numbers in parts})
    unit = np.concatenate([units.of_row[b][numbers.index] for b, numbers in parts])
    year = np.concatenate([numbers.years for _, numbers in parts])
    indicator = np.repeat([indicators.index(numbers.column.indicator) for _, numbers in parts], sizes)
    _refuse_duplicates(blocks, parts, units, unit, year, indicator)
    order = np.lexsort((indicator, year, unit))
    measures = [numbers.column.measure for _, numbers in parts]
    flags = np.concatenate([numbers.flags for _, numbers in parts])
    cell_ids = reads.cell_id.take(pa.array(np.flatnonzero(reads.is_number)[order]))
    return pd.DataFrame({
        "source_id": _constant(origin.source, len(order)),
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


def build_ledger(blocks: Sequence[Block], origin: Origin) -> pd.DataFrame:
    """Return what was skipped, left out, read as missing or corrected, with counts (``LEDGER_COLUMNS``)."""
    lines = [
        (
            origin.source,
            origin.file,
            block.place.grid.sheet,
            block.place.table.name,
            event.indicator,
            event.event,
            event.count,
            event.detail,
        )
        for block in blocks
        for event in block.events
    ]
    columns = {name: [line[i] for line in lines] for i, name in enumerate(LEDGER_COLUMNS)}
    count = np.array(columns["count"], dtype=np.int64)
    texts = {
        name: _text(pa.array(values, type=pa.large_string()))
        for name, values in columns.items()
        if name != "count"
    }
    return pd.DataFrame(
        {name: count if name == "count" else texts[name] for name in LEDGER_COLUMNS}, copy=False
    )


def _units(blocks: Sequence[Block]) -> Units:
    keys = [list(zip(b.keys.code, b.keys.name, b.keys.province, strict=True)) for b in blocks]
    distinct = sorted(
        {key for rows in keys for key in rows}, key=lambda key: [(k is None, k or "") for k in key]
    )
    number = {key: i for i, key in enumerate(distinct)}
    of_row = [np.array([number[key] for key in rows], dtype=np.int64) for rows in keys]
    codes, names, provinces = zip(*distinct, strict=True)
    return Units(list(codes), list(names), list(provinces), of_row)


def _refuse_duplicates(
    blocks: Sequence[Block],
    parts: Sequence[tuple[int, Numbers]],
    units: Units,
    unit: np.ndarray,
    year: np.ndarray,
    indicator: np.ndarray,
) -> None:
    """Refuse two numbers for one unit, year and indicator; a unit is its code, or its name and province."""
    identity: dict[object, int] = {}
    same = [
        identity.setdefault(code or (name, province), len(identity))
        for code, name, province in zip(units.code, units.name, units.province, strict=True)
    ]
    keys = (np.array(same)[unit] * 10000 + year) * (int(indicator.max()) + 1) + indicator
    order = np.argsort(keys, kind="stable")
    doubled = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    if not doubled.size:
        return
    one, other = order[doubled[0]], order[doubled[0] + 1]
    places = [(b, numbers, i) for b, numbers in parts for i in numbers.index]

    def at(k: int) -> str:
        b, numbers, i = places[k]
        return blocks[b].place.at(blocks[b].keys.rows[i], numbers.position)

    named = (units.name[unit[one]], units.code[unit[one]], units.province[unit[one]])
    when = "" if year[one] == NO_YEAR else f", year {year[one]}"
    name = places[one][1].column.indicator
    raise SourceError(
        f"{at(other)}: unit {' '.join(part for part in named if part)}{when} has two numbers for '{name}'; "
        f"the other is at {at(one)}"
    )


def _sheets(blocks: Sequence[Block]) -> list[str]:
    return list(dict.fromkeys(block.place.grid.sheet for block in blocks))


def _addresses(names: pa.Array, rows: pa.Array, labelled: bool) -> pa.Array:
    """Write addresses as :meth:`Grid.cell` does: ``B3``, or ``3:gdp`` in files without letters."""
    numbers = rows.cast(pa.string())
    join = pc.binary_join_element_wise
    return join(numbers, names, ":") if labelled else join(names, numbers, "")


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


def _constant(value: str, length: int) -> pd.api.extensions.ExtensionArray:
    return _text(pa.repeat(pa.scalar(value, pa.large_string()), length))
