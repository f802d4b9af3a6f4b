"""Columns of one volume that hold what another column holds in the volumes beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from shidian.messages import say
from shidian.slips.finding import Finding, Mend
from shidian.slips.paths import Paths, middle
from shidian.slips.repeated import equal_shares

BETTER, UNLIKE = 0.4, 3.0
"""Largest distance from another column's past, as a share of the own; least own distance, in multiples of the usual."""
PROBES, EQUAL = 12, 0.5
"""Units that candidates of equal columns are found by, and the share of equal numbers that makes columns equal."""


def columns_mistaken(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find columns that are exchanged in one volume, or hold another column's numbers."""
    if not paths:
        return
    last = len(paths[0].periods) - 1
    held = [{a: b for a in range(len(paths)) if (b := _held(paths, a, t)) is not None} for t in range(last + 1)]
    for t, here in enumerate(held):
        # at an end nothing but the volume beside it tells, which may be the wrong one
        beside = held[1] if t == 0 < last else held[t - 1] if t == last > 0 else {}
        alone = here if last < 2 else {a: b for a, b in here.items() if beside.get(a) != b}
        yield from _told(paths, t, alone)


def _held(paths: Sequence[Paths], a: int, t: int) -> int | None:
    """Return the column whose past fits the numbers of a column best, None where its own does."""
    path = paths[a]
    if not _is_unlike(path, t):
        return None
    best, at = BETTER * path.unlike[t], None
    logs = path.logs[t] - np.log(path.size[t])
    for b, other in enumerate(paths):
        if b == a:
            continue
        away = np.abs(logs + np.log(other.size[t]) - other.beside[t])
        limit = min(best, UNLIKE * other.usual + 0.02)
        if np.isfinite(away).sum() >= path.least and (distance := float(middle(away))) < limit:
            best, at = distance, b
    return at


def columns_exchanged(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find columns that are exchanged from one volume on: each goes on, for good, where the other was."""
    told: set[tuple[int, int]] = set()
    for t in range(2, len(paths[0].periods) - 1 if paths else 0):
        broken = [a for a, path in enumerate(paths) if _step(path, path, t) > max(UNLIKE * path.jump, path.jump + 0.1)]
        for a, b in combinations(broken, 2):
            one, other = paths[a], paths[b]
            crossed = max(_step(one, other, t) / _step(one, one, t), _step(other, one, t) / _step(other, other, t))
            taken_back = max(_step(one, one, t - 1), _step(one, one, t + 1)) > BETTER * _step(one, one, t)
            if not crossed < BETTER or taken_back or (a, b) in told:
                continue
            told.add((a, b))
            said = say("{one} and {other} are exchanged from this period on", one=one.name, other=other.name)
            yield Finding("columns swapped", "stop", (one.name, other.name), int(one.periods[t]), said, (), 2.0)


def _step(path: Paths, past: Paths, t: int) -> float:
    """Return the median distance of a column from what another (or it) was before, nan where few units have both."""
    now = path.logs[t] - np.log(path.size[t]) + np.log(past.size[t])
    away = np.abs(now - past.logs[t - 1] - past.growth)
    return float(middle(away)) if np.isfinite(away).sum() >= path.least else np.nan


def _is_unlike(path: Paths, t: int) -> bool:
    """Say whether a column is farther than usual from what the volumes beside it let expect."""
    return bool(path.unlike[t] > max(UNLIKE * path.usual, path.usual + 0.1))


def _told(paths: Sequence[Paths], t: int, held: Mapping[int, int]) -> Iterator[Finding]:
    """Tell which columns are exchanged and which hold another's numbers."""
    period = int(paths[0].periods[t])
    for a, b in held.items():
        one, other = paths[a].name, paths[b].name
        if held.get(b) == a:
            if a < b:
                said = say("{one} and {other} are exchanged: each goes on in the other", one=one, other=other)
                mends = (Mend((one, other), period),)
                yield Finding("columns swapped", "stop", (one, other), period, said, (), 2.0, mends)
        else:
            said = say("{one} holds what {other} holds in the periods beside it", one=one, other=other)
            yield Finding("column mistaken", "stop", (one, other), period, said, (), 1.0)


def columns_repeated(paths: Sequence[Paths]) -> Iterator[Finding]:
    """Find columns that are, number by number, another column of the same volume, and are not so in other volumes."""
    if not paths:
        return
    printed = np.array([path.printed for path in paths])
    probes = np.linspace(0, printed.shape[2] - 1, min(PROBES, printed.shape[2])).astype(int)
    for t in range(printed.shape[1]):
        for a, b in sorted(_candidates(printed[:, t][:, probes])):
            equal = equal_shares(printed[a], printed[b])
            others = np.delete(equal, t)
            if not _is_unlike(paths[a], t) and not _is_unlike(paths[b], t):
                continue  # as nominal and real values in the year of the prices
            if equal[t] >= EQUAL and not (np.nan_to_num(others) >= EQUAL / 2).any() and np.isfinite(others).any():
                one, other = paths[a].name, paths[b].name
                said = say(
                    "{one} and {other} are equal in {share:.0%} of the units, and in no other period",
                    one=one, other=other, share=float(equal[t]),
                )  # fmt: skip
                period = int(paths[a].periods[t])
                yield Finding("column repeated", "stop", (one, other), period, said, (), float(equal[t]))


def _candidates(probed: np.ndarray) -> set[tuple[int, int]]:
    """Return the pairs of columns that have one number of the probed units in common, zeros apart."""
    found: set[tuple[int, int]] = set()
    for values in probed.T:
        there = np.flatnonzero(np.isfinite(values) & (values != 0))
        order = there[np.argsort(values[there], kind="stable")]
        for start in np.flatnonzero(np.diff(values[order]) == 0):
            found.add((min(order[start], order[start + 1]), max(order[start], order[start + 1])))
    return {(int(a), int(b)) for a, b in found}
