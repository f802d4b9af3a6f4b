"""Moments of groups against those of the whole: rows add, means average, spreads decompose, ranges meet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from shidian.audit.printed_tables.findings import CERTAIN, Finding, allowed, places
from shidian.audit.printed_tables.interval import Interval, total
from shidian.audit.printed_tables.paper import Descriptive, Paper
from shidian.audit.printed_tables.spreads import check_spreads

_CHECKED = "if the groups of this split are all rows of the whole, each in one group"


def check_groups(paper: Paper) -> Iterator[Finding]:
    """Yield, for each split, what the groups' moments of a variable say of the whole's, and of their own ranges."""
    for split, groups in paper.groups.items():
        for group, rows in groups.items():
            yield from check_spreads(rows, f"groups.{split}.{group}")
        names = [name for name in paper.descriptives if all(name in rows for rows in groups.values())]
        for name in names if len(groups) > 1 else ():
            parts = {group: rows[name] for group, rows in groups.items()}
            yield from _against_whole(f"groups.{split}: {name}", parts, paper.descriptives[name])


def _against_whole(where: str, parts: Mapping[str, Descriptive], whole: Descriptive) -> Iterator[Finding]:
    rows = [part.n for part in parts.values()]
    counted = [n for n in rows if n is not None]
    full = len(counted) == len(rows)
    adds = full and (whole.n is None or sum(counted) == whole.n)
    if full and whole.n is not None:
        printed = " + ".join(map(str, counted)) + f", whole {whole.n}"
        uses = places(*(part.get("n") for part in parts.values()), whole.get("n"))
        why = "every row of the whole is in one group"
        yield allowed("group sizes", where, printed, f"sum {sum(counted)}", adds, _CHECKED, why, uses)
    yield from _means(where, parts, whole, counted if adds else None)
    if adds:
        yield from _spread(where, parts, whole, counted)
    for key, choose in (("min", min), ("max", max)):
        values = [part.get(key) for part in parts.values()]
        own = whole.get(key)
        ends = [value for value in values if value is not None]
        if own is not None and len(ends) == len(values):
            found = Interval(choose(e.interval.low for e in ends), choose(e.interval.high for e in ends))
            printed, why = f"{key} {own}", f"the {key} of the whole is the {key} of the groups'"
            uses = places(own, *ends)
            yield allowed("group range", where, printed, f"{found}", found.meets(own.interval), _CHECKED, why, uses)


def _means(
    where: str, parts: Mapping[str, Descriptive], whole: Descriptive, rows: list[int] | None
) -> Iterator[Finding]:
    """Yield the weighted mean of the groups against the whole's; where no rows are printed, whether it lies between."""
    means, own = [part.get("mean") for part in parts.values()], whole.get("mean")
    known = [mean for mean in means if mean is not None]
    if own is None or len(known) < len(means):
        return
    uses = places(own, *known)
    printed = f"{', '.join(f'{name} {mean}' for name, mean in zip(parts, known, strict=True))}; whole {own}"
    if rows is None:
        found = Interval(min(m.interval.low for m in known), max(m.interval.high for m in known))
        why = "the mean of the whole lies between those of its groups"
    else:
        found = total([m.interval * (n / sum(rows)) for m, n in zip(known, rows, strict=True)])
        why = "the mean of the whole is that of its groups, weighted by their rows"
    sure = f"{_CHECKED}, without weights"
    yield allowed("group means", where, printed, f"{found}", found.meets(own.interval), sure, why, uses)


def _spread(where: str, parts: Mapping[str, Descriptive], whole: Descriptive, rows: list[int]) -> Iterator[Finding]:
    """Yield the whole's standard deviation from those within the groups and the distances between their means."""
    pairs = [(part.get("mean"), part.get("sd")) for part in parts.values()]
    own = whole.get("sd")
    known = [(mean, sd) for mean, sd in pairs if mean is not None and sd is not None]
    n = sum(rows)
    if own is None or len(known) < len(pairs) or n < 2 or any(sd.value < 0 for _, sd in known):
        return
    shares = [k / n for k in rows]
    within = total([sd.interval.square() * float(k - 1) for (_, sd), k in zip(known, rows, strict=True)])
    between = Interval(0.0, 0.0)
    for i, (a, _) in enumerate(known):
        for j in range(i):
            distance = a.interval - known[j][0].interval
            between = between + distance.square() * (n * shares[i] * shares[j])
    variance = (within + between) * (1 / (n - 1))
    found = Interval(math.sqrt(max(0.0, variance.low)), math.sqrt(max(0.0, variance.high)))
    why = "the variance of the whole is that within its groups and that between them"
    uses = places(own, *(sd for _, sd in known))
    sure = f"{_CHECKED}, without weights"
    agrees = found.meets(own.interval)
    yield allowed("group spreads", where, f"sd {own}", f"sd {found}", agrees, sure, why, uses)


def check_percentages(paper: Paper) -> Iterator[Finding]:
    """Yield each printed percentage against its count and total, or against the whole counts that its total allows."""
    for share in paper.shares:
        where, percent = f"percentages: {share.name}", share.percent
        uses = places(share.count, share.of, percent)
        if share.count is not None and share.of is not None and share.count.value > share.of.value:
            why, printed = "a part is no more than its whole", f"{share.count} of {share.of}"
            yield allowed("percentage", where, printed, "count <= n", False, CERTAIN, why, uses)
        elif share.of is not None and percent is not None and share.of.value > 0:
            yield _percentage(
                where, share.count.value if share.count is not None else None, share.of.value, percent.interval, uses
            )


def _percentage(where: str, count: float | None, of: float, percent: Interval, uses: tuple[str, ...]) -> Finding:
    printed = f"{percent}% of {of:g}" + (f", count {count:g}" if count is not None else "")
    if count is not None:
        found = 100 * count / of
        why = "a percentage is its count over its total"
        agrees = percent.meets(found)
        return allowed("percentage", where, printed, f"{found:.5g}%", agrees, "if it is of this total", why, uses)
    low, high = math.ceil(percent.low * of / 100 - 1e-9), math.floor(percent.high * of / 100 + 1e-9)
    why = "the count behind a percentage is a whole number (GRIM)"
    computed = f"count {low}" + (f" to {high}" if high > low else "") if low <= high else "no whole count"
    return allowed("percentage", where, printed, computed, low <= high, "if it is of this total", why, uses)
