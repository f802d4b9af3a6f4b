"""Where a drafted file lies below the folder of the raw workbooks, which is what its source file has to say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """The folder that paths of a draft begin in, what stands before a file's name, and what the user has to be told.

    Attributes:
        base: the folder of the raw workbooks, or the file's own where it lies elsewhere.
        before: path from ``base`` to the file's folder, "" or ending in a stroke.
        said: a line on a file that lies elsewhere, "" where nothing is to be said.
    """

    base: Path
    before: str = ""
    said: str = ""


def place_of(folder: Path, raw: Path | None) -> Place:
    """Return the place of a folder of workbooks; ``raw`` is that of the raw workbooks, None where it is not known.

    >>> place_of(Path("/data/raw/cities"), Path("/data/raw")).before
    'cities/'
    """
    if raw is None:
        return Place(folder)
    inner, outer = folder.resolve(), raw.resolve()
    if not inner.is_relative_to(outer):
        said = f"The file is not below the folder of the raw workbooks, {raw}: move it there, or name its folder in "
        return Place(folder, said=said + "SHIDIAN_RAW or as raw_data in config/config.yaml")
    before = inner.relative_to(outer).as_posix()
    return Place(raw, "" if before == "." else f"{before}/")
