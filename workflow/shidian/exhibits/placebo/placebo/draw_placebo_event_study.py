"""Placebo event study: the observed estimates before the quantiles of the draws at each event time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.event_study import label_periods
from shidian.report.figures.frames import frame, numbers, option
from shidian.report.figures.style import BLUE, GREY, INK, PALE, zero_line


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frames ``points``: tau, estimate, ci_low, ci_high; and ``bands``: tau, low, lower, middle, upper, high.

    ``low`` to ``high`` holds 95% of the draws, ``lower`` to ``upper`` half of them. Options: ``reference`` (event
    times left out, drawn at zero), ``binned`` (the ends hold all event times beyond), ``x_label``, ``y_label``.
    """
    points = frame(figure, "points", ["tau", "estimate", "ci_low", "ci_high"]).sort_values("tau", kind="stable")
    bands = frame(figure, "bands", ["tau", "low", "lower", "middle", "upper", "high"]).sort_values("tau", kind="stable")
    tau, estimate = numbers(points, "tau"), numbers(points, "estimate")
    reference = np.asarray(option(figure, "reference", []), dtype=float)
    drawing = Drawing()
    axes = drawing.subplots()
    at = numbers(bands, "tau")
    for low, high, alpha, label in (("low", "high", 0.45, "legend_band_95"), ("lower", "upper", 0.9, "legend_band_50")):
        bottom, top = numbers(bands, low), numbers(bands, high)
        axes.bar(at, top - bottom, bottom=bottom, width=0.7, color=PALE, alpha=alpha, label=words[label], zorder=1)
    zero_line(axes)
    axes.axvline(-0.5, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    bars = np.abs(np.vstack([numbers(points, "ci_low"), numbers(points, "ci_high")]) - estimate)
    axes.errorbar(
        tau,
        estimate,
        yerr=bars,
        fmt="o",
        color=BLUE,
        elinewidth=1.1,
        capsize=2.5,
        zorder=3,
        label=words["legend_observed"],
    )
    axes.plot(reference, np.zeros(len(reference)), "o", mfc="white", mec=INK, zorder=3, label=words["legend_reference"])
    axes.set_xlabel(option(figure, "x_label", words["axis_event_time"]))
    axes.set_ylabel(option(figure, "y_label", words["axis_effect"]))
    binned = bool(option(figure, "binned", False))
    label_periods(axes, np.concatenate([tau, reference]), binned, binned)
    drawing.legend(loc="outside lower center", ncols=4, columnspacing=1.2)
    return drawing
