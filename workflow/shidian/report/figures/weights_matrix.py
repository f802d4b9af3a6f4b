"""Spatial weight matrices as pictures with one scale, and how much weight lies at which distance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure as Drawing

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, in_order, numbers, option
from shidian.report.figures.style import COLOURS, HEIGHT, MARKERS, PALE, WIDTH

SCALE = LinearSegmentedColormap.from_list(
    "shidian_weights", ["#F7FBFF", "#9ECAE1", "#3182BD", "#08306B"]
).with_extremes(bad=PALE)
LEAST = 1e-5
"""Weights below this share of the largest one are as light as it."""


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frames ``cells``: matrix, row, column, weight (zero = no link); and, where there is one, ``profile``:
    matrix, km (upper end of a band), share of all weight.

    Options: ``a`` of composite weights; ``size``, units a cell stands for along each side.
    """
    cells = frame(figure, "cells", ["matrix", "row", "column", "weight"])
    names = in_order(cells["matrix"])
    titles = {name: words[f"matrix_{name}"].format(a=option(figure, "a", "")) for name in names}
    profile = "profile" in figure.data
    wide = len(names) == 2
    drawing = Drawing(figsize=(WIDTH, HEIGHT * ((1.0 if wide else 1.3) + 0.62 * profile)))
    layout = [names, ["profile"] * len(names)] if profile else [names]
    panels = drawing.subplot_mosaic(layout, height_ratios=[1.0, 0.62][: len(layout)])  # type: ignore[arg-type]
    weight = numbers(cells, "weight")
    norm = LogNorm(max(weight[weight > 0].min(), weight.max() * LEAST), weight.max(), clip=True)
    for name in names:
        axes, mine = panels[name], cells[cells["matrix"] == name]
        picture = axes.imshow(_square(mine), cmap=SCALE, norm=norm, interpolation="nearest")
        axes.set_title(titles[name])
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel(words["axis_neighbour"])
    panels[names[0]].set_ylabel(words["axis_unit"])
    bar = drawing.colorbar(picture, ax=[panels[name] for name in names], shrink=0.85, pad=0.02, aspect=25)
    bar.set_label(words["axis_weight"])
    if profile:
        shares = frame(figure, "profile", ["matrix", "km", "share"])
        axes = panels["profile"]
        for i, name in enumerate(names):
            mine = shares[shares["matrix"] == name]
            axes.plot(
                numbers(mine, "km"), 100 * numbers(mine, "share"), color=COLOURS[i], marker=MARKERS[i], mfc="white",
                label=titles[name],
            )  # fmt: skip
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.set_xlabel(words["axis_distance"])
        axes.set_ylabel(words["axis_weight_by_distance"])
        axes.legend()
    return drawing


def _square(cells: pd.DataFrame) -> np.ndarray:
    """Return the weights as a square array, masked where there is no link."""
    n = int(cells["row"].max()) + 1
    square = np.zeros((n, n))
    square[cells["row"].to_numpy(dtype=int), cells["column"].to_numpy(dtype=int)] = numbers(cells, "weight")
    return np.ma.masked_equal(square, 0)
