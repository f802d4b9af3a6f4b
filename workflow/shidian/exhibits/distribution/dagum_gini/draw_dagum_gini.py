"""Dagum's Gini coefficient over the years: of all rows and of groups, and what each part contributes."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, option
from shidian.report.figures.lines import draw_lines


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frames ``ginis`` and ``shares``: group, year, value; each in its panel, shares from zero to the largest.

    Options: ``gini_label``, ``share_label``, ``x_label``.
    """
    drawing = Drawing()
    left, right = drawing.subplots(1, 2)
    columns = ["group", "year", "value"]
    x_label = option(figure, "x_label", words["axis_year"])
    draw_lines(left, frame(figure, "ginis", columns), x_label, option(figure, "gini_label", words["axis_value"]))
    draw_lines(right, frame(figure, "shares", columns), x_label, option(figure, "share_label", words["axis_value"]))
    right.set_ylim(bottom=0)
    return drawing
