"""Table entries whose keys differ between volumes: alternatives by year, each file read by those of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shidian.errors import SourceError
from shidian.schema import check, read_schema
from shidian.yearbook.alternatives import (
    Path,
    Volume,
    are_alternatives,
    beside,
    called,
    check_alternatives,
    chosen,
    refuse_holes,
    varying,
)

TEXTS: tuple[Path, ...] = (("title",), ("sheet",), ("subtitles",), ("footer", "texts"))
"""Keys whose texts may hold the year of the file, as ``{year}`` or ``{year-1}``."""
_YEAR = re.compile(r"\{year([+-]\d)?\}")


@dataclass(frozen=True)
class Variant:
    """A table entry as it is for some files: no alternatives are left in it."""

    where: str
    entry: dict[str, Any]
    absent: tuple[str, ...] = ()


def representative(entry: Any) -> Any:
    """Return an entry with the first alternative of each key, for the check of all the rest against the schema."""
    if not isinstance(entry, Mapping):
        return entry
    shown: dict[str, Any] = {}
    for key, value in entry.items():
        if not are_alternatives(value):
            shown[key] = representative(value)
        elif given := [one for one in value if "is" in one]:
            shown |= {key: given[0]["is"], **beside(given[0])}
    return shown


def check_entry(where: str, entry: Any) -> None:
    """Refuse a table entry whose alternatives are none, in form or for two of a year (``SourceError``)."""
    for at, alternatives in varying(entry) if isinstance(entry, Mapping) else ():
        check_alternatives(f"{where}.{'.'.join(at)}", at, alternatives)


def variants(where: str, entry: Mapping[str, Any], files: Sequence[Volume]) -> list[Variant]:
    """Return a table entry as each of its files has it, files that it reads alike together.

    Args:
        where: file and key for messages.
        entry: the entry as written.
        files: the files that hold the table.

    Raises:
        SourceError: alternatives overlap, a file has none, or what an alternative says is no value of its key.
    """
    found = list(varying(entry))
    if not found and not any(_YEAR.search(text) for text in _texts(entry)):
        return [Variant(where, dict(entry))]
    grouped: dict[str, tuple[dict[str, Any], list[Volume], tuple[str, ...]]] = {}
    refuse_holes(where, found, files)
    for file in files:
        resolved, absent = _resolve(entry, file)
        _fill_year(where, resolved, file)
        key = json.dumps([resolved, absent], sort_keys=True, default=str)
        grouped.setdefault(key, (resolved, [], absent))[1].append(file)
    return [_variant(where, *group) for group in grouped.values()]


def _variant(where: str, entry: dict[str, Any], files: Sequence[Volume], absent: tuple[str, ...]) -> Variant:
    """Return the entry of some files, checked as if it had been written for them alone."""
    schema = read_schema("source")
    here = f"{where} (file{'s' if len(files) > 1 else ''} of {called(files)})"
    check(entry, {**schema["$defs"]["table"], "$defs": schema["$defs"]}, here, error=SourceError)
    return Variant(here, {**entry, "files": [file.number for file in files]}, absent)


def _resolve(entry: Mapping[str, Any], file: Volume) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return an entry as one file has it, and the series that the file does not have."""
    resolved, absent = _of_file(entry, file), []
    for name, column in list(resolved.get("columns", {}).items()):
        if "header" not in column and "header" in entry["columns"][name]:
            absent.append(name)
            del resolved["columns"][name]
    return resolved, tuple(absent)


def _of_file(entry: Mapping[str, Any], file: Volume) -> dict[str, Any]:
    resolved: dict[str, Any] = {}
    also: dict[str, Any] = {}
    for key, value in entry.items():
        if not are_alternatives(value):
            resolved[key] = _of_file(value, file) if isinstance(value, Mapping) else value
            continue
        one = chosen(value, file)
        if "is" in one:
            resolved[key] = one["is"]
        also |= beside(one)
    return resolved | also


def _texts(entry: Mapping[str, Any]) -> Iterator[str]:
    """Give the texts that may hold the year of the file, those of all alternatives among them."""
    for at in TEXTS:
        node: Any = entry
        for key in at:
            node = node.get(key) if isinstance(node, Mapping) else None
        nodes = [one.get("is") for one in node] if are_alternatives(node) else [node]
        for one in nodes:
            yield from (text for text in (one if isinstance(one, list) else [one]) if isinstance(text, str))


def _fill_year(where: str, entry: dict[str, Any], file: Volume) -> None:
    """Write the year of a file for ``{year}``, ``{year-1}`` and so on, in the entry as it is for the file."""
    for at in TEXTS:
        node: Any = entry
        for key in at[:-1]:
            node = node.get(key, {})
        if at[-1] in node:
            node[at[-1]] = _with_year(f"{where}.{'.'.join(at)}", node[at[-1]], file)


def _with_year(where: str, value: Any, file: Volume) -> Any:
    if isinstance(value, list):
        return [_with_year(where, one, file) for one in value]
    if not isinstance(value, str) or not _YEAR.search(value):
        return value
    if file.year is None:
        raise SourceError(f"{where}: '{value}' holds the year of the file, but file {file.number} has none")
    year = file.year
    return _YEAR.sub(lambda found: str(year + int(found[1] or 0)), value)
