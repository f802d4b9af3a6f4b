"""Values that fit the periods beside them once two neighbouring digits are swapped."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from shidian.messages import say
from shidian.misprints.paths import paths_of
from shidian.misprints.table import DIGITS, Slip, Table

CALMEST = 0.05
"""Largest usual step of a unit, in powers of ten, at which a digit can be told from growth."""
LEAST = 0.06
"""Least size of a spike, in powers of ten: 15 per cent."""
CLEAR = 8.0
"""How many times the usual size of a step the spike is at least."""
LEAST_NOISE = 0.004
"""Usual size of a step that every unit has at least: 1 per cent."""
LONGEST = 9
"""Most digits that a typist prints; numbers with more were computed."""
FITS, FITS_AT_MOST = 2.5, 0.03
"""How many times the usual size of a step the swapped value is at most from what the periods beside it say, and how far
in powers of ten."""
AGREE = 4.0
"""How many times the usual size of a step the periods beside it are at most apart."""


def digit_slips(table: Table) -> list[Slip]:
    """Return values that leave their unit's path for one period and are on it with two neighbouring digits swapped."""
    paths = paths_of(table.values)
    noise = np.maximum(paths.noise, LEAST_NOISE)
    least = np.maximum(LEAST, CLEAR * noise)
    leaves = (np.abs(np.nan_to_num(paths.steps)) >= least[:, None]).sum(axis=1) >= 2
    chosen = np.flatnonzero(leaves & (noise <= CALMEST)).tolist()
    return [slip for i in chosen for slip in _of_unit(table, paths.logs[i], i, float(noise[i]), float(least[i]))]


def _of_unit(table: Table, logs: np.ndarray, unit: int, noise: float, least: float) -> Iterator[Slip]:
    """Give the slips of a unit: values whose neighbours agree with each other, and not with them."""
    known = np.flatnonzero(~np.isnan(logs))
    path = logs[known]
    spikes = path[1:-1] - (path[:-2] + path[2:]) / 2
    calm = np.abs(path[2:] - path[:-2]) <= AGREE * noise
    for j in np.flatnonzero(calm & (np.abs(spikes) >= least)).tolist():
        t, spike = int(known[j + 1]), float(spikes[j])
        value = float(table.values[unit, t])
        fits = [(abs(np.log10(v / value) + spike), v) for v in swapped(value)]
        if fits and min(fits)[0] <= min(FITS * noise, FITS_AT_MOST):
            yield Slip(DIGITS, table.series, ((unit, t),), say(
                "the periods beside it say about {expected}, and two digits swapped give {swapped}",
                expected=f"{value / 10**spike:.4g}", swapped=f"{min(fits)[1]:.12g}",
            ))  # fmt: skip


def swapped(value: float) -> Iterator[float]:
    """Give the positive numbers that are a number's with two neighbouring digits swapped.

    >>> list(swapped(152.0))
    [512.0, 125.0]
    """
    text = f"{value:.15g}"
    if "e" in text:
        return
    places = [i for i, letter in enumerate(text) if letter.isdigit()]
    if len(places) > LONGEST:
        return
    for one, other in pairwise(places):
        if text[one] != text[other]:
            letters = list(text)
            letters[one], letters[other] = letters[other], letters[one]
            if (number := float("".join(letters))) > 0:
                yield number
