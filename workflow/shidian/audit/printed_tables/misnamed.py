"""Tables whose numbers below the coefficients cannot be standard errors, although nothing says what they are.

Most Chinese tables print t statistics. Typed as they stand, without ``below: t``, they would give a false alarm at
every star; that all stars of a table fit t and most of them no standard error tells which of the two it prints.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from shidian.audit.printed_tables.cells import Estimate
from shidian.audit.printed_tables.degrees import estimates, stars_earned
from shidian.audit.printed_tables.findings import UNUSUAL, Finding, places
from shidian.audit.printed_tables.paper import Column, Paper

_ENOUGH = 4
"""Fewest starred coefficients from which a table is judged."""


def misnamed_tables(paper: Paper) -> dict[str, str]:
    """Return table -> what its stars say stands below the coefficients, ``t`` or ``p``, where no error can."""
    found: dict[str, str] = {}
    for table, cells in _starred(paper).items():
        as_errors = sum(_fits_size(e, e.size.low, e.size.high, c.levels) for c, e in cells if e.size)
        for kind in ("t", "p"):
            fits = sum(_fits(kind, c, e) for c, e in cells)
            if len(cells) >= _ENOUGH and fits == len(cells) and as_errors <= len(cells) / 2:
                found.setdefault(table, kind)
    return found


def _starred(paper: Paper) -> dict[str, list[tuple[Column, Estimate]]]:
    tables: dict[str, list[tuple[Column, Estimate]]] = {}
    for column, _, e in estimates(paper):
        if e.se is not None and e.stars is not None and e.se.value and not column.stated:
            tables.setdefault(column.table, []).append((column, e))
    return tables


def _fits(kind: str, column: Column, e: Estimate) -> bool:
    assert e.se is not None
    if kind == "t":
        size = e.se.interval.size()
        signs = e.se.value > 0 or e.coef.value <= 0
        return signs and _fits_size(e, size.low, size.high, column.levels)
    low, high = e.se.interval.low, e.se.interval.high
    return high >= 0 and low <= 1 and _earned(high, column.levels) <= (e.stars or 0) <= _earned(low, column.levels)


def _fits_size(e: Estimate, low: float, high: float, levels: Sequence[float]) -> bool:
    least, most = (stars_earned(max(0.0, size), math.inf, levels) for size in (low, high))
    return least <= (e.stars or 0) <= most


def _earned(p: float, levels: Sequence[float]) -> int:
    return sum(p < level for level in levels)


def check_misnamed(paper: Paper) -> Iterator[Finding]:
    """Yield each table whose numbers below the coefficients are no standard errors, with the key that says so."""
    cells = _starred(paper)
    for table, kind in misnamed_tables(paper).items():
        name = {"t": "t statistics", "p": "p-values"}[kind]
        count = len(cells[table])
        computed = f"as {name} all {count} stars fit, as standard errors at most half of them"
        sure = f"say what they are: below: {kind}, or below: se where the paper calls them errors"
        why = "stars follow from the size of t"
        uses = places(*(e for _, e in cells[table]))
        yield Finding("below", table, "numbers below the coefficients", computed, UNUSUAL, sure, why, uses)
