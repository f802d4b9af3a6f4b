"""The code that made the results: the files of the checkout, its commit, and what differs from it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_NEVER = {"results", "__pycache__", "build", "dist"}
"""Folders that are no source, where there is no git to say so; hidden ones are left out as well, save ``.ci``."""


@dataclass(frozen=True)
class SourceTree:
    """The project's own files.

    Attributes:
        files: path in the project, with forward slashes -> file on disk.
        commit: commit of the checkout; empty where the project is no git checkout.
        changed: files that differ from the commit or are not in it.
    """

    files: dict[str, Path]
    commit: str
    changed: tuple[str, ...]


def source_tree(root: Path) -> SourceTree:
    """Return the files of a project, raw data never among them; a link stands for the files that it points to."""
    commit = head_commit(root)
    names = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard") if commit else None
    listed = names.split("\0") if names is not None else files_below(root)
    files: dict[str, Path] = {}
    for name in sorted(filter(None, listed)):
        path = root / name
        if path.is_dir():
            files |= {f"{name}/{inner}": path / inner for inner in files_below(path)}
        elif path.is_file():
            files[name] = path
    files = {n: p for n, p in files.items() if not n.startswith("resources/raw/") or n == "resources/raw/README.md"}
    status = git(root, "status", "--porcelain", "-z", "--no-renames") if commit else ""
    changed = sorted(line[3:] for line in (status or "").split("\0") if line)
    return SourceTree(files, commit, tuple(changed))


def head_commit(root: Path) -> str:
    """Return the commit of the checkout that the project is, or an empty text."""
    top = git(root, "rev-parse", "--show-toplevel")
    if top is None or Path(top.strip()).resolve() != root.resolve():
        return ""
    return (git(root, "rev-parse", "HEAD") or "").strip()


def git(root: Path, *arguments: str) -> str | None:
    """Return what git prints in a folder, None where it fails; variables of a caller's own git do not count."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, check=True, timeout=60, env=environment
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "surrogateescape")


def files_below(root: Path) -> list[str]:
    """Return the files below a folder that look like source, named from there."""
    found = []
    for folder, folders, names in os.walk(root, followlinks=True):
        folders[:] = [d for d in folders if d not in _NEVER and (not d.startswith(".") or d == ".ci")]
        found += [(Path(folder) / name).relative_to(root).as_posix() for name in names if not name.endswith(".pyc")]
    return found


def tree_digest(root: Path, extensions: Iterable[Path] = ()) -> str:
    """Return a digest of commit and files of a project, so that a bundle is written anew when the code changes.

    The folders of its ``extensions`` may lie outside it, or be unknown to git.
    """
    tree = source_tree(root)
    found = hashlib.sha256(tree.commit.encode())
    theirs = {name: folder / name for folder in extensions for name in sorted(files_below(folder))}
    for name, path in (*tree.files.items(), *theirs.items()):
        found.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()[:16]
