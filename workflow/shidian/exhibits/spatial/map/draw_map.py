"""Choropleth maps, one panel a year, with common classes; treated units in bold outline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Patch
from matplotlib.path import Path

from shidian.exhibits.result import Figure
from shidian.regions.polygons import prefecture_outlines
from shidian.report.figures.frames import frame, numbers, option, period_text
from shidian.report.figures.style import HEIGHT, PALE, VERMILLION, WIDTH

SEQUENTIAL = ("#EFF3FF", "#BDD7E7", "#6BAED6", "#3182BD", "#08519C", "#06305E", "#021A35")
"""Light to dark in one hue (after ColorBrewer's Blues): the order shows in grey and to colour-blind readers."""
CLUSTER = ("#B2182B", "#2166AC", "#92C5DE", "#F4A582", "#F7F7F7")
"""High-High, Low-Low, Low-High, High-Low, not significant (diverging red and blue)."""
BORDER = "#9A9A9A"
PARALLELS = (25.0, 47.0)
"""Standard parallels of Albers' equal-area conic projection for China, with the central meridian 105° E."""


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frames ``units``: year, unit, class (−1 = no value), treated; and ``classes``: class, label.

    Units with an outline that are not in the frame are drawn as "no data". Options: ``clusters`` (classes are those of
    local Moran's I), ``outline`` (of treated units), ``treated_label``, ``variable``.
    """
    units = frame(figure, "units", ["year", "unit", "class", "treated"])
    classes = frame(figure, "classes", ["class", "label"])
    clusters = bool(option(figure, "clusters", False))
    colours = colours_of(len(classes), clusters)
    years = sorted(units["year"].unique().tolist())
    columns = 1 if len(years) == 1 else 2
    rows = -(-len(years) // columns)
    drawing = Drawing(figsize=(WIDTH, (HEIGHT * 0.72 if columns == 2 else HEIGHT * 1.2) * rows + 0.5))
    panels = drawing.subplots(rows, columns, squeeze=False)
    shapes = {code: [project(ring) for ring in outline.rings] for code, outline in prefecture_outlines().items()}
    for axes, year in zip(panels.ravel(), years, strict=False):
        draw_year(axes, units[units["year"] == year], shapes, colours, bool(option(figure, "outline", True)))
        if len(years) > 1:
            axes.set_title(period_text(figure, year))
    for axes in panels.ravel()[len(years) :]:
        axes.set_visible(False)
    labels = [words[f"cluster_{i}"] if clusters else str(x) for i, x in enumerate(classes["label"])]
    handles = [
        Patch(facecolor=c, edgecolor=BORDER, linewidth=0.4, label=x) for c, x in zip(colours, labels, strict=True)
    ]
    handles.append(Patch(facecolor=PALE, edgecolor=BORDER, linewidth=0.4, label=words["legend_no_data"]))
    if option(figure, "outline", True):
        label = str(option(figure, "treated_label", words["legend_treated"]))
        handles.append(Patch(facecolor="none", edgecolor=VERMILLION, linewidth=1.0, label=label))
    title = option(figure, "variable", None)
    drawing.legend(
        handles=handles, loc="outside lower center", ncols=4, title=title, columnspacing=1.3, handlelength=1.4,
        fontsize=8, title_fontsize=8.5,
    )  # fmt: skip
    return drawing


def draw_year(
    axes: Axes, units: pd.DataFrame, shapes: Mapping[str, list[np.ndarray]], colours: Sequence[str], outline: bool
) -> None:
    """Draw one year: all outlines as "no data", the classes over them, treated units' outlines on top."""
    known = set(units["unit"].astype(str))
    rest = [ring for code, rings in sorted(shapes.items()) if code not in known for ring in rings]
    axes.add_collection(PolyCollection(rest, facecolors=PALE, edgecolors=BORDER, linewidths=0.2))
    rings, faces, bold = [], [], []
    for code, k, treated in zip(units["unit"].astype(str), numbers(units, "class"), units["treated"], strict=True):
        for ring in shapes.get(code, []):
            rings.append(ring)
            faces.append(colours[int(k)] if k >= 0 else PALE)
            if treated:
                bold.append(Path(np.vstack([ring, ring[:1]])))
    axes.add_collection(PolyCollection(rings, facecolors=faces, edgecolors=BORDER, linewidths=0.2))
    if outline and bold:
        axes.add_collection(PathCollection(bold, facecolors="none", edgecolors=VERMILLION, linewidths=0.6))
    everything = np.concatenate([ring for part in shapes.values() for ring in part])
    low, high = everything.min(axis=0), everything.max(axis=0)
    axes.set_xlim(low[0] - 0.01, high[0] + 0.01)
    axes.set_ylim(low[1] - 0.01, high[1] + 0.01)
    axes.set_aspect("equal")
    axes.set_axis_off()


def project(ring: np.ndarray) -> np.ndarray:
    """Return longitude and latitude in degrees as Albers equal-area coordinates (Snyder 1987, eqs. 14-1 to 14-6)."""
    first, second = np.radians(PARALLELS)
    n = (np.sin(first) + np.sin(second)) / 2
    c = np.cos(first) ** 2 + 2 * n * np.sin(first)
    rho = np.sqrt(c - 2 * n * np.sin(np.radians(ring[:, 1]))) / n
    rho_0 = np.sqrt(c - 2 * n * np.sin(np.radians(36.0))) / n
    theta = n * np.radians(ring[:, 0] - 105.0)
    return np.column_stack([rho * np.sin(theta), rho_0 - rho * np.cos(theta)])


def colours_of(k: int, clusters: bool) -> list[str]:
    """Return one colour a class, light to dark; the fixed ones of clusters."""
    if clusters:
        return list(CLUSTER[:k])
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    scale = LinearSegmentedColormap.from_list("shidian_blues", list(SEQUENTIAL[:5] if k <= 5 else SEQUENTIAL))
    return [to_hex(scale(i / max(k - 1, 1))) for i in range(k)]
