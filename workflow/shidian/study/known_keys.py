"""Where else a key stands that an exhibit or a study has not: another kind, a column of the kind, the study itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shidian.schema import read_schema
from shidian.study.kinds import kind_spec, kinds
from shidian.violations import Elsewhere

MOST_KINDS = 4
"""Most kinds that a sentence names."""


def elsewhere_than(kind: str) -> Elsewhere:
    """Return what says of a key that an exhibit of a kind has not where it is one."""

    def elsewhere(key: str) -> str:
        spec = kind_spec(kind).get("properties", {})
        if key in spec:
            return "a key of the exhibit itself"
        if within := next((name for name, one in spec.items() if key in _item_keys(one)), ""):
            return f"a key of each of its '{within}'"
        if others := _kinds_with(key):
            return f"this kind has none; it is a key of {others}"
        return "a key of the study, beside 'exhibits'" if key in read_schema("study")["properties"] else ""

    return elsewhere


def elsewhere_than_study(key: str) -> str:
    """Say of a key that a study has not which kinds of exhibit have it, "" where none has."""
    others = _kinds_with(key)
    return f"a key of exhibits, of the kind {others}" if others else ""


def _kinds_with(key: str) -> str:
    named = [name for name in kinds() if key in kind_spec(name).get("properties", {})]
    more = len(named) - MOST_KINDS
    if more > 0:
        return f"{', '.join(named[:MOST_KINDS])} and {more} more"
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _item_keys(schema: Any) -> Mapping[str, Any]:
    items = schema.get("items", {}) if isinstance(schema, Mapping) else {}
    found: Mapping[str, Any] = items.get("properties", {}) if isinstance(items, Mapping) else {}
    return found
