"""Spread of a variable over units, and whether it has changed between two years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shidian.errors import EstimationError
from shidian.messages import say


@dataclass(frozen=True)
class SpreadTest:
    """Test of equal variance of one variable in two years.

    Attributes:
        ratio: variance in the first year over that in the last, above one where the spread has fallen.
        chi2: likelihood ratio statistic, one degree of freedom.
        p: two-sided.
        n: units with a value in both years.
    """

    ratio: float
    chi2: float
    p: float
    n: int


def sd_log(values: np.ndarray) -> float:
    """Return the standard deviation of the logarithm, N in the denominator (Barro and Sala-i-Martin 1992)."""
    return float(np.std(np.log(values)))


def variation(values: np.ndarray) -> float:
    """Return the coefficient of variation, N in the denominator."""
    return float(np.std(values) / np.mean(values))


def equal_spread(first: np.ndarray, last: np.ndarray) -> SpreadTest:
    """Test that a variable varies as much in the last year as in the first, over the same units.

    T2 of Carree and Klomp (1997), "Testing the convergence hypothesis: a comment", Review of Economics and Statistics
    79, 683-686: (N - 2.5) ln[1 + (s1 - sT)^2 / (4 (s1 sT - c^2))] with the variances s1, sT and the covariance c; the
    likelihood ratio of Pitman and Morgan (1939), -ln(1 - r^2) with r the correlation of sums and differences.

    Args:
        first: (n,) values of the first year; of logarithms where logarithms are meant.
        last: (n,) values of the same units in the last year.

    Raises:
        EstimationError: fewer than four units, a year without variation, one year a linear function of the other.
    """
    if len(first) < 4:
        raise EstimationError(
            say("the test needs four units or more with a value in both years, there are {n}", n=len(first))
        )
    s1, st, c = np.var(first, ddof=1), np.var(last, ddof=1), np.cov(first, last)[0, 1]
    rest = s1 * st - c**2
    if not rest > 1e-12 * s1 * st:
        raise EstimationError(say("the values of one year are a linear function of those of the other, or do not vary"))
    from scipy import stats

    chi2 = (len(first) - 2.5) * float(np.log1p((s1 - st) ** 2 / (4 * rest)))
    return SpreadTest(float(s1 / st), chi2, float(stats.chi2.sf(chi2, 1)), len(first))
