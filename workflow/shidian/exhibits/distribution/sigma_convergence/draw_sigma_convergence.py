"""The spread of a variable over the years, one line a group."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, option
from shidian.report.figures.lines import draw_lines


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frame ``lines``: group, year, value.

    Options: ``x_label``, ``y_label``.
    """
    drawing = Drawing()
    lines = frame(figure, "lines", ["group", "year", "value"])
    x_label, y_label = option(figure, "x_label", words["axis_year"]), option(figure, "y_label", words["axis_value"])
    draw_lines(drawing.subplots(), lines, x_label, y_label)
    return drawing
