"""The legend of the significance marks, read again: no message of ours is behind it in results on disk."""

from __future__ import annotations

import re

from shidian.messages import say


def is_legend(sentence: str) -> bool:
    """Say whether a sentence is the legend of the significance marks."""
    return re.fullmatch(r"\S+ p < \S+(, \S+ p < \S+)*\.", sentence) is not None


def legend_words(sentence: str) -> str:
    """Return the legend as a message, for languages whose papers print it otherwise than by p < 0.01."""
    pairs = [part.split(" p < ") for part in sentence.removesuffix(".").split(", ")]
    marks, levels = [mark for mark, _ in pairs], [f"{100 * float(level):g}%" for _, level in pairs]
    if len(pairs) == 1:
        return say("{mark} marks significance at {level}.", mark=marks[0], level=levels[0])
    return say("{marks} mark significance at {levels}.", marks=marks, levels=levels)
