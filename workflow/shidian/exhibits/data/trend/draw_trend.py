"""Lines over the years, one a group: parallel trends, location quotients, indices."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, in_order, numbers, option
from shidian.report.figures.style import COLOURS, GREY, MARKERS, whole_numbers


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frame ``lines``: group, year, value; groups in order of appearance.

    Options: ``marks`` (years at which a dashed line stands, e.g. the policy's), ``x_label``, ``y_label``.
    """
    lines = frame(figure, "lines", ["group", "year", "value"])
    drawing = Drawing()
    axes = drawing.subplots()
    for i, name in enumerate(in_order(lines["group"])):
        mine = lines[lines["group"].astype(str) == name].sort_values("year", kind="stable")
        axes.plot(
            numbers(mine, "year"), numbers(mine, "value"), marker=MARKERS[i % len(MARKERS)], markersize=3.6,
            color=COLOURS[i % len(COLOURS)], label=name,
        )  # fmt: skip
    for year in option(figure, "marks", ()):
        axes.axvline(year, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    axes.set_xlabel(option(figure, "x_label", words["axis_year"]))
    axes.set_ylabel(option(figure, "y_label", words["axis_value"]))
    whole_numbers(axes)
    drawing.legend(loc="outside lower center", ncols=min(4, lines["group"].nunique()))
    return drawing
