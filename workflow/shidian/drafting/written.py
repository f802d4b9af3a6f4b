"""Writing the draft of a source file: YAML with remarks behind its lines, texts always in quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shidian.yaml_loader import UNPRINTABLE
from shidian.yearbook.alternatives import are_alternatives, varying

BARE = ("layout", "level", "kind", "code_kind", "encoding", "fiscal", "numbers", "fill_down", "sha256")
"""Keys whose values are words of the schema, which stand without quotes."""
FLOW = ("year", "period", "sheets", "indented", "where", "keep_rows", "drop_rows", "expect", "province_rows")
"""Keys whose mappings stand in one line."""
TODO = "TODO"
"""What stands where the file does not say what to write; the schema or the trial refuses it, and a remark says what."""
_UNWRITTEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
MOST_FILES = 3
"""Most files of which each key stands in a line of its own."""
LONGEST = 100
"""Most characters of a mapping or list that stands in one line."""


@dataclass
class Remarks:
    """Remarks of a draft by the path of keys of the line that they stand behind."""

    by_path: dict[tuple[str, ...], str] = field(default_factory=dict)

    def add(self, text: str, *path: str) -> None:
        """Put a remark behind the line of a key; one that is there already goes before it."""
        there = self.by_path.get(path)
        self.by_path[path] = f"{there}; {text}" if there else text

    def below(self, path: tuple[str, ...]) -> bool:
        """Whether a line of a mapping below a key has a remark."""
        return any(len(one) > len(path) and one[: len(path)] == path for one in self.by_path)


def written_table(entry: Mapping[str, Any], remarks: Remarks) -> str:
    """Return the declaration of one table as an item of the list ``tables`` of a source file.

    Where it has alternatives by year, columns stand in one line where they fit: so many volumes are read in one look.
    """
    lines = list(_mapping(entry, remarks, (), 4, any(True for _ in varying(entry))))
    return "  - " + "\n".join(lines)[4:]


def written_list(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the lines of a list of mappings, such as the files of a source."""
    lines: list[str] = []
    for item in items:
        mine = list(_mapping(item, Remarks(), (), 4)) if len(items) <= MOST_FILES else [f"    {flow(item)}"]
        lines += ["  - " + mine[0][4:], *mine[1:]]
    return lines


def quoted(text: str) -> str:
    """Write a text as a YAML string, characters that cannot be printed by their numbers."""
    plain = json.dumps(text, ensure_ascii=False)
    return _UNWRITTEN.sub(lambda found: f"\\u{ord(found[0]):04x}", plain)


def _mapping(
    entry: Mapping[str, Any], remarks: Remarks, path: tuple[str, ...], indent: int, compact: bool = False
) -> Iterator[str]:
    for key, value in entry.items():
        here = (*path, key)
        remark = remarks.by_path.get(here)
        behind = f" # {UNPRINTABLE.sub('?', ' '.join(remark.split()))}" if remark else ""
        start = " " * indent + f"{_key(key)}:"
        in_line = key in FLOW or (compact and path == ("columns",) and not remarks.below(here))
        if isinstance(value, Mapping) and not (in_line and _is_short(value, key)):
            yield start + behind
            yield from _mapping(value, remarks, here, indent + 2, compact)
        elif (are_alternatives(value) and not _is_short(value, key)) or (
            isinstance(value, list) and key in ("subtitles", "ignore", "texts", "patterns", "ignore_patterns")
        ):
            yield start + behind
            yield from (" " * (indent + 2) + f"- {flow(item, key)}" for item in value)
        else:
            yield f"{start} {flow(value, key)}{behind}"


def _is_short(value: Mapping[str, Any] | Sequence[Any], key: str) -> bool:
    return len(flow(value, key)) <= LONGEST


def _key(key: str) -> str:
    return key if re.fullmatch("[a-z][a-z0-9_]*", key) else quoted(key)


def flow(value: Any, key: str = "") -> str:
    """Write a value in one line; ``key`` is that under which it stands."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)}: {flow(v, k)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item, key) for item in value) + "]"
    bare = value == TODO or key in BARE or (key == "measure" and value in ("category", "text"))
    return value if bare else quoted(value)
