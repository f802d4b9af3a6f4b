"""Heat map of the values that a panel has: variables, or the units of one variable, by year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap, ListedColormap, Normalize
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Patch

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, in_order, numbers, option
from shidian.report.figures.style import BLUE, ORANGE, PALE, WIDTH, whole_numbers

NAMED = 60
"""Most rows whose names are printed."""
SHARES = LinearSegmentedColormap.from_list("shares", ["#FFFFFF", BLUE])
STATES = ListedColormap([PALE, ORANGE, BLUE])


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frame ``cells``: row, year, value; rows in order of appearance, from above.

    Options: ``colour_label``, what the colours show; ``level_0``, ``level_1``, ``level_2``,
    the names of the values where these are states and no shares; ``x_label``.
    """
    cells = frame(figure, "cells", ["row", "year", "value"])
    rows, years = in_order(cells["row"]), np.unique(numbers(cells, "year"))
    place = {name: at for at, name in enumerate(rows)}
    square = np.full((len(rows), len(years)), np.nan)
    square[cells["row"].astype(str).map(place), np.searchsorted(years, numbers(cells, "year"))] = numbers(
        cells, "value"
    )
    levels = [str(option(figure, f"level_{n}", "")) for n in range(3)] if "level_0" in figure.options else []
    drawing = Drawing(figsize=(WIDTH, min(8.5, max(1.8, 1.2 + 0.19 * len(rows)))))
    axes = drawing.subplots()
    edges = (years[0] - 0.5, years[-1] + 0.5, len(rows) - 0.5, -0.5)
    norm = BoundaryNorm([-0.5, 0.5, 1.5, 2.5], 3) if levels else Normalize(0.0, 1.0)
    picture = axes.imshow(
        square, cmap=STATES if levels else SHARES, norm=norm, extent=edges, aspect="auto", interpolation="nearest",
    )  # fmt: skip
    _names(axes, rows)
    axes.set_xlabel(option(figure, "x_label", words["axis_year"]))
    whole_numbers(axes)
    label = str(option(figure, "colour_label", ""))
    if levels:
        patches = [Patch(color=STATES(i), label=text) for i, text in enumerate(levels)]
        drawing.legend(handles=patches, title=label, loc="outside lower center", ncols=3)
    else:
        drawing.colorbar(picture, ax=axes, label=label)
    return drawing


def _names(axes: Axes, rows: list[str]) -> None:
    """Print the names of the rows, of many every so many-th."""
    step = -(-len(rows) // NAMED)
    axes.set_yticks(range(0, len(rows), step), rows[::step], fontsize=7 if len(rows) <= 30 else 5)
