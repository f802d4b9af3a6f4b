"""Zeroes and minus signs in series that are positive otherwise."""

from __future__ import annotations

import numpy as np

from shidian.messages import say
from shidian.misprints.table import NEGATIVE, ZERO, Slip, Table, decimals

FEWEST = 4
"""Fewest positive values of a unit beside one that is none."""
FAR, NEAR, BESIDE = 20, 0.2, 2
"""How many times the last printed digit a unit's values are at least, and what part of their median the values beside
are at least, so many on each side, so that they do not reach zero by themselves."""
RARE = 0.01
"""Largest share of the values of a series that are a slip of a kind."""


def sign_slips(table: Table) -> list[Slip]:
    """Return zeroes and negative values of units whose other values are positive and far from zero.

    Where most units of a period are so, it is one finding; a series in which it is not rare has none.
    """
    return [*_of_kind(table, table.values == 0, ZERO), *_of_kind(table, table.values < 0, NEGATIVE)]


def _of_kind(table: Table, wrong: np.ndarray, kind: str) -> list[Slip]:
    values = table.values
    known = ~np.isnan(values)
    counts = (values > 0).sum(axis=1)
    found = wrong & ((counts >= FEWEST) & (2 * wrong.sum(axis=1) <= counts))[:, None]
    last_digit = 10.0 ** -decimals(values) if found.any() else 1.0
    for i in np.flatnonzero(found.any(axis=1)).tolist():
        found[i] &= _is_far(values[i], last_digit)
    whole = [t for t in range(values.shape[1]) if found[:, t].sum() >= max(FEWEST, 0.5 * known[:, t].sum())]
    slips = [
        Slip(kind, table.series, tuple((int(i), t) for i in np.flatnonzero(found[:, t])), _why_all(kind, found[:, t]))
        for t in whole
    ]
    wrong, found = np.delete(wrong, whole, axis=1), np.delete(found, whole, axis=1)
    if wrong.sum() > max(1, RARE * known.sum()):
        return slips
    periods = [t for t in range(values.shape[1]) if t not in whole]
    for i, t in zip(*np.nonzero(found), strict=True):
        n = int(counts[i])
        why = (
            say("zero, and {n} other values of the unit are positive", n=n)
            if kind == ZERO
            else say("negative, and {n} other values of the unit are positive", n=n)
        )
        slips.append(Slip(kind, table.series, ((int(i), periods[t]),), why))
    return slips


def _why_all(kind: str, units: np.ndarray) -> str:
    n = int(units.sum())
    return (
        say("{n} units are zero in this period alone", n=n)
        if kind == ZERO
        else say("{n} units are negative in this period alone", n=n)
    )


def _is_far(row: np.ndarray, last_digit: float) -> np.ndarray:
    """Say for each period of a unit whether the positive values beside it are far from zero."""
    places = np.flatnonzero(row > 0)
    least, usual = row[places].min(), np.median(row[places])
    after = np.searchsorted(places, np.arange(len(row)))
    beside = [row[places[max(0, k - BESIDE) : k + BESIDE]].min() for k in after.tolist()]
    return (least >= FAR * last_digit) & (np.array(beside) >= NEAR * usual)
