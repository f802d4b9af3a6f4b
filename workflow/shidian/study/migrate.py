"""Writing the new names of keys into a study file: those words alone change, every other character stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from shidian.errors import StudyError
from shidian.messages import joined, say
from shidian.schema import read_yaml_text
from shidian.study.renamed import ANY, Renamed, with_new_names
from shidian.whole_files import whole

MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class Change:
    """A word of the file that changes: where it stands (characters from the file's beginning), its line, both words."""

    start: int
    end: int
    line: int
    old: str
    new: str


def migrate_files(paths: Sequence[Path], *, dry_run: bool = False) -> str:
    """Rewrite study files under the names of today, all of them or none; return what changed, a line a file.

    Args:
        paths: study files; source files are let through, their keys have no old names.
        dry_run: only say what would change.

    Raises:
        StudyError: a file that is no study file, is not UTF-8, or cannot be rewritten word by word.
    """
    done = [(path, *migrated(_read(path), str(path))) for path in paths]
    for path, text, changes in done:
        if changes and not dry_run:
            target = path.resolve()
            with whole(target) as part:
                part.write_bytes(text.encode("utf-8"))
                shutil.copymode(target, part)
    return "\n".join(_line(path, changes, dry_run=dry_run) for path, _, changes in done)


def migrated(text: str, where: str) -> tuple[str, tuple[Change, ...]]:
    """Return the text of a study file under the names of today, and the words that changed, in their order.

    Raises:
        StudyError: no study file; old and new name beside each other; an old name that is not written out where it
            stands (an alias, a tag), or is shared with a place where it has no new name.
    """
    content = read_yaml_text(text, where)
    if not isinstance(content, dict) or not {"study", "source"} & set(content):
        raise StudyError(f"{where}: this is no study file: it has no key 'study'")
    if "study" not in content:
        return text, ()
    try:
        wanted, needed = with_new_names(content)
    except StudyError as problem:
        raise StudyError(f"{where}: {problem}") from None
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert root is not None
    found = {_change(node, renamed, text, where) for renamed in needed for node in _words(root, renamed)}
    changes = tuple(sorted(found, key=lambda change: change.start))
    new = text
    for change in reversed(changes):
        new = new[: change.start] + change.new + new[change.end :]
    if read_yaml_text(new, where) != wanted:
        names = ", ".join(map(str, needed))
        raise StudyError(f"{where}: {_by_hand(names)}: a part of the file stands in several places")
    return new, changes


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as problem:
        raise StudyError(f"{path}: not UTF-8 text (byte {problem.start})") from None
    except OSError as problem:
        raise StudyError(f"{path}: cannot be read: {problem.strerror}") from None


def _line(path: Path, changes: Sequence[Change], *, dry_run: bool) -> str:
    if not changes:
        return say("{file}: nothing to rename", file=str(path))
    words = joined(say("line {line}: {old} -> {new}", line=c.line, old=c.old, new=c.new) for c in changes)
    if dry_run:
        return say("{file}: would be rewritten: {words}", file=str(path), words=words)
    return say("{file}: rewritten: {words}", file=str(path), words=words)


def _change(node: yaml.Node, renamed: Renamed, text: str, where: str) -> Change:
    start, end, line = node.start_mark.index, node.end_mark.index, node.start_mark.line + 1
    quote = text[start] if text[start] in "'\"" else ""
    old, new = (f"{quote}{word}{quote}" for word in (renamed.old, renamed.new))
    if text[start:end] != old:
        raise StudyError(f"{where}: line {line}: {_by_hand(str(renamed))}: it is not written out there")
    return Change(start, end, line, old, new)


def _by_hand(names: str) -> str:
    return f"rename {names} by hand"


def _words(root: yaml.Node, renamed: Renamed) -> Iterator[yaml.Node]:
    """Give the words of the file that a rename changes: keys, or values of a key."""
    for mapping in _mappings(root, renamed.place):
        pairs = list(_pairs(mapping))
        if renamed.kind and ("kind", renamed.kind) not in ((key.value, value.value) for key, value in pairs):
            continue
        for key, value in pairs:
            word = value if renamed.value_of else key
            if key.value == (renamed.value_of or renamed.old) and word.value == renamed.old:
                yield word


def _mappings(node: yaml.Node, place: tuple[str, ...]) -> Iterator[yaml.MappingNode]:
    """Give the mappings that a place leads to."""
    if not place:
        if isinstance(node, yaml.MappingNode):
            yield node
    elif isinstance(node, yaml.SequenceNode) and place[0] == ANY:
        for one in node.value:
            yield from _mappings(one, place[1:])
    elif isinstance(node, yaml.MappingNode):
        for key, value in _pairs(node):
            if place[0] in (ANY, key.value):
                yield from _mappings(value, place[1:])


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Give the keys and values of a mapping, those merged in by ``<<`` too."""
    for key, value in node.value:
        if key.tag != MERGE:
            yield key, value
            continue
        for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            yield from _pairs(merged)
