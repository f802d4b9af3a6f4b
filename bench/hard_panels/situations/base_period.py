"""The year before adoption is not there: lost, missing, between two waves."""

from __future__ import annotations

import pandas as pd

from bench.hard_panels.panel import HardPanel, cohorts, lose, planted, truth, untell

YEARS = range(2000, 2012)
CAUSE = r"reference|base (period|year)|not observed|unobserved|missing (τ|event time)|collinear|rank|dropped"


def _one_outcome() -> pd.DataFrame:
    frame = planted(cohorts(g2005=12, g2008=12, never=16), YEARS, 2.0, seed=2)
    return untell(frame, (frame["adoption_year"] == 2005) & (frame["year"] == 2004))


def _two_yearly() -> pd.DataFrame:
    return planted(cohorts(g2006=12, g2010=12, never=16), range(2000, 2019, 2), 1.0, seed=3)


def _lost_year() -> pd.DataFrame:
    return planted(cohorts(g2007=15, never=20), [t for t in range(2001, 2013) if t != 2006], 1.0, seed=15, noise=1e-6)


def _lost_adoption_year() -> pd.DataFrame:
    return planted(cohorts(g2005=12, g2008=12, never=16), [t for t in YEARS if t != 2005], 1.0, seed=4)


def _waves() -> pd.DataFrame:
    waves = [1991, 1993, 1997, 2000, 2004, 2006, 2009, 2011]
    return planted(cohorts(g1998=12, g2005=12, never=16), waves, 1.0, seed=5)


def _no_past() -> pd.DataFrame:
    frame = planted(cohorts(g2004=8, g2007=12, never=16), YEARS, 1.0, seed=6)
    return untell(frame, (frame["adoption_year"] == 2004) & (frame["year"] < 2004))


def _controls_lack_it() -> pd.DataFrame:
    frame = planted(cohorts(g2005=12, g2008=12, never=16), YEARS, 1.0, seed=7)
    return lose(frame, frame["adoption_year"].isna() & (frame["year"] == 2004))


def _each_lacks_it() -> pd.DataFrame:
    frame = planted(cohorts(g2004=6, g2006=6, g2008=6, never=12), YEARS, 1.0, seed=8)
    return lose(frame, (frame["adoption_year"] - frame["year"]) == 1)


PANELS = (
    HardPanel(
        "base_outcome_missing", "A cohort's outcome is missing in its year g−1",
        "Cohorts 2005 and 2008, the outcome of the first missing in 2004; effect 2.", _one_outcome, truth(2.0, CAUSE),
    ),
    HardPanel(
        "two_yearly", "A two-yearly panel: nobody is observed at τ = −1",
        "Even years 2000–2018, cohorts 2006 and 2010; effect 1.", _two_yearly, truth(1.0, CAUSE), (-6, 4),
    ),
    HardPanel(
        "base_year_lost", "One cohort, and the year before adoption lost for all",
        "Cohort 2007, no year 2006, disturbances of 1e-6; effect 1.", _lost_year, truth(1.0, CAUSE),
    ),
    HardPanel(
        "adoption_year_lost", "The year of adoption of one cohort lost for all",
        "Cohorts 2005 and 2008, no year 2005; effect 1.", _lost_adoption_year, truth(1.0, CAUSE),
    ),
    HardPanel(
        "waves", "A survey in waves, adoption between waves",
        "Waves 1991, 93, 97, 2000, 04, 06, 09, 11; cohorts 1998 and 2005; effect 1.", _waves,
        truth(1.0, CAUSE), (-7, 6),
    ),
    HardPanel(
        "cohort_without_past", "A cohort without any outcome before adoption",
        "Cohort 2004 has outcomes from 2004 on only, cohort 2007 all; effect 1.", _no_past, truth(1.0, CAUSE),
    ),
    HardPanel(
        "controls_lack_base", "Never-treated units not observed in a cohort's base year",
        "No never-treated unit in 2004, the year before the cohort of 2005 adopts; effect 1.", _controls_lack_it,
        truth(1.0, CAUSE),
    ),
    HardPanel(
        "no_cohort_has_base", "No treated unit observed in the year before its adoption",
        "Cohorts 2004, 2006, 2008, each without its own year g−1; effect 1.", _each_lacks_it, truth(1.0, CAUSE),
    ),
)  # fmt: skip
