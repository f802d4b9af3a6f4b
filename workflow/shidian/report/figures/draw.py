"""Draw a figure by its kind and save it as PNG and PDF whose bytes depend on the figure alone."""

from __future__ import annotations

import importlib
import io
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure as Drawing
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator

from shidian.errors import ReportError, nearest
from shidian.exhibits.result import Figure
from shidian.messages.period_names import captions_of
from shidian.period import Period
from shidian.report.captions import captions
from shidian.report.figures.barred import set_bars
from shidian.report.figures.grey import to_grey
from shidian.report.figures.journal import in_form, parameters
from shidian.report.figures.style import GREY, WIDTH, house_style
from shidian.report.figures.true_type import true_type_outlines
from shidian.report.fonts import require_cjk
from shidian.study.kinds import figures


def draw_figure(
    figure: Figure, title: str = "", lang: str = "en", simulated: bool = False, form: Mapping[str, Any] | None = None
) -> Drawing:
    """Draw a figure.

    Args:
        figure: kind, frames and options; the module of the kind says which frames and options it expects.
        title: drawn above the axes; reports print the title in the caption instead and leave it empty.
        lang: language of the axis texts; options ``x_label`` and ``y_label`` replace them.
        simulated: True marks the drawing SIMULATED.
        form: how the study and a journal want figures (``figures`` of a style): family, font, greyscale, width, dots.

    Raises:
        ReportError: unknown kind, incomplete data, or Chinese text and no Chinese font.
    """
    if figure.kind not in figures():
        known = ", ".join(sorted(figures()))
        raise ReportError(
            f"no figure of kind '{figure.kind}' can be drawn{nearest(figure.kind, figures())}: one of {known}"
        )
    words, period = captions(lang), Period.of(figure.options.get("period"))
    if not period.is_plain:
        words = captions_of(words, period.word, lang)
    form = form or {}
    family = form.get("family", "serif")
    require_cjk([title, *words.values(), *_texts(figure)], f"figure of kind '{figure.kind}'", family)
    module = importlib.import_module(figures()[figure.kind])
    with house_style(family, form.get("font", ""), parameters(form)):
        drawing: Drawing = module.draw(figure, words)
        if not period.is_plain:
            _write_periods(drawing, period, words["axis_year"])
        _wrap_labels(drawing)
        set_bars(drawing, family)
        if title:
            drawing.suptitle(f"{title} [{words['simulated']}]" if simulated else title, fontsize=10)
        elif simulated:
            drawing.suptitle(words["simulated"], fontsize=7.5, color=GREY, x=0.99, ha="right")
        if form.get("greyscale"):
            to_grey(drawing)
        return in_form(drawing, form)


def draw_refusal(reason: str, lang: str = "en") -> Drawing:
    """Draw why there is no figure, so that the file of a refused estimate is no blank."""
    require_cjk([reason, captions(lang)["not_estimated"]], "the words of an estimate that was refused")
    with house_style():
        drawing = Drawing(figsize=(WIDTH, 1.2))
        text = f"{captions(lang)['not_estimated']}\n" + "\n".join(textwrap.wrap(reason, 100))
        drawing.text(0.5, 0.5, text, ha="center", va="center", fontsize=8, color=GREY)
    return drawing


def save_png(drawing: Drawing, form: Mapping[str, Any] | None = None) -> bytes:
    """Return the drawing as PNG, 300 dots an inch where ``form`` says no others, without date or software in it."""
    return _save(drawing, "png", {"Software": None}, form or {})


def save_pdf(drawing: Drawing, form: Mapping[str, Any] | None = None) -> bytes:
    """Return the drawing as PDF with embedded fonts, without date or producer in it."""
    return _save(drawing, "pdf", {"Creator": None, "Producer": None, "CreationDate": None}, form or {})


def save_svg(drawing: Drawing, form: Mapping[str, Any] | None = None) -> bytes:
    """Return the drawing as SVG, its words as text in the fonts of its reader, without date or software in it."""
    return _save(drawing, "svg", {"Creator": None, "Date": None}, form or {})


def render_figure(
    figure: Figure, title: str = "", lang: str = "en", simulated: bool = False, form: Mapping[str, Any] | None = None
) -> tuple[bytes, bytes]:
    """Return a figure drawn as PNG and as PDF."""
    drawing = draw_figure(figure, title, lang, simulated, form)
    return save_png(drawing, form), save_pdf(drawing, form)


def _save(drawing: Drawing, kind: str, metadata: dict[str, str | None], form: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    with house_style(form.get("family", "serif"), form.get("font", ""), parameters(form)), true_type_outlines():
        drawing.savefig(buffer, format=kind, metadata=metadata)
    return buffer.getvalue()


def _wrap_labels(drawing: Drawing) -> None:
    """Break the label of an axis that is longer than the axis."""
    drawing.draw_without_rendering()
    for axes in drawing.axes:
        whole = axes.get_window_extent()
        x, y = axes.xaxis.label, axes.yaxis.label
        _wrap(x, x.get_window_extent().width, whole.width)
        if y.get_rotation() == 90.0:
            _wrap(y, y.get_window_extent().height, whole.height)


def _wrap(label: Text, length: float, room: float) -> None:
    if length > room > 0:
        text = label.get_text()
        label.set_text("\n".join(textwrap.wrap(text, max(1, int(len(text) * room / length)))))


def _write_periods(drawing: Drawing, period: Period, axis: str) -> None:
    """Write the periods on axes of periods, and in titles that are one, as the study writes them."""
    for axes in drawing.axes:
        if axes.get_xlabel() == axis:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7, min_n_ticks=2))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: period.label(round(x)) if x % 1 == 0 else ""))


def _texts(figure: Figure) -> Iterable[str]:
    """Yield every text that the figure's frames and options may put on the drawing."""
    for frame in figure.data.values():
        for column in frame.columns:
            if not pd.api.types.is_numeric_dtype(frame[column]):
                yield from frame[column].dropna().astype(str)
    for value in (value for key, value in figure.options.items() if key != "period"):
        yield from (str(item) for item in (value if isinstance(value, (list, tuple)) else [value]))
