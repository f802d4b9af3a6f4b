"""Columns of one volume that do not go on from the volumes beside it, whatever they hold instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shidian.messages import say
from shidian.slips.finding import Finding, Grade
from shidian.slips.paths import LEAST_UNITS, Paths

WARNED, STOPPED = (5.0, 0.4), (6.0, 0.6)
"""Multiples of the usual distance, and the distance (a logarithm) beyond it, from which on a column warns or stops."""
PEAK = 1.5
"""How many times the distance of the volumes beside it, which the strange one has drawn along."""


def volumes_unlike(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find columns whose units, in one volume, are much farther than usual from the volumes beside it."""
    for path in paths:
        away, usual = path.unlike, path.usual
        for t in np.flatnonzero(away > np.maximum(WARNED[0] * usual, usual + WARNED[1])):
            beside = [away[u] for u in (t - 1, t + 1) if 0 <= u < len(away) and np.isfinite(away[u])]
            there = int(np.isfinite(path.logs[t] - path.beside[t]).sum())
            if there < LEAST_UNITS or path.changes_sign or any(away[t] < PEAK * one for one in beside):
                continue
            said = say(
                "{series}: half of {units} units are off by a factor of {factor:.3g} or more from the periods beside "
                "it, in other periods of {usual:.3g}",
                series=path.name, units=there, factor=float(np.exp(away[t])), usual=float(np.exp(usual)),
            )  # fmt: skip
            grave = away[t] > max(STOPPED[0] * usual, usual + STOPPED[1])
            grade: Grade = "stop" if grave else "warn"
            yield Finding("volume unlike", grade, (path.name,), int(path.periods[t]), said, (), float(away[t]))
