"""Descriptives: order, attainable spreads, bounds of shares and indices, parts of a whole.

For n values in [a, b] with mean m the variance is at most n/(n-1) (b - m)(m - a) (Bhatia & Davis 2000); since a and b
occur, the squares of the other n - 2 are least when these are equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from shidian.audit.printed_tables.findings import CERTAIN, IMPLIED, Finding, allowed, places
from shidian.audit.printed_tables.interval import Interval, Printed
from shidian.audit.printed_tables.known import Known, known_variable
from shidian.audit.printed_tables.paper import Descriptive, Paper
from shidian.indicators.inequality import smallest_ratio, theil_maximum


def check_descriptives(paper: Paper) -> Iterator[Finding]:
    """Yield what a variable's moments over the whole sample say of each other."""
    yield from check_spreads(paper.descriptives, "descriptives")


def check_spreads(rows: Mapping[str, Descriptive], place: str) -> Iterator[Finding]:
    """Yield what mean, standard deviation, minimum, maximum and quantiles of each variable say of each other."""
    for row in rows.values():
        where = f"{place}: {row.name}"
        yield from _quantiles(where, row)
        mean, sd, low, high = (row.get(key) for key in ("mean", "sd", "min", "max"))
        if mean and low and high:
            between = low.interval.low <= mean.interval.high and mean.interval.low <= high.interval.high
            printed = f"mean {mean}, range [{low}, {high}]"
            order, uses = f"{low} <= mean <= {high}", places(mean, low, high)
            yield allowed("range", where, printed, order, between, CERTAIN, "min <= mean <= max", uses)
            if sd and between:
                yield _spread(where, row, mean, sd, low, high)
        elif sd and sd.value < 0:
            why = "no standard deviation is negative"
            yield allowed("spread", where, f"sd {sd}", "sd >= 0", False, CERTAIN, why, places(sd))


_ORDER = ("min", "p1", "p5", "p10", "p25", "p50", "median", "p75", "p90", "p95", "p99", "max")


def _quantiles(where: str, row: Descriptive) -> Iterator[Finding]:
    """Yield whether quantiles rise from the minimum to the maximum, where any is printed."""
    found = [(key, value) for key in _ORDER if (value := row.get(key)) is not None]
    if len(found) < 2 or all(key in ("min", "max") for key, _ in found):
        return
    agrees = all(a.interval.low <= b.interval.high for (_, a), (_, b) in pairwise(found))
    printed = ", ".join(f"{key} {value}" for key, value in found)
    uses = places(*(value for _, value in found))
    yield allowed("quantiles", where, printed, "they rise", agrees, CERTAIN, "quantiles rise", uses)


def _spread(where: str, row: Descriptive, mean: Printed, sd: Printed, low: Printed, high: Printed) -> Finding:
    n = row.n
    a, b, m = low.interval, high.interval, mean.interval
    up = Interval(max(0.0, b.low - m.high), b.high - m.low)
    down = Interval(max(0.0, m.low - a.high), m.high - a.low)
    factor = n / (n - 1) if n and n > 1 else 2.0  # two values at the least, where N is not printed
    most = math.sqrt(factor * min((up * down).high, ((b.high - a.low) / 2) ** 2))
    least = 0.0
    if n and n > 2:
        least = math.sqrt(_least_squares(up, down, n) / (n - 1))
    agrees = sd.interval.meets(Interval(least, most))
    printed = f"mean {mean}, sd {sd}, range [{low}, {high}]"
    why = "spread attainable for this mean and range (Bhatia and Davis 2000)"
    uses = places(mean, sd, low, high)
    return allowed("spread", where, printed, f"sd from {least:.4g} to {most:.4g}", agrees, CERTAIN, why, uses)


def _least_squares(up: Interval, down: Interval, n: int) -> float:
    """Return the least sum of squares about the mean of n values that reach both ends of the range.

    u^2 + d^2 + (u - d)^2 / (n - 2) is convex with its minimum at the origin, so over a box of distances u to the top
    and d to the bottom the least value stands on an edge, where the derivative in the other distance vanishes.
    """
    edges = [(u, _clamp(u / (n - 1), down)) for u in (up.low, up.high)]
    edges += [(_clamp(d / (n - 1), up), d) for d in (down.low, down.high)]
    return min(u * u + d * d + (u - d) ** 2 / (n - 2) for u, d in edges)


def _clamp(value: float, inside: Interval) -> float:
    return min(max(value, inside.low), inside.high)


def check_bounds(paper: Paper) -> Iterator[Finding]:
    """Yield whether minimum, maximum and mean respect what the variable is: a share, an index, a Theil index."""
    for row in paper.descriptives.values():
        known = known_variable(paper, row.name)
        if known is None or (known.low is None and known.high is None):
            continue
        where = f"descriptives: {row.name}"
        sure = CERTAIN if known.declared else f"if {row.name} is what its name says: {known.why}"
        for key in ("min", "mean", "max"):
            value = row.get(key)
            if value:
                inside = Interval(
                    -math.inf if known.low is None else known.low, math.inf if known.high is None else known.high
                )
                bounds = f"from {'-inf' if known.low is None else known.low:g} to {inside.high:g}"
                agrees = value.interval.meets(inside)
                yield allowed("bounds", where, f"{key} {value}", bounds, agrees, sure, known.why, places(value))


def check_theil(paper: Paper) -> Iterator[Finding]:
    """Yield the income ratio that a printed two-group Theil index needs, and the index a declared ratio allows."""
    for row in paper.descriptives.values():
        known = known_variable(paper, row.name)
        if known is None or known.kind != "theil":
            continue
        for key in ("mean", "max"):
            value = row.get(key)
            if value and value.interval.high > 0:
                yield from _theil(f"descriptives: {row.name}", key, value, known)


def _theil(where: str, key: str, value: Printed, known: Known) -> Iterator[Finding]:
    why = "two groups without inequality inside reach at most m - 1 - ln m, m = r ln r / (r - 1), at income ratio r"
    need = smallest_ratio(max(0.0, value.interval.low))
    computed = f"needs an income ratio of at least {need:.2f} in some row"
    sure = "if the index is between two groups only"
    yield Finding("Theil", where, f"{key} {value}", computed, IMPLIED, sure, why, places(value))
    ratio = known.ratio
    if ratio is not None:
        most = theil_maximum(ratio.interval.high)
        computed = f"at most {most:.4f} at the declared largest ratio {ratio}"
        agrees = value.interval.low <= most
        yield allowed("Theil", where, f"{key} {value}", computed, agrees, sure, why, places(value))


def declared_parts(paper: Paper) -> Iterator[tuple[str, Any]]:
    """Yield the entries of ``variables`` that declare parts of a whole."""
    variables: Mapping[str, Any] = paper.content.get("variables") or {}
    for name, facts in variables.items():
        if isinstance(facts, Mapping) and "parts" in facts:
            yield name, facts["parts"]


def check_parts(paper: Paper) -> Iterator[Finding]:
    """Yield whether the means of declared parts add to the mean of their whole (1 where the whole is not described)."""
    for name, parts in declared_parts(paper):
        means = [paper.descriptives[p].get("mean") for p in parts if p in paper.descriptives]
        known = [m.interval for m in means if m is not None]
        if len(known) == len(parts):
            whole = paper.descriptives[name].get("mean") if name in paper.descriptives else None
            target = whole.interval if whole else Interval(1.0, 1.0)
            added = known[0]
            for part in known[1:]:
                added = added + part
            printed = " + ".join(str(m) for m in means)
            why = "the means of parts add to the mean of the whole"
            where, uses = f"descriptives: {name}", places(*means, whole)
            yield allowed("parts", where, printed, str(added), added.meets(target), CERTAIN, why, uses)
