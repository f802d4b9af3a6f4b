"""Outlines of TrueType for the fonts in a PDF: publishers refuse others (Type 3), and PDF readers mixtures.

matplotlib writes the glyphs of a font with PostScript outlines (OpenType with a ``CFF`` table, as Chinese fonts are) as
if they were TrueType. Here the few glyphs of a figure are given quadratic outlines before they are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fontTools.pens.cu2quPen import Cu2QuPen  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont, newTable  # type: ignore[import-untyped]
from matplotlib.backends import _backend_pdf_ps as writer

_ERROR = 0.001
"""Largest distance of the quadratic outline from the cubic one, in ems."""


@contextmanager
def true_type_outlines() -> Iterator[None]:
    """Write PDF files in which every font has TrueType outlines."""
    subset_of = writer.get_glyphs_subset

    @contextmanager
    def converted(*args: Any, **kwargs: Any) -> Iterator[Any]:
        with subset_of(*args, **kwargs) as subset:
            if "CFF " in subset.font:
                to_true_type(subset.font)
            yield subset

    writer.get_glyphs_subset = converted
    try:
        yield
    finally:
        writer.get_glyphs_subset = subset_of


def to_true_type(font: TTFont) -> None:
    """Replace the PostScript outlines of a font by TrueType ones, its glyphs in their order."""
    order = font.getGlyphOrder()
    room = _ERROR * font["head"].unitsPerEm
    outlines, glyphs = font.getGlyphSet(), {}
    for name in order:
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, room, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, glyphs
    for name, glyph in glyphs.items():
        glyph.recalcBounds(font["glyf"])
        font["hmtx"].metrics[name] = (font["hmtx"].metrics[name][0], getattr(glyph, "xMin", 0))
    for tag in ("CFF ", "VORG", "GSUB", "GPOS"):
        if tag in font:
            del font[tag]
    widest = font["maxp"] = newTable("maxp")
    widest.tableVersion, widest.numGlyphs = 0x00010000, len(order)
    for name in (
        "maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
        "maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours", "maxCompositePoints",
        "maxCompositeContours", "maxComponentDepth",
    ):  # fmt: skip
        setattr(widest, name, 0)
    widest.maxZones = 1
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"
