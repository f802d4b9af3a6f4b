"""Words that other programs and papers use, and what serves here: said where one of them is no key, kind or column.

One table for keys, kinds, values, columns and functions, ``well_known.yaml``. What stands in quotes in an answer is a
name of this project or a piece of YAML made of them; a test looks each up, so that no answer goes stale.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shidian.yaml_loader import load

KEY, KIND, COLUMN, FUNCTION = "key", "kind", "column", "function"
"""What a word that is not known may stand for."""


@dataclass(frozen=True)
class WellKnown:
    """What serves in the place of some words.

    Attributes:
        words: as they are written elsewhere, small letters, ``_`` for blanks and hyphens.
        answer: the key, kind or function that serves, or that there is none and what to use.
        pattern: regular expression of further words, "" for none.
        uses: what the words may stand for, of ``KEY``, ``KIND``, ``COLUMN`` and ``FUNCTION``.
    """

    words: tuple[str, ...]
    answer: str
    pattern: str
    uses: tuple[str, ...]


@cache
def table() -> tuple[WellKnown, ...]:
    """Return the entries in their order."""
    entries = load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return tuple(
        WellKnown(
            tuple(one["words"].split()), one["answer"], one.get("pattern", ""), tuple(one.get("for", (KEY, KIND)))
        )
        for one in entries
    )


def well_known(word: str, use: str) -> str:
    """Return what serves in the place of a word of another program, "" for a word that is not known.

    Args:
        word: as it stands in the file.
        use: what it stands for: ``KEY``, ``KIND``, ``COLUMN`` or ``FUNCTION``.

    >>> well_known("aweight", KEY).startswith("analytic weights are")
    True
    """
    plain = re.sub(r"[\s\-]+", "_", word.strip().lower())
    for one in table():
        if use in one.uses and (plain in one.words or (one.pattern and re.fullmatch(one.pattern, plain))):
            return one.answer
    return ""


def value_answer(value: str, valid: Iterable[str]) -> str:
    """Return what serves in the place of a value of another program, where the answer names one of the valid ones."""
    answer = well_known(value, KEY) or well_known(value, KIND)
    return answer if set(re.findall(r"\w+", answer)) & set(valid) else ""
