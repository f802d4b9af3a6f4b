"""Fonts with Chinese glyphs: found and checked before anything is drawn.

Neither matplotlib nor typst fails when a font lacks a glyph: they print empty boxes. So text with Chinese in
it asks here first. The fonts of the locked package ``mplfonts`` come before those of the system: every
machine that installed the lock file then draws the same bytes.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shidian.errors import ReportError

_CJK = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Font:
    """A font file and the family name by which matplotlib and typst know it."""

    family: str
    path: Path


_PACKAGED = {
    "sans": ("Noto Sans CJK SC", "NotoSansCJKsc-Regular.otf"),
    "serif": ("Noto Serif CJK SC", "NotoSerifCJKsc-Regular.otf"),
}
_SYSTEM_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "~/.local/share/fonts",
    "~/.fonts",
)
_SYSTEM_FILES = {
    "sans": ("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf"),
    "serif": ("NotoSerifCJK-Regular.ttc", "NotoSerifCJKsc-Regular.otf", "NotoSerifSC-Regular.otf"),
}
_FAMILIES = {"NotoSansSC-Regular.otf": "Noto Sans SC", "NotoSerifSC-Regular.otf": "Noto Serif SC"}


TIMES = "STIXGeneral"
"""The Latin letters beside Songti in Chinese reports: Times, as matplotlib installs it."""


def times_folder() -> Path:
    """Return the folder of the fonts that matplotlib installs, without importing it."""
    spec = importlib.util.find_spec("matplotlib")
    return Path(str(spec and spec.origin)).parent / "mpl-data" / "fonts" / "ttf"


def needs_cjk(texts: Iterable[str]) -> bool:
    """Say whether any of the texts holds a character that Latin fonts lack."""
    return any(_CJK.search(text) for text in texts)


def packaged_folder() -> Path | None:
    """Return the folder of fonts that PyPI's ``mplfonts`` installs, without importing it; None if absent."""
    spec = importlib.util.find_spec("mplfonts")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "fonts"


@cache
def cjk_font(style: str = "sans") -> Font | None:
    """Find a Chinese font, ``"sans"`` (黑体) or ``"serif"`` (宋体): the package's, else the system's."""
    family, name = _PACKAGED[style]
    packaged = packaged_folder()
    if packaged is not None and (packaged / name).is_file():
        return Font(family, packaged / name)
    for folder in map(Path, _SYSTEM_FOLDERS):
        for candidate in _SYSTEM_FILES[style]:
            found = sorted(folder.expanduser().rglob(candidate)) if folder.expanduser().is_dir() else []
            if found:
                return Font(_FAMILIES.get(candidate, family), found[0])
    return None


def require_cjk(texts: Iterable[str], where: str, style: str = "sans") -> Font | None:
    """Return a Chinese font, or None when there is none and no text needs it.

    Raises:
        ReportError: a text needs Chinese glyphs and no font has them.
    """
    font = cjk_font(style)
    if font is None and needs_cjk(texts):
        raise ReportError(
            f"{where}: the text is partly Chinese and no font with Chinese glyphs was found. "
            "Install one: `uv sync` (brings the Python package mplfonts) or `apt-get install fonts-noto-cjk`."
        )
    return font
