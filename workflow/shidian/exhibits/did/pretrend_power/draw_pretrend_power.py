"""The event study, straight lines that its test of pre-trends misses, and what is expected where it passes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.event_study import effect_label, label_periods
from shidian.report.figures.frames import frame, in_order, numbers, option
from shidian.report.figures.style import COLOURS, GREY, HEIGHT, INK, WIDTH, zero_line


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frames ``points`` (tau, estimate, ci_low, ci_high) and ``lines`` (violation, tau, line, passing).

    Options: ``outcome``, ``level``, ``x_label``, ``y_label``.
    """
    points = frame(figure, "points", ["tau", "estimate", "ci_low", "ci_high"])
    lines = frame(figure, "lines", ["violation", "tau", "line", "passing"])
    drawing = Drawing(figsize=(WIDTH, HEIGHT * 1.1))
    axes = drawing.subplots()
    zero_line(axes)
    axes.axvline(-0.5, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    estimate = numbers(points, "estimate")
    bars = np.nan_to_num(np.abs(np.vstack([numbers(points, "ci_low"), numbers(points, "ci_high")]) - estimate))
    axes.errorbar(numbers(points, "tau"), estimate, yerr=bars, fmt="o", color=INK, markersize=3.6, capsize=1.5)
    for i, name in enumerate(in_order(lines["violation"])):
        mine, colour = lines[lines["violation"].astype(str) == name], COLOURS[i % len(COLOURS)]
        tau = numbers(mine, "tau")
        axes.plot(tau, numbers(mine, "line"), color=colour, linewidth=1.1, label=name)
        label = words["legend_passing"].format(violation=name)
        axes.plot(tau, numbers(mine, "passing"), color=colour, linewidth=1.1, linestyle=(0, (3, 2)), label=label)
    axes.set_xlabel(option(figure, "x_label", words["axis_event_time"]))
    axes.set_ylabel(effect_label(figure, words))
    label_periods(axes, numbers(points, "tau"), False, False)
    if len(lines):
        axes.legend(loc="best", fontsize="small")
    return drawing
