"""Likelihood ratio of a threshold against its candidate values (Hansen 1999)."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, in_order, minus, numbers, option
from shidian.report.figures.style import BLUE, HEIGHT, PALE, VERMILLION, WIDTH

_CRITICAL = 7.35
"""5% critical value of the likelihood ratio, -2 ln(1 - sqrt(1 - 0.05)), as printed by Hansen (1999)."""
HEADROOM = 1.18
"""Height of the axis over the highest of curve and critical value, so that the estimate's label stands above both."""


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frames ``curve``: threshold, gamma, lr; and ``estimates``: threshold, gamma, ci_low, ci_high.

    One panel a threshold, in order of appearance; the dashed line is the critical value (option ``critical``,
    7.35 unless given), the vertical line the estimate, the band its interval. Options: ``x_label``,
    ``y_label``.
    """
    curve = frame(figure, "curve", ["threshold", "gamma", "lr"])
    estimates = frame(figure, "estimates", ["threshold", "gamma", "ci_low", "ci_high"])
    names = in_order(curve["threshold"])
    drawing = Drawing(figsize=(WIDTH, HEIGHT * 0.75 * len(names) if len(names) > 1 else HEIGHT))
    panels = drawing.subplots(len(names), 1, squeeze=False)[:, 0]
    critical = float(option(figure, "critical", _CRITICAL))
    for axes, name in zip(panels, names, strict=True):
        mine = curve[curve["threshold"].astype(str) == name].sort_values("gamma", kind="stable")
        axes.plot(numbers(mine, "gamma"), numbers(mine, "lr"), color=BLUE, zorder=3)
        label = f"{words['legend_critical']} {critical:g}"
        axes.axhline(critical, color=VERMILLION, linestyle=(0, (5, 2)), linewidth=1, label=label)
        found = estimates[estimates["threshold"].astype(str) == name]
        for row in range(len(found)):
            gamma, low, high = (float(numbers(found, c)[row]) for c in ("gamma", "ci_low", "ci_high"))
            _estimate(axes, gamma, low, high, words["legend_confidence_set"] if row == 0 else "")
        axes.set_ylim(0, HEADROOM * max(critical, float(numbers(mine, "lr").max())))
        axes.set_title(name if len(names) > 1 else "", loc="left")
        axes.set_ylabel(option(figure, "y_label", words["axis_lr"]))
        axes.set_xlabel(option(figure, "x_label", words["axis_threshold"]))
    drawing.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return drawing


def _estimate(axes: Axes, gamma: float, low: float, high: float, label: str) -> None:
    axes.axvspan(low, high, color=PALE, alpha=0.6, linewidth=0, zorder=1, label=label)
    axes.axvline(gamma, color="#777777", linewidth=0.9, linestyle=":", zorder=2)
    axes.text(gamma, 0.93, f" {minus(f'{gamma:.4g}')}", transform=axes.get_xaxis_transform())
