"""Choropleth maps, one panel a year, with common classes; treated units in bold outline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Patch

from shidian.exhibits.result import Figure
from shidian.exhibits.spatial.map_shapes import EARTH_KM, Shapes, shapes_of
from shidian.report.figures.frames import frame, numbers, option, period_text
from shidian.report.figures.style import HEIGHT, INK, PALE, VERMILLION, WIDTH

SEQUENTIAL = ("#EFF3FF", "#BDD7E7", "#6BAED6", "#3182BD", "#08519C", "#06305E", "#021A35")
"""Light to dark in one hue (after ColorBrewer's Blues): the order shows in grey and to colour-blind readers."""
CLUSTER = ("#B2182B", "#2166AC", "#92C5DE", "#F4A582", "#F7F7F7")
"""High-High, Low-Low, Low-High, High-Low, not significant (diverging red and blue)."""
BORDER = "#9A9A9A"
SIMPLER = 0.03
"""Degrees by which the outlines of a map as wide as the page are simplified: a fifth of a point."""


def draw(figure: Figure, words: Mapping[str, str]) -> Drawing:
    """Draw frames ``units``: year, unit, class (−1 = no value), treated; and ``classes``: class, label.

    Frame ``layers`` is a base map of the user's (``shidian.exhibits.spatial.base_map``); without it the shipped
    outlines are drawn. Units with an outline that are not in the frame are drawn as "no data". Options: ``clusters``
    (classes are those of local Moran's I), ``outline`` (of treated units), ``treated_label``, ``variable``, ``inset``
    (west, south, east, north of a box drawn apart), ``review_number``.
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
    shapes = shapes_of(figure.data.get("layers"), option(figure, "inset", None), SIMPLER * columns)
    for axes, year in zip(panels.ravel(), years, strict=False):
        mine = units[units["year"] == year]
        draw_year(axes, mine, shapes, colours, bool(option(figure, "outline", True)))
        if len(years) > 1:
            axes.set_title(period_text(figure, year))
    scale_bar(panels.ravel()[0], shapes)
    for axes in panels.ravel()[len(years) :]:
        axes.set_visible(False)
    labels = [words[f"cluster_{i}"] if clusters else str(x) for i, x in enumerate(classes["label"])]
    _legend(drawing, figure, words, list(zip(colours, labels, strict=True)))
    if option(figure, "review_number", None):
        text = words["review_number"].format(number=figure.options["review_number"])
        drawing.supxlabel(text, fontsize=8)
    return drawing


def _legend(drawing: Drawing, figure: Figure, words: Mapping[str, str], classes: Sequence[tuple[str, str]]) -> None:
    handles = [Patch(facecolor=colour, edgecolor=BORDER, linewidth=0.4, label=label) for colour, label in classes]
    handles.append(Patch(facecolor=PALE, edgecolor=BORDER, linewidth=0.4, label=words["legend_no_data"]))
    if option(figure, "outline", True):
        label = str(option(figure, "treated_label", words["legend_treated"]))
        handles.append(Patch(facecolor="none", edgecolor=VERMILLION, linewidth=1.0, label=label))
    drawing.legend(
        handles=handles, loc="outside lower center", ncols=4, title=option(figure, "variable", None),
        columnspacing=1.3, handlelength=1.4,
    )  # fmt: skip


def draw_year(axes: Axes, units: pd.DataFrame, shapes: Shapes, colours: Sequence[str], outline: bool) -> None:
    """Draw one year and its inset: all outlines as "no data", classes over them, treated units' outlines on top."""
    _fill(axes, units, shapes, colours, outline)
    west, south, east, north = shapes.box
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal")
    axes.set_axis_off()
    if shapes.inset is None:
        return
    west, south, east, north = shapes.inset
    height = 0.34
    width = height * (east - west) / (north - south) * (shapes.box[3] - shapes.box[1]) / (shapes.box[2] - shapes.box[0])
    apart = axes.inset_axes((1 - width, 0, width, height))
    _fill(apart, units, shapes, colours, outline)
    apart.set_xlim(west, east)
    apart.set_ylim(south, north)
    apart.set_xticks([])
    apart.set_yticks([])
    apart.spines[:].set_visible(True)
    apart.spines[:].set_linewidth(0.5)


def _fill(axes: Axes, units: pd.DataFrame, shapes: Shapes, colours: Sequence[str], outline: bool) -> None:
    known = set(units["unit"].astype(str))
    rest = [ring for code, rings in sorted(shapes.units.items()) if code not in known for ring in rings]
    axes.add_collection(PolyCollection([*shapes.land, *rest], facecolors=PALE, edgecolors=BORDER, linewidths=0.2))
    rings, faces, bold = [], [], []
    for code, k, treated in zip(units["unit"].astype(str), numbers(units, "class"), units["treated"], strict=True):
        for ring in shapes.units.get(code, []):
            rings.append(ring)
            faces.append(colours[int(k)] if k >= 0 else PALE)
            if treated:
                bold.append(ring)
    axes.add_collection(PolyCollection(rings, facecolors=faces, edgecolors=BORDER, linewidths=0.2))
    if outline and bold:
        axes.add_collection(LineCollection(bold, colors=VERMILLION, linewidths=0.6))
    if shapes.lines:
        axes.add_collection(LineCollection(shapes.lines, colors=INK, linewidths=0.7))


def scale_bar(axes: Axes, shapes: Shapes) -> None:
    """Draw a bar of a round number of kilometres at the lower left; true along the standard parallels."""
    west, south, _, north = shapes.box
    length, foot = shapes.scale_km / EARTH_KM, south + 0.03 * (north - south)
    axes.plot([west, west + length], [foot, foot], color=INK, linewidth=1.2, solid_capstyle="butt")
    axes.annotate(
        f"{shapes.scale_km:,} km", (west + length / 2, foot), xytext=(0, 2), textcoords="offset points", ha="center",
        va="bottom", fontsize=7,
    )  # fmt: skip


def colours_of(k: int, clusters: bool) -> list[str]:
    """Return one colour a class, light to dark; the fixed ones of clusters."""
    if clusters:
        return list(CLUSTER[:k])
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    scale = LinearSegmentedColormap.from_list("shidian_blues", list(SEQUENTIAL[:5] if k <= 5 else SEQUENTIAL))
    return [to_hex(scale(i / max(k - 1, 1))) for i in range(k)]
