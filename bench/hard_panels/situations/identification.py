"""Nobody to compare with: everybody treated, always treated, treatment that is a year effect."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.hard_panels.panel import HardPanel, cohorts, planted, truth

COLLINEAR = (
    r"collinear|multicollinear|rank|singular|identif|normalis|second reference|never[- ]treated|no untreated|"
    r"in the reference|belong to the reference"
)
ALWAYS = (
    r"always[- ]treated|treated (in|from) (every|the(ir)? first)|already[- ]treated|first (year|period)|"
    r"before (the )?first|no (year|period)s? before"
)
LEAVE_OUT = {"always_treated": "leave_out"}


def _all_treated() -> pd.DataFrame:
    return planted(cohorts(g2004=15, g2006=15, g2008=15), range(2001, 2009), 2.0, seed=21)


def _always_growing() -> pd.DataFrame:
    frame = planted(cohorts(g1998=15, g2005=15, never=15), range(2000, 2010), 1.0, seed=22)
    growth = 0.2 * (frame["year"] - 2000) * (frame["adoption_year"] == 1998).fillna(False).astype(float)
    return frame.assign(y=frame["y"] + growth)


def _first_year() -> pd.DataFrame:
    frame = planted(cohorts(g2000=10, g2005=15, g2007=15, never=10), range(2000, 2011), 1.0, seed=23)
    growth = 0.3 * (frame["year"] - 2000) * (frame["adoption_year"] == 2000).fillna(False).astype(float)
    return frame.assign(y=frame["y"] + growth)


def _all_at_once() -> pd.DataFrame:
    return planted(cohorts(g2005=30), range(2000, 2010), 1.0, seed=24)


def _only_always() -> pd.DataFrame:
    return planted(cohorts(g1999=15, never=15), range(2000, 2010), 1.0, seed=25)


def _no_treated() -> pd.DataFrame:
    return planted(cohorts(never=30), range(2000, 2010), 1.0, seed=26)


def _nothing_within() -> pd.DataFrame:
    frame = planted(cohorts(g2005=15, never=15), range(2000, 2010), 1.0, seed=27)
    return frame.assign(y=frame.groupby("unit")["y"].transform("first"))


def _two_late_cohorts() -> pd.DataFrame:
    return planted(cohorts(g2005=15, g2009=15), range(2000, 2010), 1.0, seed=28)


def _shares_the_year() -> pd.DataFrame:
    frame = planted(cohorts(g2005=15, never=15), range(2000, 2010), 1.0, seed=29)
    return frame.assign(x=frame["did"], z=np.repeat(np.random.default_rng(29).normal(size=30), 10))


PANELS = (
    HardPanel(
        "all_treated_full_window", "Everybody is treated in the end, and every relative time has a dummy",
        "Cohorts 2004, 2006, 2008, years 2001–2008, window −7…4; effect 2, no pre-trend. Unit and year effects leave "
        "one linear trend in τ free.", _all_treated, truth(2.0, COLLINEAR, free_leads=("event_study", "imputation")),
        (-7, 4),
    ),
    HardPanel(
        "all_treated_short_window", "The same with a shorter window",
        "As before, window −5…2: the leads of the imputation estimator are not identified; effect 2.", _all_treated,
        truth(2.0, COLLINEAR, free_leads=("imputation",)), (-5, 2),
        ("imputation", "two_stage", "callaway_santanna", "sun_abraham"),
    ),
    HardPanel(
        "always_treated", "Units treated before their first year, their effect growing",
        "15 units treated since 1998, years 2000–2009, their effect grows by 0.2 a year; the cohort of 2005 has effect "
        "1.", _always_growing, truth(1.0, ALWAYS), declared=LEAVE_OUT,
    ),
    HardPanel(
        "treated_in_first_year", "Units treated in the first year, their effect growing",
        "10 units adopt in 2000, the first year; the cohorts of 2005 and 2007 have effect 1.", _first_year,
        truth(1.0, ALWAYS), declared=LEAVE_OUT,
    ),
    HardPanel(
        "all_at_once", "Everybody adopts in the same year: treatment is a year effect",
        "30 units, all adopt in 2005. No comparison is left: nothing may be printed.", _all_at_once,
        truth(None, COLLINEAR),
    ),
    HardPanel(
        "only_always_treated", "Treated units are treated throughout: treatment is a unit effect",
        "15 units treated since 1999, 15 never, years 2000–2009: nothing may be printed.", _only_always,
        truth(None, ALWAYS),
    ),
    HardPanel(
        "nobody_treated", "Nobody is treated", "30 units, none ever treated: nothing may be printed.", _no_treated,
        truth(None, r"treated"),
    ),
    HardPanel(
        "outcome_of_units", "The outcome does not change within units",
        "Each unit has one value in all years: no change, no disturbances, no standard error.", _nothing_within,
        truth(0.0, r"var(y|iation|iance)|constant|absorbed", error=False),
    ),
    HardPanel(
        "last_cohort_is_control", "No never-treated unit, the last cohort adopts in the last year",
        "Cohorts 2005 and 2009, years 2000–2009; effect 1.", _two_late_cohorts,
        truth(1.0, COLLINEAR, free_leads=("imputation",)), (-5, 4),
    ),
    HardPanel(
        "control_is_treatment", "A control that equals the treatment, another that is constant in units",
        "x = did, z constant within units; cohort 2005, never-treated units; effect 1, of which x may not take a part.",
        _shares_the_year, truth(1.0, r"collinear|absorbed|rank|singular|dropped|redundant"), (-4, 3),
        ("static", "event_study", "sun_abraham", "callaway_santanna", "imputation", "two_stage", "lp_did"), ("x", "z"),
    ),
)  # fmt: skip
