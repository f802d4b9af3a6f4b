"""Kernel densities of one variable by group or year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure as Drawing

from shidian.errors import ReportError
from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, in_order, numbers, option
from shidian.report.figures.smoothing import kernel_density
from shidian.report.figures.style import COLOURS

_DASHES = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frame ``values``: group (a year or a name), value; one Gaussian kernel density a group.

    Options: ``x_label``, ``y_label``, ``bounds`` (smallest and largest value that there can be, each may be None).

    Raises:
        ReportError: a group's values do not vary, so that it has no density.
    """
    values = frame(figure, "values", ["group", "value"])
    low, high = option(figure, "bounds", (None, None))
    bounds = (-np.inf if low is None else float(low), np.inf if high is None else float(high))
    drawing = Drawing()
    axes = drawing.subplots()
    for i, name in enumerate(in_order(values["group"])):
        mine = numbers(values[values["group"].astype(str) == name], "value")
        smooth = kernel_density(mine[np.isfinite(mine)], bounds=bounds)
        if smooth is None:
            raise ReportError(f"figure of kind 'density': the values of group '{name}' do not vary")
        axes.plot(*smooth, color=COLOURS[i % len(COLOURS)], linestyle=_DASHES[i % len(_DASHES)], label=name)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(option(figure, "x_label", words["axis_value"]))
    axes.set_ylabel(option(figure, "y_label", words["axis_density"]))
    axes.legend(loc="best")
    return drawing
