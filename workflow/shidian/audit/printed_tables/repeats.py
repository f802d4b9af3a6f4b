"""The same numbers twice: cells that repeat under other rows, signs and counts that stand alone among their like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from shidian.audit.printed_tables.cells import Estimate
from shidian.audit.printed_tables.degrees import estimates
from shidian.audit.printed_tables.findings import UNUSUAL, Finding, places
from shidian.audit.printed_tables.fit import CONSTANTS
from shidian.audit.printed_tables.paper import Column, Paper
from shidian.errors import slips

_DIGITS = {True: 3, False: 4}
"""Significant digits of coefficient and error from which equal cells of one term, or of two, are no chance."""
_ALIKE = 3
"""Fewest other columns of a row that show what is usual there."""
_NEAR = 1.5
"""Largest ratio of the coefficients of a row that count as one effect."""


def check_repeats(paper: Paper) -> Iterator[Finding]:
    """Yield coefficient and error that repeat to three digits in columns that differ in N or outcome."""
    seen: dict[tuple[str, str], list[tuple[Column, str, Estimate]]] = {}
    for column, name, e in estimates(paper):
        second = e.se or e.t or e.z
        if second is not None and min(e.coef.digits, second.digits) >= _DIGITS[True]:
            seen.setdefault((e.coef.text.lstrip("-"), second.text.lstrip("-")), []).append((column, name, e))
    for (coef, below), cells in seen.items():
        for (a, first, x), (b, other, y) in combinations(cells, 2):
            second = y.se or y.t or y.z
            digits = min(y.coef.digits, second.digits if second is not None else 0)
            if digits >= _DIGITS[first == other] and (why := _differ(a, b)):
                where = f"{a.where}: {first}; {b.where}: {other}"
                rule = "two fits of other rows, outcomes or terms do not agree in six digits by chance"
                sure = "unless one of the columns is repeated on purpose"
                uses = places(x, y)
                yield Finding("repeated cell", where, f"{coef} ({below}) twice", why, UNUSUAL, sure, rule, uses)


def _differ(a: Column, b: Column) -> str:
    """Say how two columns differ that print one cell, or "" where they may be one fit."""
    if a is b:
        return "two terms of one column"
    if a.n is not None and b.n is not None and a.n != b.n:
        return f"N {a.n} and {b.n}"
    outcomes = [c.facts.get("outcome") for c in (a, b)]
    if all(outcomes) and outcomes[0] != outcomes[1]:
        return f"outcomes {outcomes[0]} and {outcomes[1]}"
    return ""


def check_lone_signs(paper: Paper) -> Iterator[Finding]:
    """Yield a coefficient of the size of its row's others but of the other sign: a lost minus."""
    for table in dict.fromkeys(c.table for c in paper.columns):
        columns = [c for c in paper.columns if c.table == table]
        for term in dict.fromkeys(name for c in columns for name in c.terms):
            cells = [(c, c.terms[term]) for c in columns if term in c.terms]
            for column, e in cells:
                others = [x for c, x in cells if c is not column and _one_outcome(c, column)]
                if _stands_alone(e, others):
                    others_text = ", ".join(str(x.coef) for x in others)
                    where, sure = f"{column.where}: {term}", "if the columns estimate one effect"
                    why = "columns of one effect agree in sign where they agree in size"
                    uses = places(e, *others)
                    yield Finding("lone sign", where, str(e.coef), f"others {others_text}", UNUSUAL, sure, why, uses)


def _one_outcome(a: Column, b: Column) -> bool:
    return a.facts.get("outcome") == b.facts.get("outcome") and a.n is not None and b.n is not None


def _stands_alone(e: Estimate, others: list[Estimate]) -> bool:
    if len(others) < _ALIKE or e.coef.value == 0:
        return False
    sizes = [abs(x.coef.value) for x in others]
    one_sign = all(x.coef.value * e.coef.value < 0 for x in others)
    within = min(sizes) <= abs(e.coef.value) <= max(sizes)
    clear = all(x.size is None or x.size.high >= 1.5 for x in (e, *others))
    return one_sign and within and max(sizes) <= _NEAR * min(sizes) and clear


def check_lone_counts(paper: Paper) -> Iterator[Finding]:
    """Yield an N that is one slip of the keyboard away from that of two or more columns with no fewer terms."""
    for table in dict.fromkeys(c.table for c in paper.columns):
        columns = [c for c in paper.columns if c.table == table and c.n is not None]
        for column in columns:
            like = [c for c in columns if c is not column and _adds_nothing(column, c)]
            n, often = Counter(c.n for c in like).most_common(1)[0] if like else (None, 0)
            usual = [c for c in like if c.n == n]
            lone = sum(c.n == column.n for c in columns) == 1
            if often >= 2 and lone and slips(str(n), str(column.n)) == 1:
                why = "a column that adds no variable loses no row"
                uses = places(column.number("n"), *(c.number("n") for c in usual))
                where, sure = column.where, "unless the column's sample is another; one slip leads to the other"
                printed, text = f"N = {column.n}", f"N = {n} in {len(usual)} columns with no fewer terms"
                yield Finding("lone N", where, printed, text, UNUSUAL, sure, why, uses)


def _adds_nothing(column: Column, other: Column) -> bool:
    """Say whether a column has no term and no fixed effect that the other has not, as far as both show them."""
    terms, more = set(column.terms) - set(CONSTANTS), set(other.terms) - set(CONSTANTS)
    effects, more_effects = set(column.facts.get("fe") or ()), set(other.facts.get("fe") or ())
    same = all(column.facts.get(k) == other.facts.get(k) for k in ("outcome", "what", "sample"))
    return same and bool(terms) and terms <= more and effects <= more_effects
