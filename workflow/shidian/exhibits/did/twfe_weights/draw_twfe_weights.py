"""Weights behind a two-way fixed effects coefficient (de Chaisemartin & D'Haultfœuille 2020): their distribution."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, in_order, numbers, option
from shidian.report.figures.style import COLOURS, INK, WIDTH

BINS = 40


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frame ``weights``: estimator, weight (one row a treated cell; average one). A panel an estimator.

    Negative weights stand in another colour, left of the line at zero. Options: ``x_label``, ``y_label``.
    """
    weights = frame(figure, "weights", ["estimator", "weight"])
    names = in_order(weights["estimator"])
    drawing = Drawing(figsize=(WIDTH, 2.6 * len(names)))
    for axes, name in zip(drawing.subplots(len(names), 1, squeeze=False)[:, 0], names, strict=True):
        values = numbers(weights[weights["estimator"] == name], "weight")
        edges = np.histogram_bin_edges(values, BINS)
        for part, colour in ((values[values >= 0], COLOURS[0]), (values[values < 0], COLOURS[1])):
            axes.hist(part, bins=edges, color=colour)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_title(name, loc="left")
        axes.set_xlabel(option(figure, "x_label", words["axis_bacon_weight"]))
        axes.set_ylabel(option(figure, "y_label", words["axis_units_years"]))
    return drawing
