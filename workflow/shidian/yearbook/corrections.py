"""Declared corrections to raw cells: the only way a printed value is ever changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shidian.errors import SourceError, nearest
from shidian.schema import read_declaration
from shidian.yearbook.grid import Grid
from shidian.yearbook.numbers import cell_text
from shidian.yearbook.volume_repairs import Repair, repair_of


@dataclass(frozen=True)
class Correction:
    """One corrected cell: its id, the text it must still hold, the text to read instead, and why."""

    cell_id: str
    expected: str
    corrected: str
    reason: str

    @property
    def source(self) -> str:
        """Name of the source that the cell belongs to."""
        return self.cell_id.split("/", 1)[0]


Declared = Correction | Repair
"""What ``config/corrections.yaml`` declares: corrected cells, repaired volumes."""


def gather_corrections(paths: Iterable[Path | str]) -> tuple[Declared, ...]:
    """Read several files of corrections.

    Raises:
        SourceError: what :func:`load_corrections` refuses, or a cell that two files correct.
    """
    seen: dict[str, Path | str] = {}
    gathered: list[Declared] = []
    for path in paths:
        for correction in load_corrections(path):
            if isinstance(correction, Repair):
                gathered.append(correction)
                continue
            if correction.cell_id in seen:
                raise SourceError(f"{path}: {correction.cell_id} is corrected in {seen[correction.cell_id]} too")
            seen[correction.cell_id] = path
            gathered.append(correction)
    return tuple(gathered)


def load_corrections(path: Path | str, sources: Iterable[str] | None = None) -> tuple[Declared, ...]:
    """Read ``config/corrections.yaml``.

    Args:
        path: the file.
        sources: names of all sources; given, a correction of an unknown source is an error.

    Raises:
        SourceError: the file breaks its schema, corrects one cell twice, or names an unknown source.
    """
    path = Path(path)
    if not path.exists():
        raise SourceError(f"{path}: there is no such file; without corrections it holds 'corrections: []'")
    declared = read_declaration(path, "corrections", SourceError)
    corrections = tuple(Correction(**entry) for entry in declared["corrections"])
    repairs = tuple(
        repair_of(entry, f"{path}: volumes[{i}]") for i, entry in enumerate(declared.get("volumes", ()), start=1)
    )
    known = None if sources is None else sorted(sources)
    seen: set[str] = set()
    for correction in corrections:
        if correction.cell_id in seen:
            raise SourceError(f"{path}: {correction.cell_id} is corrected twice")
        seen.add(correction.cell_id)
    for source in (*(one.source for one in corrections), *(one.source for one in repairs)):
        if known is not None and source not in known:
            raise SourceError(f"{path}: no source '{source}'{nearest(source, known)}")
    return (*corrections, *repairs)


def correct_grid(grid: Grid, prefix: str, corrections: Sequence[Correction]) -> Grid:
    """Put the corrected texts into a grid; the originals stay in ``Grid.originals``.

    Args:
        grid: one sheet.
        prefix: ``<source>/<file number>``.
        corrections: all declared corrections; those of other sheets are passed over.

    Raises:
        SourceError: a cell does not exist, or no longer holds the expected text.
    """
    start = f"{prefix}/{grid.sheet}!"
    mine = [c for c in corrections if c.cell_id.startswith(start)]
    if not mine:
        return grid
    texts = {}
    for correction in mine:
        place = grid.locate(correction.cell_id.removeprefix(start))
        if place is None:
            raise SourceError(f"correction of {correction.cell_id}: the sheet has no such cell")
        row, column = place
        printed = cell_text(grid.rows[row][column])
        if printed != correction.expected:
            raise SourceError(
                f"correction of {correction.cell_id}: the cell holds '{printed}', not the declared "
                f"'{correction.expected}'; if the publisher corrected it, remove or renew the entry"
            )
        texts[place] = correction.corrected
    return grid.corrected(texts)
