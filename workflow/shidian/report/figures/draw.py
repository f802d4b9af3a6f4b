"""Draw a figure by its kind and save it as PNG and PDF whose bytes depend on the figure alone."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from shidian.errors import ReportError, nearest
from shidian.exhibits.result import Figure
from shidian.report.captions import captions
from shidian.report.fonts import require_cjk

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

KINDS = {
    "event_study": "event_study",
    "bacon": "bacon",
    "treatment_timing": "treatment_timing",
    "placebo": "placebo",
    "weights_curve": "weights_curve",
    "moran_scatter": "moran_scatter",
    "map": "map",
}
"""Kind of figure -> module of this package, imported only when a figure of the kind is drawn."""


def draw_figure(figure: Figure, title: str = "", lang: str = "en", simulated: bool = False) -> Drawing:
    """Draw a figure.

    Args:
        figure: kind, frames and options; the module of the kind says which frames it expects.
        title: drawn above the axes; reports print the title in the caption instead and leave it empty.
        lang: language of the axis texts; options ``x_label`` and ``y_label`` replace them.
        simulated: True marks the drawing SIMULATED.

    Raises:
        ReportError: unknown kind, incomplete data, or Chinese text and no Chinese font.
    """
    if figure.kind not in KINDS:
        raise ReportError(
            f"no figure of kind '{figure.kind}' can be drawn{nearest(figure.kind, KINDS)}: one of {', '.join(KINDS)}"
        )
    words = captions(lang)
    font = require_cjk([title, *words.values(), *_texts(figure)], f"figure of kind '{figure.kind}'")
    from shidian.report.figures.style import GREY, house_style

    module = importlib.import_module(f"shidian.report.figures.{KINDS[figure.kind]}")
    with house_style(font):
        drawing: Drawing = module.draw(figure, words)
        if title:
            drawing.suptitle(title, fontsize=10)
        if simulated:
            drawing.supxlabel(words["simulated"], fontsize=7.5, color=GREY, x=0.995, ha="right")
    return drawing


def save_png(drawing: Drawing) -> bytes:
    """Return the drawing as PNG, 200 dots an inch, without date or software in it."""
    return _save(drawing, "png", {"Software": None})


def save_pdf(drawing: Drawing) -> bytes:
    """Return the drawing as PDF with embedded fonts, without date or producer in it."""
    return _save(drawing, "pdf", {"Creator": None, "Producer": None, "CreationDate": None})


def render_figure(figure: Figure, title: str = "", lang: str = "en", simulated: bool = False) -> tuple[bytes, bytes]:
    """Return a figure drawn as PNG and as PDF."""
    drawing = draw_figure(figure, title, lang, simulated)
    return save_png(drawing), save_pdf(drawing)


def _save(drawing: Drawing, form: str, metadata: dict[str, str | None]) -> bytes:
    from shidian.report.figures.style import house_style

    buffer = io.BytesIO()
    with house_style(None):
        drawing.savefig(buffer, format=form, metadata=metadata)
    return buffer.getvalue()


def _texts(figure: Figure) -> Iterable[str]:
    """Yield every text that the figure's frames and options may put on the drawing."""
    for frame in figure.data.values():
        for column in frame.columns:
            if not pd.api.types.is_numeric_dtype(frame[column]):
                yield from frame[column].dropna().astype(str)
    for value in figure.options.values():
        yield from (str(item) for item in (value if isinstance(value, (list, tuple)) else [value]))
