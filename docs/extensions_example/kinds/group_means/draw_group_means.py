"""Means by group: one panel a variable, one dot a group.

Frame ``points``: term (the variable as printed), column (the group), estimate.
"""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure as Drawing
from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, in_order
from shidian.report.figures.style import WIDTH


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw the means."""
    points = frame(figure, "points", ["term", "column", "estimate"])
    names = in_order(points["term"])
    drawing = Drawing(figsize=(WIDTH, 2.4))
    for axes, name in zip(drawing.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        mine = points[points["term"] == name]
        axes.plot(mine["column"].astype(str), mine["estimate"].astype(float), "o", color="black")
        axes.set_title(name, fontsize=9)
        axes.margins(x=0.3)
    return drawing
