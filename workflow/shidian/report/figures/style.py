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
    "axes.unicode_minus": True, "pdf.fonttype": 42,
}  # fmt: skip


@contextmanager
def house_style(font: str = "", changed: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Draw in the house style, whatever the user's own settings, Chinese glyphs from a Chinese font.

    Latin glyphs come from the Latin font first: Chinese fonts draw the minus sign as wide as a character.

    Args:
        font: font before that of the house; passed over where this machine has it not.
        changed: parameters that a journal wants otherwise.
    """
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    families, cjk = [*([font] if font in known else []), "DejaVu Sans"], cjk_font()
    if cjk is not None:
        if str(cjk.path) not in {entry.fname for entry in font_manager.fontManager.ttflist}:
            font_manager.fontManager.addfont(str(cjk.path))
        families.append(font_manager.FontProperties(fname=str(cjk.path)).get_name())
    settings: Any = {**_PARAMETERS, "font.family": families, **(changed or {})}
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
