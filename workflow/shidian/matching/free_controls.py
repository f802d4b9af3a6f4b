"""Controls not yet matched, by score: the nearest one is found in few steps, however many there are."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

DIGITS = 12
"""Decimals of a distance that count: rounding errors of the fit must not break ties."""


class FreeControls:
    """Controls sorted by score, and by key where scores are equal.

    Controls of one score leave in the order of their keys, so each score has a first free one; scores without any are
    skipped by links to the next that has one, shortened whenever they are followed (Tarjan 1975).

    Args:
        scores: (n,) sorted scores.
        keys: (n,) distinct keys, sorted within a score.

    Attributes:
        left: controls still free.
    """

    def __init__(self, scores: np.ndarray, keys: np.ndarray) -> None:
        values, first = np.unique(scores, return_index=True)
        self.left = len(scores)
        self._values: list[float] = values.tolist()
        self._keys = keys.tolist()
        self._group = np.repeat(np.arange(len(values)), np.diff([*first, len(scores)])).tolist()
        self._free: list[int] = first.tolist()
        self._end: list[int] = [*first[1:].tolist(), len(scores)]
        self._up = list(range(len(values) + 1))  # one more place on each side stands for "none"
        self._down = list(range(len(values) + 1))

    def nearest(self, value: float, limit: float) -> int | None:
        """Return the free control nearest to ``value``, the first by key of equals; None beyond ``limit``."""
        at = bisect_left(self._values, value)
        above, below = _follow(self._up, at), _follow(self._down, at) - 1
        distances = [_rounded(self._values[g], value) for g in (above, below) if 0 <= g < len(self._values)]
        least = min(distances)
        if not least <= limit:
            return None
        tied = []
        while above < len(self._values) and _rounded(self._values[above], value) == least:
            tied.append(self._free[above])
            above = _follow(self._up, above + 1)
        while below >= 0 and _rounded(self._values[below], value) == least:
            tied.append(self._free[below])
            below = _follow(self._down, below) - 1
        return min(tied, key=self._keys.__getitem__)

    def take(self, j: int) -> None:
        """Take control ``j``, the first free one of its score, out."""
        group = self._group[j]
        self._free[group] += 1
        self.left -= 1
        if self._free[group] == self._end[group]:
            self._up[group] = group + 1
            self._down[group + 1] = group


def _rounded(score: float, value: float) -> float:
    return float(np.round(abs(score - value), DIGITS))


def _follow(links: list[int], start: int) -> int:
    """Return where links lead from ``start``, and let all on the way point there."""
    end = start
    while links[end] != end:
        end = links[end]
    while links[start] != end:
        links[start], start = end, links[start]
    return end
