"""How the frame of a table looks in files of a word processor, a spreadsheet and LaTeX: fonts and outer lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LATIN, CHINESE = "Times New Roman", "SimSun"
_CENTIMETRE = 28.4528
"""Points of TeX in a centimetre."""


@dataclass(frozen=True)
class Page:
    """The text of the page that LaTeX sets, in points of TeX.

    Attributes:
        width: its width; by default that of an article on A4 with margins of 2.5 cm.
        height: its height; the other way round in landscape.
    """

    width: float = 455.2
    height: float = 702.7

    @property
    def turned(self) -> Page:
        """The page in landscape."""
        return Page(self.height, self.width)


A4 = Page()


@dataclass(frozen=True)
class Look:
    """Fonts and outer lines of a table.

    Attributes:
        latin: font of Latin letters and digits.
        chinese: font of Chinese characters.
        size: points of the text; None for what fits the page.
        top: line above: "thick", "thin" or "double".
        bottom: line below, likewise.
        page: the text of the page that LaTeX tables must fit.
    """

    latin: str = LATIN
    chinese: str = CHINESE
    size: float | None = None
    top: str = "thick"
    bottom: str = "thick"
    page: Page = A4

    @staticmethod
    def of(printing: Mapping[str, Any]) -> Look:
        """Read what the style of an exhibit says (``shidian.study.styles``)."""
        style = printing.get("style", {})
        fonts, rules, page = style.get("fonts", {}), style.get("rules", {}), style.get("page")
        return Look(
            fonts.get("latin", LATIN), fonts.get("chinese", CHINESE), fonts.get("size"),
            rules.get("top", "thick"), rules.get("bottom", "thick"),
            Page(page["width"] * _CENTIMETRE, page["height"] * _CENTIMETRE) if page else A4,
        )  # fmt: skip


PLAIN = Look()
