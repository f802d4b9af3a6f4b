"""Checksums and facts of files, remembered beside Snakemake's own records so that an unchanged file is read once.

A remembered entry is keyed by all that tells a file from its replacement (size, time of change, inode) or by its
content, never by its date alone: a raw workbook replaced by an older copy is another file.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(".snakemake") / "shidian"
"""Where facts are remembered, in the folder of the run; nothing is remembered where Snakemake has not run."""


def content_checksum(path: Path) -> str:
    """Return the SHA-256 of a file's content, "missing" where it is not there, "unreadable" where it may not be read.

    Read again only when the file's size, modification time, change time or inode differ from those remembered.
    """
    try:
        stat = path.stat()
    except OSError:
        return "missing"
    key = f"{path.absolute()} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}"
    try:
        return str(remembered("files", key, lambda: sha256_of(path)))
    except OSError:
        return "unreadable"  # the job that reads it says so


def remembered(book: str, key: str, find: Callable[[], Any]) -> Any:
    """Return what ``find`` gives for ``key``, from the book of an earlier run where it is written there.

    ``find`` must depend on nothing but the key, and give what JSON holds.
    """
    entries = _book(book)
    if key not in entries:
        entries[key] = find()
        _changed.add(book)
    _asked.setdefault(book, set()).add(key)
    return entries[key]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, read now."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


_changed: set[str] = set()
_asked: dict[str, set[str]] = {}
BY_CONTENT = ("code", "lock", "digests", "yaml", "checked")
"""Books that gain entries with every edit, and may lose those of texts that are no more."""
ROOM = 1000
"""Entries that such a book may hold beside four times those asked for."""


@cache
def _book(name: str) -> dict[str, Any]:
    """Read a book; one that is not there or was cut short is empty."""
    try:
        content = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


@atexit.register
def _write() -> None:
    """Write the books that grew, whole or not at all; a folder that cannot be written costs only time."""
    if not FOLDER.parent.is_dir():
        return
    for name in _changed:
        part = FOLDER / f".{name}.{os.getpid()}"
        try:
            FOLDER.mkdir(exist_ok=True)
            part.write_text(json.dumps(_worth_keeping(name), sort_keys=True), encoding="utf-8")
            os.replace(part, FOLDER / f"{name}.json")
        except OSError:
            part.unlink(missing_ok=True)


def _worth_keeping(name: str) -> dict[str, Any]:
    """Return a book as it is written: one that has grown far beyond what is asked for keeps that alone."""
    entries, asked = _book(name), _asked.get(name, set())
    if name not in BY_CONTENT or len(entries) <= 4 * len(asked) + ROOM:
        return entries
    return {key: entries[key] for key in asked}
