"""What a test of pre-trends can see, and what is left when it saw nothing (Roth 2022).

The test passes where no coefficient before adoption is significant by itself. Of a linear violation of parallel trends:
the probability that the test finds it, and what the coefficients are expected to be where it passes all the same.
Follows Roth (2022), American Economic Review: Insights 4(3), 305-322, and its program pretrends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import multivariate_normal, norm

from shidian.did.event_coefficients import EventCoefficients
from shidian.errors import EstimationError
from shidian.messages import say

THRESHOLD = 1.96
"""Absolute t value from which on a coefficient is significant, as in pretrends."""
SEED, POINTS = 1, 200_000
"""Of the quasi-random points that probabilities of several dimensions are found by."""
LARGEST_SLOPE = 1e4
"""Slopes are sought up to this many standard errors a period."""


@dataclass(frozen=True)
class Passing:
    """A violation of parallel trends and the test of pre-trends.

    Attributes:
        power: probability that the test finds it.
        bayes_factor: probability that the test passes, over that under parallel trends.
        likelihood_ratio: density of the coefficients found before adoption, over that under parallel trends.
        before: (P,) expected coefficients before adoption where the test passes.
        after: (Q,) those after it: what would be taken for an effect.
    """

    power: float
    bayes_factor: float
    likelihood_ratio: float
    before: np.ndarray
    after: np.ndarray


def pass_probability(mean: np.ndarray, cov: np.ndarray) -> float:
    """Return the probability that normal coefficients of this mean (P,) and covariance are all insignificant."""
    return _box(mean, cov, THRESHOLD * np.sqrt(np.diag(cov)))


def slope_of_power(cov: np.ndarray, times: np.ndarray, power: float) -> float:
    """Return the slope of a linear trend that the test finds with a probability.

    Args:
        cov: (P, P) covariance of the coefficients before adoption.
        times: (P,) their periods from the reference period, negative.
        power: the probability.

    Raises:
        EstimationError: parallel trends themselves are rejected as often.
    """

    def missed(slope: float) -> float:
        return 1 - pass_probability(slope * times, cov) - power

    if missed(0.0) >= 0:
        raise EstimationError(
            say(
                "the test rejects parallel trends that hold with a probability of {size:.3f}, and a power of {power:g} "
                "is asked for: ask for more",
                size=1 - pass_probability(0 * times, cov), power=power,
            )
        )  # fmt: skip
    step = float((np.sqrt(np.diag(cov)) / np.abs(times)).min())
    high = step
    while missed(high) < 0 and high < LARGEST_SLOPE * step:
        high *= 2
    return float(brentq(missed, 0.0, high, xtol=1e-12 * high, rtol=1e-10))


def passing(event: EventCoefficients, violation: np.ndarray) -> Passing:
    """Return power against a violation, and what is expected where the test passes.

    Args:
        event: the event study.
        violation: (P + Q,) the difference in trends at its periods before and after adoption.
    """
    P = len(event.pre)
    cov, mean = event.vcov[:P, :P], violation[:P]
    found, none = pass_probability(mean, cov), pass_probability(0 * mean, cov)
    density = [multivariate_normal.logpdf(event.pre, m, cov, allow_singular=True) for m in (mean, 0 * mean)]
    before = truncated_mean(mean, cov, THRESHOLD * np.sqrt(np.diag(cov)))
    after = violation[P:] + event.vcov[P:, :P] @ np.linalg.solve(cov, before - mean)
    return Passing(1 - found, found / none, float(np.exp(density[0] - density[1])), before, after)


def truncated_mean(mean: np.ndarray, cov: np.ndarray, bound: np.ndarray) -> np.ndarray:
    """Return the (P,) mean of normal variables given that each lies between ``-bound`` and ``bound``.

    Manjunath and Wilhelm (2021), Journal of Behavioral Data Science 1(1), eq. 16.
    """
    inside = _box(mean, cov, bound)
    ends = np.array([[_density(mean, cov, bound, j, x) for x in (-bound[j], bound[j])] for j in range(len(mean))])
    return np.asarray(mean + cov @ (ends[:, 0] - ends[:, 1]) / inside)


def _density(mean: np.ndarray, cov: np.ndarray, bound: np.ndarray, j: int, x: float) -> float:
    """Return the density of variable j at x, times the probability that the others then lie inside."""
    rest = np.arange(len(mean)) != j
    slope = cov[rest, j] / cov[j, j]
    left = cov[np.ix_(rest, rest)] - np.outer(slope, cov[j, rest])
    own = float(norm.pdf(x, mean[j], np.sqrt(cov[j, j])))
    return own * _box(mean[rest] + slope * (x - mean[j]), left, bound[rest]) if rest.any() else own


def _box(mean: np.ndarray, cov: np.ndarray, bound: np.ndarray) -> float:
    """Return the probability of all variables between ``-bound`` and ``bound``."""
    scale = np.sqrt(np.diag(cov))
    if len(mean) == 1:
        return float(norm.cdf((bound[0] - mean[0]) / scale[0]) - norm.cdf((-bound[0] - mean[0]) / scale[0]))
    law = multivariate_normal(
        mean / scale, cov / np.outer(scale, scale), allow_singular=True, maxpts=POINTS * len(mean),
        abseps=1e-9, releps=1e-9,
    )  # fmt: skip
    law.random_state = np.random.default_rng(SEED)
    return float(law.cdf(bound / scale, lower_limit=-bound / scale))
