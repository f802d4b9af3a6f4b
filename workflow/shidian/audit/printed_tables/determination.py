"""R²: between 0 and 1, its order among columns that nest each other, adjusted against plain.

R² cannot fall where least squares on the same rows gains terms. It can between models that do not nest: PSM-DID,
spatial and nonlinear models, instruments, within against overall R². Only columns that declare ``method: ols`` are
compared for certain; columns that show another method are not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shidian.audit.printed_tables.findings import AGREES, CERTAIN, DISAGREES, UNUSUAL, Finding, allowed, places
from shidian.audit.printed_tables.fit import CONSTANTS
from shidian.audit.printed_tables.interval import Interval
from shidian.audit.printed_tables.paper import Column, Paper

LEAST_SQUARES = ("ols", "fe", "least squares", "twfe", "lsdv")
_OTHER_METHODS = re.compile(
    r"(^|[^a-z])(psm|iv|2sls|gmm|spatial|sdm|sar|sem|sdem|slx|sac|tobit|logit|probit|poisson|ppml|quantile|threshold|"
    r"match\w*|weighted|ipw|heckman|first_stage|second_stage|reduced_form|mle|random|re|sdid|synthetic)([^a-z]|$)"
)
_SPATIAL_TERMS = re.compile(r"(rho|lambda|sigma2?(_?[eu])?|spatial.*|w_?did.*|w[_*\u00d7 ].+|lag_?y)$", re.IGNORECASE)
_KINDS = ("r2", "adj_r2", "within_r2", "pseudo_r2")


def check_r2(paper: Paper) -> Iterator[Finding]:
    """Yield R² between 0 and 1, and its order among columns of a table that nest each other."""
    for column in paper.columns:
        for key in _KINDS:
            r2 = column.number(key)
            if r2 is not None:
                low = -1.0 if key == "adj_r2" else 0.0
                agrees = r2.interval.meets(Interval(low, 1.0))
                why = "R2 lies between 0 and 1"
                yield allowed("R2", column.where, f"{key} {r2}", "0 to 1", agrees, CERTAIN, why, places(r2))
    for small in paper.columns:
        for large in paper.columns:
            if small.table == large.table and small is not large and _nests(small, large):
                yield from _order(small, large)


def check_adjusted(paper: Paper) -> Iterator[Finding]:
    """Yield adjusted R² against plain: at most 1 - (1 - R²)(N - 1)/(N - k - 1) with the k terms printed."""
    for column in paper.columns:
        r2, adjusted = column.number("r2"), column.number("adj_r2")
        if r2 is None or adjusted is None:
            continue
        terms = len(set(column.terms) - set(CONSTANTS))
        n = column.n
        factor = (n - 1) / (n - 1 - terms) if n is not None and n - 1 > terms else 1.0
        most = Interval(1.0, 1.0) - (Interval(1.0, 1.0) - r2.interval) * factor
        text = f"at most {most.high:.5g} with {terms} terms" + (f" and N {n}" if n is not None else "")
        why = "adjusted R2 is 1 - (1 - R2)(N - 1)/(N - k - 1): it falls with every term"
        sure = "if both are of one fit, not one within and one overall"
        agrees, printed = adjusted.interval.low <= most.high + 1e-12, f"R2 {r2}, adjusted {adjusted}"
        uses = places(r2, adjusted, column.number("n"))
        yield allowed("adjusted R2", column.where, printed, text, agrees, sure, why, uses)


def is_other_method(column: Column) -> bool:
    """Say whether a column's name, method or terms show that it is no least squares of the plain panel."""
    said = " ".join(str(column.facts.get(key, "")) for key in ("method", "what"))
    if str(column.facts.get("method", "")).lower() in LEAST_SQUARES:
        return False
    words = f"{said} {column.name}".lower()
    return bool(_OTHER_METHODS.search(words)) or any(_SPATIAL_TERMS.match(term) for term in column.terms)


def _nests(small: Column, large: Column) -> bool:
    """Say whether the larger column adds terms or fixed effects to the smaller one and takes none away."""
    terms, more = set(small.terms) - set(CONSTANTS), set(large.terms) - set(CONSTANTS)
    fe, more_fe = set(small.facts.get("fe") or ()), set(large.facts.get("fe") or ())
    grows = terms < more or fe < more_fe
    return bool(terms) and terms <= more and fe <= more_fe and grows and _same(small, large)


def _same(small: Column, large: Column) -> bool:
    """Say whether two columns may be least squares of the same outcome on the same rows, as far as printed."""
    facts = ("outcome", "what", "sample", "method")
    alike = small.n == large.n and all(small.facts.get(k) == large.facts.get(k) for k in facts)
    hidden = str(small.facts.get("controls", "none")).lower() not in ("none", "no", "false", "[]")
    fewer = hidden and small.facts.get("controls") != large.facts.get("controls")
    return alike and not fewer and not is_other_method(small) and not is_other_method(large)


def _order(small: Column, large: Column) -> Iterator[Finding]:
    for key in ("r2", "within_r2"):
        a, b = small.number(key), large.number(key)
        if a is None or b is None:
            continue
        where = f"{small.table}: {small.name} in {large.name}"
        printed, uses = f"R2 {a} and {b}", places(a, b)
        why = "a column that adds terms or fixed effects explains no less"
        fe_grow = set(small.facts.get("fe") or ()) != set(large.facts.get("fe") or ())
        if b.interval.high >= a.interval.low:
            yield Finding("R2 order", where, printed, "R2 does not fall", AGREES, CERTAIN, why, uses)
        elif fe_grow:
            text = "unless the column with fixed effects prints the within R2"
            yield Finding("R2 order", where, printed, "R2 does not fall", UNUSUAL, text, why, uses)
        else:
            yield Finding("R2 order", where, printed, "R2 does not fall", DISAGREES, _sure(small), why, uses)


def _sure(column: Column) -> str:
    """Return how sure a falling R² is: columns that say their method and N are known to be comparable."""
    if str(column.facts.get("method", "")).lower() in LEAST_SQUARES and column.n is not None:
        return CERTAIN
    rows = "" if column.n is not None else " of the same rows"
    return f"if both columns are least squares{rows}, without instruments, weights or spatial terms"
