"""Values of a table's keys that differ between volumes: a list of what each is from when to when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import Any, Protocol

from shidian.errors import SourceError
from shidian.schema import check, read_schema

Path = tuple[str, ...]
Alternatives = Sequence[Mapping[str, Any]]
NAMED = "*"
"""Stands in a path for a name that the user gives, such as that of a series."""
_CHOOSES = ("from", "until", "files", "others")
_FIRST, _LAST = 0, 9999


class Volume(Protocol):
    """A file of the source: ``source.SourceFile``."""

    @property
    def number(self) -> int:
        """Its number in the source, from 1."""

    @property
    def year(self) -> int | None:
        """The year that it describes."""


def are_alternatives(value: Any) -> bool:
    """Say whether a value is a list of mappings that choose by year or file, which no plain value of a key is."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, Mapping) for one in value)
        and any({"is", "absent", *_CHOOSES} & set(one) for one in value)
    )


def varying(entry: Mapping[str, Any], at: Path = ()) -> Iterator[tuple[Path, Alternatives]]:
    """Give every key of a table entry that has alternatives, with its path."""
    for key, value in entry.items():
        if are_alternatives(value):
            yield (*at, str(key)), value
        elif isinstance(value, Mapping):
            yield from varying(value, (*at, str(key)))


def chosen(alternatives: Alternatives, file: Volume) -> Mapping[str, Any]:
    """Return the alternative for a file; that for all others where none names it."""
    mine = [one for one in alternatives if _is_for(one, file)]
    return mine[0] if mine else next((one for one in alternatives if "others" in one), {})


def beside(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of the column that an alternative of its header says too, such as its measure."""
    return {key: value for key, value in one.items() if key not in (*_CHOOSES, "is", "absent")}


def check_alternatives(where: str, at: Path, alternatives: Alternatives) -> None:
    """Refuse (``SourceError``) alternatives of a key that has none, in another form, or two for one year or file."""
    keys = taking()
    generic = ("columns", NAMED, *at[2:]) if at[0] == "columns" and len(at) > 2 else at
    if generic not in keys:
        listed = ", ".join(".".join(one).replace(NAMED, "<series>") for one in keys)
        raise SourceError(f"{where}: takes no alternatives by year; these keys do: {listed}")
    schema = read_schema("source")
    of_header = generic == ("columns", NAMED, "header")
    for number, one in enumerate(alternatives, start=1):
        here = f"{where}[{number}]"
        check(one, {"$ref": "#/$defs/alternative", "$defs": schema["$defs"]}, here, error=SourceError)
        if (also := list(beside(one))) and not of_header:
            raise SourceError(f"{here}.{also[0]}: stands beside 'is' in alternatives of a column's header alone")
        if not any(key in one for key in _CHOOSES):
            raise SourceError(f"{here}: says for no year: write 'from', 'until' or both, 'files', or 'others: true'")
        if len({"files", "others"} & set(one)) + bool({"from", "until"} & set(one)) > 1:
            raise SourceError(f"{here}: chooses in two ways; keep years ('from', 'until'), 'files' or 'others'")
        if ("is" in one) == ("absent" in one):
            raise SourceError(f"{here}: says either 'is' or 'absent: true'")
        if _span(one)[0] > _span(one)[1]:
            raise SourceError(f"{here}: 'from' {one['from']} is after 'until' {one['until']}")
    if all("absent" in one for one in alternatives):
        raise SourceError(f"{where}: absent in all its years; leave the key out")
    _refuse_overlaps(where, alternatives)


def _refuse_overlaps(where: str, alternatives: Alternatives) -> None:
    for (i, one), (j, other) in combinations(enumerate(alternatives, start=1), 2):
        if "others" in one and "others" in other:
            raise SourceError(f"{where}: alternatives {i} and {j} are both for all other years")
        if shared := sorted(set(one.get("files", ())) & set(other.get("files", ()))):
            raise SourceError(f"{where}: alternatives {i} and {j} are both for file {shared[0]}")
        if not _by_years(one) or not _by_years(other):
            continue
        first, last = max(_span(one)[0], _span(other)[0]), min(_span(one)[1], _span(other)[1])
        if first <= last:
            raise SourceError(f"{where}: alternatives {i} and {j} are both for {_years(first, last)}")


def refuse_holes(where: str, found: Sequence[tuple[Path, Alternatives]], files: Sequence[Volume]) -> None:
    """Refuse (``SourceError``) files that no alternative is for, or several are, and alternatives for no file."""
    for at, alternatives in found:
        key = f"{where}.{'.'.join(at)}"
        undated = [file for file in files if file.year is None and not _by_number(alternatives, file)]
        if undated and any(_by_years(one) for one in alternatives):
            raise SourceError(
                f"{key}: file {undated[0].number} has no year to choose by: give files[].year or file_name, or choose "
                "by 'files: [1, 2]'"
            )
        for file in files:
            mine = [i for i, one in enumerate(alternatives, start=1) if _is_for(one, file)]
            if len(mine) > 1:
                raise SourceError(
                    f"{key}: alternatives {mine[0]} and {mine[1]} are both for file {file.number} ({file.year})"
                )
        others = any("others" in one for one in alternatives)
        without = [file for file in files if not others and not any(_is_for(one, file) for one in alternatives)]
        if without:
            raise SourceError(f"{key}: no alternative is for {called(without)}; write one, or 'others: true'")
        for i, one in enumerate(alternatives, start=1):
            if not any(chosen(alternatives, file) is one for file in files):
                raise SourceError(f"{key}[{i}]: is for no file of the table, which are those of {called(files)}")


def _is_for(one: Mapping[str, Any], file: Volume) -> bool:
    if "files" in one:
        return file.number in one["files"]
    return _by_years(one) and file.year is not None and _span(one)[0] <= file.year <= _span(one)[1]


def _by_number(alternatives: Alternatives, file: Volume) -> bool:
    return any(file.number in one.get("files", ()) for one in alternatives)


def _by_years(one: Mapping[str, Any]) -> bool:
    return "from" in one or "until" in one


def _span(one: Mapping[str, Any]) -> tuple[int, int]:
    return one.get("from", _FIRST), one.get("until", _LAST)


@cache
def taking() -> tuple[Path, ...]:
    """Return the keys of a table that take alternatives: those that the schema marks ``by_year``."""
    schema = read_schema("source")
    return tuple(_marked(schema["$defs"]["table"], schema))


def _marked(node: Mapping[str, Any], schema: Mapping[str, Any], at: Path = ()) -> Iterator[Path]:
    if "$ref" in node and not node.get("by_year"):
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    if node.get("by_year"):
        yield at
    for key, child in node.get("properties", {}).items():
        yield from _marked(child, schema, (*at, key))
    if isinstance(named := node.get("additionalProperties"), Mapping):
        yield from _marked(named, schema, (*at, NAMED))


def called(files: Sequence[Volume]) -> str:
    """Return files by their years, ``2004-2006, 2009``; by their numbers where one has none."""
    dated = all(file.year is not None for file in files)
    numbers = sorted({(file.year if dated else file.number) or 0 for file in files})
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    listed = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
    return listed if dated else f"number {listed}"


def _years(first: int, last: int) -> str:
    """Return the years that two alternatives share."""
    if first == _FIRST:
        return f"{last} and before"
    return str(first) if first == last else f"{first} and after" if last == _LAST else f"{first}-{last}"
