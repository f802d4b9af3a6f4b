"""Values that are a power of ten too large or too small: of one unit in some periods, or of all units from one on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from shidian.messages import say
from shidian.misprints.paths import FEWEST_UNITS, Paths, paths_of
from shidian.misprints.table import FACTOR, SHIFT, Slip, Table, decimals, times

LEAST, MOST = 0.08, 0.35
"""How near to a power of ten a step must be, in powers of ten: growth since the last period is in it too."""
CALM = 8.0
"""How many times its usual size a step is at least."""
CALM_PAIR, PAIR = 15.0, 0.1
"""The same of a unit of two periods, which has no path; how near its step must be then."""
CALM_SHIFT = 0.03
"""Largest usual step of a unit at which a lasting change of its level is no growth."""
LARGEST = 6
"""Largest power of ten that is a slip."""
FAR = 20
"""How many times the last printed digit the larger of a value and what it should be is at least: counts of 1 and 10
are no slips."""
SHORT = 2
"""Most periods at an end that are slips of their own; more are all values from a period on, or up to one."""


def factor_slips(table: Table) -> list[Slip]:
    """Return values that are a power of ten off their unit's other periods, others of the period being as usual.

    A unit of two periods has one finding that names both: which of them is wrong, it cannot say. What all units do is
    one finding.
    """
    paths = paths_of(table.values)
    large = (np.abs(np.nan_to_num(paths.steps)) >= 1 - MOST).any(axis=1)
    found = [slip for i in np.flatnonzero(large).tolist() for slip in _of_unit(table, paths, i)]
    if _is_wild(paths, len({i for slip in found for i, _ in slip.cells})):
        found = []
    return [*_of_all(table, paths), *found]


def powers_of(steps: np.ndarray, noise: float, *, calm: float = CALM, most: float = MOST) -> np.ndarray:
    """Return the power of ten that each step of a path is, 0 where it is none.

    Args:
        steps: the path's steps, in powers of ten.
        noise: their usual size.
        calm: how many times the usual size the power is at least.
        most: how far from it a step may be at most.
    """
    known = np.nan_to_num(steps)
    powers = np.clip(np.round(known), -LARGEST - 1, LARGEST + 1)
    near = np.abs(known - powers) <= np.clip(3 * noise, LEAST, most)
    return np.where(near & (np.abs(powers) >= calm * noise) & (np.abs(powers) <= LARGEST), powers, 0).astype(int)


def _of_unit(table: Table, paths: Paths, unit: int) -> Iterator[Slip]:
    known, noise = np.flatnonzero(~np.isnan(paths.logs[unit])), float(paths.noise[unit])
    rule = {"calm": CALM_PAIR, "most": PAIR} if len(known) == 2 else {}
    powers = powers_of(paths.steps[unit], noise, **rule)[known]
    if not powers.any():
        return
    size, usual = np.cumsum(powers), _commonest(np.cumsum(powers))
    for first, last in _runs(size != usual, size):
        periods, power = known[first : last + 1], int(size[first] - usual)
        cells = tuple((unit, int(t)) for t in periods)
        at_end = first == 0 or last == len(known) - 1
        if table.values[unit, known[first]] * max(1.0, 10.0**-power) < FAR * 10.0 ** -decimals(table.values):
            continue
        if len(known) == 2:
            yield Slip(FACTOR, table.series, cells, say(
                "{times} that of {period}: one of the two is wrong",
                times=times(power), period=table.periods[known[1 - first]],
            ))  # fmt: skip
        elif at_end and len(periods) > SHORT:
            if noise <= CALM_SHIFT:
                yield Slip(SHIFT, table.series, cells, _from_on(power, first == 0, _names(table, periods)))
        else:
            why = say("{times} what the unit's other periods say, other units being as usual", times=times(power))
            yield Slip(FACTOR, table.series, cells, why)


def _of_all(table: Table, paths: Paths) -> Iterator[Slip]:
    """Return the powers of ten in the levels of the periods."""
    known = np.flatnonzero(~np.isnan(paths.levels))
    if len(known) < 2:
        return
    steps = np.diff(paths.levels[known], prepend=paths.levels[known[0]])
    powers = powers_of(steps, min(float(np.median(np.abs(steps[1:]))), 0.1))
    size, usual = np.cumsum(powers), _commonest(np.cumsum(powers))
    for first, last in _runs(size != usual, size):
        periods, power = known[first : last + 1], int(size[first] - usual)
        cells = tuple((int(i), int(t)) for t in periods for i in np.flatnonzero(~np.isnan(paths.logs[:, t])))
        names = _names(table, periods)
        yield Slip(SHIFT, table.series, cells, say(
            "all {n} units: {times} what other periods say, in {periods}: another unit of measure?",
            n=len({i for i, _ in cells}), times=times(power), periods=_span(names),
        ))  # fmt: skip


def _is_wild(paths: Paths, units: int) -> bool:
    """Say whether large steps of a series are anything, powers of ten no more than others, so that none is a slip."""
    large = np.abs(paths.steps[np.abs(np.nan_to_num(paths.steps)) > 0.5])
    near = np.abs(large - np.round(large)) <= LEAST
    return units >= FEWEST_UNITS and len(large) > 0 and float(near.mean()) < 0.5


def _commonest(values: np.ndarray) -> int:
    found, counts = np.unique(values, return_counts=True)
    most = found[counts == counts.max()]
    return int(next(v for v in values if v in most))


def _runs(flags: np.ndarray, values: np.ndarray) -> Iterator[tuple[int, int]]:
    """Give the first and last position of each run of true flags with one value."""
    start: int | None = None
    for i, flag in enumerate(flags):
        if start is not None and (not flag or values[i] != values[start]):
            yield start, i - 1
            start = None
        if flag and start is None:
            start = i
    if start is not None:
        yield start, len(flags) - 1


def _names(table: Table, periods: np.ndarray) -> list[str]:
    return [table.periods[t] for t in periods]


def _from_on(power: int, is_first: bool, periods: list[str]) -> str:
    if is_first:
        return say("all values up to {period}: {times} those after it", period=periods[-1], times=times(power))
    return say("all values from {period} on: {times} those before it", period=periods[0], times=times(power))


def _span(periods: list[str]) -> str:
    return periods[0] if len(periods) == 1 else f"{periods[0]}-{periods[-1]}"
