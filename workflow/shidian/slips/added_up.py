"""Columns that add up, from a volume on, what the volumes before them printed one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shidian.messages import say
from shidian.slips.finding import Finding
from shidian.slips.paths import Paths, middle

NEAR, OWN = 0.5, 0.15
"""Largest distance from a sum, as a share of that from the own path; and the least of the latter, a logarithm."""


def added_up(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find columns whose steps, from a volume on, are what they printed as levels before it.

    Two steps in sequence must tell it: a level that doubles may be a new definition, one that grows by as much again
    in the next volume is a sum.
    """
    for path in paths:
        if path.is_rate or path.changes_sign:
            continue
        for t in range(2, len(path.periods) - 1):
            if _sums(path, t, 1) and _sums(path, t, 2) and not _sums(path, t - 1, 1):
                said = say(
                    "{series}: from this period on the numbers are sums: each goes beyond the one before by a whole "
                    "period", series=path.name,
                )  # fmt: skip
                yield Finding("added up", "stop", (path.name,), int(path.periods[t]), said, (), 1.0)
                break


def _sums(path: Paths, t: int, n: int) -> bool:
    """Say whether the n-th volume from t on adds one period to the one before it, as most units see it."""
    before = path.steps[1:t]
    growth = float(np.nan_to_num(middle(before)))
    jump = float(np.nan_to_num(middle(np.abs(before - growth))))
    values = np.abs(path.printed) * path.size[:, None]
    step = values[t + n - 1] - values[t + n - 2]
    with np.errstate(invalid="ignore"):
        summed = np.abs(np.log(np.where(step > 0, step, np.nan)) - path.logs[t - 1] - n * growth)
    own = np.abs(path.logs[t + n - 1] - path.logs[t + n - 2] - growth)
    there = np.isfinite(own) & np.isfinite(path.logs[t - 1])
    if there.sum() < path.least:
        return False
    far = np.where(np.isfinite(summed), summed, np.inf)[there]
    return bool(np.median(far) < NEAR * middle(own[there]) and middle(own[there]) > max(OWN, 3 * jump))
