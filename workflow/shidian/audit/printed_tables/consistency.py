"""t, z, p-values and intervals against the coefficient, its error and each other (as statcheck does, Nuijten 2016)."""

from __future__ import annotations

import math
from collections.abc import Iterator

from shidian.audit.printed_tables.cells import Estimate
from shidian.audit.printed_tables.degrees import (
    FEWEST,
    NORMAL,
    Degrees,
    alpha,
    conventions,
    critical,
    estimates,
    knows_clusters,
    p_value,
    size_of,
)
from shidian.audit.printed_tables.findings import AGREES, CERTAIN, DISAGREES, UNUSUAL, Finding, allowed, places
from shidian.audit.printed_tables.interval import Interval, Printed
from shidian.audit.printed_tables.paper import Column, Paper


def check_statistics(paper: Paper) -> Iterator[Finding]:
    """Yield each printed t or z against coefficient and error, and its sign against the coefficient's."""
    absolute = {c.table for c in paper.columns} - {
        c.table for c, _, e in estimates(paper) if (s := e.t or e.z) is not None and s.value < 0
    }
    for column, name, e in estimates(paper):
        statistic, kind = e.t or e.z, "t" if e.t is not None else "z"
        if statistic is None:
            continue
        where, printed = f"{column.where}: {name}", f"{e.coef}, {kind} {statistic}"
        signs = e.coef.interval.low > 0 > statistic.interval.high or e.coef.interval.high < 0 < statistic.interval.low
        agrees = not signs or (column.table in absolute and statistic.value > 0)
        why = f"{kind} has the sign of its coefficient"
        text = "one sign" if column.table not in absolute else "one sign, or absolute values throughout the table"
        yield allowed(f"sign of {kind}", where, printed, text, agrees, CERTAIN, why, places(e))
        if e.se is not None and e.se.interval.high > 0:
            yield _ratio(where, kind, e, e.se, statistic)


def _ratio(where: str, kind: str, e: Estimate, se: Printed, statistic: Printed) -> Finding:
    ratio = e.coef.interval.size() / Interval(max(0.0, se.interval.low), se.interval.high)
    agrees = ratio.meets(statistic.interval.size())
    why = f"{kind} is the coefficient over its standard error"
    sure = "if the coefficient is printed as estimated, not as an odds or rate ratio"
    printed = f"{e.coef}, se {se}, {kind} {statistic}"
    return allowed(f"{kind} statistic", where, printed, f"|{kind}| {ratio}", agrees, sure, why, places(e))


def check_p_values(paper: Paper) -> Iterator[Finding]:
    """Yield each printed p-value against the statistic that its cell gives."""
    for column, name, e in estimates(paper):
        if e.p is None:
            continue
        where = f"{column.where}: {name}"
        inside = e.p.interval.meets(Interval(0.0, 1.0)) or e.p.relation != ""
        if not inside:
            yield allowed("p-value", where, f"p {e.p}", "0 to 1", False, CERTAIN, "p is a probability", places(e))
            continue
        degrees = (NORMAL,) if e.z is not None else conventions(paper, column)
        sizes = [size_of(e, one.df, alpha(column)) for one in degrees]
        known = [(one, size) for one, size in zip(degrees, sizes, strict=True) if size is not None]
        if known:
            yield _p_value(where, e, e.p, known, knows_clusters(paper, column) or e.z is not None)
        if e.ci is not None:
            yield _excludes(where, e, e.p, e.ci, alpha(column))


def _p_value(where: str, e: Estimate, p: Printed, known: list[tuple[Degrees, Interval]], certain: bool) -> Finding:
    """Judge a p-value: between that of the normal and that of the fewest degrees of freedom."""
    lowest = min(p_value(size.high, one.df) for one, size in known)
    highest = max(p_value(size.low, one.df) for one, size in known)
    labels = " to ".join(dict.fromkeys((known[0][0].label, known[-1][0].label)))
    computed = f"p {Interval(lowest, highest)} ({labels})"
    why = "p follows from the statistic and its degrees of freedom"
    printed, uses = f"{e}", places(e)
    span = Interval(max(0.0, p.interval.low), p.interval.high)
    if span.meets(Interval(lowest, highest)):
        return Finding("p-value", where, printed, computed, AGREES, CERTAIN, why, uses)
    few = max(p_value(size.low, FEWEST) for _, size in known)
    if not certain and span.meets(Interval(lowest, few)):
        sure = f"with fewer degrees of freedom than the column shows, at least {FEWEST}"
        return Finding("p-value", where, printed, computed, AGREES, sure, why, uses)
    if span.meets(Interval(lowest / 2, highest / 2)):
        return Finding("p-value", where, printed, computed, UNUSUAL, "unless the test is one-sided", why, uses)
    sure = "if p is that of this statistic, not of a bootstrap or permutation"
    return Finding("p-value", where, printed, computed, DISAGREES, sure, why, uses)


def _excludes(where: str, e: Estimate, p: Printed, ci: tuple[Printed, Printed], level: float) -> Finding:
    low, high = ci[0].interval, ci[1].interval
    holds, leaves = low.high < 0 < high.low, low.low > 0 or high.high < 0
    agrees = not (holds and p.interval.high < level) and not (leaves and p.interval.low > level)
    why = f"the {1 - level:.0%} interval leaves zero out where p is below {level:g}"
    sure = "if p and interval are of one test"
    computed = "zero inside" if holds else "zero outside" if leaves else "zero at its end"
    printed = f"[{ci[0]}, {ci[1]}], p {p}"
    return allowed("interval and p", where, printed, computed, agrees, sure, why, places(e))


def check_intervals(paper: Paper) -> Iterator[Finding]:
    """Yield each printed interval: it holds its coefficient, in its middle, c standard errors to either side."""
    for column, name, e in estimates(paper):
        if e.ci is None:
            continue
        where, low, high = f"{column.where}: {name}", e.ci[0].interval, e.ci[1].interval
        printed, uses = f"{e}", places(e)
        holds = low.low <= e.coef.interval.high and e.coef.interval.low <= high.high
        why = "an interval holds its coefficient"
        yield allowed("interval", where, printed, "low <= coefficient <= high", holds, CERTAIN, why, uses)
        if not holds:
            continue
        middle = (low + high) * 0.5
        sure = "if the interval is the coefficient plus and minus c standard errors, not of ratios or a bootstrap"
        why = "the coefficient is the middle of its interval"
        agrees = middle.meets(e.coef.interval)
        yield allowed("interval", where, printed, f"middle {middle}", agrees, sure, why, uses)
        if e.se is not None and e.se.interval.high > 0:
            yield _width(where, paper, column, e, e.se, (high - low) * 0.5)


def _width(where: str, paper: Paper, column: Column, e: Estimate, se: Printed, half: Interval) -> Finding:
    level = alpha(column)
    factor = Interval(max(0.0, half.low), half.high) / Interval(max(0.0, se.interval.low), se.interval.high)
    degrees = conventions(paper, column)
    fewest = min(one.df for one in degrees)
    most = critical(level, fewest if knows_clusters(paper, column) else min(FEWEST, fewest))
    least = critical(level, math.inf)
    agrees = factor.meets(Interval(least, most))
    computed = f"{factor} standard errors to either side, {least:.4g} to {most:.4g} expected"
    why = f"a {1 - level:.0%} interval reaches {least:.3g} standard errors to either side, more with few clusters"
    sure = "if interval and error are of one covariance, and the interval's level is as said"
    return allowed("interval", where, f"{e}", computed, agrees, sure, why, places(e))
