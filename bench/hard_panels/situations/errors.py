"""Standard errors that do not exist or mean little: negative variance, no noise, few clusters."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.hard_panels.panel import HardPanel, Truth, cohorts, planted, truth

NOT_POSITIVE = r"negative|positive|PSD|semi-?definite|not defined"


def _two_ways() -> pd.DataFrame:
    """Disturbances that undo each other: in a unit from year to year, in a year between neighbours."""
    frame = planted(cohorts(g2007=16, never=15), range(2000, 2015), 0.0, seed=101, noise=0.0)
    shocks = np.random.default_rng(101).normal(size=(31, 16))
    moves = np.diff(shocks, axis=1)
    moves[1::2] = 0.2 * moves[1::2] - 0.8 * moves[:-1:2]
    return frame.assign(y=frame["y"] + moves.ravel())


def _no_noise() -> pd.DataFrame:
    return planted(cohorts(g2005=12, g2008=12, never=16), range(2000, 2012), 1.0, seed=102, noise=0.0)


def _few_clusters() -> pd.DataFrame:
    frame = planted(cohorts(g2005=12, g2008=12, never=16), range(2000, 2012), 1.0, seed=103)
    number = frame["unit"].str[1:].astype(int).to_numpy()
    return frame.assign(region=np.char.add("r", (number % 4).astype(str)))


PANELS = (
    HardPanel(
        "negative_two_way_variance", "Clusters by unit and by year, and the two-way variance is negative",
        "31 units, 15 years, true effect 0, disturbances of 1: the variance by unit and year is below zero, so there "
        "is no standard error.", _two_ways, Truth(0.0, 0.5, NOT_POSITIVE, error=False), methods=("static",),
        clusters=("unit", "year"),
    ),
    HardPanel(
        "no_noise", "Data without disturbances", "Effect 1 exactly: the estimate is right, and there is no sampling "
        "error to print; (0.0000)*** is wrong.", _no_noise,
        truth(1.0, r"perfect|exact|no (sampling )?(error|variance|noise)|zero|rounding|singular", error=False),
    ),
    HardPanel(
        "few_clusters", "Four clusters", "Errors clustered by region, of which there are four: right numbers, but the "
        "few clusters must be said; effect 1.", _few_clusters,
        truth(1.0, r"cluster", needs=r"(few|only \d+|small number of) (\w+[- ])?cluster"),
        methods=("static", "event_study", "sun_abraham", "callaway_santanna", "imputation", "two_stage", "lp_did"),
        clusters=("region",),
    ),
)  # fmt: skip
