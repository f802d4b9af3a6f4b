"""Which variances are a standard error: the one rule that stands before every printed error, star and interval.

A variance that is not a finite number, is negative (as two-way clustered and Conley sums of squares can be), zero, or
what rounding leaves of zero gives no standard error. The estimate is kept; error, statistic, p and interval are not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shidian.messages import say

ROUNDING = 1e-10
"""A standard error below this share of its estimate is what rounding leaves of zero."""
NOTHING_LEFT = 1e-9
"""A standard error below this share of the one that the outcome's own spread would give is that of a perfect fit."""
NO_ERROR = "no standard error: "
"""How each reason here begins (in English, as estimates hold it)."""


ROUNDED = say("no standard error: {why}", why=say("its variance is zero but for rounding error"))


def variance_reasons(estimates: np.ndarray, variances: np.ndarray, floor: np.ndarray | None = None) -> tuple[str, ...]:
    """Return why each of k variances gives no standard error, "" where it gives one.

    Args:
        estimates: (k,) estimates; one that is missing has no reason here.
        variances: (k,) their variances.
        floor: (k,) standard errors at or below which nothing but rounding error is left; None where the estimates
            alone tell.
    """
    least = ROUNDING * np.abs(estimates)
    if floor is not None:
        least = np.maximum(least, floor)
    return tuple(
        _reason(float(v), float(low)) if np.isfinite(b) else ""
        for b, v, low in zip(estimates, variances, least, strict=True)
    )


def _reason(variance: float, least: float) -> str:
    if not np.isfinite(variance):
        return say("no standard error: {why}", why=say("its variance is not a finite number"))
    if abs(variance) <= least * least:
        return ROUNDED
    if variance > 0:
        return ""
    return say("no standard error: {why}", why=say("its variance is negative ({variance:.3g})", variance=variance))


def least_error(outcome: np.ndarray) -> float:
    """Return the standard error that means a perfect fit, of a mean of the (n,) ``outcome`` or of differences in it."""
    return NOTHING_LEFT * float(np.std(outcome)) / float(np.sqrt(len(outcome)))


def standard_errors(variances: np.ndarray, reasons: Sequence[str]) -> np.ndarray:
    """Return the (k,) roots of the variances, nan where there is a reason against it."""
    usable = np.array([not reason for reason in reasons]) & (np.asarray(variances) >= 0)
    return np.sqrt(np.where(usable, variances, np.nan))


def roots(variances: np.ndarray | float) -> np.ndarray:
    """Return the square roots of variances, nan of a negative one: whether they are errors is judged before a print."""
    return np.sqrt(np.where(np.asarray(variances) >= 0, variances, np.nan))


def usable_error(estimate: float, variance: float, floor: float = 0.0) -> float:
    """Return the standard error of one estimate, nan where its variance gives none."""
    reason = variance_reasons(np.array([estimate]), np.array([variance]), np.array([floor]))
    return float(standard_errors(np.array([variance]), reason)[0])
