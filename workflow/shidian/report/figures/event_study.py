"""Event study: estimates and intervals by time relative to adoption."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, minus, numbers, option
from shidian.report.figures.style import BLUE, GREY, INK, SKY, zero_line


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frame ``points``: tau, estimate, ci_low, ci_high, is_reference; where it has band_low and band_high, a
    simultaneous band stands behind the pointwise intervals as thin bars.

    Options: ``ends`` ("bin": the first and last point hold all earlier and later periods, labelled ≤ and ≥),
    ``outcome`` (its printed name), ``level`` of the interval, ``x_label``, ``y_label``.
    """
    columns = ["tau", "estimate", "ci_low", "ci_high", "is_reference"]
    points = frame(figure, "points", columns).sort_values("tau", kind="stable")
    drawing = Drawing()
    axes = drawing.subplots()
    tau, estimate = numbers(points, "tau"), numbers(points, "estimate")
    reference = points["is_reference"].astype(bool).to_numpy()
    drawn = ~reference & np.isfinite(estimate)
    bars = np.abs(np.vstack([numbers(points, "ci_low"), numbers(points, "ci_high")]) - estimate)[:, drawn]
    zero_line(axes)
    _band(axes, points[drawn], words)
    axes.axvline(-0.5, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    axes.errorbar(
        tau[drawn], estimate[drawn], yerr=bars, fmt="o", color=BLUE, ecolor=BLUE,
        elinewidth=1.6, capsize=0, zorder=3, label=words["legend_pointwise"],
    )  # fmt: skip
    zeros = np.zeros(int(reference.sum()))
    axes.plot(tau[reference], zeros, "o", mfc="white", mec=INK, zorder=3, label=words["legend_reference"])
    if "band_low" in points or reference.any():
        drawing.legend(loc="outside lower center", ncols=3)
    axes.set_xlabel(option(figure, "x_label", words["axis_event_time"]))
    axes.set_ylabel(effect_label(figure, words))
    binned = option(figure, "ends", "") == "bin"
    label_periods(axes, tau, binned, binned)
    return drawing


def _band(axes: Axes, points: pd.DataFrame, words: Mapping[str, str]) -> None:
    """Draw the simultaneous band of the estimated periods, where there is one."""
    if "band_low" not in points:
        return
    estimate = numbers(points, "estimate")
    reach = np.abs(np.vstack([numbers(points, "band_low"), numbers(points, "band_high")]) - estimate)
    axes.errorbar(
        numbers(points, "tau"), estimate, yerr=reach, fmt="none", ecolor=SKY, elinewidth=0.8, capsize=3, capthick=0.8,
        zorder=2, label=words["legend_simultaneous"],
    )  # fmt: skip


def effect_label(figure: Figure, words: Mapping[str, str]) -> str:
    """Return the label of an axis of effects: option ``y_label``, or built from ``outcome`` and ``level``."""
    level = f"{float(option(figure, 'level', 0.95)):.0%}"
    outcome = option(figure, "outcome", "")
    text = words["axis_effect_on" if outcome else "axis_effect"].format(outcome=outcome, level=level)
    return str(option(figure, "y_label", text))


def label_periods(axes: Axes, tau: np.ndarray, binned_low: bool, binned_high: bool) -> None:
    """Label every period (every second beyond sixteen), binned ends with ≤ and ≥."""
    periods = [int(period) for period in sorted(set(tau.tolist()))]
    first, last = periods[0], periods[-1]
    step = 1 if len(periods) <= 16 else 2
    shown = [p for p in periods if (p + 1) % step == 0 or p in (first, last)]
    texts = [minus(str(p)) for p in shown]
    if binned_low:
        texts[0] = f"≤{texts[0]}"
    if binned_high:
        texts[-1] = f"≥{texts[-1]}"
    axes.set_xticks(shown, texts)
