"""Few to compare with, or few treated: cohorts of one, one never-treated unit, one treated unit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.hard_panels.panel import HardPanel, cohorts, planted, truth, untell

ONE = (
    r"one treated unit|single treated|1 treated|one unit|only one|rests? on one|small groups?|cohorts? of one|"
    r"few(er)? treated|only 1 cluster"
)


def _ones() -> pd.DataFrame:
    return planted([*range(2002, 2010), *cohorts(never=12)], range(2000, 2012), 1.0, seed=41)


def _one_never() -> pd.DataFrame:
    return planted(cohorts(g2004=10, g2006=10, g2008=10, never=1), range(2000, 2012), 1.0, seed=42)


def _one_treated() -> pd.DataFrame:
    return planted(cohorts(g2006=1, never=24), range(2000, 2012), 1.0, seed=43)


def _lost_controls() -> pd.DataFrame:
    frame = planted(cohorts(g2005=12, g2008=12, never=15), range(2000, 2012), 1.0, seed=44)
    x = np.random.default_rng(44).normal(size=len(frame))
    frame = frame.assign(x=x)
    return untell(frame, frame["adoption_year"].isna() & (frame["year"] == 2004), "x")


def _late() -> pd.DataFrame:
    frame = planted(cohorts(g2005=12, g2015=12, never=12), range(2000, 2011), 1.0, seed=45)
    return frame


def _last_year() -> pd.DataFrame:
    return planted(cohorts(g2010=15, never=15), range(2000, 2011), 1.0, seed=46)


def _two_by_two() -> pd.DataFrame:
    return planted(cohorts(g2001=15, never=15), [2000, 2001], 1.0, seed=47)


PANELS = (
    HardPanel(
        "cohorts_of_one", "Each treated unit is a cohort of its own",
        "Eight treated units adopt in 2002 … 2009, twelve never; effect 1. No error of a single cohort can be "
        "estimated, that of the average can.", _ones, truth(1.0, ONE),
    ),
    HardPanel(
        "one_never_treated", "One never-treated unit", "Cohorts 2004, 2006, 2008 of ten units, one never-treated; "
        "effect 1.", _one_never, truth(1.0, r"never[- ]treated|few"),
    ),
    HardPanel(
        "one_treated", "One treated unit", "One unit adopts in 2006, 24 never: the estimate is right, but its "
        "clustered error means nothing, and that must be said.", _one_treated, truth(1.0, ONE, needs=ONE),
    ),
    HardPanel(
        "controls_lost_for_gaps", "A control is missing in one year for the never-treated only",
        "x missing in 2004 for all 15 never-treated units; effect 1. 'There are no never-treated units' is not the "
        "reason.", _lost_controls,
        truth(1.0, r"gap|unbalanced|balanced|missing|left out", never=r"no never-treated units to compare"),
        (-4, 3), ("static", "sun_abraham", "callaway_santanna", "imputation", "two_stage", "lp_did"), ("x",),
    ),
    HardPanel(
        "adoption_after_the_end", "A cohort that adopts after the last year",
        "Cohorts 2005 and 2015, years 2000–2010: the latter is untreated throughout; effect 1.", _late,
        truth(1.0, r"after the (last|end)|beyond|outside|never[- ]treated"),
    ),
    HardPanel(
        "adoption_in_last_year", "Adoption in the last year", "One cohort, 2010, years 2000–2010: τ = 0 is all that is "
        "seen after adoption; effect 1.", _last_year, truth(1.0, r"window|not observed|last"),
    ),
    HardPanel(
        "two_by_two", "Two years, two groups", "Years 2000 and 2001, 15 units adopt in 2001; effect 1.", _two_by_two,
        truth(1.0, r"window|not observed|period"), (-1, 0),
    ),
)  # fmt: skip
