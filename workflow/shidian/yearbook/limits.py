"""How much of a raw file is read: past a limit it is refused in a line that names the file, the limit and its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shidian.errors import SourceError

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """The limits, by their keys under ``limits`` in ``config/config.yaml``.

    Attributes:
        unpacked_mb: megabytes to which a packed file unpacks.
        entries: parts of a packed file.
        sheet_cells: cells of the rectangle from A1 to the last cell of a sheet, or of a table of a page.
        file_cells: cells of a file without sheets; those that memory holds when None.
        columns: columns of a sheet or file.
        pages: pages of a .pdf file.
        page_mb: megabytes to which what draws one page of it unpacks.
        page_lines: lines and edges of one page in which tables are looked for.
        part_mb: megabytes to which a font, a picture or a table of objects in it unpacks.
        seconds: seconds that one file takes.
    """

    unpacked_mb: int = 2_000
    entries: int = 20_000
    sheet_cells: int = 10_000_000
    file_cells: int | None = None
    columns: int = 16_384
    pages: int = 5_000
    page_mb: int = 8
    page_lines: int = 20_000
    part_mb: int = 100
    seconds: int = 1_800

    @classmethod
    def of(cls, declared: Mapping[str, Any]) -> Limits:
        """Return those that a configuration declares under ``limits``, the usual ones where it declares none."""
        return cls(**declared)

    def over(self, key: str, found: float, what: str) -> str | None:
        """Say that something is more than a limit lets through; None where it is not.

        >>> Limits(pages=2).over("pages", 3, "pages")
        '3 pages; at most 2 are read (limits.pages in config/config.yaml)'
        """
        most = getattr(self, key)
        return None if found <= most else f"{found:,} {what}; at most {most:,} are read {where(key)}"

    def refuse(self, path: object, key: str, found: float, what: str) -> None:
        """Refuse a file (``SourceError``) of more than a limit lets through."""
        if reason := self.over(key, found, what):
            raise SourceError(f"{path}: {reason}")


def where(key: str) -> str:
    """Say where a limit is declared."""
    return f"(limits.{key} in config/config.yaml)"


LIMITS = Limits()
"""The usual limits."""
