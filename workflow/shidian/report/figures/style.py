"""House style: journal width, little ink, colours that colour-blind readers tell apart (Okabe & Ito 2008)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from shidian.report.fonts import cjk_font

BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
PURPLE, ORANGE, SKY = "#AA4499", "#E69F00", "#56B4E9"
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, "#555555")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
INK, GREY, PALE = "#222222", "#777777", "#D9D9D9"
WIDTH, HEIGHT = 6.3, 3.7
"""Inches: the text width of an A4 page."""

LATIN = {"serif": ("STIXGeneral", "DejaVu Serif"), "sans": ("DejaVu Sans",)}
"""Fonts that matplotlib brings, so that every machine draws the same bytes; the second has what the first lacks."""
_SIZES: dict[str, dict[str, Any]] = {
    "sans": {"mathtext.fontset": "dejavusans"},
    "serif": {
        "mathtext.fontset": "stix",
        "font.size": 9.5, "axes.labelsize": 9.5, "xtick.labelsize": 9, "ytick.labelsize": 9, "legend.fontsize": 9,
        "axes.titlesize": 10.5,
    },
}  # fmt: skip
"""A Times is smaller at the same size."""
_PARAMETERS: dict[str, Any] = {
    "figure.figsize": (WIDTH, HEIGHT), "figure.dpi": 100, "savefig.dpi": 300,
    "figure.constrained_layout.use": True, "text.parse_math": False,
    "figure.constrained_layout.h_pad": 0.06, "figure.constrained_layout.w_pad": 0.06,
    "font.size": 8.5, "axes.labelsize": 8.5, "xtick.labelsize": 8, "ytick.labelsize": 8, "legend.fontsize": 8,
    "axes.titlesize": 9.5,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.7, "axes.edgecolor": INK,
    "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "text.color": INK,
    "xtick.major.width": 0.7, "ytick.major.width": 0.7, "xtick.major.size": 3, "ytick.major.size": 3,
    "legend.frameon": False, "lines.linewidth": 1.3, "lines.markersize": 4.5,
    "axes.unicode_minus": True, "pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "shidian",
}  # fmt: skip


@contextmanager
def house_style(family: str = "serif", font: str = "", changed: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Draw in the house style, whatever the user's own settings, Chinese glyphs from a Chinese font.

    Latin glyphs come from the Latin font first: Chinese fonts draw the minus sign as wide as a character.

    Args:
        family: "serif" as the text of papers (a Times, with 宋体) or "sans".
        font: font before that of the family; passed over where this machine has it not.
        changed: parameters that a journal wants otherwise.
    """
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    families, cjk = [*([font] if font in known else []), *LATIN[family]], cjk_font(family)
    if cjk is not None:
        if str(cjk.path) not in {entry.fname for entry in font_manager.fontManager.ttflist}:
            font_manager.fontManager.addfont(str(cjk.path))
        families.append(font_manager.FontProperties(fname=str(cjk.path)).get_name())
    settings: Any = {**_PARAMETERS, **_SIZES[family], "font.family": families, **(changed or {})}
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(settings)
        yield


def zero_line(axes: Axes) -> None:
    """Draw the line of no effect."""
    axes.axhline(0, color=GREY, linewidth=0.8, zorder=1)


def whole_numbers(axes: Axes) -> None:
    """Let the horizontal axis (years) carry whole numbers only."""
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=14, min_n_ticks=2))
