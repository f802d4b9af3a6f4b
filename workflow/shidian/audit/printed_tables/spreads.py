"""Descriptives: order, attainable spreads, whole totals behind means of counts, bounds of shares and indices.

For n values in [a, b] with mean m the variance is at most n/(n-1) (b - m)(m - a) (Bhatia & Davis 2000); since a and b
occur, the squares of the other n - 2 are least when these are equal. The mean of whole numbers is a whole number over n
(GRIM; Brown & Heathers 2017).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from shidian.audit.printed_tables.findings import CERTAIN, IMPLIED, UNDECIDED, Finding, allowed
from shidian.audit.printed_tables.interval import Interval, Printed
from shidian.audit.printed_tables.known import Known, known_variable
from shidian.audit.printed_tables.paper import Descriptive, Paper
from shidian.indicators.inequality import smallest_ratio, theil_maximum


def check_descriptives(paper: Paper) -> Iterator[Finding]:
    """Yield what a variable's mean, standard deviation, minimum and maximum say of each other."""
    for row in paper.descriptives.values():
        where = f"descriptives: {row.name}"
        mean, sd, low, high = (row.get(key) for key in ("mean", "sd", "min", "max"))
        if mean and low and high:
            between = low.interval.low <= mean.interval.high and mean.interval.low <= high.interval.high
            printed = f"mean {mean}, range [{low}, {high}]"
            yield allowed("range", where, printed, f"{low} <= mean <= {high}", between, CERTAIN, "min <= mean <= max")
            if sd and between:
                yield _spread(where, row, mean, sd, low, high)
        elif sd and sd.value < 0:
            yield allowed("spread", where, f"sd {sd}", "sd >= 0", False, CERTAIN, "no standard deviation is negative")


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
    return allowed("spread", where, printed, f"sd from {least:.4g} to {most:.4g}", agrees, CERTAIN, why)


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


def check_whole_numbers(paper: Paper) -> Iterator[Finding]:
    """Yield what follows where a variable is a count or 0/1: a whole total behind the mean, a spread from the mean."""
    for row in paper.descriptives.values():
        known, mean = known_variable(paper, row.name), row.get("mean")
        if known is None or known.kind not in ("dummy", "count") or not row.n or mean is None:
            continue
        sure = CERTAIN if known.declared else f"if {row.name} is {known.why}"
        yield _whole_total(row, row.n, mean, sure)
        if known.kind == "dummy":
            yield from _dummy(row, row.n, mean, sure)


def _whole_total(row: Descriptive, n: int, mean: Printed, sure: str) -> Finding:
    low, high = math.ceil(mean.interval.low * n - 1e-9), math.floor(mean.interval.high * n + 1e-9)
    where, printed = f"descriptives: {row.name}", f"mean {mean}, n {n}"
    why = "the mean of whole numbers is a whole number over N (GRIM)"
    computed = f"total {low}" + (f" to {high}" if high > low else "") if low <= high else "no whole total"
    if low < high:
        return Finding("whole total", where, printed, computed, UNDECIDED, CERTAIN, why)
    return allowed("whole total", where, printed, computed, low == high, sure, why)


def _dummy(row: Descriptive, n: int, mean: Printed, sure: str) -> Iterator[Finding]:
    where, sd = f"descriptives: {row.name}", row.get("sd")
    ends = [str(row.moments[key]) for key in ("min", "max") if key in row.moments]
    if any(float(end) not in (0.0, 1.0) for end in ends):
        why = "a 0/1 variable is 0 or 1"
        yield allowed("0/1", where, f"range {', '.join(ends)}", "0 and 1", False, sure, why)
    elif sd and n > 1:
        spread = dummy_spread(mean.interval, n)
        why = "sd = sqrt(p (1 - p) n / (n - 1))"
        yield allowed("0/1", where, f"mean {mean}, sd {sd}", f"sd {spread}", spread.meets(sd.interval), sure, why)


def dummy_spread(mean: Interval, n: int | None) -> Interval:
    """Return the standard deviation of a 0/1 variable from its mean."""
    ends = [p * (1 - p) for p in (min(1.0, max(0.0, mean.low)), min(1.0, max(0.0, mean.high)))]
    most = 0.25 if mean.low <= 0.5 <= mean.high else max(ends)
    return (Interval(min(ends), most) * (n / (n - 1) if n and n > 1 else 1.0)).root()


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
                yield allowed("bounds", where, f"{key} {value}", bounds, agrees, sure, known.why)


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
    yield Finding("Theil", where, f"{key} {value}", computed, IMPLIED, sure, why)
    ratio = known.ratio
    if ratio is not None:
        most = theil_maximum(ratio.interval.high)
        computed = f"at most {most:.4f} at the declared largest ratio {ratio}"
        yield allowed("Theil", where, f"{key} {value}", computed, value.interval.low <= most, sure, why)


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
            yield allowed("parts", f"descriptives: {name}", printed, str(added), added.meets(target), CERTAIN, why)
