"""``shidian explain``: what a kind of exhibit, a key or a word of another program is, and a draft of an exhibit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import yaml

from shidian.errors import UsageError, nearest
from shidian.schema import read_schema
from shidian.schema_keys import Key, keys_of
from shidian.study.indicator_methods import study_schema
from shidian.study.kinds import kinds
from shidian.study.resolve import exhibit_schema
from shidian.well_known import COLUMN, KEY, KIND, well_known

WIDTH = 100
FILES = {"a source": "source", "config.yaml": "config", "a style": "style", "corrections.yaml": "corrections"}
"""Files beside studies whose keys are explained -> their schema."""


def explain(word: str) -> str:
    """Return what a word means here.

    Args:
        word: a kind of exhibit, a key of a study, an exhibit, a source or a style, or a word of another program.

    Raises:
        UsageError: it is none of these.
    """
    parts = [*_kind(word), *_meanings(word)]
    if not parts and (answer := next(filter(None, (well_known(word, use) for use in (KIND, KEY, COLUMN))), "")):
        parts = [f"{word}, a word of another program:\n{_wrapped(answer)}"]
    if not parts:
        known = [*kinds(), *(_last(key) for _, key in _all_keys())]
        raise UsageError(f"'{word}' is no kind of exhibit and no key{nearest(word, dict.fromkeys(known))}")
    return "\n\n".join(parts)


def draft(kind: str) -> str:
    """Return an exhibit of a kind to put under ``exhibits`` of a study, every further key of the kind in a comment.

    Raises:
        UsageError: there is no such kind.
    """
    if kind not in kinds():
        raise UsageError(f"'{kind}' is no kind of exhibit{nearest(kind, kinds())}; kinds: {', '.join(kinds())}")
    own = _own(kind)
    needed = {key.path for key in own if key.required and "." not in key.path}
    example = {name: value for name, value in _example(kind).items() if name in needed}
    head = {"id": kind, "kind": kind, "title": "TODO", **dict.fromkeys(sorted(needed), "TODO"), **example}
    lines = _yaml(head).splitlines()
    for key in own:
        if key.path not in needed and "." not in key.path:
            lines.append(f"# {key.path}:   # {key.values.replace('`', '')}")
            lines += textwrap.wrap(_plain(key.about), WIDTH, initial_indent="#     ", subsequent_indent="#     ")
    return "\n".join(("  - " if n == 0 else "    ") + line for n, line in enumerate(lines))


def _kind(word: str) -> Iterator[str]:
    if word in kinds():
        keys = "\n".join(_entry(key) for key in _own(word) if "." not in key.path)
        yield f"kind: {word}\n{_wrapped(str(exhibit_schema(word).get('description', '')))}"
        yield f"Its keys, beside those of every exhibit (* must be given):\n{keys}"
        least = textwrap.indent(_yaml({"id": f"my_{word}", "kind": word, **_example(word)}), "  ")
        yield f"In a small study:\n{least}`shidian add exhibit {word}` drafts one with all keys."


def _meanings(word: str) -> Iterator[str]:
    """Yield what a key means, once a meaning, with the places that have it."""
    places: dict[str, list[str]] = {}
    for place, key in _all_keys():
        if word in (_last(key), key.path):
            places.setdefault(_entry(Key(_last(key), key.required, key.about, key.values)), []).append(place)
    for entry, found in places.items():
        yield f"{', '.join(dict.fromkeys(found))}:\n{entry}"


def _all_keys() -> Iterator[tuple[str, Key]]:
    for key in keys_of(study_schema()):
        yield "a study", key
    for key in keys_of(read_schema("exhibit")):
        yield "every exhibit", key
    for kind in kinds():
        for key in _own(kind):
            yield f"kind {kind}", key
    for place, name in FILES.items():
        for key in keys_of(read_schema(name)):
            yield place, key


def _own(kind: str) -> list[Key]:
    """Return the keys that a kind has beside those of every exhibit."""
    return list(keys_of(exhibit_schema(kind), read_schema("exhibit")["properties"]))


def _example(kind: str) -> dict[str, Any]:
    path = kinds()[kind].folder / "example.yaml"
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.exists() else {}


def _entry(key: Key) -> str:
    star = " *" if key.required else ""
    return f"  {key.path}{star}: {key.values.replace('`', '')}\n{_wrapped(key.about, '      ')}"


def _last(key: Key) -> str:
    return key.path.rpartition(".")[2]


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "").split())


def _wrapped(text: str, indent: str = "  ") -> str:
    return textwrap.fill(_plain(text), WIDTH, initial_indent=indent, subsequent_indent=indent)


def _yaml(content: dict[str, Any]) -> str:
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, default_flow_style=None)
