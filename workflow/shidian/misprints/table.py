"""What slips are looked for in, and what is found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shidian.messages import say

FACTOR, SHIFT, ZERO, NEGATIVE, DIGITS, REPEATED = KINDS = (
    "factor", "shift", "zero", "negative", "digits", "repeated",
)  # fmt: skip
"""A power of ten too large or small; all values from a period on; zero or a minus among positive values; two digits
swapped; numbers that stand a second time where others should."""


@dataclass(frozen=True)
class Table:
    """The values of one series.

    Attributes:
        series: its name.
        measure: its unit of measure.
        units: names of the units, in the order in which they are printed.
        periods: names of the periods, in their order.
        values: (units, periods), nan where there is none.
    """

    series: str
    measure: str
    units: tuple[str, ...]
    periods: tuple[str, ...]
    values: np.ndarray


@dataclass(frozen=True)
class Slip:
    """One finding: its kind, series, cells as (unit, period) positions in the table, the first to look at, and why."""

    kind: str
    series: str
    cells: tuple[tuple[int, int], ...]
    why: str


def times(power: int) -> str:
    """Return how a factor of ten is said: "100 times", "1/100 of"."""
    factor = f"{10 ** abs(power):,}"
    return say("{factor} times", factor=factor) if power > 0 else say("1/{factor} of", factor=factor)


def is_rounded(values: np.ndarray) -> np.ndarray:
    """Say which values have fewer than three significant digits, as values that are equal by chance do; nan is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.abs(values)
        tens = size / 10.0 ** np.floor(np.log10(size)) * 10
    return ~(np.abs(tens - np.round(tens)) > 1e-9)


def decimals(values: np.ndarray, most: int = 6) -> int:
    """Return how many decimal places all values have at most; files of Stata hold numbers of seven digits."""
    known = values[np.isfinite(values)]
    for places in range(most):
        if (np.abs(known - np.round(known, places)) <= 1e-7 * np.maximum(np.abs(known), 1)).all():
            return places
    return most
