"""Is the code in a bundle that of the commit which it names? The reviewer's own checkout knows."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from shidian.audit.bundle.archive import Fault, read_member
from shidian.audit.bundle.source_tree import git
from shidian.audit.verify.bundle import Bundle

CODE = ("workflow/", "Snakefile", "profiles/", "uv.lock", "pyproject.toml")
"""What a bundle must hold of its commit; raw data and closed tables may stay out."""


@dataclass(frozen=True)
class Comparison:
    """What a comparison with a commit found.

    Attributes:
        faults: files that are not the commit's, though the bundle does not say so.
        known: whether the commit could be looked at.
        note: what the reviewer must know.
    """

    faults: tuple[Fault, ...]
    known: bool
    note: str


def compare_commit(bundle: Bundle, checkout: Path) -> Comparison:
    """Compare the code of a bundle with the commit that it names, in a checkout of the project."""
    made = bundle.json("audit/made.json")
    commit, changed = str(made["commit"]), set(made["changed"])
    if not commit:
        return Comparison((), False, "the bundle names no commit (the project was in no git checkout)")
    blobs = _blobs(checkout, commit)
    if blobs is None:
        return Comparison((), False, f"commit {commit} is not in this checkout ({checkout}): git fetch it, or clone")
    held = {n.removeprefix("source/"): n for n in bundle.names if n.startswith("source/")}
    faults = []
    for path, name in sorted(held.items()):
        if path not in changed and blobs.get(path) != (blob := _blob(read_member(bundle.archive, name))):
            what = f"git blob {blob}, in the commit {blobs[path]}" if path in blobs else "not in the commit"
            faults.append(Fault("not the code of the commit", name, f"{what}; the bundle does not say that it differs"))
    gone = [path for path in sorted(set(blobs) - set(held) - changed) if path.startswith(CODE)]
    why = ("not the code of the commit", "in the commit, not in the bundle")
    faults += [Fault(why[0], f"source/{path}", why[1]) for path in gone]
    return Comparison(tuple(faults), True, "")


def _blobs(checkout: Path, commit: str) -> Mapping[str, str] | None:
    """Return path -> git blob of a commit, links followed inside it; None where the checkout does not have it."""
    if not (len(commit) in (40, 64) and all(c in "0123456789abcdef" for c in commit)):
        return None
    listed = git(checkout, "ls-tree", "-r", "-z", commit)
    if listed is None:
        return None
    blobs: dict[str, str] = {}
    links: list[tuple[str, str]] = []
    for line in filter(None, listed.split("\0")):
        facts, _, path = line.partition("\t")
        mode, _, blob = facts.split()
        if mode == "120000":
            links.append((path, (git(checkout, "cat-file", "blob", blob) or "").strip()))
        elif mode != "160000":
            blobs[path] = blob
    return blobs | dict(_through(links, blobs))


def _through(links: list[tuple[str, str]], blobs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give the files that links of the tree stand for, by their path through the link."""
    for path, target in links:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        for name, blob in blobs.items():
            if name == place:
                yield path, blob
            elif name.startswith(f"{place}/"):
                yield f"{path}{name.removeprefix(place)}", blob


def _blob(content: bytes) -> str:
    """Return the name that git gives a content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
