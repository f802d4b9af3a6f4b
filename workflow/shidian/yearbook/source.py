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
from shidian.schema import check, read_schema, read_yaml
from shidian.yearbook.alternatives import varying
from shidian.yearbook.by_year import check_entry, representative, variants
from shidian.yearbook.raw_paths import PACKAGE_PREFIX, expand, refuse_outside
from shidian.yearbook.source_files import SourceFile, as_named, documents
from shidian.yearbook.table_checks import check_table
from shidian.yearbook.tables import Table, build_table


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
    document = _read(path)
    if document["source"] != path.stem:
        raise SourceError(f"{path}: source: '{document['source']}' must equal the file name, '{path.stem}'")
    files = _files(path, document.pop("files"))
    entries = document.pop("tables")
    _refuse_strange_files(path, entries, len(files))
    is_text = any(entry["layout"] == "text" for entry in entries)
    files = files if is_text else as_named(path, files, entries)
    tables, places = _tables(path, entries, files)
    ignored = tuple(document.pop("ignore_sheets", ()))
    defaults = {"simulated": False, "note": ""}
    source = Source(files=files, tables=tables, ignore_sheets=ignored, **{**defaults, **document})
    if is_text:
        files, table = documents(path, files, tables)
        source = replace(source, files=files, tables=(table,))
    _check_years(source, places, path)
    if len({table.unit.row_number for table in tables}) > 1:
        raise SourceError(
            f"{path}: tables: in some each row is a unit ('unit.row_number'), in others codes or names say which: "
            "make two sources of them"
        )
    return source


def _read(path: Path) -> dict[str, Any]:
    """Read a source file and check it against its schema, keys with alternatives by year by the first of them."""
    document = read_yaml(path, SourceError)
    shown = document
    if isinstance(document, dict) and isinstance(document.get("tables"), list):
        for i, entry in enumerate(document["tables"], start=1):
            check_entry(f"{path}: tables[{i}]", entry)
        shown = {**document, "tables": [representative(entry) for entry in document["tables"]]}
    check(shown, read_schema("source"), str(path), error=SourceError)
    assert isinstance(document, dict)
    return document


def _refuse_strange_files(path: Path, entries: Sequence[dict[str, Any]], n_files: int) -> None:
    for i, entry in enumerate(entries, start=1):
        for number in entry.get("files", ()):
            if number > n_files:
                raise SourceError(
                    f"{path}: tables[{i}].files: there is no file {number}; the source declares {n_files}"
                )


def _tables(
    path: Path, entries: Sequence[dict[str, Any]], files: Sequence[SourceFile]
) -> tuple[tuple[Table, ...], tuple[str, ...]]:
    """Return the declared tables, each checked for keys that contradict each other, and where each is declared.

    An entry with alternatives by year becomes a table for each group of files that are read alike.
    """
    tables, places = [], []
    for i, entry in enumerate(entries, start=1):
        if entry["layout"] == "text" and (found := next(varying(entry), None)):
            raise SourceError(f"{path}: tables[{i}].{'.'.join(found[0])}: documents take no alternatives by year")
        numbers = entry.get("files", range(1, len(files) + 1))
        valid = entry.get("valid_from"), entry.get("valid_to")
        mine = [file for number in numbers if _valid((file := files[number - 1]).year, *valid)]
        for variant in variants(f"{path}: tables[{i}]", entry, mine):
            tables.append(build_table(variant.where, i, variant.entry, len(files), variant.absent))
            places.append(variant.where)
            check_table(variant.where, tables[-1])
    return tuple(tables), tuple(places)


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


def _check_years(source: Source, places: Sequence[str], path: Path) -> None:
    """Check that each file is read by a table, and has a year where a table needs one."""
    for place, table in zip(places, source.tables, strict=True):
        if table.valid_from or table.valid_to or (table.year and table.year.from_file):
            for number in table.files:
                if source.files[number - 1].year is None:
                    raise SourceError(
                        f"{place}: files[{number}] needs the key 'year' (from_file or validity years are used)"
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
        raise SourceError(f"{path}: the file is missing ({expected}). {file.what}{_elsewhere(file, path)}")
    digest = sha256_of(path)
    if file.sha256 and digest != file.sha256:
        raise SourceError(
            f"{path}: this is not the declared file: its SHA-256 is {digest}, the source file says "
            f"{file.sha256}. Get the declared file, or check the new one and update sha256. {file.what}"
        )
    return digest


def _elsewhere(file: SourceFile, path: Path) -> str:
    """Return where below the raw-data folder a missing file of the same name lies, in words; "" where none does."""
    root = Path(str(path).removesuffix(file.path))
    found = sorted(root.rglob(path.name)) if root.is_dir() and root != path else []
    return f". A file of this name is there: write 'path: {found[0].relative_to(root).as_posix()}'" if found else ""


def _valid(year: int | None, first: int | None, last: int | None) -> bool:
    return year is None or ((first is None or year >= first) and (last is None or year <= last))
