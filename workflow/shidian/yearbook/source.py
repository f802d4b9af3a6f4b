"""Source files: one YAML file declares one family of workbooks and how each table in them is read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from shidian.errors import SourceError
from shidian.schema import read_declaration
from shidian.yearbook.tables import Table, build_table

PACKAGE_PREFIX = "package:"


@dataclass(frozen=True)
class SourceFile:
    """One file: ``number`` counts from 1 in the source file's order; ``year`` is the year it describes."""

    number: int
    path: str
    what: str
    sha256: str | None = None
    year: int | None = None


@dataclass(frozen=True)
class Source:
    """A family of workbooks, as declared in ``config/sources/<source>.yaml``."""

    source: str
    title: str
    publisher: str
    citation: str
    licence: str
    url: str
    accessed: str
    redistributable: bool
    simulated: bool
    note: str
    ignore_sheets: tuple[str, ...]
    files: tuple[SourceFile, ...]
    tables: tuple[Table, ...]

    @property
    def indicators(self) -> tuple[str, ...]:
        """Names of all indicators of the source, sorted."""
        return tuple(sorted({column.indicator for table in self.tables for column in table.columns}))

    def tables_in(self, number: int) -> tuple[Table, ...]:
        """Tables that file ``number`` holds, given their lists of files and years of validity."""
        year = self.files[number - 1].year
        return tuple(t for t in self.tables if number in t.files and _valid(year, t.valid_from, t.valid_to))


@dataclass(frozen=True)
class MissingFile:
    """A file that is not there: its path, its expected SHA-256 (None = not declared) and where to get it."""

    path: str
    sha256: str | None
    what: str


def load_source(path: Path | str) -> Source:
    """Read and check one source file.

    Raises:
        SourceError: the file breaks its schema or contradicts itself; the message names file and key.
    """
    path = Path(path)
    document = read_declaration(path, "source", SourceError)
    if document["source"] != path.stem:
        raise SourceError(f"{path}: source: '{document['source']}' must equal the file name, '{path.stem}'")
    files = tuple(SourceFile(number, **entry) for number, entry in enumerate(document.pop("files"), start=1))
    tables = tuple(
        build_table(f"{path}: tables[{i}]", i, entry, len(files))
        for i, entry in enumerate(document.pop("tables"), start=1)
    )
    ignored = tuple(document.pop("ignore_sheets", ()))
    defaults = {"simulated": False, "note": ""}
    source = Source(files=files, tables=tables, ignore_sheets=ignored, **{**defaults, **document})
    _check_years(path, source)
    return source


def _check_years(path: Path, source: Source) -> None:
    """Check that each file is read by a table, and has a year where a table needs one."""
    for position, table in enumerate(source.tables, start=1):
        if table.valid_from or table.valid_to or (table.year and table.year.from_file):
            for number in table.files:
                if source.files[number - 1].year is None:
                    raise SourceError(
                        f"{path}: tables[{position}]: files[{number}] needs the key 'year' "
                        "(from_file or validity years are used)"
                    )
    for file in source.files:
        if not source.tables_in(file.number):
            raise SourceError(f"{path}: files[{file.number}]: no table reads '{file.path}'")


def resolve_file(file: SourceFile, raw_root: Path | str) -> Path:
    """Return where a declared file should be; ``package:NAME/PATH`` is found without importing it."""
    if not file.path.startswith(PACKAGE_PREFIX):
        return Path(raw_root) / file.path
    package, _, inner = file.path.removeprefix(PACKAGE_PREFIX).partition("/")
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return Path(f"<package {package}, not installed>") / inner
    return Path(next(iter(spec.submodule_search_locations))) / inner


def missing_files(source: Source, raw_root: Path | str) -> tuple[MissingFile, ...]:
    """List the declared files that are not on this machine, in the order of the source file."""
    return tuple(
        MissingFile(str(found), file.sha256, file.what)
        for file in source.files
        if not (found := resolve_file(file, raw_root)).is_file()
    )


def checked_digest(file: SourceFile, path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        SourceError: the file is missing, or is not the declared one.
    """
    if not path.is_file():
        expected = f"expected SHA-256 {file.sha256}" if file.sha256 else "no SHA-256 declared"
        raise SourceError(f"{path}: the file is missing ({expected}). {file.what}")
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if file.sha256 and digest != file.sha256:
        raise SourceError(
            f"{path}: this is not the declared file: its SHA-256 is {digest}, the source file says "
            f"{file.sha256}. Get the declared file, or check the new one and update sha256. {file.what}"
        )
    return digest


def _valid(year: int | None, first: int | None, last: int | None) -> bool:
    return year is None or ((first is None or year >= first) and (last is None or year <= last))
