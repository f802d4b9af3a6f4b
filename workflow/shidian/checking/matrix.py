"""Counts by series and period, set as lines that fit the page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shidian.checking.page import WIDTH, padded, width_of

LABEL = 36
"""Most columns of the names on the left."""
MOST_COLUMNS = 60
"""Most periods, or spans of them with equal counts, that are shown."""


def matrix_lines(labels: Sequence[str], columns: Sequence[tuple[str, np.ndarray]], indent: int = 2) -> list[str]:
    """Return the lines of a table, as many columns below each other as the page needs.

    Args:
        labels: names of the rows.
        columns: heading and numbers of each column.
        indent: columns of the page that are taken on the left.
    """
    names = [_cut(label) for label in labels]
    left = max(map(width_of, names), default=0)
    shown = columns[:MOST_COLUMNS]
    lines: list[str] = []
    while shown:
        widths: list[int] = []
        room = WIDTH - indent - left
        for heading, numbers in shown:
            width = 1 + max([width_of(heading), *(len(str(n)) for n in numbers)])
            if widths and sum(widths) + width > room:
                break
            widths.append(width)
        part, shown = shown[: len(widths)], shown[len(widths) :]
        lines.append(padded("", left) + _row([heading for heading, _ in part], widths))
        for i, name in enumerate(names):
            lines.append(padded(name, left) + _row([str(numbers[i]) for _, numbers in part], widths))
    return lines


def _row(texts: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(padded(text, width, right=True) for text, width in zip(texts, widths, strict=True))


def _cut(text: str) -> str:
    while width_of(text) > LABEL:
        text = text[:-2] + "…"
    return text
