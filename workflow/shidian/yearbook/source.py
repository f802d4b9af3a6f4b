"""Source files: one YAML file declares one family of workbooks and how each table in them is read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from shidian.errors import SourceError, nearest
from shidian.yearbook.declarations import load_declaration

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
class Column:
    """One indicator of a table: where it is, its unit of measure and the years it is valid for."""

    indicator: str
    header: str
    measure: str
    missing: tuple[str, ...] = ("",)
    where: Mapping[str, str] = field(default_factory=dict)
    valid_from: int | None = None
    valid_to: int | None = None


@dataclass(frozen=True)
class UnitColumns:
    """Headers that say which unit a row describes, or the one unit of the whole table."""

    level: str
    code: str | None = None
    code_kind: str = "gb2260"
    name: str | None = None
    province: str | None = None
    fixed_name: str | None = None
    fixed_code: str | None = None


@dataclass(frozen=True)
class Year:
    """Where the year is: a column, one fixed year, or the year of the file."""

    header: str | None = None
    fixed: int | None = None
    from_file: bool = False


@dataclass(frozen=True)
class Footer:
    """Rows that are not data."""

    texts: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    blank_rows: int = 0


@dataclass(frozen=True)
class Table:
    """One table in one or several files. ``year`` is None for facts without a year."""

    name: str
    layout: str
    unit: UnitColumns
    columns: tuple[Column, ...]
    year: Year | None = None
    files: tuple[int, ...] = ()
    sheet: str | None = None
    encoding: str | None = None
    header_row: int = 1
    valid_from: int | None = None
    valid_to: int | None = None
    expect: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    ignore_patterns: tuple[str, ...] = ()
    blank_headers: int = 0
    footer: Footer = Footer()
    footnote_marks: tuple[str, ...] = ()


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
    document = load_declaration(path, "source")
    if document["source"] != path.stem:
        raise SourceError(f"{path}: source: '{document['source']}' must equal the file name, '{path.stem}'")
    files = tuple(SourceFile(number, **entry) for number, entry in enumerate(document.pop("files"), start=1))
    tables = tuple(_table(path, i, entry, files) for i, entry in enumerate(document.pop("tables"), start=1))
    for file in files:
        if not any(file.number in table.files for table in tables):
            raise SourceError(f"{path}: files[{file.number}]: no table reads '{file.path}'")
    return Source(files=files, tables=tables, **{"simulated": False, "note": "", **document})


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


def _table(path: Path, position: int, entry: dict[str, Any], files: tuple[SourceFile, ...]) -> Table:
    """Build one table and check what the schema cannot: file numbers, years, doubled headers, patterns."""
    where = f"{path}: tables[{position}]"
    numbers = tuple(entry.pop("files", [file.number for file in files]))
    for number in numbers:
        if number > len(files):
            raise SourceError(f"{where}.files: there is no file {number}; the source declares {len(files)}")
    year = Year(**entry.pop("year")) if "year" in entry else None
    needs_year = (year is not None and year.from_file) or "valid_from" in entry or "valid_to" in entry
    for number in numbers:
        if needs_year and files[number - 1].year is None:
            raise SourceError(f"{where}: files[{number}] needs the key 'year' (from_file or validity years are used)")
    columns = tuple(
        Column(name, **{**spec, "missing": tuple(spec.get("missing", [""]))})
        for name, spec in ((n, {k: v for k, v in s.items() if k != "note"}) for n, s in entry.pop("columns").items())
    )
    unit = UnitColumns(**entry.pop("unit"))
    rows: dict[str, Any] = entry.pop("footer", {})
    texts, patterns = tuple(rows.get("texts", ())), tuple(rows.get("patterns", ()))
    footer = Footer(texts, patterns, rows.get("blank_rows", 0))
    lists = {k: tuple(v) for k, v in entry.items() if isinstance(v, list)}
    table = Table(
        **{"name": entry.get("sheet", f"table {position}"), **entry, **lists},
        files=numbers, year=year, columns=columns, footer=footer, unit=unit,
    )  # fmt: skip
    _check_table(where, table)
    return table


def _check_table(where: str, table: Table) -> None:
    read = [h for h in (table.unit.code, table.unit.name, table.unit.province) if h]
    read += [table.year.header] if table.year and table.year.header else []
    for header in table.ignore:
        if header in read or any(header == c.header for c in table.columns):
            raise SourceError(f"{where}.ignore: '{header}' is also read; declare it once")
    seen: dict[tuple[Any, ...], str] = {}
    for column in table.columns:
        key = (column.header, tuple(sorted(column.where.items())))
        if key in seen:
            raise SourceError(f"{where}.columns: {seen[key]} and {column.indicator} read the same column '{key[0]}'")
        seen[key] = column.indicator
        if column.valid_from and column.valid_to and column.valid_from > column.valid_to:
            raise SourceError(f"{where}.columns.{column.indicator}: valid_from is after valid_to")
    for key_name, patterns in (
        ("ignore_patterns", table.ignore_patterns),
        ("footer.patterns", table.footer.patterns),
    ):
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise SourceError(f"{where}.{key_name}: '{pattern}' is not a regular expression: {error}") from None


def source_named(folder: Path | str, name: str) -> Source:
    """Load ``<folder>/<name>.yaml``; an unknown name is an error that gives the nearest one."""
    path = Path(folder) / f"{name}.yaml"
    if not path.is_file():
        names = [p.stem for p in Path(folder).glob("*.yaml")]
        raise SourceError(f"{folder}: there is no source '{name}'{nearest(name, names)}")
    return load_source(path)
