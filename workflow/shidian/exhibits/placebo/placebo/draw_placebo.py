"""Placebo test: distribution of the estimates and p-values of random assignments around the observed estimate."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from shidian.errors import NothingToDrawError
from shidian.exhibits.placebo.placebo import draw_placebo_event_study as placebo_event_study
from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, minus, numbers, option
from shidian.report.figures.smoothing import kernel_density
from shidian.report.figures.style import BLUE, GREY, PALE, VERMILLION


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frames ``draws``: draw, estimate, p; and ``observed``: estimate, se (one row).

    Histogram and kernel density of the draws' estimates (left axis), their p-values (right axis) with the
    line p = 0.1, and the observed estimate as a vertical line. Options: ``x_label``. A figure with frame ``bands`` is
    an event study's: see ``placebo_event_study``.
    """
    if "bands" in figure.data:
        return placebo_event_study.draw(figure, words)
    draws = frame(figure, "draws", ["draw", "estimate", "p"])
    observed = float(numbers(frame(figure, "observed", ["estimate", "se"]), "estimate")[0])
    estimate, p = numbers(draws, "estimate"), numbers(draws, "p")
    known = np.isfinite(estimate)
    if not known.any():
        raise NothingToDrawError("figure of kind 'placebo': no draw has an estimate, so there is nothing to draw")
    drawing = Drawing()
    axes = drawing.subplots()
    _density(axes, estimate[known], words)
    label = f"{words['legend_observed']} ({minus(f'{observed:.4f}')})"
    axes.axvline(observed, color=VERMILLION, linewidth=1.4, linestyle=(0, (5, 2)), label=label, zorder=4)
    axes.set_xlabel(option(figure, "x_label", words["axis_placebo"]))
    axes.set_ylabel(words["axis_density"])
    right = axes.twinx()
    right.spines["right"].set_visible(True)
    right.plot(
        estimate[known], p[known], "o", mfc="none", mec=GREY, ms=2.6, mew=0.6, alpha=0.7,
        label=words["legend_p_values"],
    )  # fmt: skip
    right.axhline(0.1, color=GREY, linewidth=0.9, linestyle=":", label=words["legend_p_line"])
    right.set_ylim(0, 1.02)
    right.set_ylabel(words["axis_p"])
    left_handles, left_labels = axes.get_legend_handles_labels()
    handles, labels = right.get_legend_handles_labels()
    drawing.legend(
        [*left_handles, *handles], [*left_labels, *labels], loc="outside lower center", ncols=4,
        columnspacing=1.2,
    )  # fmt: skip
    return drawing


def _density(axes: Axes, estimate: np.ndarray, words: Mapping[str, str]) -> None:
    bins = int(np.clip(np.sqrt(len(estimate)) * 1.3, 8, 60))
    axes.hist(estimate, bins=bins, density=True, color=PALE, edgecolor="white", linewidth=0.4)
    smooth = kernel_density(estimate)
    if smooth is not None:
        axes.plot(*smooth, color=BLUE, label=words["legend_kernel"], zorder=3)
