"""Which units a draw treats, and from when: permutation, random years, strata, earlier years.

Every mode is one scheme: in each stratum, a fixed number of units is taken at random without replacement (partial
Fisher-Yates shuffle), and each takes either a given adoption year (permutation keeps the true cohorts) or one drawn
from its eligible years. Draw d reads its own stream (``shidian.placebo.streams``) in this fixed order, stratum by
stratum, units first and then years, so it is the same whatever is drawn before, after or beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numba import njit

from shidian.errors import EstimationError
from shidian.messages import say
from shidian.placebo.columns import NEVER
from shidian.placebo.streams import below, seed_stream, stream_states


@dataclass(frozen=True)
class Scheme:
    """How draws are made; m units are treated in each.

    Attributes:
        members: units that can be drawn, stratum after stratum.
        bounds: (S + 1,) where each stratum begins in ``members``.
        taken: (S + 1,) cumulated number of units drawn from each stratum.
        fixed_cohort: (m,) adoption year (position) of each drawn unit, NEVER where it is drawn too.
        eligible: years (positions) from which a year is drawn, one run of them after another.
        eligible_bounds: (m, 2) run of eligible years of each drawn unit.
        shuffle: False where the treated units stay the true ones.
        table: (draws, m) adoption years of all draws where nothing is random, else None.
    """

    members: np.ndarray
    bounds: np.ndarray
    taken: np.ndarray
    fixed_cohort: np.ndarray
    eligible: np.ndarray
    eligible_bounds: np.ndarray
    shuffle: bool = True
    table: np.ndarray | None = None

    @property
    def kept_cohorts(self) -> np.ndarray | None:
        """(m,) adoption years that every draw hands out, None where they vary between draws."""
        return None if self.table is not None or (self.fixed_cohort == NEVER).any() else self.fixed_cohort

    @property
    def n_treated(self) -> int:
        """Number of units treated in each draw."""
        return len(self.fixed_cohort)


def distinct_assignments(scheme: Scheme) -> int:
    """Return how many different assignments the draws are taken from, the true one among them where it can be drawn."""
    if scheme.table is not None:
        return len(np.unique(scheme.table, axis=0))
    total = 1
    for s in range(len(scheme.bounds) - 1):
        mine = slice(int(scheme.taken[s]), int(scheme.taken[s + 1]))
        cohort = scheme.fixed_cohort[mine]
        if scheme.shuffle:
            total *= math.comb(int(scheme.bounds[s + 1] - scheme.bounds[s]), len(cohort))
            given = np.unique(cohort[cohort != NEVER], return_counts=True)[1].tolist()
            total *= math.factorial(sum(given)) // math.prod(math.factorial(n) for n in given)
        runs = scheme.eligible_bounds[mine][cohort == NEVER]
        total *= math.prod(int(high - low) for low, high in runs)
    return total


def draw_assignments(scheme: Scheme, seed: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (B, m) treated units and (B, m) positions of their adoption years, for draws first..last."""
    if scheme.table is not None:
        cohorts = scheme.table[first : last + 1].astype(np.int16)
        return np.tile(scheme.members.astype(np.int32), (len(cohorts), 1)), cohorts
    states = stream_states(seed, first, last)
    order, swapped = scheme.members.copy(), np.empty(scheme.n_treated, dtype=np.int64)
    units = np.empty((len(states), scheme.n_treated), dtype=np.int32)
    cohorts = np.empty((len(states), scheme.n_treated), dtype=np.int16)
    _fill(
        states, order, swapped, np.empty(4, dtype=np.uint64), scheme.bounds, scheme.taken, scheme.fixed_cohort,
        scheme.eligible, scheme.eligible_bounds, scheme.shuffle, units, cohorts,
    )  # fmt: skip
    return units, cohorts


def permutation(
    cohort: np.ndarray, cohort_stratum: np.ndarray, stratum: np.ndarray, names: Sequence[Any] | np.ndarray = ("",)
) -> Scheme:
    """Permute which units are treated, keeping the size of each adoption cohort (in each stratum).

    Args:
        cohort: (m,) adoption years (positions) to hand out.
        cohort_stratum: (m,) stratum in which each is handed out.
        stratum: (n,) stratum of each unit that can be drawn.
        names: names of the strata, for errors.
    """
    order = np.lexsort((cohort, cohort_stratum))
    return _scheme(cohort[order], cohort_stratum[order], stratum, names, np.empty(0, dtype=np.int64))


def random_years(
    count_stratum: np.ndarray, stratum: np.ndarray, years: np.ndarray, names: Sequence[Any] | np.ndarray = ("",)
) -> Scheme:
    """Draw both the treated units and, for each, one of ``years`` (positions) with equal chances.

    ``count_stratum`` (m,) holds the stratum of each unit to be drawn; the others are as in ``permutation``.
    """
    return _scheme(np.full(len(count_stratum), NEVER), np.sort(count_stratum), stratum, names, years)


def _scheme(
    cohort: np.ndarray,
    cohort_stratum: np.ndarray,
    stratum: np.ndarray,
    names: Sequence[Any] | np.ndarray,
    years: np.ndarray,
) -> Scheme:
    if not len(cohort):
        raise EstimationError(say("no unit of the sample is treated: there is no treatment to permute"))
    sizes = np.bincount(stratum, minlength=len(names))
    taken = np.bincount(cohort_stratum, minlength=len(names))
    short = taken > sizes
    if short.any():
        s = int(short.argmax())
        counts = {"taken": int(taken[s]), "size": int(sizes[s])}
        raise EstimationError(
            say(
                "each draw treats {taken} units in stratum '{stratum}', but only {size} can be drawn there; use wider "
                "strata, fewer treated units or the pool of all units",
                stratum=str(names[s]),
                **counts,
            )
            if len(names) > 1
            else say(
                "each draw treats {taken} units, but only {size} can be drawn there; use wider strata, fewer treated "
                "units or the pool of all units",
                **counts,
            )
        )
    return Scheme(
        members=np.argsort(stratum, kind="stable"),
        bounds=np.concatenate([[0], np.cumsum(sizes)]),
        taken=np.concatenate([[0], np.cumsum(taken)]),
        fixed_cohort=cohort,
        eligible=years,
        eligible_bounds=np.tile([0, len(years)], (len(cohort), 1)),
    )


def earlier_years(treated: np.ndarray, years: Sequence[np.ndarray]) -> Scheme:
    """Keep the (m,) treated units and draw each one's adoption year from its own ``years`` (positions)."""
    ends = np.cumsum([0, *(len(y) for y in years)])
    return Scheme(
        members=treated,
        bounds=np.array([0, len(treated)]),
        taken=np.array([0, len(treated)]),
        fixed_cohort=np.full(len(treated), NEVER),
        eligible=np.concatenate(years),
        eligible_bounds=np.column_stack([ends[:-1], ends[1:]]),
        shuffle=False,
    )


def shifted_years(treated: np.ndarray, true_year: np.ndarray, leads: Sequence[int], years: np.ndarray) -> Scheme:
    """Keep the (m,) treated units; draw d moves all adoption years earlier by ``leads[d]`` years."""
    moved = true_year[None, :] - np.asarray(leads)[:, None]
    table = np.searchsorted(years, moved)
    if (table == len(years)).any():
        raise EstimationError(say("moved adoption years lie after the sample's last year {year}", year=years[-1]))
    one = np.array([0, len(treated)])
    none = np.empty(0, dtype=np.int64)
    return Scheme(treated, one, one, table[0], none, np.zeros((len(treated), 2), dtype=np.int64), False, table)


def strata_codes(column: pd.Series, unit: np.ndarray, names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (n,) stratum codes of the units and the strata's names; each unit must lie in one stratum."""
    codes, strata = pd.factorize(column, sort=True)
    if (codes < 0).any():
        raise EstimationError(
            say(
                "unit {name} has no value of the stratum '{stratum}'",
                name=names[unit[(codes < 0).argmax()]],
                stratum=column.name,
            )
        )
    stratum = np.empty(len(names), dtype=np.int64)
    stratum[unit[::-1]] = codes[::-1]
    differs = codes != stratum[unit]
    if differs.any():
        raise EstimationError(
            say(
                "unit {name} lies in more than one stratum of '{stratum}'",
                name=names[unit[differs.argmax()]],
                stratum=column.name,
            )
        )
    return stratum, np.asarray(strata)


@njit(cache=True)
def _fill(  # type: ignore[no-untyped-def]
    states, order, swapped, state, bounds, taken, fixed_cohort, eligible, eligible_bounds, shuffle, units, cohorts
):
    """Make each draw from its own stream; the shuffle of ``order`` is undone so that the next draw starts afresh.

    Room for ``swapped`` and ``state`` is given: making arrays inside takes Numba a while to compile.
    """
    m = len(fixed_cohort)
    for d in range(states.shape[0]):
        seed_stream(states[d], state)
        for s in range(len(bounds) - 1):
            for j in range(taken[s], taken[s + 1]):
                at = bounds[s] + j - taken[s]
                swapped[j] = at + below(state, bounds[s + 1] - at) if shuffle else at
                order[at], order[swapped[j]] = order[swapped[j]], order[at]
                units[d, j] = order[at]
        for s in range(len(bounds) - 2, -1, -1):
            for j in range(taken[s + 1] - 1, taken[s] - 1, -1):
                at = bounds[s] + j - taken[s]
                order[at], order[swapped[j]] = order[swapped[j]], order[at]
        for j in range(m):
            if fixed_cohort[j] >= 0:
                cohorts[d, j] = fixed_cohort[j]
            else:
                run = eligible_bounds[j]
                cohorts[d, j] = eligible[run[0] + below(state, run[1] - run[0])]
