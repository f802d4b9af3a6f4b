"""Which observations form the frontier that a unit-year is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from shidian.errors import EstimationError, nearest
from shidian.messages import say

Frontier = Literal["contemporaneous", "global", "window", "sequential"]
FRONTIERS: tuple[Frontier, ...] = ("contemporaneous", "global", "window", "sequential")


@dataclass(frozen=True)
class FrontierSet:
    """One frontier: its name, the rows that form it, and the rows measured against it (all among the former)."""

    label: str
    reference: np.ndarray
    evaluated: np.ndarray


def frontier_sets(year: np.ndarray, frontier: str, window: int = 3) -> list[FrontierSet]:
    """Return the frontiers of a panel, in the order of their last year.

    Args:
        year: (N,) year of each row.
        frontier: ``contemporaneous`` = the rows of the same year; ``global`` = all rows (Pastor & Lovell 2005);
            ``sequential`` = the rows of the year and all before (Tulkens & Vanden Eeckaut 1995); ``window`` = every
            run of ``window`` consecutive observed years, each measuring all its rows (Charnes et al. 1984).
        window: number of years of a window.
    """
    years = np.unique(year)
    if frontier not in FRONTIERS:
        raise EstimationError(
            say(
                "frontier '{frontier}' is not one of {known}{near}",
                frontier=frontier,
                known=list(FRONTIERS),
                near=nearest(frontier, FRONTIERS),
            )
        )
    if frontier == "window" and not 1 <= window <= len(years):
        raise EstimationError(
            say("a window of {window} years does not fit into the {n} years of the data", window=window, n=len(years))
        )
    if frontier == "global":
        runs = [(years[0], years[-1], years[0])]
    elif frontier == "sequential":
        runs = [(years[0], y, y) for y in years]
    else:
        width = window if frontier == "window" else 1
        runs = [(years[i], years[i + width - 1], years[i]) for i in range(len(years) - width + 1)]
    return [
        FrontierSet(
            label=f"{first}" if first == last else f"{first}-{last}",
            reference=np.flatnonzero((year >= first) & (year <= last)),
            evaluated=np.flatnonzero((year >= evaluated_from) & (year <= last)),
        )
        for first, last, evaluated_from in runs
    ]
