"""What one column of an exhibit is estimated from: its own keys over the exhibit's, and the panel columns they name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from shidian.study.model import PANEL_KEYS


def column_specification(spec: Mapping[str, Any], column: str) -> Mapping[str, Any]:
    """Return the resolved specification of an exhibit with the keys of one column's entry over it.

    An entry is one of a list of mappings (``columns``, ``variations``, ``splits``), found by its label or, where it has
    none, by its place: (1), (2), ... An exhibit without such a list is one column.
    """
    lists = {key: value for key, value in spec.items() if _is_list_of_entries(value)}
    shared = {key: value for key, value in spec.items() if key not in lists}
    for entries in lists.values():
        for place, entry in enumerate(entries, start=1):
            label = str(entry.get("label", f"({place})"))
            if column == label or column.startswith(f"{label}: "):
                return {**shared, **entry}
    if isinstance(spec.get("baseline"), Mapping):
        return {**shared, **spec["baseline"]}
    return spec


def variables_of(spec: Mapping[str, Any], treatment: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the panel columns that a specification names, the outcome first and the treatment next.

    The treatment belongs to every specification that has an outcome, named or not, and to one with fixed effects,
    which regresses an outcome that the exhibit makes itself.
    """
    named = [name for name in _strings(spec) if name in known and name not in PANEL_KEYS]
    if "outcome" not in spec and "fixed_effects" not in spec:
        return tuple(dict.fromkeys(named))
    first = [str(spec.get("outcome", "")), str(spec.get("treatment", treatment))]
    return tuple(name for name in dict.fromkeys([*first, *named]) if name in known)


def regressors_of(spec: Mapping[str, Any], treatment: str) -> tuple[str, ...]:
    """Return the columns that a row needs to enter a regression: outcome, treatment, added ones, controls, cluster."""
    by = spec.get("vcov", {}).get("by", [])
    clusters = [by] if isinstance(by, str) else list(by)
    names = [
        spec["outcome"],
        spec.get("treatment", treatment),
        *spec.get("add", []),
        *spec.get("controls", []),
        *clusters,
    ]
    return tuple(dict.fromkeys(str(name) for name in names))


def _is_list_of_entries(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, Mapping) for entry in value)


def _strings(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for key, value in content.items():
            yield str(key)
            yield from _strings(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _strings(value)
