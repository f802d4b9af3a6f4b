"""Rules that hold between the columns of a source, proposed for ``checks.rules`` of the studies that read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from shidian.slips.paths import Paths, middle

LEAST_ROWS, HOLDS = 60, 0.98
"""Rows that a rule is learnt from, and the share of them in which it holds: a volume or some units may break it."""
MOST_PARTS, NEAR = 4, 0.01
"""Parts of a sum, and by how much of the whole it may be off."""
MOST_TRIED = 14
"""Parts, the largest first, that sums are looked for among."""
SIZES = frozenset(("wan", "yi", "yuan", "persons", "person", "t", "km2", "usd", "pct"))
"""Words of names that say the unit of measure."""
PRODUCT = 0.25
"""Largest distance (a logarithm) of a product from the whole in nine tenths of the rows."""
SUM_NEAR, SUM_STEADY = 0.35, 0.1
"""Largest distance (a logarithm) of the sum of a province's units from its number, and how much it may move."""


@dataclass(frozen=True)
class Proposal:
    """A rule as ``checks.rules`` writes it, the rows that tell it, those that break it, and its tolerance."""

    rule: str
    rows: int
    broken: int
    tolerance: float | None = None


def proposals(paths: Sequence[Paths]) -> list[Proposal]:
    """Return the sums, products and inequalities that hold between the columns of a source.

    An inequality is proposed where the name of the part says that it is one (``education_districts`` of
    ``education``), and no sum has it in it: that staff exceed births is no rule, though it holds.
    """
    sums = list(_sums(paths))
    told = {frozenset(pair) for names in sums for pair in combinations(names[0], 2)}
    ordered = [one for pair, one in _inequalities(paths) if frozenset(pair) not in told]
    return [*(one for _, one in sums), *_products(paths), *ordered]


def _values(path: Paths) -> np.ndarray:
    return (path.printed * path.size[:, None]).ravel()


def _families(paths: Sequence[Paths]) -> Iterator[tuple[list[Paths], np.ndarray, np.ndarray]]:
    """Give the columns that measure the same, their values (K, N), and (K, K) in what share one exceeds no other."""
    for dims in dict.fromkeys(path.dims for path in paths if not path.is_rate):
        alike = [path for path in paths if path.dims == dims and not path.changes_sign]
        if len(alike) < 2:
            continue
        values = np.array([_values(path) for path in alike])
        below = np.zeros((len(alike), len(alike)))
        for a, part in enumerate(values):
            both = (np.isfinite(part) & np.isfinite(values)).sum(axis=1)
            below[a] = np.where(both >= LEAST_ROWS, (part <= values * (1 + 1e-9)).sum(axis=1) / np.maximum(both, 1), 0)
        np.fill_diagonal(below, 0)
        yield alike, values, below


def _sums(paths: Sequence[Paths]) -> Iterator[tuple[tuple[str, ...], Proposal]]:
    for alike, values, below in _families(paths):
        for w, whole in enumerate(alike):
            parts = np.flatnonzero((below[:, w] >= HOLDS) & (below[w] < HOLDS))
            for chosen in _adding(values, w, parts):
                off = np.abs(values[list(chosen)].sum(axis=0) - values[w])
                rows, broken = int(np.isfinite(off).sum()), int((off > NEAR * np.abs(values[w])).sum())
                sides = " + ".join(alike[k].name for k in chosen)
                yield (
                    (whole.name, *(alike[k].name for k in chosen)),
                    Proposal(f"{whole.name} = {sides}", rows, broken),
                )
                break  # the first is the one with fewest parts; what others say follows from it


def _adding(values: np.ndarray, w: int, parts: np.ndarray) -> Iterator[tuple[int, ...]]:
    """Give the sets of parts that add to a whole, those that few rows rule out first."""
    share = np.array([np.nan_to_num(middle(values[k] / np.where(values[w] > 0, values[w], np.nan))) for k in parts])
    parts, share = parts[share > NEAR], share[share > NEAR]
    parts = parts[np.argsort(-share, kind="stable")][:MOST_TRIED]
    probes = np.flatnonzero(np.isfinite(values[w]) & (values[w] > 0))
    probes = probes[:: max(1, len(probes) // 25)]
    for count in range(2, MOST_PARTS + 1):
        for chosen in combinations(parts.tolist(), count):
            near = np.abs(values[np.ix_(chosen, probes)].sum(axis=0) / values[w, probes] - 1)
            if np.isfinite(near).sum() < 10 or middle(near) > NEAR:
                continue
            off = np.abs(values[list(chosen)].sum(axis=0) - values[w]) / np.where(values[w] > 0, values[w], np.nan)
            there = np.isfinite(off)
            if there.sum() >= LEAST_ROWS and (off[there] <= NEAR).mean() >= HOLDS:
                yield chosen


def _inequalities(paths: Sequence[Paths]) -> Iterator[tuple[tuple[str, str], Proposal]]:
    for alike, values, below in _families(paths):
        holds = (below >= HOLDS) & (below.T < HOLDS)
        for a, b in np.argwhere(holds):
            if not _words(alike[b]) < _words(alike[a]) or "per" in _words(alike[a]):
                continue
            both = np.isfinite(values[a]) & np.isfinite(values[b])
            broken = int((values[a, both] > values[b, both] * (1 + NEAR)).sum())
            one, other = alike[a].name, alike[b].name
            yield (one, other), Proposal(f"{other} >= {one}", int(both.sum()), broken)


def _words(path: Paths) -> frozenset[str]:
    return frozenset(path.name.lower().split("_")) - SIZES


def _products(paths: Sequence[Paths]) -> Iterator[Proposal]:
    """Give the columns that are the product of two others, as a total is of its value a head and the heads."""
    measured = [path for path in paths if isinstance(path.dims, tuple) and path.dims and not path.changes_sign]
    for whole in measured:
        for one, other in combinations([path for path in measured if path is not whole], 2):
            if _joined(one.dims, other.dims) != dict(whole.dims):  # type: ignore[call-overload]
                continue
            off = np.abs(one.logs + other.logs - whole.logs).ravel()
            off = off[np.isfinite(off)]
            if len(off) < LEAST_ROWS or np.quantile(off, 0.9) > PRODUCT:
                continue
            tolerance = max(0.05, float(np.ceil(20 * np.expm1(np.quantile(off, 0.95))) / 20))
            rule = f"{whole.name} = {one.name} * {other.name}"
            yield Proposal(rule, len(off), int((np.expm1(off) > tolerance).sum()), tolerance)


def _joined(one: object, other: object) -> dict[str, int]:
    powers: dict[str, int] = {}
    for base, n in (*one, *other):  # type: ignore[misc]
        powers[base] = powers.get(base, 0) + n
    return {base: n for base, n in powers.items() if n}


def sum_proposals(
    paths: Sequence[Paths], groups: np.ndarray, provinces: Sequence[Paths], labels: np.ndarray, names: tuple[str, str]
) -> Iterator[Proposal]:
    """Give the columns of provinces that are, more or less, the sum of a column over the province's units.

    Args:
        paths: the columns of the units.
        groups: (U,) the province of each unit.
        provinces: the columns of the provinces.
        labels: (P,) the province of each.
        names: of the two sources, units first.
    """
    for whole in provinces:
        best: tuple[float, Proposal] | None = None
        for path in paths:
            if path.dims != whole.dims or path.is_rate:
                continue
            away = np.array(list(_away(path, groups, whole, labels)))
            if len(away) < LEAST_ROWS / 2:
                continue
            moves = float(middle(np.abs(away - middle(away))))
            if abs(middle(away)) < SUM_NEAR and moves < SUM_STEADY and (best is None or moves < best[0]):
                rule = f"{names[1]}.{whole.name} = sum({names[0]}.{path.name})"
                tolerance = max(0.1, float(np.ceil(20 * np.expm1(np.quantile(away, 0.95))) / 20))
                best = moves, Proposal(rule, len(away), int((np.expm1(away) > tolerance).sum()), tolerance)
        if best:
            yield best[1]


def _away(path: Paths, groups: np.ndarray, whole: Paths, labels: np.ndarray) -> Iterator[float]:
    """Give the logarithm of a province's sum over its number, of each province and period that has all."""
    for p, label in enumerate(labels):
        inside = groups == label
        for t in np.flatnonzero(np.isin(path.periods, whole.periods)):
            units = path.printed[t, inside] * path.size[t]
            at = int(np.searchsorted(whole.periods, path.periods[t]))
            number = whole.printed[at, p] * whole.size[at]
            if label and np.isfinite(units).sum() >= max(2, 0.9 * inside.sum()) and number > 0 and np.nansum(units) > 0:
                yield float(np.log(np.nansum(units) / number))
