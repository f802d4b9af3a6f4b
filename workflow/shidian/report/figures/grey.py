"""Figures for print in one ink: every colour becomes a grey, those of one palette greys that can be told apart."""

from __future__ import annotations

from typing import Any

from matplotlib.collections import Collection
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from shidian.report.figures.style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION

GREYS = {
    BLUE: "#1A1A1A", VERMILLION: "#8C8C8C", GREEN: "#B3B3B3", PURPLE: "#4D4D4D", ORANGE: "#CCCCCC", SKY: "#A0A0A0",
    "#B2182B": "#1A1A1A", "#2166AC": "#6E6E6E", "#92C5DE": "#D5D5D5", "#F4A582": "#A5A5A5",
}  # fmt: skip
"""Colours of palettes whose own brightness does not tell them apart -> grey; others keep their brightness."""
_GREYS = {colour.lower(): grey for colour, grey in GREYS.items()}


def grey_of(colour: Any) -> tuple[float, float, float, float]:
    """Return the grey that stands for a colour, with the colour's opacity."""
    red, green, blue, alpha = to_rgba(colour)
    if alpha == 0:
        return red, green, blue, alpha
    known = _GREYS.get(to_hex((red, green, blue)))
    bright = to_rgba(known)[0] if known else 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return bright, bright, bright, alpha


def to_grey(drawing: Drawing) -> None:
    """Turn every line, area, marker and word of a drawing grey."""
    for artist in drawing.findobj():
        if isinstance(artist, Line2D):
            for part in ("color", "markerfacecolor", "markeredgecolor"):
                _set(artist, part)
        elif isinstance(artist, Patch):
            for part in ("facecolor", "edgecolor"):
                _set(artist, part)
        elif isinstance(artist, Text):
            _set(artist, "color")
        elif isinstance(artist, Collection):
            if artist.get_array() is not None:
                artist.set_cmap("Greys")
                continue
            artist.set_facecolor([grey_of(colour) for colour in artist.get_facecolor()])
            artist.set_edgecolor([grey_of(colour) for colour in artist.get_edgecolor()])


def _set(artist: Any, part: str) -> None:
    colour = getattr(artist, f"get_{part}")()
    if not isinstance(colour, str) or colour not in ("none", "auto"):
        getattr(artist, f"set_{part}")(grey_of(colour))
