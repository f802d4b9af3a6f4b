"""Spatial weight matrices as pictures with one scale, and how much weight lies at which distance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FuncFormatter

from shidian.exhibits.result import Figure
from shidian.report.figures.frames import frame, in_order, numbers, option
from shidian.report.figures.style import COLOURS, HEIGHT, PALE, WIDTH

SCALE = LinearSegmentedColormap.from_list(
    "shidian_weights", ["#F7FBFF", "#9ECAE1", "#3182BD", "#08306B"]
).with_extremes(bad=PALE)
LEAST = 1e-5
"""Weights below this share of the largest one are as light as it."""


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frames ``cells``: matrix, row, column, weight (zero = no link); and, where there is one, ``profile``:
    matrix, km, share of all weight up to that distance.

    Options: ``a`` of composite weights; ``size``, units a cell stands for along each side.
    """
    cells = frame(figure, "cells", ["matrix", "row", "column", "weight"])
    names = in_order(cells["matrix"])
    titles = {name: words.get(f"matrix_{name}", name).format(a=option(figure, "a", "")) for name in names}
    profile = "profile" in figure.data
    drawing = Drawing(figsize=(WIDTH, WIDTH * (0.62 if len(names) > 1 else 0.9) + HEIGHT * 0.6 * profile))
    layout = [names, ["profile"] * len(names)] if profile else [names]
    panels = drawing.subplot_mosaic(layout, height_ratios=[1.0, 0.6][: len(layout)])  # type: ignore[arg-type]
    weight = numbers(cells, "weight")
    norm = LogNorm(max(weight[weight > 0].min(), weight.max() * LEAST), weight.max(), clip=True)
    for name in names:
        axes = panels[name]
        picture = axes.imshow(_square(cells[cells["matrix"] == name]), cmap=SCALE, norm=norm, interpolation="nearest")
        axes.set_title(titles[name])
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel(words["axis_neighbour"])
    panels[names[0]].set_ylabel(words["axis_unit"])
    bar = drawing.colorbar(
        picture, ax=[panels[name] for name in names], location="bottom", shrink=0.7, pad=0.03, aspect=40,
        format=FuncFormatter(lambda x, _: np.format_float_positional(x, precision=1, fractional=False, trim="-")),
    )  # fmt: skip
    bar.set_label(words["axis_weight"])
    bar.ax.minorticks_off()
    if profile:
        _profile(panels["profile"], frame(figure, "profile", ["matrix", "km", "share"]), names, titles, words)
    return drawing


def _profile(
    axes: Axes, shares: pd.DataFrame, names: list[str], titles: Mapping[str, str], words: Mapping[str, str]
) -> None:
    """Draw the share of all weight up to each distance."""
    for i, name in enumerate(names):
        mine = shares[shares["matrix"] == name]
        line = "-" if i == 0 else "--"
        axes.plot(numbers(mine, "km"), 100 * numbers(mine, "share"), line, color=COLOURS[i], label=titles[name])
    axes.set_xlim(0, float(numbers(shares, "km").max()))
    axes.set_ylim(0, 102)
    axes.set_xlabel(words["axis_distance"])
    axes.set_ylabel(words["axis_weight_by_distance"])
    axes.legend(loc="lower right")


def _square(cells: pd.DataFrame) -> np.ndarray:
    """Return the weights as a square array, masked where there is no link."""
    n = int(cells["row"].max()) + 1
    square = np.zeros((n, n))
    square[cells["row"].to_numpy(dtype=int), cells["column"].to_numpy(dtype=int)] = numbers(cells, "weight")
    return np.ma.masked_equal(square, 0)
