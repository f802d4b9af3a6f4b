"""Declared tables of names that no rule foresees."""

from __future__ import annotations

from pathlib import Path

from shidian.errors import SourceError
from shidian.regions.table import FIRST_YEAR, LAST_YEAR, load_level
from shidian.schema import read_declaration


def load_aliases(path: Path | str) -> dict[str, str]:
    """Read ``config/aliases/<name>.yaml``: printed name -> code.

    Raises:
        SourceError: the file breaks its schema, or a code is no unit of the declared level.
    """
    path = Path(path)
    document = read_declaration(path, "aliases", SourceError)
    codes = load_level(document["level"]).by_code
    for name, code in document["aliases"].items():
        if code not in codes:
            level = document["level"]
            raise SourceError(f"{path}: aliases.{name}: code {code} is no {level} in {FIRST_YEAR}-{LAST_YEAR}")
    return dict(document["aliases"])
