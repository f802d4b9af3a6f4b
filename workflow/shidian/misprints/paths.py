"""The path of each unit through the periods, in powers of ten, without what all units do in a period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FEWEST_UNITS = 5
"""Fewest units of which a period's usual level is taken; of fewer a path is compared with itself alone."""
FEWEST_STEPS = 5
"""Fewest steps of a unit that say what is usual of it."""
USUAL = 1.4826
"""A median absolute deviation times this is the standard deviation of normal values."""


@dataclass(frozen=True)
class Paths:
    """Paths of units.

    Attributes:
        logs: (units, periods) decimal logarithms of the positive values less the period's level, nan for others.
        steps: likewise, the change since the unit's last known period; nan in its first.
        levels: (periods,) level of each period; nan where too few units are known.
        noise: (units,) how far a step usually is from the unit's usual one.
    """

    logs: np.ndarray
    steps: np.ndarray
    levels: np.ndarray
    noise: np.ndarray


def paths_of(values: np.ndarray) -> Paths:
    """Return the paths of the units of a table of values."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(values > 0, np.log10(np.where(values > 0, values, 1)), np.nan)
    levels = _levels(logs)
    logs = logs - np.where(np.isnan(levels), 0, levels)
    steps = steps_of(logs)
    return Paths(logs, steps, levels, _noise(steps))


def steps_of(logs: np.ndarray) -> np.ndarray:
    """Return the change of each value since the last one known of its row; nan in the first."""
    n, periods = logs.shape
    last, steps = np.full(n, np.nan), np.full((n, periods), np.nan)
    for t in range(periods):
        steps[:, t] = logs[:, t] - last
        last = np.where(np.isnan(logs[:, t]), last, logs[:, t])
    return steps


def _levels(logs: np.ndarray) -> np.ndarray:
    """Return the levels of the periods: usual steps between periods, added up, so that it matters not who is there."""
    steps = steps_of(logs)
    levels, level = np.full(logs.shape[1], np.nan), 0.0
    for t in range(logs.shape[1]):
        known = steps[:, t][~np.isnan(steps[:, t])]
        level += float(np.median(known)) if len(known) >= FEWEST_UNITS else 0.0
        if len(known) >= FEWEST_UNITS or (~np.isnan(logs[:, t])).sum() >= FEWEST_UNITS:
            levels[t] = level
    return levels


def _noise(steps: np.ndarray) -> np.ndarray:
    """Return how far steps usually are from the usual one: of a unit; of all units, where it has few; never much less.

    A unit of few steps has no usual one of its own.
    """
    enough = (~np.isnan(steps)).sum(axis=1) >= FEWEST_STEPS
    usual = np.zeros(len(steps))
    usual[enough] = np.nanmedian(steps[enough], axis=1)
    sizes = np.abs(steps - usual[:, None])
    known = sizes[~np.isnan(sizes)]
    everyone = USUAL * float(np.median(known)) if len(known) else 0.0
    noise = np.full(len(steps), everyone)
    noise[enough] = np.maximum(USUAL * np.nanmedian(sizes[enough], axis=1), everyone / 2)
    return noise
