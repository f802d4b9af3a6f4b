"""Folders of the user's own kinds, indicators, estimators and formats, beside the project's.

A folder holds ``kinds/<kind>/``, ``indicators/<method>.py``, ``efficiency/<model>.py``, ``estimators/<name>.py``,
``formats/<name>.py`` and, for what these share, ``shared/``. Its modules are
``shidian_extensions.kinds.<kind>.estimate`` and so on, wherever it lies: digests and pickles do not
depend on its place. The environment hands the folders to every process of a run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

NAME = "shidian_extensions"
VARIABLE = "SHIDIAN_EXTENSIONS"
PACKAGE = Path(__file__).resolve().parent
PARTS = ("kinds", "indicators", "efficiency", "estimators", "formats", "shared")
"""The folders that an extension may have."""


def folders() -> tuple[Path, ...]:
    """Return the folders in force, in the order of the configuration."""
    return tuple(Path(text) for text in os.environ.get(VARIABLE, "").split(os.pathsep) if text)


def use(chosen: Sequence[Path]) -> None:
    """Put folders in force, in this process and those that it starts; modules of others are forgotten."""
    if tuple(chosen) == folders():
        return
    os.environ[VARIABLE] = os.pathsep.join(map(str, chosen))
    for name in [name for name in sys.modules if name.split(".")[0] == NAME]:
        del sys.modules[name]


@contextmanager
def using(chosen: Sequence[Path]) -> Iterator[None]:
    """Put folders in force for a while."""
    before = folders()
    use(chosen)
    try:
        yield
    finally:
        use(before)


def is_ours(module: str) -> bool:
    """Say whether a module is of the project or of an extension, so that its code is followed."""
    return module.split(".")[0] in ("shidian", NAME)


def module_of(path: Path) -> str:
    """Return the name under which a file or folder of the project or of an extension is imported."""
    bases = [("shidian", PACKAGE), *((NAME, folder) for folder in folders())]
    name, base = next((name, base) for name, base in bases if path.is_relative_to(base))
    return ".".join([name, *path.relative_to(base).with_suffix("").parts])


def path_of(module: str) -> Path:
    """Return the file of a module of the project or of an extension; one that need not be there."""
    top, *parts = module.split(".")
    if top == NAME and not parts:
        return PACKAGE.parent / NAME / "__init__.py"
    if top == "shidian":
        return _own(module)
    places = [_file(base.joinpath(*parts)) for base in folders()]
    return next((place for place in places if place.exists()), places[0] if places else Path(*parts))


@cache
def _own(module: str) -> Path:
    """Return the file of a module of the project, whose files do not come and go while a process lives."""
    return _file(PACKAGE.joinpath(*module.split(".")[1:]))


def _file(base: Path) -> Path:
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


def short(path: Path) -> str:
    """Return a file as digests name it: from the folder of the project or of the extension that it lies in."""
    base = next(base for base in (PACKAGE, *folders()) if path.is_relative_to(base))
    return path.relative_to(base).as_posix()
