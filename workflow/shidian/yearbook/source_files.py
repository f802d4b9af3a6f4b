"""The files of a source, and what their names say of them: units and years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shidian.errors import SourceError
from shidian.yearbook.raw_paths import refuse_outside
from shidian.yearbook.tables import Table
from shidian.yearbook.texts import read_name


@dataclass(frozen=True)
class SourceFile:
    """One file: ``number`` counts from 1 in the source file's order; ``year`` is the year it describes.

    ``code`` and ``name`` say which unit a file with one document describes.
    """

    number: int
    path: str
    what: str
    sha256: str | None = None
    year: int | None = None
    code: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        """Refuse a path that leads elsewhere, whoever wrote it: a source file, or the list in a bundle."""
        refuse_outside(self.path)


def documents(
    path: Path, declared: Sequence[SourceFile], tables: Sequence[Table]
) -> tuple[tuple[SourceFile, ...], Table]:
    """Give every document its unit and year, from the name of its file or from its entry.

    Raises:
        SourceError: the source has another table, a file lacks unit or year, or some have codes and others names alone.
    """
    if len(tables) > 1:
        raise SourceError(f"{path}: a source with layout: text has one table")
    (table,) = tables
    files = []
    for file in declared:
        where = f"{path}: files: {file.path}"
        try:
            said = read_name(table.file_name, file.path) if table.file_name else {}
        except SourceError as problem:
            raise SourceError(f"{where}: {problem}") from None
        said |= {key: value for key in ("code", "name", "year") if (value := getattr(file, key)) is not None}
        if "year" not in said or not ("code" in said or "name" in said):
            raise SourceError(
                f"{where}: neither file_name nor the file's entry says its year and its unit's code or name"
            )
        files.append(replace(file, code=said.get("code"), name=said.get("name"), year=int(said["year"])))
    fields = {(file.code is not None, file.name is not None) for file in files}
    if len(fields) > 1:
        raise SourceError(f"{path}: some files have a code or a name, others not; give all the same")
    ((code, name),) = fields
    unit = replace(table.unit, code="code" if code else None, name="name" if name else None)
    return tuple(files), replace(table, unit=unit)


def as_named(
    path: Path, declared: Sequence[SourceFile], entries: Sequence[Mapping[str, Any]]
) -> tuple[SourceFile, ...]:
    """Return the files with unit and year as their names say, where a table says how these are written.

    Raises:
        SourceError: a name is not as ``file_name`` says, an entry or another table says otherwise, or a file has no
            unit although a table takes it from there.
    """
    files = list(declared)
    for position, entry in enumerate(entries, start=1):
        ways, of_file = entry.get("file_name"), entry["unit"].get("from_file")
        for number in entry.get("files", range(1, len(files) + 1)) if ways or of_file else ():
            file = files[number - 1]
            where = f"{path}: tables[{position}].file_name: {file.path}"
            try:
                said: dict[str, Any] = read_name(_listed(ways), file.path) if ways else {}
            except SourceError as problem:
                raise SourceError(f"{where}: {problem}") from None
            if "year" in said:
                said["year"] = int(said["year"])
            for key, value in said.items():
                if getattr(file, key) not in (None, value):
                    raise SourceError(
                        f"{where}: the name says {key} {value}, the file's entry or another table {getattr(file, key)}"
                    )
            file = files[number - 1] = replace(file, **said)
            if of_file and file.code is None and file.name is None:
                raise SourceError(
                    f"{path}: files[{number}]: neither file_name nor the file's entry says its unit's code or name "
                    f"(tables[{position}].unit.from_file)"
                )
    return tuple(files)


def _listed(ways: str | Sequence[str]) -> tuple[str, ...]:
    return (ways,) if isinstance(ways, str) else tuple(ways)
