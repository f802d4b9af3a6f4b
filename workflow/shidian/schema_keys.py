"""The keys of a schema, at every depth, as the page of keys and ``shidian explain`` show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Key:
    """One key.

    Attributes:
        path: dotted, such as ``vcov.by``; below a name of the user's ``<name>.``.
        required: whether it must be given.
        about: what it is.
        values: what it takes, and its default.
    """

    path: str
    required: bool
    about: str
    values: str


def keys_of(schema: Mapping[str, Any], skip: Mapping[str, Any] | None = None) -> Iterator[Key]:
    """Yield every key below a schema, those of ``skip`` at its top left out."""
    for path, required, node in _walk(schema, schema, "", skip or {}):
        about = node.get("description") or _resolve(node, schema).get("description", "")
        yield Key(path, required, str(about), _values(node, schema))


def _walk(
    node: Mapping[str, Any], root: Mapping[str, Any], prefix: str, skip: Mapping[str, Any]
) -> Iterator[tuple[str, bool, Mapping[str, Any]]]:
    """Give every key below a schema: its dotted path, whether it must be given, its own schema."""
    for branch in _objects(node, root):
        for key, child in branch.get("properties", {}).items():
            if key in skip and not prefix:
                continue
            path = f"{prefix}{key}"
            yield path, key in branch.get("required", []), child
            yield from _walk(child, root, f"{path}.", {})
        named = branch.get("additionalProperties")
        if isinstance(named, dict):
            yield from _walk(named, root, f"{prefix}<name>.", {})


def _objects(node: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give the object schemas inside a node: itself, its items, its alternatives."""
    node = _resolve(node, root)
    if "properties" in node or isinstance(node.get("additionalProperties"), dict):
        yield node
    if isinstance(node.get("items"), dict):
        yield from _objects(node["items"], root)
    for alternative in [*node.get("anyOf", []), *node.get("oneOf", [])]:
        if _is_bilingual(alternative):
            continue
        yield from _objects(alternative, root)


def _is_bilingual(node: Mapping[str, Any]) -> bool:
    return set(node.get("properties", {})) == {"en", "zh"}


def _values(node: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    full = {**_resolve(node, root), **{k: v for k, v in node.items() if k != "$ref"}}
    parts = []
    if "enum" in full:
        parts.append(", ".join(f"`{value}`" for value in full["enum"]))
    elif "format" in full:
        parts.append(str(full["format"]).replace("-", " "))
    elif "type" in full:
        kind = full["type"]
        parts.append(" or ".join(kind) if isinstance(kind, list) else str(kind))
    elif "anyOf" in full:
        parts.append(" or ".join(dict.fromkeys(_values(branch, root) for branch in full["anyOf"])))
    if full.get("by_year"):
        parts.append("or by year")
    if "default" in full:
        parts.append(f"default `{full['default']}`")
    return "; ".join(parts)


def _resolve(node: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference within the schema."""
    if "$ref" not in node:
        return node
    target: Any = root
    for key in node["$ref"].removeprefix("#/").split("/"):
        target = target[key]
    resolved: Mapping[str, Any] = target
    return resolved
