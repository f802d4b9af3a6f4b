"""How the tables of a .pdf page are found, by the names that pdfplumber gives its settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shidian.errors import SourceError

SHEET = re.compile(r"page (\d+) table (\d+)")
"""Name of a table of a page."""


@dataclass(frozen=True)
class PdfSettings:
    """Settings of one page: those of pdfplumber, and the part of the page that is looked at.

    Attributes:
        vertical_strategy: what separates columns: lines, lines_strict, text or explicit.
        horizontal_strategy: what separates rows, likewise.
        explicit_vertical_lines: places (points from the left) of lines that are not drawn.
        explicit_horizontal_lines: places (points from the top) of such lines.
        snap_tolerance: lines nearer than this are one.
        join_tolerance: pieces of a line nearer than this are joined.
        intersection_tolerance: lines that miss each other by less than this meet.
        min_words_vertical: words in a column without lines, at least.
        min_words_horizontal: words in a row without lines, at least.
        crop: left, top, right and bottom of the part of the page that holds the tables; the whole page when None.
    """

    vertical_strategy: str = "lines"
    horizontal_strategy: str = "lines"
    explicit_vertical_lines: tuple[float, ...] = ()
    explicit_horizontal_lines: tuple[float, ...] = ()
    snap_tolerance: float = 3
    join_tolerance: float = 3
    intersection_tolerance: float = 3
    min_words_vertical: int = 3
    min_words_horizontal: int = 1
    crop: tuple[float, float, float, float] | None = None

    def given(self) -> dict[str, Any]:
        """Return them as pdfplumber takes them."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
            if key != "crop"
        }


RULED = PdfSettings()
"""Tables with ruled lines."""


def build_settings(where: str, declared: Mapping[str, Any]) -> PdfSettings:
    """Return declared settings.

    Raises:
        SourceError: a strategy ``explicit`` without two lines, or an empty part of the page.
    """
    said: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in declared.items()}
    found = PdfSettings(**said)
    for way in ("vertical", "horizontal"):
        if said.get(f"{way}_strategy") == "explicit" and len(said.get(f"explicit_{way}_lines", ())) < 2:
            raise SourceError(f"{where}.{way}_strategy: 'explicit' wants two or more 'explicit_{way}_lines'")
    if found.crop and not (found.crop[0] < found.crop[2] and found.crop[1] < found.crop[3]):
        raise SourceError(f"{where}.crop: {list(found.crop)} is empty; write [left, top, right, bottom], in points")
    return found
