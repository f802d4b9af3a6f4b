"""From the files of a source to cells and records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from shidian.errors import SourceError, nearest
from shidian.messages import say
from shidian.yearbook.arrow import plain_frame
from shidian.yearbook.assemble import CELL_COLUMNS, Assembly
from shidian.yearbook.corrections import Correction, Declared, correct_grid
from shidian.yearbook.events import Event
from shidian.yearbook.layout import Place, locate_tables
from shidian.yearbook.ledger import EVENT_COLUMNS, build_ledger
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.open_sheets import document_grid, text_form, whole
from shidian.yearbook.read import Block, read_table
from shidian.yearbook.record_tables import RECORD_COLUMNS, Origin
from shidian.yearbook.sheets import of_file, sheets_of
from shidian.yearbook.source import Source, SourceFile, checked_digest, resolve_file
from shidian.yearbook.tables import Table
from shidian.yearbook.time_limit import within
from shidian.yearbook.volume_repairs import Repair, refuse_strange, refuse_unmet, repaired_place, repairs_of
from shidian.yearbook.workbook import Workbook

__all__ = ["CELL_COLUMNS", "EVENT_COLUMNS", "RECORD_COLUMNS", "Extraction", "extract_file", "extract_files"]


@dataclass(frozen=True)
class Extraction:
    """What one or several files of a source hold.

    Attributes:
        assembly: the cells and records, as tables of some at a time.
        ledger: what was skipped, left out, read as missing or corrected, with counts (``EVENT_COLUMNS``).
        digests: SHA-256 of each file, in the order in which they were read.
    """

    assembly: Assembly
    ledger: pd.DataFrame
    digests: tuple[str, ...]

    @cached_property
    def cell_table(self) -> pa.Table:
        """One row a workbook cell that was read (``CELL_COLUMNS``), by file, table, column and row."""
        return pa.concat_tables(self.assembly.cells()).unify_dictionaries()

    @cached_property
    def record_table(self) -> pa.Table:
        """One row a file, unit, year and series (``RECORD_COLUMNS``), sorted in this order."""
        return pa.concat_tables(self.assembly.records()).unify_dictionaries()

    @property
    def cells(self) -> pd.DataFrame:
        """The cells as a data frame."""
        return plain_frame(self.cell_table)

    @property
    def records(self) -> pd.DataFrame:
        """The records as a data frame."""
        return plain_frame(self.record_table)


def extract_file(source: Source, number: int, raw_root: Path | str, corrections: Sequence[Declared] = ()) -> Extraction:
    """Read all declared tables of one file; see :func:`extract_files`."""
    return extract_files(source, [number], raw_root, corrections)


def extract_files(
    source: Source,
    numbers: Sequence[int],
    raw_root: Path | str,
    corrections: Sequence[Declared] = (),
    limits: Limits = LIMITS,
) -> Extraction:
    """Read all declared tables of some files of a source.

    The result is that of the files one by one, put together in the order of ``numbers``.

    Args:
        source: the source.
        numbers: numbers of the files in the source, from 1, ascending.
        raw_root: folder of the raw workbooks.
        corrections: declared corrections; those of other files are passed over.
        limits: how much of a file is read.

    Raises:
        SourceError: anything in the files that the source file does not foresee.
    """
    refuse_strange([file.path for file in source.files], source.series, source.source, corrections)
    blocks: list[Block] = []
    origins: list[Origin] = []
    digests = []
    for number in numbers:
        file = source.files[number - 1]
        path = resolve_file(file, raw_root)
        digests.append(checked_digest(file, path))
        origin = Origin(source.source, number, file.path, digests[-1])
        mine = [c for c in corrections if isinstance(c, Correction) and c.cell_id.startswith(f"{origin.prefix}/")]
        repairs = repairs_of(source.source, file.path, corrections)
        with within(limits.seconds, path):
            found = _read_blocks(source, file, path, origin.prefix, mine, repairs, limits)
        _refuse_unread(file, found, mine, origin.prefix)
        blocks += found
        origins += [origin] * len(found)
    return Extraction(Assembly(blocks, origins), build_ledger(blocks, origins), tuple(digests))


def _refuse_unread(file: SourceFile, blocks: Sequence[Block], corrections: Sequence[Correction], prefix: str) -> None:
    """Refuse corrections of cells that no table reads: they would change nothing."""
    read = [correction for correction in corrections if any(_reads(block, correction, prefix) for block in blocks)]
    unread = sorted({c.cell_id for c in corrections} - {c.cell_id for c in read})
    if unread:
        raise SourceError(f"{file.path}: corrections of cells that are not read: {', '.join(unread)}")


def _reads(block: Block, correction: Correction, prefix: str) -> bool:
    """Say whether a table reads the cell that is corrected."""
    grid, rows = block.place.grid, block.keys.rows
    start = f"{prefix}/{grid.sheet}!"
    found = grid.locate(correction.cell_id.removeprefix(start)) if correction.cell_id.startswith(start) else None
    if found is None or grid.cell(*found) != correction.cell_id.removeprefix(start):
        return False
    row, column = found
    at = np.flatnonzero(rows == row)
    above = [held[column] for held in (block.keys.held, block.keys.headings) if column in held]
    if any(bool((lines == row).any()) for lines in above):
        return True
    if column in block.keys.held:
        return False
    read = [r.index for r in block.numbers.readings if r.position == column]
    return bool(len(at)) and (column in block.keys.columns or any(bool(np.isin(at, index).any()) for index in read))


def _read_blocks(
    source: Source,
    file: SourceFile,
    path: Path,
    prefix: str,
    corrections: Sequence[Correction],
    repairs: Sequence[Repair],
    limits: Limits,
) -> list[Block]:
    """Read the declared tables of one file, sheet by sheet."""
    tables = source.tables_in(file.number)
    if source.is_text:
        return [_read_document(file, path, tables[0], prefix, corrections)]
    book = Workbook(path, text_form(file, tables), limits)
    tables = tuple(of_file(one, file) for table in tables for one in sheets_of(file, table, book, source.ignore_sheets))
    declared = {sheet for table in tables for sheet in (table.sheet, *table.continued) if sheet}
    book.refuse_missing(declared)
    for name in book.sheet_names:
        if name and name not in declared and name not in source.ignore_sheets:
            raise SourceError(
                f"{file.path}: the sheet '{name}' is neither read nor declared under ignore_sheets"
                f"{nearest(name, declared)}"
            )
    blocks: list[Block] = []
    met: list[Repair] = []
    for sheet in dict.fromkeys(table.sheet for table in tables):
        here = [table for table in tables if table.sheet == sheet]
        grid = correct_grid(whole(file, book, here), prefix, corrections)
        for table, region in zip(here, locate_tables(file.path, grid, here), strict=True):
            place = Place(file.path, grid, table, region)
            block = read_table(place, file.year, rows := source.row_prefix(file.number, table))
            place, here_met = repaired_place(block, repairs)
            met += here_met
            blocks.append(_with_events(read_table(place, file.year, rows), here_met) if here_met else block)
    refuse_unmet(repairs, met)
    return blocks


def _with_events(block: Block, repairs: Sequence[Repair]) -> Block:
    """Return a table with a line of the ledger for each repair of the volume."""
    events = [
        Event(say("volume repaired: {what}", what=repair.said), 1, repair.reason, series)
        for repair in repairs
        for series in repair.series
    ]
    return replace(block, events=[*block.events, *events])


def _read_document(file: SourceFile, path: Path, table: Table, prefix: str, corrections: Sequence[Correction]) -> Block:
    """Read a file that is one document."""
    grid = correct_grid(document_grid(file, path, table), prefix, corrections)
    (region,) = locate_tables(file.path, grid, [table])
    return read_table(Place(file.path, grid, table, region), file.year)
