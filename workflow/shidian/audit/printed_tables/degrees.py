"""Degrees of freedom that a column's tests may have, and what a t statistic means under each.

Stata's clustered and panel-robust errors go with t(clusters - 1), plain least squares with t(N - terms), large samples
with the normal: with 10 provinces the 5% point is 2.26, not 1.96. Where the file does not say how many clusters there
are, there may be fewer than it shows: ``FEWEST`` is what a paper would have to have.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from scipy import stats

from shidian.audit.printed_tables.cells import Estimate
from shidian.audit.printed_tables.interval import Interval
from shidian.audit.printed_tables.paper import Column, Paper
from shidian.audit.printed_tables.table import PAIRS

FEWEST = 10
"""Fewest degrees of freedom that are assumed of a column which does not say its clusters."""
_NOT_REGRESSIONS = (*PAIRS, "moran", "descriptive")


@dataclass(frozen=True)
class Degrees:
    """One convention: its kind, its label with the number in it, and the degrees of freedom."""

    kind: str
    label: str
    df: float


NORMAL = Degrees("normal", "normal", math.inf)


def estimates(paper: Paper) -> Iterator[tuple[Column, str, Estimate]]:
    """Yield every coefficient of a regression with its column and the name of its term."""
    for column in paper.columns:
        if not any(word in column.table for word in _NOT_REGRESSIONS):
            for name, estimate in column.terms.items():
                yield column, name, estimate


def conventions(paper: Paper, column: Column) -> tuple[Degrees, ...]:
    """Return the conventions that a column may follow, the normal first, then with ever fewer degrees of freedom."""
    found = [NORMAL]
    clusters, n, df = _clusters(paper, column), column.n, column.number("df")
    rows = (n or 0) - len(column.terms)
    if df is not None and df.value >= 1:
        found.append(Degrees("t(df)", f"t({df})", df.value))
    if clusters is None and rows >= 1:
        found.append(Degrees("t(N - terms)", f"t({rows})", rows))
    if clusters is not None:
        found.append(Degrees("t(units - 1)", f"t({clusters - 1})", clusters - 1))
    return tuple(sorted(found, key=lambda d: -d.df))


def knows_clusters(paper: Paper, column: Column) -> bool:
    """Say whether the file says how many clusters or degrees of freedom a column has."""
    return _clusters(paper, column) is not None or column.number("df") is not None


def _clusters(paper: Paper, column: Column) -> int | None:
    """Return the clusters of a column: as printed, N over the years where that is whole, else the sample's units."""
    for key in ("clusters", "units"):
        number = column.number(key)
        if number is not None and number.value >= 2:
            return int(number.value)
    n, years, units = column.n, paper.years, paper.sample("units")
    if n and years and units and n % years == 0 and n // years <= units:
        units = n // years
    return units if units is not None and units >= 2 else None


def p_value(size: float, df: float) -> float:
    """Return the two-sided p-value of an absolute t statistic."""
    if math.isinf(size):
        return 0.0
    return 2 * float(stats.norm.sf(size) if math.isinf(df) else stats.t.sf(size, df))


@lru_cache(maxsize=4096)
def critical(level: float, df: float) -> float:
    """Return the absolute t at which the two-sided p-value is ``level``."""
    return float(stats.norm.isf(level / 2) if math.isinf(df) else stats.t.isf(level / 2, df))


def stars_earned(size: float, df: float, levels: Sequence[float]) -> int:
    """Return how many levels an absolute t statistic passes."""
    return sum(size > critical(level, df) for level in levels)


def alpha(column: Column) -> float:
    """Return one minus the level of a column's intervals (``ci_level``: 0.95 or 95), 0.05 where it is not said."""
    number = column.number("ci_level")
    level = 0.95 if number is None else number.value / 100 if number.value > 1 else number.value
    return 1 - level


def size_of(estimate: Estimate, df: float, level: float) -> Interval | None:
    """Return the absolute t that a cell's digits allow; of an interval alone, under its degrees of freedom."""
    if estimate.size is not None or estimate.ci is None:
        return estimate.size
    low, high = (end.interval for end in estimate.ci)
    half = (high - low) * 0.5
    if half.high <= 0:
        return None
    return estimate.coef.interval.size() * critical(level, df) / Interval(max(0.0, half.low), half.high)
