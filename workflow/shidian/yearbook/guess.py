"""Where a table seems to lie in a workbook that no source file describes yet."""

from __future__ import annotations

from dataclasses import dataclass

from shidian.yearbook.layout import Region
from shidian.yearbook.tables import HeaderPath


@dataclass(frozen=True)
class Guess:
    """Where a table seems to lie: its header rows and paths, its data rows, the texts above."""

    titles: list[str]
    region: Region
    paths: list[HeaderPath]
    data: list[int]
