"""Letters under a bar (M̄) in figures: set as mathematics, since no font places the combining bar over a letter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter

from shidian.report.fonts import cjk_font, needs_cjk

_BARRED = re.compile("([^\\W\\d_])[\N{COMBINING MACRON}\N{COMBINING OVERLINE}]")


def set_bars(drawing: Drawing, family: str) -> None:
    """Set every letter with a combining bar, in labels, titles, legends and ticks, as mathematics.

    Mathematics and the words around it come of one font: beside Chinese the Chinese one.
    """
    for axes in drawing.axes:
        for axis in (axes.xaxis, axes.yaxis):
            ticks = axis.get_major_formatter()
            if isinstance(ticks, FixedFormatter) and any(map(has_bar, ticks.seq)):
                ticks.seq = [as_mathematics(text) for text in ticks.seq]
                _parse(axis.get_ticklabels(), family, " ".join(ticks.seq))
    texts = [text for text in drawing.findobj(Text) if isinstance(text, Text) and has_bar(text.get_text())]
    for text in texts:
        text.set_text(as_mathematics(text.get_text()))
        _parse([text], family, text.get_text())


def has_bar(text: str) -> bool:
    """Say whether a text has a letter under a bar that is no character of its own."""
    return bool(_BARRED.search(unicodedata.normalize("NFC", text)))


def as_mathematics(text: str) -> str:
    r"""Return a text as matplotlib's mathematics reads it, its barred letters upright under a bar.

    >>> as_mathematics("M\u0304 = 5 $")
    '$\\overline{\\mathrm{M}}$ = 5 \\$'
    """
    return _BARRED.sub(r"$\\overline{\\mathrm{\1}}$", unicodedata.normalize("NFC", text).replace("$", r"\$"))


def _parse(texts: Iterable[Text], family: str, words: str) -> None:
    font = cjk_font(family) if needs_cjk([words]) else None
    for text in texts:
        text.set_parse_math(True)
        if font is not None:
            text.set_fontfamily(FontProperties(fname=str(font.path)).get_name())
