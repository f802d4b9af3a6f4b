"""Sensitivity to violations of parallel trends (Rambachan & Roth 2023): one interval a restriction and bound."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.event_study import effect_label
from shidian.report.figures.frames import frame, in_order, numbers, option
from shidian.report.figures.style import COLOURS, MARKERS, zero_line


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frame ``intervals``: restriction, label, ci_low, ci_high; open ends reach the edge.

    Options: ``target`` (the effect in words, label of the x axis), ``level``, ``x_label``, ``y_label``.
    """
    intervals = frame(figure, "intervals", ["restriction", "label", "ci_low", "ci_high"])
    low, high = numbers(intervals, "ci_low"), numbers(intervals, "ci_high")
    restriction = intervals["restriction"].astype(str).to_numpy()
    finite = np.r_[low[np.isfinite(low)], high[np.isfinite(high)], 0.0]
    reach = 0.1 * np.ptp(finite)
    low, high = np.nan_to_num(low, neginf=finite.min() - reach), np.nan_to_num(high, posinf=finite.max() + reach)
    drawing = Drawing()
    axes = drawing.subplots()
    zero_line(axes)
    for i, name in enumerate(in_order(intervals["restriction"])):
        mine = np.flatnonzero(restriction == name)
        middle, half = (low + high)[mine] / 2, (high - low)[mine] / 2
        axes.errorbar(
            mine, middle, yerr=half, fmt="none", ecolor=COLOURS[i % len(COLOURS)], elinewidth=1.3, capsize=3,
            label=name, zorder=3,
        )  # fmt: skip
        axes.plot(mine, middle, MARKERS[i % len(MARKERS)], color=COLOURS[i % len(COLOURS)], markersize=2.5, zorder=3)
    axes.set_xticks(range(len(intervals)), intervals["label"].astype(str).tolist(), rotation=30, ha="right")
    axes.set_xlabel(option(figure, "x_label", option(figure, "target", "")))
    axes.set_ylabel(effect_label(figure, words))
    axes.legend(loc="best")
    return drawing
