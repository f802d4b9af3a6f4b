"""The user's extensions in a bundle: their files stand beside the project's, so that a rerun finds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from shidian.audit.bundle.source_tree import files_below
from shidian.extensions import NAME


def places_of(root: Path, folders: Sequence[Path]) -> list[str]:
    """Return where each folder of an extension stands in the bundled project.

    One inside the project keeps its place; others stand in ``extensions/``, under their own name.
    """
    base, places = root.resolve(), list[str]()
    for folder in folders:
        if folder.is_relative_to(base):
            places.append(folder.relative_to(base).as_posix())
            continue
        names = [folder.name, *(f"{folder.name}_{n}" for n in range(2, len(folders) + 2))]
        free = (f"extensions/{name}" for name in names)
        places.append(next(place for place in free if place not in places and not (base / place).exists()))
    return places


def extension_files(folders: Iterable[Path], places: Iterable[str]) -> dict[str, Path]:
    """Return path in the bundled project -> file, of all files of the extensions; git need not know them."""
    return {
        f"{place}/{name}": folder / name
        for folder, place in zip(folders, places, strict=True)
        for name in files_below(folder)
    }


def paths_of(module: str, places: Iterable[str]) -> list[str]:
    """Return the paths in the project that a module of the project or of an extension may have."""
    top, *parts = module.split(".")
    bases = ["workflow/shidian"] if top != NAME else [*places, *([] if parts else [f"workflow/{NAME}"])]
    found = ["/".join([base, *parts]) for base in bases]
    return [path for base in found for path in (f"{base}.py", f"{base}/__init__.py")]
