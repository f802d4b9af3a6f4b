"""Reading a declared source file by file, as the workflow does, so that one bad file hides nothing in the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from shidian.checking.where import period_name
from shidian.errors import SourceError
from shidian.yearbook.corrections import Declared
from shidian.yearbook.extract import Extraction, extract_file
from shidian.yearbook.read import Block
from shidian.yearbook.rows import NO_YEAR
from shidian.yearbook.source import Source

UNIT_COLUMNS = ("code", "name", "province", "year", "level", "aliases", "file", "sheet", "cell")


@dataclass(frozen=True)
class Reading:
    """What the files of a source hold.

    Attributes:
        source: the source.
        records: as the workflow writes them, with the file, sheet and cell of each, by file.
        units: one row a file, sheet, printed unit and period, with the first cell that says it (``UNIT_COLUMNS``).
        ledger: what was passed over, read as missing or corrected.
        read: paths of the files that were read.
        problems: path of each other file -> why it was not.
    """

    source: Source
    records: pd.DataFrame
    units: pd.DataFrame
    ledger: pd.DataFrame
    read: tuple[str, ...]
    problems: dict[str, str]

    @property
    def rows_are_units(self) -> bool:
        """Whether each row is a unit of its own."""
        return any(table.unit.row_number for table in self.source.tables)

    def written(self, period: int) -> str:
        """Return a period as it is written."""
        return period_name(self.source)(period)


def read_source(source: Source, raw_root: Path | str, corrections: Sequence[Declared] = ()) -> Reading:
    """Read all files of a source; what stops the reading of one is kept under its path."""
    records, units, ledgers, problems = [], [], [], {}
    for file in source.files:
        try:
            found = extract_file(source, file.number, raw_root, corrections)
        except SourceError as problem:
            problems[file.path] = str(problem)
            continue
        records.append(_with_places(found.records, source.source, file.number, file.path))
        units.append(pd.DataFrame(_units(found, file.path), columns=list(UNIT_COLUMNS)))
        ledgers.append(found.ledger)
    read = tuple(file.path for file in source.files if file.path not in problems)
    return Reading(source, _joined(records), _joined(units), _joined(ledgers), read, problems)


def place_in(cell_id: str, prefix: str) -> tuple[str, str]:
    """Return sheet and address of a cell's id, given its first part ``<source>/<number>``.

    >>> place_in("gdp/2/全市!B5", "gdp/2"), place_in("gdp/1/!5:rate!", "gdp/1")
    (('全市', 'B5'), ('', '5:rate!'))
    """
    rest = cell_id.removeprefix(f"{prefix}/")
    if rest.startswith("!"):
        return "", rest[1:]
    sheet, _, cell = rest.rpartition("!")
    return sheet, cell


def _with_places(records: pd.DataFrame, source: str, number: int, path: str) -> pd.DataFrame:
    places = [place_in(cell_id, f"{source}/{number}") for cell_id in records["cell_id"]]
    sheets, cells = zip(*places, strict=True) if places else ((), ())
    return records.assign(file=path, sheet=list(sheets), cell=list(cells))


def _units(found: Extraction, path: str) -> list[tuple[object, ...]]:
    return [unit for block in found.assembly.blocks for unit in _units_in(block, path)]


def _units_in(block: Block, path: str) -> list[tuple[object, ...]]:
    """Return the printed units and periods of a table with their cells."""
    keys, table, grid = block.keys, block.place.table, block.place.grid
    if table.unit.row_number:
        return []
    header = str(table.unit.name or table.unit.code)
    position = next((at for at, name in keys.columns.items() if name == header), None)
    periods = [None if year == NO_YEAR else year for year in keys.year.tolist()]
    if any(reading.in_header for reading in block.numbers.readings):
        of_header = np.unique(np.concatenate([r.years for r in block.numbers.readings if r.in_header])).tolist()
        periods = [max(of_header)] * len(periods) if of_header else periods
    lines = keys.rows if position is None else keys.held.get(position, keys.rows)
    seen: dict[tuple[object, ...], int] = {}
    for i, key in enumerate(zip(keys.code, keys.name, keys.province, periods, strict=True)):
        seen.setdefault(key, i)
    level, aliases = table.unit.level, table.unit.aliases
    return [
        (*key, level, aliases, path, grid.sheet, "" if position is None else grid.cell(int(lines[i]), position))
        for key, i in seen.items()
    ]


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
