"""One effect printed more than once: two stages and the reduced form, elasticities, percentages, subsamples."""

from __future__ import annotations

import math
from collections.abc import Iterator

from shidian.audit.printed_tables.findings import AGREES, UNUSUAL, Finding, allowed, places
from shidian.audit.printed_tables.fit import CONSTANTS
from shidian.audit.printed_tables.interval import Interval
from shidian.audit.printed_tables.paper import Column, Paper
from shidian.audit.printed_tables.samples import full_columns, splits

_SECOND = ("second_stage", "second", "2sls", "iv", "tsls")


def check_stages(paper: Paper) -> Iterator[Finding]:
    """Yield first stage times two-stage estimate against the reduced form, with one instrument."""
    for table in dict.fromkeys(c.table for c in paper.columns):
        columns = [c for c in paper.columns if c.table == table]
        first = [c for c in columns if "first_stage" in c.name]
        reduced = [c for c in columns if "reduced" in c.name]
        second = [c for c in columns if any(word in c.name.lower() for word in _SECOND) and "first" not in c.name]
        if len(first) == len(reduced) == len(second) == 1:
            yield from _stages(table, first[0], reduced[0], second[0])


def _stages(table: str, first: Column, reduced: Column, second: Column) -> Iterator[Finding]:
    shared = [name for name in first.terms if name in reduced.terms and name not in second.terms]
    instruments = [name for name in shared if name not in CONSTANTS]
    treated = [n for n in second.terms if n not in first.terms and n not in reduced.terms and n not in CONSTANTS]
    if len(instruments) != 1 or len(treated) != 1:
        return
    a, b = first.terms[instruments[0]], reduced.terms[instruments[0]]
    c = second.terms[treated[0]]
    found = a.coef.interval * c.coef.interval
    printed = f"first stage {a.coef}, two stages {c.coef}, reduced form {b.coef}"
    why = "with one instrument the reduced form is the first stage times the two-stage estimate"
    rows = first.n == reduced.n == second.n
    sure = "if all three have the same controls" + ("" if rows and first.n is not None else " and the same rows")
    agrees = found.meets(b.coef.interval)
    yield allowed("two stages", table, printed, f"product {found}", agrees, sure, why, places(a, b, c))


def check_units_of_effects(paper: Paper) -> Iterator[Finding]:
    """Yield an elasticity against b mean(x) / mean(y), and a percentage against 100 b or 100 (exp(b) - 1)."""
    for column in paper.columns:
        for name, e in column.terms.items():
            where = f"{column.where}: {name}"
            if e.percent is not None:
                b = e.coef.interval
                exact = Interval(100 * math.expm1(min(b.low, 50.0)), 100 * math.expm1(min(b.high, 50.0)))
                plain, uses = b * 100.0, places(e)
                agrees = exact.meets(e.percent.interval) or plain.meets(e.percent.interval)
                text, why = f"{exact}% exactly, {plain}% to first order", "a coefficient of a logarithm as a percentage"
                sure = "if the outcome is a logarithm and the term 0/1 or itself in units"
                printed = f"{e.coef}, {e.percent}%"
                yield allowed("percent of effect", where, printed, text, agrees, sure, why, uses)
            yield from _elasticity(paper, column, name, where)


def _elasticity(paper: Paper, column: Column, name: str, where: str) -> Iterator[Finding]:
    e, outcome = column.terms[name], column.facts.get("outcome", paper.outcome)
    rows = [paper.descriptives.get(str(v)) for v in (name, outcome)]
    means = [row.get("mean") if row else None for row in rows]
    x, y = means
    if e.elasticity is None or x is None or y is None or y.interval.meets(0.0):
        return
    found = e.coef.interval * x.interval / y.interval
    why = "the elasticity at the means is b mean(x) / mean(y)"
    sure = "if the elasticity is taken at the means described"
    agrees, printed = found.meets(e.elasticity.interval), f"{e.coef}, elasticity {e.elasticity}"
    yield allowed("elasticity", where, printed, f"{found}", agrees, sure, why, places(e, x, y))


def check_subsample_effects(paper: Paper) -> Iterator[Finding]:
    """Yield whether the effect in the full sample lies among those of its subsamples: a soft sign, no theorem.

    With common controls and effects the whole is a weighted mean of its parts. It is called unusual only where it lies
    beyond all of them by more than two of its standard errors.
    """
    full = [c for c in full_columns(paper) if c.terms]
    treatment = next(iter(paper.baseline[0].terms), None) if paper.baseline else None
    for column in full[-1:]:
        whole = column.terms.get(str(treatment))
        if whole is None or whole.se is None:
            continue
        for group, named in splits(paper):
            parts = [c.terms.get(str(treatment)) for c in group]
            known = [p for p in parts if p is not None]
            if named and len(known) == len(group) and all("outcome" not in c.facts for c in group):
                room = 2 * whole.se.value
                low = min(p.coef.interval.low for p in known) - room
                high = max(p.coef.interval.high for p in known) + room
                agrees = Interval(low, high).meets(whole.coef.interval)
                why = "the effect in the whole is a weighted mean of those in its parts where all else is common"
                printed = f"{', '.join(str(p.coef) for p in known)}; whole {whole.coef} ({whole.se})"
                where = f"{group[0].table}: {' + '.join(c.name for c in group)}"
                verdict, uses = AGREES if agrees else UNUSUAL, places(whole, *known)
                sure = "if controls and fixed effects act alike in all parts"
                computed = f"{low + room:.4g} to {high - room:.4g}, and {room:.4g} to spare"
                yield Finding("subsample effects", where, printed, computed, verdict, sure, why, uses)
