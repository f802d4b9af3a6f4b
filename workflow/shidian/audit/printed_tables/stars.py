"""Stars against coefficient and standard error, with each convention for the degrees of freedom that a paper may use.

Stata's clustered and panel-robust errors go with t(clusters - 1), large samples with the normal: with 10 provinces the
5% point is 2.26, not 1.96. Printed stars agree if some value inside the printed digits earns them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from scipy import stats

from shidian.audit.printed_tables.findings import AGREES, CERTAIN, DISAGREES, UNDECIDED, UNUSUAL, Finding
from shidian.audit.printed_tables.interval import Interval
from shidian.audit.printed_tables.paper import Column, Estimate, Paper

LEVELS = (0.10, 0.05, 0.01)
"""Levels of one, two and three stars where the file does not declare ``star_levels``."""
_NOT_REGRESSIONS = ("vif", "bdecomp", "bacon", "moran", "descriptive")


@dataclass(frozen=True)
class _Starred:
    """One coefficient with stars, and for each convention the stars that its digits can earn."""

    where: str
    estimate: Estimate
    t: Interval
    earned: dict[str, range]

    @property
    def fits(self) -> set[str]:
        """Conventions under which the printed stars can be earned."""
        return {name for name, possible in self.earned.items() if self.estimate.stars in possible}


def check_stars(paper: Paper) -> Iterator[Finding]:
    """Yield one finding a starred coefficient, and one that says which degrees of freedom the paper's stars follow."""
    levels = _levels(paper)
    starred = [_starred(paper, column, name, e, levels) for column, name, e in _estimates(paper)]
    starred = [s for s in starred if s is not None]
    names = list(dict.fromkeys(kind for s in starred if s for kind in _kinds(s)))
    counts = {kind: sum(_kind_fits(s, kind) for s in starred if s) for kind in names}
    best = max(counts.values(), default=0)
    if len(starred) > 1:
        text = "; ".join(f"{kind}: {count} of {len(starred)}" for kind, count in counts.items())
        why = "number of starred coefficients whose stars can be earned under each convention"
        yield Finding("stars: convention", "all tables", f"{len(starred)} stars", text, "implied", CERTAIN, why)
    for one in starred:
        if one is not None:
            yield _judge(one, levels, {kind for kind, count in counts.items() if count == best})


def check_standard_errors(paper: Paper) -> Iterator[Finding]:
    """Yield a finding for every standard error with a minus sign, and for those printed as zero."""
    why = "a standard error is the root of a variance: it is positive"
    for column, name, estimate in _estimates(paper):
        se = estimate.se
        if se is None or (se.value > 0):
            continue
        where = f"{column.where}: {name}"
        if se.value < 0:
            yield Finding("standard error", where, f"se {se}", "se > 0", DISAGREES, CERTAIN, why)
        else:
            t = f"|t| > {estimate.coef.interval.size().low / se.interval.high:.4g}"
            text = "a standard error printed as zero hides the size of t"
            yield Finding("standard error", where, f"se {se}", t, UNDECIDED, CERTAIN, text)


def _estimates(paper: Paper) -> Iterator[tuple[Column, str, Estimate]]:
    for column in paper.columns:
        if not any(word in column.table for word in _NOT_REGRESSIONS):
            for name, estimate in column.terms.items():
                yield column, name, estimate


def _levels(paper: Paper) -> tuple[float, ...]:
    declared = paper.content.get("star_levels")
    return tuple(sorted(map(float, declared), reverse=True)) if declared else LEVELS


def _starred(paper: Paper, column: Column, name: str, estimate: Estimate, levels: tuple[float, ...]) -> _Starred | None:
    if estimate.se is None or estimate.stars is None or estimate.se.value <= 0:
        return None
    t = estimate.coef.interval.size() / Interval(max(0.0, estimate.se.interval.low), estimate.se.interval.high)
    conventions = {"normal": math.inf}
    clusters = _clusters(paper, column)
    if clusters is not None:
        conventions[f"t({clusters - 1})"] = clusters - 1
    earned = {
        kind: range(_stars(t.low, df, levels), _stars(t.high, df, levels) + 1) for kind, df in conventions.items()
    }
    return _Starred(f"{column.where}: {name}", estimate, t, earned)


def _clusters(paper: Paper, column: Column) -> int | None:
    """Return the units of a column: N over the years where that is whole, else the sample's; None below 2."""
    n, years, units = column.n, paper.years, paper.sample("units")
    if n and years and units and n % years == 0 and n // years <= units:
        units = n // years
    return units if units is not None and units >= 2 else None


def _stars(t: float, df: float, levels: tuple[float, ...]) -> int:
    p = 0.0 if math.isinf(t) else 2 * float(stats.norm.sf(t) if math.isinf(df) else stats.t.sf(t, df))
    return sum(p < level for level in levels)


def _kinds(one: _Starred) -> list[str]:
    return ["normal" if kind == "normal" else "t(units - 1)" for kind in one.earned]


def _kind_fits(one: _Starred, kind: str) -> bool:
    """Say whether the stars fit a convention; a column without known units has only the normal."""
    fits = {"normal" if f == "normal" else "t(units - 1)" for f in one.fits}
    return kind in fits or (kind not in _kinds(one) and bool(fits))


def _judge(one: _Starred, levels: tuple[float, ...], best: set[str]) -> Finding:
    e = one.estimate
    printed = f"{e.coef} ({e.se}) {'*' * (e.stars or 0) or 'no star'}"
    options = "; ".join(f"{kind}: {_range(possible)}" for kind, possible in one.earned.items())
    computed = f"|t| {one.t}; stars earned: {options}"
    why = f"stars at p < {', '.join(f'{level:g}' for level in levels)} from coefficient over standard error"
    if not one.fits:
        return Finding("stars", one.where, printed, computed, DISAGREES, CERTAIN, why)
    if not any(_kind_fits(one, kind) for kind in best):
        text = f"if these stars follow the convention of the others, {' or '.join(sorted(best))}"
        return Finding("stars", one.where, printed, computed, UNUSUAL, text, why)
    widest = max(len(possible) for possible in one.earned.values())
    if widest > 2:
        return Finding("stars", one.where, printed, computed, UNDECIDED, CERTAIN, why)
    missed = sorted(set(one.earned) - one.fits)
    sure = f"with {' or '.join(sorted(one.fits))}, not with {' or '.join(missed)}" if missed else CERTAIN
    return Finding("stars", one.where, printed, computed, AGREES, sure, why)


def _range(possible: range) -> str:
    return f"{possible[0]}" if len(possible) == 1 else f"{possible[0]} to {possible[-1]}"
