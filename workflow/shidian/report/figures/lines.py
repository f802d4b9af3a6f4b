"""Lines over the years in one panel of a figure, one a group."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from shidian.report.figures.frames import in_order, numbers
from shidian.report.figures.style import COLOURS, MARKERS, whole_numbers


def draw_lines(axes: Axes, lines: pd.DataFrame, x_label: str, y_label: str) -> None:
    """Draw columns group, year, value: groups in order of appearance, the legend below the panel."""
    for i, name in enumerate(in_order(lines["group"])):
        mine = lines[lines["group"].astype(str) == name].sort_values("year", kind="stable")
        axes.plot(
            numbers(mine, "year"), numbers(mine, "value"), marker=MARKERS[i % len(MARKERS)], markersize=3.2,
            color=COLOURS[i % len(COLOURS)], label=name,
        )  # fmt: skip
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    whole_numbers(axes)
    few = lines["group"].nunique() < 4
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=1 if few else 2)
