"""Source files: one YAML file declares one family of workbooks and how each table in them is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from shidian.checksums import sha256_of
from shidian.errors import SourceError
from shidian.schema import read_declaration
from shidian.yearbook.raw_paths import PACKAGE_PREFIX, expand, refuse_outside
from shidian.yearbook.table_checks import check_table
from shidian.yearbook.tables import Table, build_table
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
    def series(self) -> tuple[str, ...]:
        """Names of all series of the source, sorted."""
        return tuple(sorted({column.series for table in self.tables for column in table.columns}))

    @property
    def is_text(self) -> bool:
        """Whether each file is one document."""
        return any(table.layout == "text" for table in self.tables)

    def row_prefix(self, number: int, table: Table) -> str:
        """Return what tells rows that are units by their number from those of other files and sheets: "2/" or ""."""
        sheets = {one.sheet or one.sheets for one in self.tables if one.unit.row_number}
        several = len(sheets) > 1 or any(one.sheets for one in self.tables)
        parts = [str(number)] * (len(self.files) > 1) + [str(table.sheet)] * several
        return "".join(f"{part}/" for part in parts)

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
    files = _files(path, document.pop("files"))
    tables = _tables(path, document.pop("tables"), len(files))
    ignored = tuple(document.pop("ignore_sheets", ()))
    defaults = {"simulated": False, "note": ""}
    source = Source(files=files, tables=tables, ignore_sheets=ignored, **{**defaults, **document})
    source = _with_documents(path, source) if source.is_text else replace(source, files=_as_named(path, source))
    _check_years(path, source)
    if len({table.unit.row_number for table in tables}) > 1:
        raise SourceError(
            f"{path}: tables: in some each row is a unit ('unit.row_number'), in others codes or names say which: "
            "make two sources of them"
        )
    return source


def _tables(path: Path, entries: Sequence[dict[str, Any]], n_files: int) -> tuple[Table, ...]:
    """Return the declared tables, each checked for keys that contradict each other."""
    tables = []
    for i, entry in enumerate(entries, start=1):
        tables.append(build_table(where := f"{path}: tables[{i}]", i, entry, n_files))
        check_table(where, tables[-1])
    return tuple(tables)


def _files(path: Path, declared: list[dict[str, Any]]) -> tuple[SourceFile, ...]:
    """Number the declared files, braces in their paths expanded."""
    entries = []
    for i, entry in enumerate(declared, start=1):
        try:
            paths = list(expand(entry["path"]))
            for one in paths:
                refuse_outside(one)
        except SourceError as problem:
            raise SourceError(f"{path}: files[{i}]: {problem}") from None
        if len(paths) > 1 and "sha256" in entry:
            raise SourceError(
                f"{path}: files[{i}]: a checksum belongs to one file, but the path stands for {len(paths)}"
            )
        if re.search(r"\{[^{}]*\}", paths[0]):
            raise SourceError(
                f"{path}: files[{i}]: '{entry['path']}' holds braces that stand for no files, as {{44,51}} and "
                f"{{2004..2018}} do (a table's 'file_name' says what stands for the year); a name cannot hold braces "
                "itself: rename the file"
            )
        entries += [{**entry, "path": one} for one in paths]
    return tuple(SourceFile(number, **entry) for number, entry in enumerate(entries, start=1))


def _with_documents(path: Path, source: Source) -> Source:
    """Give every document its unit and year, from the name of its file or from its entry."""
    if len(source.tables) > 1:
        raise SourceError(f"{path}: a source with layout: text has one table")
    (table,) = source.tables
    files = []
    for file in source.files:
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
    return replace(source, files=tuple(files), tables=(replace(table, unit=unit),))


def _as_named(path: Path, source: Source) -> tuple[SourceFile, ...]:
    """Return the files with unit and year as their names say, where a table says how these are written.

    Raises:
        SourceError: a name is not as ``file_name`` says, an entry or another table says otherwise, or a file has no
            unit although a table takes it from there.
    """
    files = list(source.files)
    for position, table in enumerate(source.tables, start=1):
        for number in table.files if table.file_name or table.unit.from_file else ():
            file = files[number - 1]
            where = f"{path}: tables[{position}].file_name: {file.path}"
            try:
                said: dict[str, Any] = read_name(table.file_name, file.path) if table.file_name else {}
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
            if table.unit.from_file and file.code is None and file.name is None:
                raise SourceError(
                    f"{path}: files[{number}]: neither file_name nor the file's entry says its unit's code or name "
                    f"(tables[{position}].unit.from_file)"
                )
    return tuple(files)


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
    try:
        spec = find_spec(package)  # of a package, not of a part of one: nothing is imported
    except ValueError:  # __main__ and the like
        spec = None
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
    digest = sha256_of(path)
    if file.sha256 and digest != file.sha256:
        raise SourceError(
            f"{path}: this is not the declared file: its SHA-256 is {digest}, the source file says "
            f"{file.sha256}. Get the declared file, or check the new one and update sha256. {file.what}"
        )
    return digest


def _valid(year: int | None, first: int | None, last: int | None) -> bool:
    return year is None or ((first is None or year >= first) and (last is None or year <= last))
