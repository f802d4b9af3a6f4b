"""Mediation: the paths, the indirect effect, and the cluster bootstrap's interval."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from shidian.mediation.two_step import mediate

from tests.monte_carlo.gates import Estimate, Experiment, Finding, Interval
from tests.monte_carlo.panels import BY_UNIT, ar1, frame, two_way

UNITS, YEARS, RHO, DRAWS = 80, 8, 0.4, 399
DELTA, THETA, PHI = 0.8, 0.5, 0.6


def draw(seed: int) -> Iterator[Finding]:
    """Yield paths, indirect effect with Sobel's error, and the percentile intervals of effect and share."""
    rng = np.random.default_rng(seed)
    start = np.array([3.0, 5.0, np.inf, np.inf])[np.arange(UNITS) % 4][:, None]
    d = (np.arange(YEARS)[None, :] >= start).astype(float)
    c = ar1(rng, UNITS, YEARS, RHO)
    m = DELTA * d + 0.3 * c + two_way(rng, UNITS, YEARS) + ar1(rng, UNITS, YEARS, RHO)
    y = PHI * d + THETA * m + 0.3 * c + two_way(rng, UNITS, YEARS) + ar1(rng, UNITS, YEARS, RHO)
    found = mediate(
        frame(y=y, d=d, m=m, c=c), "y", "d", "m", ["c"], ["unit", "year"], vcov=BY_UNIT, replications=DRAWS, seed=seed
    )
    paths = (
        (found.mediator_fit, "d", DELTA, "policy on mediator"),
        (found.direct, "m", THETA, "mediator on outcome"),
        (found.direct, "d", PHI, "direct effect"),
        (found.total, "d", PHI + DELTA * THETA, "total effect"),
    )
    for fit, term, truth, name in paths:
        j = fit.terms.index(term)
        yield Estimate(name, truth, fit.coef[j], fit.se[j], fit.df)
    yield Estimate("indirect effect, Sobel", DELTA * THETA, found.sobel.indirect, found.sobel.se)
    assert found.interval is not None
    assert found.share_interval is not None
    share = DELTA * THETA / (DELTA * THETA + PHI)
    yield Interval("indirect effect, bootstrap interval", found.interval[0] <= DELTA * THETA <= found.interval[1])
    yield Interval("share, bootstrap interval", found.share_interval[0] <= share <= found.share_interval[1])


EXPERIMENTS = (
    Experiment(
        "Mediation",
        f"{UNITS} units in four groups, {YEARS} years, adoption in two years, AR(1) errors with coefficient {RHO}, "
        f"independent between the two equations; the policy moves the mediator by {DELTA}, the mediator the outcome by "
        f"{THETA}, the policy the outcome directly by {PHI}; {DRAWS} draws of whole units.",
        draw,
    ),
)
