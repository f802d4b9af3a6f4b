"""Moments of whole numbers: which totals, spreads and samples are possible at all.

The mean of whole numbers is a whole number over n (GRIM; Brown & Heathers 2017); their squares add to a whole number of
the total's parity (GRIMMER; Anaya 2016, Allard 2018); a 0/1 variable's spread follows from its mean (DEBIT; Heathers &
Brown 2019). With a range, every sample is counted (SPRITE, CLOSURE): whether one has these moments is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from shidian.audit.printed_tables.findings import CERTAIN, UNDECIDED, Finding, allowed, places
from shidian.audit.printed_tables.interval import Interval, Printed
from shidian.audit.printed_tables.known import Known, known_variable
from shidian.audit.printed_tables.paper import Descriptive, Paper
from shidian.audit.printed_tables.samples_of_whole import possible_sample

_MANY = 200_000
"""Most pairs of a total and a sum of squares that are tried one by one."""


def check_whole_numbers(paper: Paper) -> Iterator[Finding]:
    """Yield what follows where a variable is a count, a scale or 0/1: totals, spreads and samples that there are."""
    groups = [
        (f"groups.{split}.{group}", rows) for split, given in paper.groups.items() for group, rows in given.items()
    ]
    for where, rows in [("descriptives", paper.descriptives), *groups]:
        for row in rows.values():
            known, mean = known_variable(paper, row.name), row.get("mean")
            if known is None or known.kind not in ("dummy", "count", "scale") or not row.n or mean is None:
                continue
            sure = CERTAIN if known.declared else f"if {row.name} is {known.why}"
            place = f"{where}: {row.name}"
            yield _whole_total(place, row, row.n * known.items, mean, sure)
            if known.kind == "dummy":
                yield from _dummy(place, row, row.n, mean, sure)
            elif row.get("sd") is not None and row.n > 1:
                yield from _whole_squares(place, row, known, row.n, mean, sure)


def _whole_total(where: str, row: Descriptive, n: int, mean: Printed, sure: str) -> Finding:
    low, high = _whole(mean.interval * float(n))
    printed, uses = f"mean {mean}, n {row.get('n')}", places(mean, row.get("n"))
    why = "the mean of whole numbers is a whole number over N (GRIM)"
    computed = f"total {low}" + (f" to {high}" if high > low else "") if low <= high else "no whole total"
    if low < high:
        return Finding("whole total", where, printed, computed, UNDECIDED, CERTAIN, why, uses)
    return allowed("whole total", where, printed, computed, low == high, sure, why, uses)


def _whole(span: Interval) -> tuple[int, int]:
    return math.ceil(span.low - 1e-9), math.floor(span.high + 1e-9)


def _dummy(where: str, row: Descriptive, n: int, mean: Printed, sure: str) -> Iterator[Finding]:
    sd = row.get("sd")
    ends = [row.moments[key] for key in ("min", "max") if key in row.moments]
    if any(end.value not in (0.0, 1.0) for end in ends):
        why, printed = "a 0/1 variable is 0 or 1", f"range {', '.join(map(str, ends))}"
        yield allowed("0/1", where, printed, "0 and 1", False, sure, why, places(*ends))
    elif sd and n > 1:
        spread = dummy_spread(mean.interval, n)
        agrees = spread.meets(sd.interval) or (spread * math.sqrt((n - 1) / n)).meets(sd.interval)
        why = "sd = sqrt(p (1 - p) n / (n - 1))"
        yield allowed("0/1", where, f"mean {mean}, sd {sd}", f"sd {spread}", agrees, sure, why, places(mean, sd))


def dummy_spread(mean: Interval, n: int | None) -> Interval:
    """Return the standard deviation of a 0/1 variable from its mean."""
    ends = [p * (1 - p) for p in (min(1.0, max(0.0, mean.low)), min(1.0, max(0.0, mean.high)))]
    most = 0.25 if mean.low <= 0.5 <= mean.high else max(ends)
    return (Interval(min(ends), most) * (n / (n - 1) if n and n > 1 else 1.0)).root()


def _whole_squares(where: str, row: Descriptive, known: Known, n: int, mean: Printed, sure: str) -> Iterator[Finding]:
    """Yield whether whole numbers can have this mean and spread, and a sample with them where the range is known."""
    sd = row.moments["sd"]
    if sd.interval.high < 0:
        return
    items = known.items
    pairs = _pairs(n, mean.interval * float(items), sd.interval * float(items))
    printed, uses = f"mean {mean}, sd {sd}, n {n}", places(mean, sd, row.get("n"), row.get("min"), row.get("max"))
    why = "squares of whole numbers add to a whole number, even or odd as their total (GRIMMER)"
    if pairs is None:
        yield Finding("whole squares", where, printed, "too many totals to tell", UNDECIDED, CERTAIN, why, uses)
        return
    text = f"{len(pairs)} pairs of a total and a sum of squares" if pairs else "no whole sum of squares"
    yield allowed("whole squares", where, printed, text, bool(pairs), sure, why, uses)
    ends, attained = _range(row, known)
    if pairs and ends is not None:
        found = possible_sample(n, pairs, ends, attained)
        why = "all samples of whole numbers in the range are counted (SPRITE, CLOSURE)"
        if found is None:
            yield Finding("sample", where, printed, "too many samples to count", UNDECIDED, CERTAIN, why, uses)
        else:
            shown = f"for example {_sample(found, items)}" if found else "no sample has these moments"
            yield allowed("sample", where, printed, shown, bool(found), sure, why, uses)


def _pairs(n: int, mean: Interval, sd: Interval) -> list[tuple[int, int]] | None:
    """Return the totals and sums of squares of n whole numbers; None where there are too many to go through.

    The spread may be that of the sample (n - 1) or of the rows as they are (n).
    """
    low, high = _whole(mean * float(n))
    if (high - low + 1) * ((sd.high - max(0.0, sd.low)) * 2 * sd.high * n + 2) > _MANY:
        return None
    found = set()
    for s in range(low, high + 1):
        for freedom in (n - 1, n):
            squares = Interval(max(0.0, sd.low), sd.high).square() * float(freedom) + s * s / n
            first, last = _whole(squares)
            found |= {(s, q) for q in range(first, last + 1) if (q - s) % 2 == 0 and q * n >= s * s}
    return sorted(found)


def _range(row: Descriptive, known: Known) -> tuple[tuple[int, int] | None, bool]:
    """Return the range in steps of the scale, as printed or declared, and whether its ends are values that occur."""
    low, high = row.get("min"), row.get("max")
    if low is not None and high is not None and known.items == 1:
        whole = [end.value == int(end.value) for end in (low, high)]
        return ((int(low.value), int(high.value)), True) if all(whole) else (None, False)
    if known.low is not None and known.high is not None:
        return (round(known.low * known.items), round(known.high * known.items)), False
    return None, False


def _sample(counts: dict[int, int], items: int) -> str:
    return ", ".join(f"{count} x {value / items:g}" for value, count in sorted(counts.items()))
