"""What a distribution of placebo draws says: moments, quantiles, randomisation p-values."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from shidian.messages import say
from shidian.placebo.fisher import fisher_p

QUANTILES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99)
LEVELS = (0.1, 0.05, 0.01)


class Line(NamedTuple):
    """One number of the distribution: its key, its label, the number, its Monte-Carlo standard error (or nan)."""

    key: str
    label: str
    number: float
    error: float


def describe(draws: np.ndarray, observed: float) -> list[Line]:
    """Return the numbers of (B,) draws of a coefficient or a t statistic; missing draws are left out.

    Raises:
        EstimationError: no draw gave a number, or the observed estimate is missing.
    """
    fisher = fisher_p(draws, observed)
    valid = draws[~np.isnan(draws)]
    n, nan = len(valid), float("nan")
    sd = float(valid.std(ddof=1)) if n > 1 else nan
    return [
        Line("observed", say("Observed estimate"), observed, nan),
        Line("mean", say("Mean of draws"), float(valid.mean()), sd / np.sqrt(n)),
        Line("sd", say("Standard deviation of draws"), sd, nan),
        Line("min", say("Minimum"), float(valid.min()), nan),
        *(
            Line(f"q{100 * q:g}", say("{q:g}% quantile", q=100 * q), float(np.quantile(valid, q)), nan)
            for q in QUANTILES
        ),
        Line("max", say("Maximum"), float(valid.max()), nan),
        Line("p_two_sided", say("Randomisation p, two-sided"), fisher.two_sided, fisher.error(fisher.two_sided)),
        Line("p_left", say("Randomisation p, left tail"), fisher.left, fisher.error(fisher.left)),
        Line("p_right", say("Randomisation p, right tail"), fisher.right, fisher.error(fisher.right)),
    ]


def significant_shares(p: np.ndarray) -> list[Line]:
    """Return the share of (B,) draws whose own p-value is below each usual level: near the level if all is well."""
    valid = p[~np.isnan(p)]
    lines = []
    for level in LEVELS:
        share = float(np.mean(valid < level))
        error = float(np.sqrt(share * (1 - share) / len(valid)))
        lines.append(
            Line(f"share_{100 * level:g}", say("Share of draws with p < {level:g}", level=level), share, error)
        )
    return lines


def off_centre(draws: np.ndarray) -> str:
    """Return a warning when the mean of (B,) draws is more than four Monte-Carlo standard errors from zero."""
    valid = draws[~np.isnan(draws)]
    if len(valid) < 30:
        return ""
    mean, error = float(valid.mean()), float(valid.std(ddof=1) / np.sqrt(len(valid)))
    if abs(mean) <= 4 * error:
        return ""
    return say(
        "is not centred at zero: mean {mean:.4g}, Monte-Carlo standard error {error:.2g}", mean=mean, error=error
    )
