"""Where an exhibit names a category and wants a number: refused by the schemas of the kinds, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shidian.errors import Faults, StudyError
from shidian.schema import key_path
from shidian.study.kinds import kinds
from shidian.study.resolve import exhibit_schema

COLUMN = "panel-column"
"""Format of a key that names a column of the panel."""
TAKES = ("keep", "complete", "by", "cluster", "strata", "assign_by", "definitions", "measures", "effects_of", "group")
"""Keys under which a column of texts may stand: rows are told by it, or it is only named."""
GROUPING = ("splits", "groups")
"""Keys whose ``variable`` makes groups of its values, unless they are halves by its median."""
Path = tuple[Any, ...]


def refuse_category_keys(content: Mapping[str, Any], texts: Sequence[str]) -> None:
    """Refuse a category wherever a kind's schema says that a column of numbers stands.

    Raises:
        StudyError: naming the exhibit, the key and the variable, and what a category is for.
    """
    faults = Faults()
    for n, exhibit in enumerate(content["exhibits"] if texts else ()):
        with faults.kept():
            _refuse(n, exhibit, texts)
    faults.raise_all()


def _refuse(n: int, exhibit: Mapping[str, Any], texts: Sequence[str]) -> None:
    kind = str(exhibit.get("kind"))
    for path, name in _columns(exhibit, exhibit_schema(kind) if kind in kinds() else {}, ()):
        if name in texts and not _takes_texts(exhibit, path):
            raise StudyError(
                f"at 'exhibits[{n + 1}]': exhibit '{exhibit.get('id')}': '{name}' under '{key_path(path)}' is a "
                f"category, not a number: make it a fixed effect, a group or a cluster, or a variable such as "
                f"in({name}, ['...'])"
            )


def _columns(value: Any, schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    """Give the path and name of every column of the panel that a value names where its schema says so."""
    if isinstance(value, str):
        if schema.get("format") == COLUMN:
            yield path, value
    elif isinstance(value, Mapping):
        named, other = schema.get("properties", {}), schema.get("additionalProperties")
        for key, one in value.items():
            if schema.get("propertyNames", {}).get("format") == COLUMN:
                yield path, str(key)
            known = named.get(key, other)
            yield from _columns(one, known if isinstance(known, Mapping) else {}, (*path, key))
    elif isinstance(value, Sequence):
        items = schema.get("items")
        for i, one in enumerate(value):
            yield from _columns(one, items if isinstance(items, Mapping) else {}, (*path, i))
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _columns(value, branch, path)


def _takes_texts(exhibit: Mapping[str, Any], path: Path) -> bool:
    keys = [key for key in path if isinstance(key, str)]
    if keys[-1] == "variable" and keys[0] in GROUPING:
        settings: Any = exhibit
        for key in path[:-1]:
            settings = settings[key]
        return settings.get("split", "values") != "median"
    return keys[-2:] == ["eligible", "variable"] or bool(set(keys) & set(TAKES))
