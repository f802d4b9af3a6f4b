"""Keys and kinds of study files that have a new name: the old one is read for one release, with a notice.

``shidian migrate`` (``shidian.study.migrate``) writes the new names into the file. A rename goes out of the table in
the release after the one that brought it; then the old name is an unknown key as any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shidian.errors import StudyError
from shidian.messages import joined, say
from shidian.violations import key_path

ANY = "*"
"""In a place: every key of a mapping, every item of a list."""


@dataclass(frozen=True)
class Renamed:
    """A new name.

    Attributes:
        place: keys down to the mapping that holds it.
        old: the old name of the key; where ``value_of`` is given, the old value.
        new: the new one.
        kind: for a key of exhibits, the kind that has it.
        value_of: the key whose value, not the key itself, has a new name.
    """

    place: tuple[str, ...]
    old: str
    new: str
    kind: str = ""
    value_of: str = ""

    def __str__(self) -> str:
        named = key_path([*self.place, *([self.value_of] if self.value_of else [])]).replace(f".{ANY}", "[]")
        if self.value_of:
            return f"'{named}: {self.old}' -> '{self.new}'"
        return f"'{named}.{self.old}' -> '{self.new}'" if named else f"'{self.old}' -> '{self.new}'"


RENAMED = (
    Renamed((), "units", "measures"),
    Renamed(("variables", ANY), "unit", "measure"),
    Renamed(("fill", ANY), "indicator", "series"),
    Renamed(("exhibits", ANY), "units", "measures", kind="efficiency_variables"),
    Renamed(("exhibits", ANY), "score_trend", "trend", value_of="kind"),
)
"""The names that changed in 0.1.0 (docs/decisions/13_names.md)."""


def with_new_names(content: Any) -> tuple[Any, tuple[Renamed, ...]]:
    """Return the content of a study file under the names of today, and the renames that it needed.

    Raises:
        StudyError: the old and the new name of one key stand beside each other.
    """
    needed = []
    for renamed in RENAMED:
        changed = _with(content, renamed.place, renamed, ())
        if changed != content:
            needed.append(renamed)
            content = changed
    return content, tuple(needed)


def notice(where: str, needed: tuple[Renamed, ...]) -> str:
    """Return the sentence that names a file's old names, the new ones, and what rewrites the file; "" without any."""
    if not needed:
        return ""
    names = joined(map(str, needed))
    return say("{file}: old names, read for this release alone: {names}; rewrite the file by `shidian migrate {file}`",
               file=where, names=names)  # fmt: skip


def _with(value: Any, place: tuple[str, ...], renamed: Renamed, at: tuple[Any, ...]) -> Any:
    """Return what stands at ``at``, renamed in the mappings that ``place`` leads to from there."""
    if not place:
        return _here(value, renamed, at) if isinstance(value, Mapping) else value
    first, rest = place[0], place[1:]
    if isinstance(value, list):
        return [_with(one, rest, renamed, (*at, n)) for n, one in enumerate(value)] if first == ANY else value
    if not isinstance(value, Mapping):
        return value
    return {k: _with(v, rest, renamed, (*at, k)) if first in (ANY, k) else v for k, v in value.items()}


def _here(mapping: Mapping[Any, Any], renamed: Renamed, at: tuple[Any, ...]) -> Mapping[Any, Any]:
    if renamed.value_of:
        same = mapping.get(renamed.value_of) != renamed.old
        return mapping if same else {**mapping, renamed.value_of: renamed.new}
    if renamed.old not in mapping or (renamed.kind and mapping.get("kind") != renamed.kind):
        return mapping
    if renamed.new in mapping:
        place = f"at '{key_path(at)}': " if at else ""
        raise StudyError(f"{place}'{renamed.old}' is the old name of '{renamed.new}', and both are given: keep one")
    return {renamed.new if key == renamed.old else key: value for key, value in mapping.items()}
