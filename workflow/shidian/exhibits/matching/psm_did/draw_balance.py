"""Balance of covariates before and after matching: standardised bias (Rosenbaum & Rubin 1985)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, numbers, option
from shidian.report.figures.style import BLUE, GREY, PALE, VERMILLION, WIDTH


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frame ``covariates``: covariate, before, after (standardised bias in percent), in the given order.

    Dotted lines stand at ± the option ``limit`` (percent, 10 unless given). Option: ``x_label``.
    """
    covariates = frame(figure, "covariates", ["covariate", "before", "after"])
    drawing = Drawing(figsize=(WIDTH, 1.3 + 0.28 * len(covariates)))
    axes = drawing.subplots()
    rows = np.arange(len(covariates))
    before, after = numbers(covariates, "before"), numbers(covariates, "after")
    limit = float(option(figure, "limit", 10))
    axes.axvline(0, color=GREY, linewidth=0.8)
    for side in (-limit, limit):
        axes.axvline(side, color=GREY, linewidth=0.8, linestyle=":")
    axes.hlines(rows, before, after, color=PALE, linewidth=1.2, zorder=2)
    axes.plot(before, rows, "s", mfc="white", mec=VERMILLION, label=words["legend_before"], zorder=3)
    axes.plot(after, rows, "o", color=BLUE, label=words["legend_after"], zorder=3)
    axes.set_yticks(rows, covariates["covariate"].astype(str))
    axes.set_ylim(len(covariates) - 0.5, -0.5)
    axes.set_xlabel(option(figure, "x_label", words["axis_bias"]))
    drawing.legend(loc="outside lower center", ncols=2)
    return drawing
