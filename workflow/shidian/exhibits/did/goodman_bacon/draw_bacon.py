"""Goodman-Bacon (2021) decomposition: each two-group comparison's weight and estimate."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, minus, numbers, option
from shidian.report.figures.style import COLOURS, INK, MARKERS, zero_line


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frame ``pairs``: type, weight, estimate (one row a 2×2 comparison).

    The dashed line is the two-way fixed effects estimate, option ``beta``, which the weighted mean of all
    comparisons equals; the legend gives each type's total weight. Options: ``x_label``, ``y_label``.
    """
    pairs = frame(figure, "pairs", ["type", "weight", "estimate"])
    drawing = Drawing()
    axes = drawing.subplots()
    zero_line(axes)
    weight, estimate = numbers(pairs, "weight"), numbers(pairs, "estimate")
    types = pairs["type"].astype(str).to_numpy()
    heaviest_first = sorted(set(types.tolist()), key=lambda name: (-weight[types == name].sum(), name))
    for i, name in enumerate(heaviest_first):
        mine = types == name
        label = f"{name} ({words['legend_weight']} {weight[mine].sum():.3f})"
        axes.scatter(
            weight[mine], estimate[mine], s=24, alpha=0.8, linewidths=0, label=label, zorder=3,
            marker=MARKERS[i % len(MARKERS)], color=COLOURS[i % len(COLOURS)],
        )  # fmt: skip
    beta = float(option(figure, "beta", (weight * estimate).sum() / weight.sum()))
    label = f"{words['legend_twfe']} {minus(f'{beta:.4f}')}"
    axes.axhline(beta, color=INK, linewidth=1, linestyle=(0, (5, 3)), label=label, zorder=2)
    axes.set_xlim(left=0)
    axes.set_xlabel(option(figure, "x_label", words["axis_bacon_weight"]))
    axes.set_ylabel(option(figure, "y_label", words["axis_bacon_estimate"]))
    axes.legend(loc="best")
    return drawing
