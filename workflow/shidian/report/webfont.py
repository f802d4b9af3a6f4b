"""A Chinese font inside the page, cut down to the glyphs that it uses: it reads without fonts installed."""

from __future__ import annotations

import base64
import io

from shidian.report.fonts import cjk_font, needs_cjk


def font_face(text: str) -> str:
    """Return the CSS that embeds the Chinese characters of a page as font ``shidian-cjk``.

    Browsers use it after the fonts of the reader's own system (see ``report.css``). Empty when the text is
    Latin, or when this machine has no Chinese font: then the reader's browser shows its own.
    """
    font = cjk_font()
    if font is None or not needs_cjk([text]):
        return ""
    from fontTools import subset  # type: ignore[import-untyped]

    options = subset.Options(
        flavor="woff", font_number=0, layout_features=[], hinting=False, desubroutinize=True, name_IDs=[]
    )
    loaded = subset.load_font(str(font.path), options)
    loaded.recalcTimestamp = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=sorted(ord(character) for character in set(text) if needs_cjk([character])))
    subsetter.subset(loaded)
    buffer = io.BytesIO()
    subset.save_font(loaded, buffer, options)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'@font-face {{ font-family: "shidian-cjk"; src: url(data:font/woff;base64,{data}) format("woff"); }}'
