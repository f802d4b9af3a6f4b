"""Where a declared source, its raw files and its corrections are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shidian.errors import UsageError, nearest
from shidian.messages import say
from shidian.study.plan import raw_folder
from shidian.study.simulated import MADE_FOLDER, MADE_ROOT, is_made
from shidian.yearbook.corrections import Declared, gather_corrections
from shidian.yearbook.source import Source, load_source

CORRECTIONS = Path("config") / "corrections.yaml"


def declared_source(root: Path, named: str) -> Source:
    """Return the source of a name, or that of a source file.

    Raises:
        UsageError: there is no such source or file.
        SourceError: the file is wrong.
    """
    if named.endswith((".yaml", ".yml")) or "/" in named:
        if not Path(named).is_file():
            raise UsageError(say("{path}: there is no such source file", path=named))
        return load_source(Path(named))
    folder = root / "config" / "sources"
    there = [path.stem for path in folder.glob("*.yaml")]
    if named not in there:
        raise UsageError(
            say("there is no config/sources/{name}.yaml{nearest}", name=named, nearest=nearest(named, there))
        )
    return load_source(folder / f"{named}.yaml")


def raw_root_of(root: Path, config: Mapping[str, Any], source: Source) -> Path:
    """Return the folder that the paths of a source's files begin in."""
    return root / MADE_ROOT if is_made(source) else raw_folder(root, config)


def corrections_of(root: Path, source: Source) -> tuple[Declared, ...]:
    """Return the declared corrections, with those of the misprints of simulated yearbooks.

    Raises:
        SourceError: a file of corrections is wrong.
    """
    files = [root / CORRECTIONS]
    if is_made(source):
        parts = {Path(file.path).parts[1] for file in source.files}
        made = [root / MADE_ROOT / MADE_FOLDER / part / "corrections.yaml" for part in sorted(parts)]
        files += [path for path in made if path.exists()]
    return gather_corrections(files)


def period_name(source: Source) -> Callable[[int], str]:
    """Return what gives the name of a source's period."""
    return next((table for table in source.tables if table.year), source.tables[0]).written
