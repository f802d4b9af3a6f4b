"""Moran scatter plot: each unit's standardised value against that of its neighbours; the slope is Moran's I."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.printed import p_words
from shidian.report.figures.frames import frame, minus, numbers, option, period_text
from shidian.report.figures.style import BLUE, GREY, HEIGHT, VERMILLION, WIDTH


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frames ``points``: year, z, lag, cluster; and ``slopes``: year, I, p_permutation. One panel a year.

    Units of a significant local cluster are filled. Option: ``variable``, the label on the horizontal axis.
    """
    points = frame(figure, "points", ["year", "z", "lag", "cluster"])
    slopes = frame(figure, "slopes", ["year", "I", "p_permutation"])
    years = sorted(points["year"].unique().tolist())
    columns = min(len(years), 2)
    rows = -(-len(years) // columns)
    drawing = Drawing(figsize=(WIDTH, HEIGHT * (0.85 if columns == 2 else 1.0) * rows))
    panels = drawing.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for axes, year in zip(panels.ravel(), years, strict=False):
        mine = points[points["year"] == year]
        z, lag = numbers(mine, "z"), numbers(mine, "lag")
        significant = ~mine["cluster"].isin(["not significant", words["cluster_4"]]).to_numpy(dtype=bool)
        axes.axhline(0, color=GREY, linewidth=0.7, zorder=1)
        axes.axvline(0, color=GREY, linewidth=0.7, zorder=1)
        axes.plot(z[~significant], lag[~significant], "o", mfc="none", mec=GREY, ms=3, mew=0.6, zorder=2)
        axes.plot(z[significant], lag[significant], "o", color=BLUE, ms=3.2, alpha=0.85, mew=0, zorder=3)
        test = slopes[slopes["year"] == year]
        slope = float(np.sum(z * lag) / np.sum(z * z))
        ends = np.array([z.min(), z.max()])
        axes.plot(ends, slope * ends, color=VERMILLION, zorder=4)
        title = period_text(figure, year)
        if len(test):
            p = float(numbers(test, "p_permutation")[0])
            title += f": I = {float(numbers(test, 'I')[0]):.3f}"
            if np.isfinite(p):
                title += f" ({p_words(p, 3).replace('p', words['permutation_p'], 1)})"
        axes.set_title(minus(title))
    for axes in panels.ravel()[len(years) :]:
        axes.set_visible(False)
    drawing.supxlabel(words["axis_z"].format(variable=option(figure, "variable", words["axis_value"])), fontsize=9)
    drawing.supylabel(words["axis_lag"], fontsize=9)
    return drawing
