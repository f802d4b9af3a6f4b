"""How the frame of a table looks in files of a word processor, a spreadsheet and LaTeX: fonts and outer lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LATIN, CHINESE = "Times New Roman", "SimSun"


@dataclass(frozen=True)
class Look:
    """Fonts and outer lines of a table.

    Attributes:
        latin: font of Latin letters and digits.
        chinese: font of Chinese characters.
        size: points of the text; None for what fits the page.
        top: line above: "thick", "thin" or "double".
        bottom: line below, likewise.
    """

    latin: str = LATIN
    chinese: str = CHINESE
    size: float | None = None
    top: str = "thick"
    bottom: str = "thick"

    @staticmethod
    def of(printing: Mapping[str, Any]) -> Look:
        """Read what the style of an exhibit says (``shidian.study.styles``)."""
        style = printing.get("style", {})
        fonts, rules = style.get("fonts", {}), style.get("rules", {})
        return Look(
            fonts.get("latin", LATIN), fonts.get("chinese", CHINESE), fonts.get("size"),
            rules.get("top", "thick"), rules.get("bottom", "thick"),
        )  # fmt: skip


PLAIN = Look()
