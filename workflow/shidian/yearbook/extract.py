"""From the files of a source to cells and records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from shidian.errors import SourceError, nearest
from shidian.yearbook.assemble import (
    CELL_COLUMNS,
    LEDGER_COLUMNS,
    RECORD_COLUMNS,
    Origin,
    build_frames,
    build_ledger,
)
from shidian.yearbook.corrections import Correction, correct_grid
from shidian.yearbook.layout import Place, locate_tables
from shidian.yearbook.read import Block, read_table
from shidian.yearbook.source import Source, SourceFile, checked_digest, resolve_file
from shidian.yearbook.workbook import Workbook

__all__ = ["CELL_COLUMNS", "LEDGER_COLUMNS", "RECORD_COLUMNS", "Extraction", "extract_file"]


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
    origin = Origin(source.source, number, file.path, checked_digest(file, path))
    mine = [c for c in corrections if c.cell_id.startswith(f"{origin.prefix}/")]
    blocks = _read_blocks(source, file, path, origin.prefix, mine)
    cells, records = build_frames(blocks, origin)
    unread = sorted({c.cell_id for c in mine} - set(cells["cell_id"])) if mine else []
    if unread:
        raise SourceError(f"{file.path}: corrections of cells that are not read: {', '.join(unread)}")
    return Extraction(cells, records, build_ledger(blocks, origin))


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
