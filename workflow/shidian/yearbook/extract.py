"""From the files of a source to cells and records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from shidian.errors import SourceError, nearest
from shidian.yearbook.corrections import Correction, correct_grid
from shidian.yearbook.layout import Place, locate_tables
from shidian.yearbook.read import Block, Event, Numbers, read_table
from shidian.yearbook.source import Source, SourceFile, checked_digest, resolve_file
from shidian.yearbook.workbook import Workbook

CELL_COLUMNS = (
    "cell_id", "source_id", "file", "sha256", "sheet", "cell", "row_label", "column_label", "raw_text",
)  # fmt: skip
RECORD_COLUMNS = (
    "source_id", "unit_code", "unit_name", "province", "year", "indicator", "value", "measure", "flag",
    "cell_id",
)  # fmt: skip
LEDGER_COLUMNS = ("source_id", "file", "sheet", "table", "indicator", "event", "count", "detail")


@dataclass(frozen=True)
class Extraction:
    """What one file holds.

    Attributes:
        cells: one row a workbook cell that was read (``CELL_COLUMNS``), in order of sheet, row and column.
        records: one row a unit, year and indicator (``RECORD_COLUMNS``), sorted by unit, year and indicator.
        ledger: what was skipped, left out, read as missing or corrected, with counts (``LEDGER_COLUMNS``).
    """

    cells: pd.DataFrame
    records: pd.DataFrame
    ledger: pd.DataFrame


def extract_file(
    source: Source, number: int, raw_root: Path | str, corrections: Sequence[Correction] = ()
) -> Extraction:
    """Read all declared tables of one file.

    Args:
        source: the source.
        number: the file's number in the source, from 1.
        raw_root: folder of the raw workbooks.
        corrections: declared corrections; those of other files are passed over.

    Raises:
        SourceError: anything in the file that the source file does not foresee.
    """
    file = source.files[number - 1]
    path = resolve_file(file, raw_root)
    digest = checked_digest(file, path)
    prefix = f"{source.source}/{number}"
    mine = [c for c in corrections if c.cell_id.startswith(f"{prefix}/")]
    blocks = _read_blocks(source, file, path, prefix, mine)
    _refuse_duplicates(blocks)
    cells = _cells(blocks, prefix, source.source, file.path, digest)
    unread = sorted({c.cell_id for c in mine} - set(cells["cell_id"])) if mine else []
    if unread:
        raise SourceError(f"{file.path}: corrections of cells that are not read: {', '.join(unread)}")
    return Extraction(
        cells=cells,
        records=_records(blocks, prefix, source.source),
        ledger=_ledger(blocks, source.source, file.path),
    )


def _read_blocks(
    source: Source, file: SourceFile, path: Path, prefix: str, corrections: Sequence[Correction]
) -> list[Block]:
    """Read the declared tables of one file, sheet by sheet."""
    tables = source.tables_in(file.number)
    book = Workbook(path, next((t.encoding for t in tables if t.encoding), None))
    declared = {table.sheet for table in tables if table.sheet}
    for name in book.sheet_names:
        if name and name not in declared and name not in source.ignore_sheets:
            raise SourceError(
                f"{file.path}: the sheet '{name}' is neither read nor declared under ignore_sheets"
                f"{nearest(name, declared)}"
            )
    blocks = []
    for sheet in dict.fromkeys(table.sheet for table in tables):
        here = [table for table in tables if table.sheet == sheet]
        grid = correct_grid(book.grid(sheet), prefix, corrections)
        for table, region in zip(here, locate_tables(file.path, grid, here), strict=True):
            blocks.append(read_table(Place(file.path, grid, table, region), file.year))
    return blocks


def _refuse_duplicates(blocks: Sequence[Block]) -> None:
    """Refuse two numbers for one unit, year and indicator."""
    seen: dict[str, dict[tuple[object, ...], str]] = {}
    for block in blocks:
        keys = block.keys
        units = list(zip(keys.code, keys.name, keys.province, strict=True))
        for numbers in block.numbers:
            known = seen.setdefault(numbers.column.indicator, {})
            for i, year in zip(numbers.index, numbers.years, strict=True):
                key = (units[i][0] or units[i][1:], year)
                here = block.place.at(keys.rows[i], numbers.position)
                if key in known:
                    when = f", year {year}" if year is not None else ""
                    name = " ".join(str(part) for part in units[i] if part)
                    raise SourceError(
                        f"{here}: unit {name}{when} has two numbers for '{numbers.column.indicator}'; "
                        f"the other is at {known[key]}"
                    )
                known[key] = here


def _records(blocks: Sequence[Block], prefix: str, source_id: str) -> pd.DataFrame:
    parts = []
    for block in blocks:
        keys, grid = block.keys, block.place.grid
        for numbers in block.numbers:
            index = numbers.index
            parts.append(
                pd.DataFrame({
                    "source_id": source_id,
                    "unit_code": [keys.code[i] for i in index],
                    "unit_name": [keys.name[i] for i in index],
                    "province": [keys.province[i] for i in index],
                    "year": numbers.years,
                    "indicator": numbers.column.indicator,
                    "value": numbers.values,
                    "measure": numbers.column.measure,
                    "flag": numbers.flags,
                    "cell_id": [
                        f"{prefix}/{grid.sheet}!{grid.cell(keys.rows[i], numbers.position)}" for i in index
                    ],
                })
            )  # fmt: skip
    records = pd.concat(parts, ignore_index=True)[list(RECORD_COLUMNS)]
    text = [c for c in RECORD_COLUMNS if c not in ("year", "value")]
    records = records.astype({**dict.fromkeys(text, "str"), "year": "Int64", "value": "float64"})
    order = ["unit_code", "unit_name", "province", "year", "indicator", "cell_id"]
    return records.sort_values(order, kind="stable", ignore_index=True)


def _cells(blocks: Sequence[Block], prefix: str, source_id: str, file: str, digest: str) -> pd.DataFrame:
    """Collect every cell that was read, each once, in order of sheet, row and column."""
    found: dict[tuple[int, int, int], tuple[str, ...]] = {}
    sheets: dict[str, int] = {}
    for block in blocks:
        keys, grid = block.keys, block.place.grid
        sheet = sheets.setdefault(grid.sheet, len(sheets))
        labels = [_row_label(block, i) for i in range(len(keys.rows))]
        read = [
            (i, column, header, grid.printed(row, column))
            for column, header in keys.columns.items()
            for i, row in enumerate(keys.rows)
        ]
        for numbers in block.numbers:
            label = _column_label(numbers)
            read += [
                (i, numbers.position, label, text)
                for i, text in zip(numbers.index, numbers.texts, strict=True)
            ]
        for i, column, header, text in read:
            cell = grid.cell(keys.rows[i], column)
            cell_id = f"{prefix}/{grid.sheet}!{cell}"
            found[(sheet, keys.rows[i], column)] = (cell_id, grid.sheet, cell, labels[i], header, text)
    names = ["cell_id", "sheet", "cell", "row_label", "column_label", "raw_text"]
    cells = pd.DataFrame([found[key] for key in sorted(found)], columns=names, dtype="str")
    cells = cells.assign(source_id=source_id, file=file, sha256=digest)
    return cells[list(CELL_COLUMNS)].astype("str")


def _row_label(block: Block, i: int) -> str:
    keys = block.keys
    parts = [keys.name[i] or keys.code[i], None if keys.year[i] is None else str(keys.year[i])]
    return " ".join(part for part in parts if part)


def _column_label(numbers: Numbers) -> str:
    years = set(numbers.years) if numbers.in_header else set()
    return " / ".join((*numbers.column.header, *map(str, years)))


def _ledger(blocks: Sequence[Block], source_id: str, file: str) -> pd.DataFrame:
    def line(block: Block, event: Event) -> tuple[object, ...]:
        place = block.place
        return (
            source_id,
            file,
            place.grid.sheet,
            place.table.name,
            event.indicator,
            event.event,
            event.count,
            event.detail,
        )

    lines = [line(block, event) for block in blocks for event in block.events]
    ledger = pd.DataFrame(lines, columns=list(LEDGER_COLUMNS))
    return ledger.astype({**dict.fromkeys(set(LEDGER_COLUMNS) - {"count"}, "str"), "count": "int64"})
