"""Stars against what stands below the coefficient, with each convention for the degrees of freedom a paper may use.

Printed stars agree if some value inside the printed digits earns them. More stars than the normal gives, no degrees of
freedom explain; fewer may come of few clusters, where the file does not say how many there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shidian.audit.printed_tables.cells import Estimate
from shidian.audit.printed_tables.degrees import (
    FEWEST,
    NORMAL,
    Degrees,
    alpha,
    conventions,
    estimates,
    knows_clusters,
    size_of,
    stars_earned,
)
from shidian.audit.printed_tables.findings import (
    AGREES,
    CERTAIN,
    DISAGREES,
    IMPLIED,
    UNDECIDED,
    UNUSUAL,
    Finding,
    places,
)
from shidian.audit.printed_tables.interval import Interval
from shidian.audit.printed_tables.misnamed import misnamed_tables
from shidian.audit.printed_tables.paper import Column, Paper

_PRINTED_P = Degrees("p as printed", "p as printed", math.inf)


@dataclass(frozen=True)
class _Starred:
    """One coefficient with stars, and for each convention the stars that its digits can earn."""

    column: Column
    name: str
    estimate: Estimate
    t: Interval | None
    earned: dict[Degrees, range]
    known: bool

    @property
    def where(self) -> str:
        return f"{self.column.where}: {self.name}"

    @property
    def stars(self) -> int:
        return self.estimate.stars or 0

    @property
    def fits(self) -> list[Degrees]:
        """Conventions under which the printed stars can be earned."""
        return [one for one, possible in self.earned.items() if self.stars in possible]

    @property
    def between(self) -> bool:
        """Whether degrees of freedom between two conventions earn the stars."""
        return min(r[0] for r in self.earned.values()) <= self.stars <= max(r[-1] for r in self.earned.values())

    def fits_kind(self, kind: str) -> bool:
        """Say whether the stars fit a convention; a column that does not know it has only its own."""
        fits = {one.kind for one in self.fits}
        return kind in fits or (kind not in {one.kind for one in self.earned} and bool(fits))


def check_stars(paper: Paper) -> Iterator[Finding]:
    """Yield one finding a starred coefficient, and one that says which degrees of freedom the paper's stars follow."""
    starred = [one for column, name, e in estimates(paper) if (one := _starred(paper, column, name, e)) is not None]
    counted = [one for one in starred if _PRINTED_P not in one.earned]
    kinds = dict.fromkeys(d.kind for one in counted for d in one.earned)
    counts = {kind: sum(one.fits_kind(kind) for one in counted) for kind in kinds}
    best = {kind for kind, count in counts.items() if count == max(counts.values())}
    if len(counted) > 1:
        text = "; ".join(f"{kind}: {count} of {len(counted)}" for kind, count in counts.items())
        why = "number of starred coefficients whose stars can be earned under each convention"
        yield Finding("stars: convention", "all tables", f"{len(counted)} stars", text, IMPLIED, CERTAIN, why)
    unclear = misnamed_tables(paper)
    for one in starred:
        yield _unclear(one) if one.column.table in unclear else _judge(one, best, starred)


def check_standard_errors(paper: Paper) -> Iterator[Finding]:
    """Yield a finding for every standard error with a minus sign, and for those printed as zero."""
    why = "a standard error is the root of a variance: it is positive"
    for column, name, estimate in estimates(paper):
        se = estimate.se
        if se is None or (se.value > 0):
            continue
        where = f"{column.where}: {name}"
        if se.value < 0 and column.table in misnamed_tables(paper):
            continue
        if se.value < 0:
            yield Finding("standard error", where, f"se {se}", "se > 0", DISAGREES, CERTAIN, why, places(estimate))
        else:
            t = f"|t| > {estimate.coef.interval.size().low / se.interval.high:.4g}"
            text = "a standard error printed as zero hides the size of t"
            yield Finding("standard error", where, f"se {se}", t, UNDECIDED, CERTAIN, text, places(estimate))


def _starred(paper: Paper, column: Column, name: str, estimate: Estimate) -> _Starred | None:
    if estimate.stars is None:
        return None
    known = knows_clusters(paper, column)
    if estimate.p is not None:
        low, high = max(0.0, estimate.p.interval.low), estimate.p.interval.high
        possible = range(_below(high, column.levels), _below(low, column.levels) + 1)
        return _Starred(column, name, estimate, None, {_PRINTED_P: possible}, True)
    degrees = (NORMAL,) if estimate.z is not None else conventions(paper, column)
    sizes = {one: size_of(estimate, one.df, alpha(column)) for one in degrees}
    earned = {
        one: range(stars_earned(t.low, one.df, column.levels), stars_earned(t.high, one.df, column.levels) + 1)
        for one, t in sizes.items()
        if t is not None
    }
    return _Starred(column, name, estimate, sizes[degrees[0]], earned, known) if earned else None


def _below(p: float, levels: Sequence[float]) -> int:
    return sum(p < level for level in levels)


def _unclear(one: _Starred) -> Finding:
    why = "stars follow from t; what stands below the coefficients of this table is not said (below: se | t | z | p)"
    return Finding("stars", one.where, _printed(one), "not computed", UNDECIDED, CERTAIN, why, places(one.estimate))


def _printed(one: _Starred) -> str:
    return f"{one.estimate} {'*' * one.stars or 'no star'}"


def _judge(one: _Starred, best: set[str], others: list[_Starred]) -> Finding:
    levels = ", ".join(f"{level:g}" for level in one.column.levels)
    options = "; ".join(f"{d.label}: {_range(possible)}" for d, possible in one.earned.items())
    computed = f"|t| {one.t}; stars earned: {options}" if one.t else f"stars earned: {options}"
    why = f"stars at p < {levels} from coefficient and what stands below it"
    verdict, sure = _verdict(one, best, others, levels)
    uses = places(one.estimate, *(one.column.number(key) for key in ("clusters", "units", "df")))
    return Finding("stars", one.where, _printed(one), computed, verdict, sure, why, uses)


def _verdict(one: _Starred, best: set[str], others: list[_Starred], levels: str) -> tuple[str, str]:
    """Return the verdict and how sure it is."""
    said = CERTAIN if one.column.declared else f"if stars stand for p < {levels}, as nothing says otherwise"
    if not one.fits and not one.between:
        if one.stars > max(r[-1] for r in one.earned.values()):
            return DISAGREES, said
        return _too_few(one, others, said)
    if one.fits and _PRINTED_P not in one.earned and not any(one.fits_kind(kind) for kind in best):
        return UNUSUAL, f"if these stars follow the convention of the others, {' or '.join(sorted(best))}"
    if max(len(possible) for possible in one.earned.values()) > 2:
        return UNDECIDED, CERTAIN
    fits = [d.label for d in one.fits]
    missed = [d.label for d in one.earned if d not in one.fits]
    if not fits:
        return AGREES, f"with degrees of freedom between {' and '.join(missed)}"
    return AGREES, f"with {' or '.join(fits)}, not with {' or '.join(missed)}" if missed else CERTAIN


def _too_few(one: _Starred, others: list[_Starred], said: str) -> tuple[str, str]:
    """Judge fewer stars than a t earns: few clusters may be the reason, where the file does not say how many."""
    if one.known or one.t is None:
        return DISAGREES, said if one.known and one.column.declared else f"unless there are fewer clusters; {said}"
    most = _most_degrees(one)
    needed = [(low, other.where) for other in others if _same_rows(one, other) and (low := _least_degrees(other))]
    least, where = max(needed, default=(0, ""))
    if most < FEWEST:
        return DISAGREES, f"unless there are at most {most + 1} clusters; {said}"
    if least > most:
        return DISAGREES, f"if the degrees of freedom are those of {where}, which takes {least}; {said}"
    return AGREES, f"with t of at most {most} degrees of freedom, as few clusters give; not with the normal"


def _same_rows(one: _Starred, other: _Starred) -> bool:
    a, b = one.column, other.column
    return one is not other and (a is b or (a.table == b.table and a.n is not None and a.n == b.n))


_DEGREES = tuple(range(1, 200))


def _most_degrees(one: _Starred) -> int:
    """Return the most degrees of freedom with which the t of a coefficient earns no more than its stars."""
    assert one.t is not None
    fit = [df for df in _DEGREES if stars_earned(one.t.low, df, one.column.levels) <= one.stars]
    return max(fit, default=0)


def _least_degrees(one: _Starred) -> int | None:
    """Return the fewest degrees of freedom that earn a coefficient's stars, or None where none do."""
    if one.t is None or not one.stars or not one.between:
        return None
    return next((df for df in _DEGREES if stars_earned(one.t.high, df, one.column.levels) >= one.stars), None)


def _range(possible: range) -> str:
    return f"{possible[0]}" if len(possible) == 1 else f"{possible[0]} to {possible[-1]}"
