"""Columns of one volume that do not go on from the volumes beside it, whatever they hold instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shidian.messages import say
from shidian.slips.finding import Finding, Grade
from shidian.slips.paths import LEAST_UNITS, Paths, middle, stands_out

WARNED, STOPPED = (5.0, 0.4), (6.0, 0.6)
"""Multiples of the usual distance, and the distance (a logarithm) beyond it, from which on a column warns or stops."""
RANKED, UNRANKED = 0.8, 0.6
"""Usual rank correlation with the volumes beside it of columns whose units keep their order, and that of a volume in
which they have lost it."""


def volumes_unlike(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find columns whose units, in one volume, are much farther than usual from the volumes beside it."""
    for path in paths:
        away, usual = path.unlike, path.usual
        for t in np.flatnonzero(away > np.maximum(WARNED[0] * usual, usual + WARNED[1])):
            there = int(np.isfinite(path.logs[t] - path.beside[t]).sum())
            if there < LEAST_UNITS or path.changes_sign or not stands_out(away, int(t)):
                continue
            said = say(
                "{series}: half of {units} units are off by a factor of {factor:.3g} or more from the periods beside "
                "it, in other periods of {usual:.3g}",
                series=path.name, units=there, factor=float(np.exp(away[t])), usual=float(np.exp(usual)),
            )  # fmt: skip
            grave = away[t] > max(STOPPED[0] * usual, usual + STOPPED[1]) or _lost_order(path, int(t))
            grade: Grade = "stop" if grave else "warn"
            yield Finding("volume unlike", grade, (path.name,), int(path.periods[t]), said, (), float(away[t]))


def _lost_order(path: Paths, t: int) -> bool:
    """Say whether a volume does not have the order of units that all others have."""
    ranks = np.array([_rank_correlation(one, other) for one, other in zip(path.logs, path.beside, strict=True)])
    rest = np.delete(ranks, t)
    return bool(ranks[t] < UNRANKED and np.isfinite(rest).any() and middle(rest) > RANKED)


def _rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    there = np.isfinite(one) & np.isfinite(other)
    if there.sum() < LEAST_UNITS:
        return np.nan
    ranks = [np.argsort(np.argsort(values[there])) for values in (one, other)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
