"""Many units of one volume, whatever their provinces, far off the volumes before and after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shidian.messages import say
from shidian.slips.finding import Finding, Mend
from shidian.slips.moved import DECADE, Move, factor_text
from shidian.slips.paths import LEAST_UNITS, Paths, middle

FAR = float(np.log(5))
"""Logarithm from which on a unit is far off both the period before and the one after."""
LEAST, SHARE, TIMES = 5, 0.03, 4
"""Units, and the share of all, that are no chance; and how many times those of any other volume."""
ALIKE = 0.25
"""Distance, in decades, from a power of ten within which the units are moved by it."""


def units_moved(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find volumes in which far more units than in any other leave their path and are back in the next volume."""
    for path in paths:
        if path.is_rate or path.changes_sign or len(path.periods) < 4:
            continue
        off = _off(path)
        counts, there = (np.abs(off) > FAR).sum(axis=1), np.isfinite(off).sum(axis=1)
        for t in np.flatnonzero(counts >= np.maximum(LEAST, SHARE * there)):
            rest = np.delete(counts, t)[np.delete(there, t) >= LEAST_UNITS]
            if not len(rest) or counts[t] < TIMES * rest.max():
                continue
            yield _finding(path, int(t), off[t], int(there[t]), int(rest.max()))


def _off(path: Paths) -> np.ndarray:
    """Return (T, U) the distance from both neighbours, the smaller where they agree on the side, else 0."""
    first = np.vstack([np.full((1, path.logs.shape[1]), np.nan), path.logs[1:] - path.logs[:-1] - path.growth])
    then = np.vstack([path.logs[:-1] - path.logs[1:] + path.growth, np.full((1, path.logs.shape[1]), np.nan)])
    smaller = np.where(np.abs(first) < np.abs(then), first, then)
    return np.where(np.isnan(first) | np.isnan(then), np.nan, np.where(first * then > 0, smaller, 0.0))


def _finding(path: Paths, t: int, off: np.ndarray, there: int, rest: int) -> Finding:
    far = np.flatnonzero(np.abs(off) > FAR)
    size = float(middle(off[far]))
    power = round(size / DECADE)
    near = np.abs(off[far] / DECADE - power) < ALIKE
    units = tuple(map(str, path.units[far]))
    period = int(path.periods[t])
    if power and near.mean() > 0.9:
        factor = factor_text(Move(t, power * DECADE, True))
        said = say(
            "{series}: {count} of {units} units are {factor} the periods before and after, in other periods {rest} at "
            "most", series=path.name, count=len(far), units=there, factor=factor, rest=rest,
        )  # fmt: skip
        mends: tuple[Mend, ...] = (Mend((path.name,), period, 10.0**-power if power > 0 else float(10**-power),
                                        units=units),)  # fmt: skip
    else:
        said = say(
            "{series}: {count} of {units} units are off by a factor of 5 or more from the periods before and after, in "
            "other periods {rest} at most", series=path.name, count=len(far), units=there, rest=rest,
        )  # fmt: skip
        mends = ()
    return Finding("units moved", "stop", (path.name,), period, said, units, float(len(far)), mends)
