"""Other statistics that printed numbers determine: variance inflation, threshold tests, decompositions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shidian.audit.printed_tables.findings import CERTAIN, UNDECIDED, UNUSUAL, Finding, allowed, places
from shidian.audit.printed_tables.interval import Interval, Printed, total
from shidian.audit.printed_tables.paper import Column, Paper

_CRITICAL = {"p10": 0.10, "p05": 0.05, "p01": 0.01}


def check_vif(paper: Paper) -> Iterator[Finding]:
    """Yield each variance inflation factor: at least 1, and the inverse of the tolerance beside it."""
    for column in paper.columns:
        if "vif" in column.table:
            for name, pair in column.terms.items():
                where, vif = f"{column.where}: {name}", pair.coef.interval
                printed = f"VIF {pair.coef}"
                why, uses = "VIF = 1 / (1 - R2) >= 1", places(pair)
                yield allowed("VIF", where, printed, "at least 1", vif.high >= 1, CERTAIN, why, uses)
                if pair.se is not None and vif.low > 0:
                    inverse = Interval(1.0, 1.0) / vif
                    text = f"1/VIF {inverse}"
                    agrees = inverse.meets(pair.se.interval)
                    yield allowed("VIF", where, f"{printed}, 1/VIF {pair.se}", text, agrees, CERTAIN, "1/VIF", uses)


def check_thresholds(paper: Paper) -> Iterator[Finding]:
    """Yield threshold tests: F against critical values, p against replications, gamma against its variable."""
    for column in paper.columns:
        gamma, f, p = (column.number(key) for key in ("gamma", "f", "p"))
        if p is not None and f is not None:
            yield from _critical(column, f, p)
            yield from _replications(column, p)
        if gamma is not None:
            yield from _gamma(paper, column, gamma)


def _critical(column: Column, f: Printed, p: Printed) -> Iterator[Finding]:
    values: Mapping[str, Printed] = column.facts.get("crit") or {}
    for key, level in _CRITICAL.items():
        critical = values.get(key)
        if critical is not None:
            above = critical.interval.below(f.interval)
            under = f.interval.below(critical.interval)
            agrees = not ((above and p.interval.low > level) or (under and p.interval.high < level))
            printed = f"F {f}, p {p}, {level:.0%} critical value {critical}"
            computed = (
                f"p {'at most' if above else 'at least'} {level}" if above or under else "F at the critical value"
            )
            why = "F above a critical value has p at most its level"
            uses = places(f, p, critical)
            yield allowed("threshold test", column.where, printed, computed, agrees, CERTAIN, why, uses)


def _replications(column: Column, p: Printed) -> Iterator[Finding]:
    draws = column.number("replications")
    if draws is None:
        return
    n = int(draws.value)
    nearest = [round(p.value * n) + step for step in (-1, 0, 1)]
    fits = [k for k in nearest if p.interval.meets(k / n)]
    why = "a bootstrap p-value is a whole number over the replications (or over one more)"
    plus = [k for k in nearest if p.interval.meets((k + 1) / (n + 1))]
    computed = f"{fits[0]}/{n}" if fits else f"{plus[0] + 1}/{n + 1}" if plus else "no whole count"
    agrees = bool(fits or plus)
    printed, uses = f"p {p}, {n} replications", places(p, draws)
    yield allowed("threshold test", column.where, printed, computed, agrees, CERTAIN, why, uses)


def _gamma(paper: Paper, column: Column, gamma: Printed) -> Iterator[Finding]:
    """Yield whether a threshold lies inside the range of its variable, as far as that is described."""
    variable = str(column.facts.get("threshold_variable", ""))
    printed = f"threshold {gamma}" + (f" of {variable}" if variable else "")
    why = "a threshold is a value of its variable: it lies between minimum and maximum"
    row = paper.descriptives.get(variable)
    if row is not None and row.get("min") and row.get("max"):
        inside = Interval(row.moments["min"].interval.low, row.moments["max"].interval.high)
        agrees = gamma.interval.meets(inside)
        uses = places(gamma, row.get("min"), row.get("max"))
        yield allowed("threshold range", column.where, printed, f"range {inside}", agrees, CERTAIN, why, uses)
        return
    if any(word in variable.lower() for word in ("share", "proportion", "percent", "rate")):
        agrees = gamma.interval.meets(Interval(0.0, 100.0))
        sure = f"if '{variable}' means a share of a whole"
        text = "a share is at most 100%"
        yield allowed("threshold range", column.where, printed, text, agrees, sure, why, places(gamma))
    highest = [d.moments["max"].interval.high for d in paper.descriptives.values() if d.get("max")]
    if highest:
        outside = gamma.interval.low > max(highest)
        text = (
            f"the threshold variable is not among the described ones; the largest value described is {max(highest):g}"
        )
        verdict = UNUSUAL if outside else UNDECIDED
        sure = "the variable's own range is not printed"
        yield Finding("threshold range", column.where, printed, text, verdict, sure, why, places(gamma))


def check_decomposition(paper: Paper) -> Iterator[Finding]:
    """Yield a Goodman-Bacon decomposition, [estimate, weight] a row: weights add to one, the sum is the coefficient."""
    for table in dict.fromkeys(c.table for c in paper.columns if "decomp" in c.table or "bacon" in c.table):
        terms = [e for c in paper.columns if c.table == table for e in c.terms.values() if e.se is not None]
        if not terms:
            continue
        weights = total([e.se.interval for e in terms if e.se])
        why = "the weights of the two-by-two comparisons add to one"
        printed = " + ".join(str(e.se) for e in terms)
        uses = places(*terms)
        yield allowed("decomposition", table, printed, f"sum {weights}", weights.meets(1.0), CERTAIN, why, uses)
        products = total([e.coef.interval * e.se.interval for e in terms if e.se])
        others = [e.coef for c in paper.columns if c.table != table for e in list(c.terms.values())[:1]]
        if others:
            agrees = any(products.meets(coef.interval) for coef in others)
            text = f"weighted sum {products}"
            printed = f"coefficient {' or '.join(map(str, others))}"
            why = "the weighted mean of the comparisons is the two-way fixed effects coefficient"
            uses = places(*terms, *others)
            yield allowed("decomposition", table, printed, text, agrees, "if there are no controls", why, uses)
