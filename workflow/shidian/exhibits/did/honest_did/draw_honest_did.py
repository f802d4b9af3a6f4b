"""Sensitivity to violations of parallel trends (Rambachan & Roth 2023): the interval under each restriction."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, in_order, numbers, option
from shidian.report.figures.style import COLOURS, HEIGHT, MARKERS, WIDTH, zero_line


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frame ``intervals``: restriction, value (of M or M̄), estimate, ci_low, ci_high; a panel a restriction.

    The first restriction, parallel trends, stands at the left of every panel. Options: ``y_label``,
    ``titles`` (restriction and what its axis says, in turn).
    """
    intervals = frame(figure, "intervals", ["restriction", "value", "estimate", "ci_low", "ci_high"])
    names = in_order(intervals["restriction"])
    base, others = intervals[intervals["restriction"] == names[0]], names[1:] or names
    said = list(option(figure, "titles", ()))
    titles = dict(zip(said[::2], said[1::2], strict=True))
    drawing = Drawing(figsize=(WIDTH, HEIGHT))
    panels = drawing.subplots(1, len(others), sharey=True, squeeze=False)[0]
    for i, (axes, name) in enumerate(zip(panels, others, strict=True)):
        mine = intervals[intervals["restriction"] == name]
        zero_line(axes)
        for part, start, colour in ((base, 0, COLOURS[0]), (mine, len(base), COLOURS[1 + i % (len(COLOURS) - 1)])):
            place = start + np.arange(len(part))
            middle = (numbers(part, "ci_low") + numbers(part, "ci_high")) / 2
            reach = (numbers(part, "ci_high") - numbers(part, "ci_low")) / 2
            axes.errorbar(place, middle, yerr=reach, fmt="none", capsize=3, elinewidth=1.4, color=colour, zorder=3)
        axes.plot(np.arange(len(base)), numbers(base, "estimate"), MARKERS[0], color=COLOURS[0], zorder=4)
        labels = [names[0], *(f"{value:.2g}" for value in numbers(mine, "value"))]
        axes.set_xticks(range(len(base) + len(mine)), labels, rotation=30, ha="right")
        axes.set_xlabel(titles.get(name, name))
    panels[0].set_ylabel(option(figure, "y_label", words["axis_effect"].format(level="95%")))
    return drawing
