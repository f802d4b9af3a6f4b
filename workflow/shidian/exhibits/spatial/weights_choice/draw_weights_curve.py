"""AIC and BIC over the weight of the geographic matrix in the composite one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, numbers
from shidian.report.figures.style import COLOURS, HEIGHT, MARKERS, WIDTH


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frame ``curve``: model, a, aic, bic. One panel a criterion, one line a model, its smallest value filled."""
    curve = frame(figure, "curve", ["model", "a", "aic", "bic"])
    drawing = Drawing(figsize=(WIDTH, HEIGHT * 0.9))
    panels = drawing.subplots(1, 2, sharex=True)
    models = list(dict.fromkeys(curve["model"].astype(str)))
    for axes, criterion in zip(panels, ("aic", "bic"), strict=True):
        for i, model in enumerate(models):
            mine = curve[curve["model"] == model].sort_values("a", kind="stable")
            a, value = numbers(mine, "a"), numbers(mine, criterion)
            style = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)]}
            axes.plot(a, value, mfc="white", label=model.upper(), **style)
            best = int(np.argmin(value))
            axes.plot(a[best : best + 1], value[best : best + 1], linestyle="", markersize=6, **style)
        axes.set_ylabel(criterion.upper())
        axes.set_xlabel(words["axis_weight_share"])
        axes.ticklabel_format(axis="y", useOffset=False, style="plain")
    handles, labels = panels[0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return drawing
