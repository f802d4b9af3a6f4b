"""A drawing in the form that a journal wants: width, resolution, font, colours (greys are ``figures.grey``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure as Drawing

from shidian.report.figures.style import COLOURS, WIDTH

_PARTS = ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor")
Colour = tuple[float, float, float, float]


def in_form(drawing: Drawing, settings: Mapping[str, Any]) -> Drawing:
    """Return the drawing, changed in place: its width, its height in proportion, its colours."""
    if "width" in settings:
        width, height = drawing.get_size_inches()
        factor = float(settings["width"]) / WIDTH
        drawing.set_size_inches(width * factor, height * factor)
    if settings.get("colours") and not settings.get("greyscale"):
        _recolour(drawing, lambda colour: _mapped(colour, tuple(settings["colours"])) or colour)
    return drawing


def parameters(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of matplotlib that a style changes; ``font`` stands apart."""
    changed: dict[str, Any] = {"savefig.dpi": settings["dpi"]} if "dpi" in settings else {}
    if "size" in settings:
        names = ("font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize")
        changed |= dict.fromkeys(names, settings["size"])
    return changed


def _recolour(drawing: Drawing, new: Callable[[Colour], Any]) -> None:
    for artist in drawing.findobj():
        for part in _PARTS:
            _recolour_part(artist, part, new)


def _recolour_part(artist: Artist, part: str, new: Callable[[Colour], Any]) -> None:
    get, put = getattr(artist, f"get_{part}", None), getattr(artist, f"set_{part}", None)
    if get is None or put is None:
        return
    value = get()
    if isinstance(value, str) and value in ("none", "auto", "inherit", "face"):
        return
    if isinstance(artist, Collection):
        if len(value):
            put([new(to_rgba(one)) for one in value])
        return
    put(new(to_rgba(value)))


def _mapped(colour: Colour, others: tuple[str, ...]) -> Colour | None:
    """Return what stands for a colour of the house style, as transparent as it was; None for another colour."""
    name = to_hex(colour).upper()
    known = [one.upper() for one in COLOURS]
    if name not in known:
        return None
    red, green, blue, _ = to_rgba(others[known.index(name) % len(others)])
    return red, green, blue, colour[3]
