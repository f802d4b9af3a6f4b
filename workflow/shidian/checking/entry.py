"""An entry added to the file of corrections as text: every character that stands there stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from shidian.errors import SourceError
from shidian.messages import say
from shidian.schema import read_yaml_text
from shidian.whole_files import whole
from shidian.yearbook.corrections import Correction

KEYS = ("cell_id", "expected", "corrected", "reason")


def add_entry(path: Path, correction: Correction) -> int:
    """Write a correction into its file, whole; return the line on which it begins.

    Raises:
        SourceError: the file is not UTF-8, or so written that an entry cannot be added as text.
    """
    target = path.resolve()
    try:
        text = target.read_bytes().decode("utf-8")
    except UnicodeDecodeError as problem:
        raise SourceError(f"{path}: not UTF-8 text (byte {problem.start})") from None
    new, line = with_entry(text, correction, str(path))
    with whole(target) as part:
        part.write_bytes(new.encode("utf-8"))
        shutil.copymode(target, part)
    return line


def with_entry(text: str, correction: Correction, where: str) -> tuple[str, int]:
    """Return the text of a file of corrections with one more, and the line on which it begins.

    Raises:
        SourceError: the file is so written that an entry cannot be added as text; the message holds the entry.
    """
    old = read_yaml_text(text, where, SourceError)
    added = {key: getattr(correction, key) for key in KEYS}
    new, start = _appended(text, added)
    try:
        is_right = read_yaml_text(new, where, SourceError) == {**old, "corrections": [*old["corrections"], added]}
    except SourceError:
        is_right = False
    if not is_right:
        raise SourceError(say(
            "{file}: an entry cannot be added as this file is written; add it by hand:\n{entry}",
            file=where, entry=_block(added, 2, "\n"),
        ))  # fmt: skip
    return new, new.count("\n", 0, start) + 1


def _appended(text: str, entry: dict[str, str]) -> tuple[str, int]:
    """Return the text with an entry, and where it begins."""
    newline = "\r\n" if "\r\n" in text else "\n"
    node = _list_node(text)
    if node is None:
        return text, 0
    start, end = node.start_mark.index, node.end_mark.index
    if not node.flow_style:
        kept = text if text.endswith("\n") else text + newline
        return kept + _block(entry, node.start_mark.column, newline), len(kept)
    if node.value:
        before = text[: end - 1].rstrip()
        comma = "" if before.endswith(",") else ","
        return f"{before}{comma} {_flow(entry)}{text[len(before) :]}", len(before)
    line_end = text.find("\n", end)
    rest = "" if line_end < 0 else text[line_end + 1 :]
    kept = (text[:start].rstrip(" ") + (text[end:] if line_end < 0 else text[end:line_end])).rstrip("\r") + newline
    return kept + _block(entry, 2, newline) + rest, len(kept)


def _list_node(text: str) -> yaml.SequenceNode | None:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    found = next((value for key, value in pairs if key.value == "corrections"), None)
    return found if isinstance(found, yaml.SequenceNode) else None


def _block(entry: dict[str, str], indent: int, newline: str) -> str:
    marks = ["- ", *["  "] * (len(entry) - 1)]
    return "".join(
        f"{' ' * indent}{mark}{key}: {_quoted(value)}{newline}"
        for mark, (key, value) in zip(marks, entry.items(), strict=True)
    )


def _flow(entry: dict[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {_quoted(value)}" for key, value in entry.items()) + "}"


def _quoted(text: str) -> str:
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf"))).rstrip("\n")
