"""What a least-squares fit forces on its own printout: the means, R² of a simple regression."""

from __future__ import annotations

import math
from collections.abc import Iterator

from shidian.audit.printed_tables.discrete import dummy_spread
from shidian.audit.printed_tables.findings import DISAGREES, IMPLIED, Finding, allowed, places
from shidian.audit.printed_tables.interval import Interval, Printed, total
from shidian.audit.printed_tables.known import known_variable
from shidian.audit.printed_tables.paper import Column, Paper

CONSTANTS = ("_cons", "constant", "Constant", "cons")
"""Names of the constant's row."""


def check_means(paper: Paper) -> Iterator[Finding]:
    """Yield whether the fit passes through the means, where a column prints all its terms and the constant.

    Least squares with a constant gives mean(y) = a + sum of b times mean(x). It holds for Stata's xtreg, fe and reghdfe
    too, whose constant is made so. Means over fewer rows than described are bounded by the variable's range.
    """
    outcome = paper.outcome
    for column in paper.baseline:
        constant = next((column.terms[name] for name in CONSTANTS if name in column.terms), None)
        if constant is None or outcome is None or outcome not in paper.descriptives:
            continue
        target = _mean(paper, outcome, column.n)
        terms = [name for name in column.terms if name not in CONSTANTS]
        means = {name: _mean(paper, name, column.n) for name in terms}
        unknown = [name for name in terms if means[name] is None]
        parts = [constant.coef.interval]
        parts += [column.terms[name].coef.interval * m for name, m in means.items() if m is not None]
        if target is None or len(unknown) > 1:
            continue
        uses = places(*column.terms.values(), *(_printed_mean(paper, name) for name in (outcome, *terms)))
        if unknown:
            yield from _implied_mean(paper, column, unknown[0], target - total(parts), uses)
        else:
            sure = f"if this is least squares of {outcome} and the column prints all its terms"
            why = "least squares passes through the means"
            printed = f"mean of {outcome} {target}"
            computed = f"constant and coefficients give {total(parts)}"
            agrees = total(parts).meets(target)
            yield allowed("means", column.where, printed, computed, agrees, sure, why, uses)


def _printed_mean(paper: Paper, name: str) -> Printed | None:
    row = paper.descriptives.get(name)
    return row.get("mean") if row else None


def _implied_mean(paper: Paper, column: Column, name: str, rest: Interval, uses: tuple[str, ...]) -> Iterator[Finding]:
    """Yield the one mean that is not described, as the others imply it, against the bounds of the variable."""
    coefficient = column.terms[name].coef.interval
    known = known_variable(paper, name)
    if coefficient.low <= 0 <= coefficient.high or known is None:
        return
    implied = rest / coefficient
    low = -math.inf if known.low is None else known.low
    high = math.inf if known.high is None else known.high
    why = "least squares passes through the means; this one is not described"
    computed = f"implied mean of {name}: {implied}"
    sure = f"if {name} is {known.why} and the column prints all its terms"
    if implied.meets(Interval(low, high)):
        yield Finding("means", column.where, "not described", computed, IMPLIED, sure, why, uses)
    else:
        yield Finding("means", column.where, "not described", computed, DISAGREES, sure, why, uses)


def _mean(paper: Paper, name: str, n: int | None) -> Interval | None:
    """Return the mean of a variable over the n rows of a column, as wide as dropped rows can make it."""
    if name not in paper.descriptives:
        return _mean_of_square(paper, name, n)
    row = paper.descriptives[name]
    mean, low, high, own = row.get("mean"), row.get("min"), row.get("max"), row.n
    if mean is None or n is None or own is None or own == n:
        return mean.interval if mean else None
    if low is None or high is None or own < n:
        return None
    lost = own - n
    all_rows = mean.interval * own
    return (all_rows - Interval(low.interval.low, high.interval.high) * lost) / n


def _mean_of_square(paper: Paper, name: str, n: int | None) -> Interval | None:
    """Return the mean of ``<variable>2``: mean squared plus the variance, where all rows are described."""
    row = paper.descriptives.get(name.removesuffix("2")) if name.endswith("2") else None
    mean, sd = (row.get("mean"), row.get("sd")) if row else (None, None)
    rows = (row and row.n) or paper.sample("n")
    if mean is None or sd is None or not rows or (n is not None and n != rows):
        return None
    return mean.interval.square() + sd.interval.square() * ((rows - 1) / rows)


def check_simple_r2(paper: Paper) -> Iterator[Finding]:
    """Yield R² of a column with one term and no fixed effects: it is (b sd(x) / sd(y))²."""
    outcome = paper.outcome
    for column in paper.baseline:
        terms = [name for name in column.terms if name not in CONSTANTS]
        r2 = column.number("r2")
        y = paper.descriptives.get(outcome or "")
        if len(terms) != 1 or column.facts.get("fe") or r2 is None or y is None or y.get("sd") is None:
            continue
        if y.n is not None and column.n is not None and y.n != column.n:
            continue
        spread = _spread(paper, column, terms[0])
        sd = y.moments["sd"].interval
        if spread is None or sd.low <= 0:
            continue
        implied = (column.terms[terms[0]].coef.interval * spread / sd).square()
        sure = f"if this is least squares of {outcome} without controls or fixed effects"
        why = "R2 of a simple regression is (b sd(x) / sd(y)) squared"
        agrees = implied.meets(r2.interval)
        uses = places(r2, column.terms[terms[0]], y.get("sd"))
        yield allowed("R2 of one term", column.where, f"R2 {r2}", f"R2 {implied}", agrees, sure, why, uses)


def _spread(paper: Paper, column: Column, name: str) -> Interval | None:
    """Return the standard deviation of a column's one regressor; that of a 0/1 variable follows from its mean."""
    known = known_variable(paper, name)
    if known is not None and known.kind == "dummy":
        mean = _mean(paper, name, column.n)
        return None if mean is None else dummy_spread(mean, column.n)
    row = paper.descriptives.get(name)
    same_rows = row is not None and (row.n is None or column.n is None or row.n == column.n)
    return row.moments["sd"].interval if row is not None and same_rows and row.get("sd") else None
