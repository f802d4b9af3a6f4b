"""The one cell of a source that a user names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shidian.checking.sections import place
from shidian.errors import UsageError
from shidian.messages import joined, say
from shidian.yearbook.grid import Grid
from shidian.yearbook.numbers import cell_text
from shidian.yearbook.open_sheets import open_sheets
from shidian.yearbook.source import Source, SourceFile, checked_digest, resolve_file

NAMED = 8
"""Most cells or sheets that a refusal names."""


@dataclass(frozen=True)
class Cell:
    """A cell of a source: its file, sheet, address, and the text that it holds."""

    source: str
    file: SourceFile
    sheet: str
    address: str
    text: str

    @property
    def cell_id(self) -> str:
        """The cell's id, as corrections name it."""
        return f"{self.source}/{self.file.number}/{self.sheet}!{self.address}"

    @property
    def place(self) -> str:
        """Where it stands."""
        return place(self.file.path, self.sheet, self.address)

    @property
    def full_name(self) -> str:
        """How a user names it without doubt."""
        return "!".join(part for part in (self.file.path, self.sheet, self.address) if part)


def find_cell(source: Source, named: str, raw_root: Path) -> Cell:
    """Return the cell of a name: ``FILE!SHEET!A1``, ``SHEET!A1`` or ``A1``, or its id.

    A file is named by its path, its name or its number in the source.

    Raises:
        UsageError: there is no such cell, or there are several.
        SourceError: a file in which it may be is missing or cannot be opened.
    """
    asked = _asked(source, named)
    sheets: list[str] = []
    found: dict[str, Cell] = {}
    for file, rest in asked:
        path = resolve_file(file, raw_root)
        checked_digest(file, path)
        for grid in open_sheets(source, file, path):
            sheets.append("!".join(part for part in (file.path, grid.sheet) if part))
            for cell in _in_grid(source, file, grid, rest):
                found[cell.cell_id] = cell
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        names = [cell.full_name for cell in found.values()]
        raise UsageError(say(
            "'{cell}' may be {names}: name its file and sheet", cell=named, names=joined(_first(names), "either"),
        ))  # fmt: skip
    raise UsageError(say(
        "source '{source}' has no cell '{cell}': write FILE!SHEET!A1, or FILE!5:gdp where there are no sheets; its "
        "sheets are {sheets}", source=source.source, cell=named, sheets=_first(list(dict.fromkeys(sheets))),
    ))  # fmt: skip


def _asked(source: Source, named: str) -> list[tuple[SourceFile, str]]:
    """Return the files in which a cell may be, with what follows the file's name; all where it names none."""
    found = []
    for file in source.files:
        starts = (f"{source.source}/{file.number}/", *(f"{name}!" for name in _names(file)))
        found += [(file, named.removeprefix(start)) for start in starts if named.startswith(start)][:1]
    return found or [(file, named) for file in source.files]


def _names(file: SourceFile) -> tuple[str, ...]:
    return file.path, Path(file.path).name, Path(file.path).stem, str(file.number)


def _in_grid(source: Source, file: SourceFile, grid: Grid, rest: str) -> Iterator[Cell]:
    """Give the cell of a sheet that is named, its sheet's name before it or not."""
    for start in dict.fromkeys((f"{grid.sheet}!", "")):
        address = rest.removeprefix(start) if rest.startswith(start) else ""
        if grid.labels is None:
            address = address.replace("$", "").upper()
            if not re.fullmatch(r"[A-Z]{1,3}[1-9]\d*", address):
                continue
        at = grid.locate(address)
        if at is not None and grid.cell(*at) == address:
            yield Cell(source.source, file, grid.sheet, address, cell_text(grid.rows[at[0]][at[1]]))


def _first(names: Sequence[str]) -> list[str]:
    left = len(names) - NAMED
    return [*names[:NAMED], *([say("{n} more", n=left)] if left > 0 else [])]
