"""Event studies of several estimators side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.event_study import effect_label, label_periods
from shidian.report.figures.frames import frame, in_order, numbers, option
from shidian.report.figures.style import COLOURS, GREY, HEIGHT, MARKERS, WIDTH, zero_line


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frame ``points``: estimator, tau, estimate, ci_low, ci_high; estimators in order of appearance.

    Options as for ``event_study``: ``ends``, ``outcome``, ``level``, ``x_label``, ``y_label``.
    """
    points = frame(figure, "points", ["estimator", "tau", "estimate", "ci_low", "ci_high"])
    drawing = Drawing(figsize=(WIDTH, HEIGHT * 1.15))
    axes = drawing.subplots()
    zero_line(axes)
    axes.axvline(-0.5, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    names = in_order(points["estimator"])
    shifts = np.linspace(-0.3, 0.3, len(names)) if len(names) > 1 else np.zeros(1)
    for i, (name, shift) in enumerate(zip(names, shifts, strict=True)):
        mine = points[points["estimator"].astype(str) == name]
        estimate = numbers(mine, "estimate")
        bars = np.abs(np.vstack([numbers(mine, "ci_low"), numbers(mine, "ci_high")]) - estimate)
        drawn = np.isfinite(estimate)
        axes.errorbar(
            numbers(mine, "tau")[drawn] + shift, estimate[drawn], yerr=bars[:, drawn],
            fmt=MARKERS[i % len(MARKERS)], color=COLOURS[i % len(COLOURS)], markersize=3.6, elinewidth=0.9,
            capsize=1.5, label=name, zorder=3,
        )  # fmt: skip
    axes.set_xlabel(option(figure, "x_label", words["axis_event_time"]))
    axes.set_ylabel(effect_label(figure, words))
    binned = option(figure, "ends", "") == "bin"
    label_periods(axes, numbers(points, "tau"), binned, binned)
    drawing.legend(loc="outside lower center", ncols=min(3, len(names)))
    return drawing
