"""What tells the installation that verifies a bundle from the one that made it."""

from __future__ import annotations

import platform
from pathlib import Path

from shidian.audit.bundle.archive import read_member
from shidian.audit.bundle.run_facts import installed
from shidian.audit.verify.bundle import Bundle
from shidian.code_digests import ROOT, lock_versions, locked_distributions

CODE = ("source/workflow/shidian/", "source/workflow/scripts/", "source/workflow/rules/", "source/Snakefile")
"""Where the code of a bundle lies."""


def changed_packages(bundle: Bundle) -> list[str]:
    """Return the packages whose locked version in the bundle is not the one of this installation."""
    there = lock_versions(read_member(bundle.archive, "source/uv.lock").decode("utf-8"))
    here = locked_distributions()
    names = sorted((set(there) | set(here)) - {"shidian"})
    return [
        f"{n} {there.get(n, 'not there')} -> {here.get(n, 'not here')}" for n in names if there.get(n) != here.get(n)
    ]


def changed_machine(bundle: Bundle) -> list[str]:
    """Return what of Python, processor and installed packages is not the same here as where the bundle was made.

    A lock may hold several versions of a package, for several versions of Python.
    """
    there = bundle.json("run/environment.json")
    here = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
    words = {"python": "Python", "machine": "processor", "system": "system"}
    found = [f"{words[k]} {there[k]} -> {here[k]}" for k in words if there.get(k, here[k]) != here[k]]
    for name, was in sorted(there.get("packages", {}).items()):
        if (now := installed(name)) != was:
            found.append(f"{name} {was} -> {now or 'not here'}")
    return found


def changed_code(bundle: Bundle, root: Path = ROOT) -> list[str]:
    """Return the files of code in a bundle that are not those of this installation."""
    found = []
    for name in sorted(bundle.names):
        if name.startswith(CODE):
            place = root / name.removeprefix("source/")
            if not place.is_file() or place.read_bytes() != read_member(bundle.archive, name):
                found.append(name)
    return found


def changed_from_here(bundle: Bundle) -> list[str]:
    """Return, in words, all that may have this installation print other bytes of the same results."""
    code = changed_code(bundle)
    words = [f"code ({len(code)} files, the first {code[0].removeprefix('source/')})"] if code else []
    return [*words, *changed_packages(bundle), *changed_machine(bundle)]
