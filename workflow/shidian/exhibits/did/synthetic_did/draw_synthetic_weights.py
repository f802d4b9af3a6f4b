"""Synthetic DID: gaps by time since adoption above, weights of units and periods below."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.event_study import effect_label, label_periods
from shidian.report.figures.frames import frame, in_order, numbers, option
from shidian.report.figures.style import COLOURS, GREY, HEIGHT, MARKERS, WIDTH, zero_line

SHOWN = 12
"""Units with the largest weights that are drawn."""


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frames ``points`` (estimator, tau, estimate, ci_low, ci_high), ``units`` (unit, weight), ``periods``.

    Options: ``outcome``, ``level``, ``x_label``, ``y_label``; ``estimator`` names whose weights are drawn.
    """
    drawing = Drawing(figsize=(WIDTH, HEIGHT * 1.9))
    above, left, right = drawing.subplot_mosaic([["a", "a"], ["b", "c"]], height_ratios=[1.2, 1]).values()
    _gaps(above, figure, words)
    units = frame(figure, "units", ["unit", "weight"]).head(SHOWN).iloc[::-1]
    left.barh(np.arange(len(units)), numbers(units, "weight"), color=COLOURS[0])
    left.set_yticks(np.arange(len(units)), units["unit"].astype(str), fontsize="small")
    left.set_xlabel(words["axis_unit_weight"])
    periods = frame(figure, "periods", ["tau", "weight"])
    right.bar(numbers(periods, "tau"), numbers(periods, "weight"), color=COLOURS[0])
    right.set_xlabel(option(figure, "x_label", words["axis_event_time"]))
    right.set_ylabel(words["axis_period_weight"])
    label_periods(right, numbers(periods, "tau"), False, False)
    return drawing


def _gaps(axes: Axes, figure: Figure, words: Mapping[str, str]) -> None:
    points = frame(figure, "points", ["estimator", "tau", "estimate", "ci_low", "ci_high"])
    zero_line(axes)
    axes.axvline(-0.5, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    names = in_order(points["estimator"])
    shifts = np.linspace(-0.25, 0.25, len(names)) if len(names) > 1 else np.zeros(1)
    for i, (name, shift) in enumerate(zip(names, shifts, strict=True)):
        mine = points[points["estimator"].astype(str) == name]
        estimate = numbers(mine, "estimate")
        bars = np.abs(np.vstack([numbers(mine, "ci_low"), numbers(mine, "ci_high")]) - estimate)
        axes.errorbar(
            numbers(mine, "tau") + shift, estimate, yerr=np.nan_to_num(bars), fmt=MARKERS[i % len(MARKERS)],
            color=COLOURS[i % len(COLOURS)], markersize=3.2, elinewidth=0.8, capsize=1.2, label=name, zorder=3,
        )  # fmt: skip
    axes.set_xlabel(option(figure, "x_label", words["axis_event_time"]))
    axes.set_ylabel(effect_label(figure, words))
    label_periods(axes, numbers(points, "tau"), False, False)
    axes.legend(loc="best")
