"""Is the relationship U-shaped inside the data? The test of Lind & Mehlum (2010) with Fieller's interval.

Lind, J. T. & Mehlum, H. (2010), "With or without U? The appropriate test for a U-shaped relationship", Oxford
Bulletin of Economics and Statistics 72, 109-118. A significant squared term is not enough: the slope must
have opposite signs, each significant, at the two ends of the data (Sasabuchi 1980).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from shidian.errors import EstimationError
from shidian.messages import say
from shidian.variance import standard_errors, variance_reasons


@dataclass(frozen=True)
class UTest:
    """Result for y = ... + beta x + gamma x^2.

    Attributes:
        shape: ``U`` or ``inverse U``, by the sign of gamma: the alternative hypothesis.
        extremum: turning point -beta / (2 gamma).
        low: lower end of the interval of x.
        high: upper end.
        slope_low: beta + 2 gamma low.
        slope_high: beta + 2 gamma high.
        se_low: its standard error.
        se_high: its standard error.
        t_low: its t statistic.
        t_high: its t statistic.
        p_low: one-sided p of the slope at the lower end against the shape's sign there.
        p_high: the same at the upper end.
        p: p of the test of presence, the larger of the two; nan with ``reason``.
        fieller: confidence interval of the turning point, ends infinite when it is unbounded, nan without errors.
        level: level of that interval.
        reason: why there is no p: the turning point lies outside the interval, or a slope has no standard error.
    """

    shape: str
    extremum: float
    low: float
    high: float
    slope_low: float
    slope_high: float
    se_low: float
    se_high: float
    t_low: float
    t_high: float
    p_low: float
    p_high: float
    p: float
    fieller: tuple[float, float]
    level: float
    reason: str = ""


def u_test(
    beta: float, gamma: float, vcov: np.ndarray, df: float, low: float, high: float, level: float = 0.95
) -> UTest:
    """Test for a U (gamma > 0) or inverse U (gamma < 0) between ``low`` and ``high``.

    Args:
        beta: coefficient of x.
        gamma: coefficient of x squared.
        vcov: (2, 2) covariance of the two; nan where one of them has no standard error.
        df: degrees of freedom of the t distribution, inf for the normal.
        low: lower end of the interval, usually the smallest x in the sample.
        high: upper end.
        level: level of Fieller's interval of the turning point.

    Raises:
        EstimationError: an empty interval, or a squared term of exactly zero.
    """
    if not low < high:
        raise EstimationError(say("the interval of the U-test is empty: [{low:g}, {high:g}]", low=low, high=high))
    if gamma == 0 or not np.isfinite([beta, gamma]).all():
        raise EstimationError(say("the squared term was not estimated: there is no turning point"))
    sign = 1.0 if gamma > 0 else -1.0
    slopes = np.array([beta + 2 * gamma * x for x in (low, high)])
    variances = np.array([vcov[0, 0] + 4 * x * vcov[0, 1] + 4 * x * x * vcov[1, 1] for x in (low, high)])
    lacking = variance_reasons(slopes, variances)
    errors = standard_errors(variances, lacking)
    t = slopes / errors
    dist = stats.norm if np.isinf(df) else stats.t(df)
    p_low, p_high = float(dist.sf(-sign * t[0])), float(dist.sf(sign * t[1]))
    extremum = -beta / (2 * gamma)
    reason = next((say("a slope at the ends has {why}", why=why) for why in lacking if why), "")
    if not low < extremum < high:
        reason = say(
            "the turning point {point:.4g} lies outside the data [{low:.4g}, {high:.4g}]: no U to test",
            point=extremum, low=low, high=high,
        )  # fmt: skip
    return UTest(
        shape="U" if gamma > 0 else "inverse U", extremum=extremum, low=low, high=high,
        slope_low=float(slopes[0]), slope_high=float(slopes[1]), se_low=float(errors[0]), se_high=float(errors[1]),
        t_low=float(t[0]), t_high=float(t[1]),
        p_low=p_low, p_high=p_high, p=float("nan") if reason else max(p_low, p_high),
        fieller=fieller_interval(beta, gamma, vcov, float(dist.ppf(0.5 + level / 2))),
        level=level, reason=reason,
    )  # fmt: skip


def fieller_interval(beta: float, gamma: float, vcov: np.ndarray, critical: float) -> tuple[float, float]:
    """Return the turning points at which the slope beta + 2 gamma x is not significantly different from zero.

    Fieller (1954). The set is bounded when gamma is significant; otherwise it is unbounded and (-inf, inf) is
    returned, also where a middle part of the line is excluded. Without a covariance there is none, (nan, nan).
    """
    if not np.isfinite(vcov).all():
        return (np.nan, np.nan)
    t2 = critical**2
    a = 4 * (gamma**2 - t2 * vcov[1, 1])
    b = 4 * (beta * gamma - t2 * vcov[0, 1])
    c = beta**2 - t2 * vcov[0, 0]
    root = b * b - 4 * a * c
    if a <= 0 or root < 0:
        return (-np.inf, np.inf)
    ends = sorted([(-b - np.sqrt(root)) / (2 * a), (-b + np.sqrt(root)) / (2 * a)])
    return (float(ends[0]), float(ends[1]))
