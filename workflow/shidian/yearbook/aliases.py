"""Declared tables of names that no rule foresees."""

from __future__ import annotations

from pathlib import Path

from shidian.errors import SourceError
from shidian.regions.table import load_level
from shidian.yearbook.declarations import load_declaration


def load_aliases(path: Path | str) -> dict[str, str]:
    """Read ``config/aliases/<name>.yaml``: printed name -> code.

    Raises:
        SourceError: the file breaks its schema, or a code is no unit of the declared level.
    """
    path = Path(path)
    document = load_declaration(path, "aliases")
    codes = load_level(document["level"]).by_code
    for name, code in document["aliases"].items():
        if code not in codes:
            raise SourceError(f"{path}: aliases.{name}: code {code} is no {document['level']} in 2002-2022")
    return dict(document["aliases"])
