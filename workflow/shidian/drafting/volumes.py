"""The tables of a folder's files that are one table over the years: which belong together, what is theirs alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shidian.drafting.draft import Drafted
from shidian.drafting.measures import BRACKETS, is_measure, without_measure
from shidian.drafting.series import TO_MEASURE
from shidian.yearbook.alternatives import Path, taking
from shidian.yearbook.numbers import clean, match_key
from shidian.yearbook.tables import HeaderPath

Key = tuple[str, ...]
SAME = 0.3
"""Share of columns that tables of two volumes must have in common to be one, where their titles differ."""
NESTED = ("unit", "year", "footer")
"""Keys of a table whose mappings are compared key by key."""
WORDS = ("category", "text")


@dataclass(frozen=True)
class Volume:
    """One table of one file.

    Attributes:
        number: of the file, from 1.
        year: of the file, None where nothing says it.
        name: of the file.
        drafted: its draft as if it stood alone.
    """

    number: int
    year: int | None
    name: str
    drafted: Drafted

    @property
    def entry(self) -> dict[str, Any]:
        """Its declaration."""
        return self.drafted.entry

    @property
    def title(self) -> str:
        """Its title without figures, "" where it has none."""
        return "".join(c for c in match_key(str(self.entry.get("title", ""))) if not c.isdigit())

    def columns(self) -> dict[Key, tuple[str, dict[str, Any]]]:
        """Return its columns by what tells them over the years, each with its name in its draft."""
        found: dict[Key, tuple[str, dict[str, Any]]] = {}
        for name, column in self.entry["columns"].items():
            key = header_key(self.path_of(name), self.year)
            key += ("#words",) if column["measure"] in WORDS else ()
            key += (f"#{json.dumps(column['period'])}",) if "period" in column else ()
            while key in found:
                key += ("#again",)
            found[key] = name, column
        return found

    def path_of(self, name: str) -> HeaderPath:
        """Return the header, and the text of the row where rows are series, that a column is named after."""
        if path := next((path for path, one in self.drafted.names.items() if one == name), None):
            return path
        header = self.entry["columns"][name]["header"]  # one of several equal ones
        return tuple(header) if isinstance(header, list) else (str(header),)

    def measure(self, name: str) -> str | None:
        """Return the unit of measure of a column, None where nothing in the file says it."""
        asked = TO_MEASURE in self.drafted.remarks.by_path.get(("columns", name, "measure"), "")
        return None if asked else str(self.entry["columns"][name]["measure"])


def header_key(path: HeaderPath, year: int | None = None) -> Key:
    """Return what tells a header over the years: its texts without units of measure and the year of the volume.

    >>> header_key(("财政支出（万元）",)) == header_key(("财政支出", "(亿元)")), header_key(("人口(市辖区)",))
    (True, ('人口(市辖区)',))
    """
    parts = []
    for part in path:
        if is_measure(part):
            continue
        plain = BRACKETS.sub(lambda found: "" if is_measure(found[1]) else found[0], clean(part))
        if not BRACKETS.search(plain):
            plain = without_measure(plain) or plain
        key = match_key(plain)
        parts.append(key.replace(f"{year}年", "").replace(str(year), "") if year is not None else key)
    return tuple(filter(None, parts)) or tuple(map(match_key, path))


@dataclass
class Group:
    """Tables of several volumes that one declaration is to read, by their files."""

    volumes: list[Volume] = field(default_factory=list)


def groups_of(volumes: Sequence[Volume]) -> list[Group]:
    """Return which tables are one over the years: of one title or of common columns, of one kind, one a file."""
    groups: list[Group] = []
    files: dict[int, list[Volume]] = {}
    for volume in volumes:
        files.setdefault(volume.number, []).append(volume)
    for number in sorted(files):
        pairs = sorted(
            ((_alike(group.volumes[-1], one), -g, -i) for g, group in enumerate(groups)
             for i, one in enumerate(files[number])), reverse=True,
        )  # fmt: skip
        taken: set[int] = set()
        placed: set[int] = set()
        for alike, g, i in pairs:
            if alike > 0 and -g not in taken and -i not in placed:
                groups[-g].volumes.append(files[number][-i])
                taken.add(-g)
                placed.add(-i)
        groups += [Group([one]) for i, one in enumerate(files[number]) if i not in placed]
    return groups


def _alike(one: Volume, other: Volume) -> float:
    """Return how much speaks for two tables being one, 0 where they are none."""
    if signature(one.entry) != signature(other.entry):
        return 0.0
    mine, theirs = set(one.columns()), set(other.columns())
    common = len(mine & theirs) / max(1, len(mine | theirs))
    titled = bool(one.title) and one.title == other.title
    return common + titled if titled or common >= SAME else 0.0


def signature(entry: Mapping[str, Any]) -> str:
    """Return what tables of one declaration have in common: all that takes no alternatives, as one text."""
    fixed = {
        path: "one" if path == ("year", "fixed") else value
        for path, value in leaves(entry).items()
        if path not in taking() and path not in (("layout",), ("unit", "level"), ("unit", "name_optional"))
    }
    return json.dumps([[list(path), value] for path, value in sorted(fixed.items())], ensure_ascii=False, default=str)


def leaves(entry: Mapping[str, Any]) -> dict[Path, Any]:
    """Return what a declaration says beside its columns, by the path of its keys."""
    found: dict[Path, Any] = {}
    for key, value in entry.items():
        if key == "columns":
            continue
        if key in NESTED and isinstance(value, Mapping):
            found |= {(key, inner): one for inner, one in value.items()}
        else:
            found[key,] = value
    return found
