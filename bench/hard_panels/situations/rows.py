"""Rows that are not there, twice there, in another order or under other names."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.hard_panels.panel import HardPanel, cohorts, lose, planted, truth

GAPS = r"gap|unbalanced|balanced|missing|not observed|left out|singleton|dropped"
YEARS = range(2000, 2012)


def _gaps(*without: str) -> pd.DataFrame:
    sizes = {k: n for k, n in {"g2004": 15, "g2006": 15, "g2008": 15, "never": 15}.items() if k not in without}
    frame = planted(cohorts(**sizes), YEARS, 1.0, seed=61)
    return lose(frame, pd.Series(np.random.default_rng(61).random(len(frame)) < 0.2))


def _gaps_all_treated() -> pd.DataFrame:
    return _gaps("never")


def _observed_once() -> pd.DataFrame:
    frame = planted(cohorts(g2005=12, g2008=12, never=24), YEARS, 1.0, seed=62)
    number = frame["unit"].str[1:].astype(int)
    once = number.isin([0, 1, 2, 12, 24, 25, 26]) & (frame["year"] != 2000 + number % 12)
    return lose(frame, once)


def _twice() -> pd.DataFrame:
    frame = planted(cohorts(g2005=12, g2008=12, never=16), YEARS, 1.0, seed=63)
    return pd.concat([frame, frame[frame["year"] == 2007]], ignore_index=True)


def _reversed() -> pd.DataFrame:
    frame = planted(cohorts(g2005=12, g2008=12, never=16), YEARS, 1.0, seed=64)
    names = {name: f"{'zyx'[i % 3]}{100 - i}" for i, name in enumerate(frame["unit"].unique())}
    return frame.assign(unit=frame["unit"].map(names)).iloc[::-1].reset_index(drop=True)


def _around_zero() -> pd.DataFrame:
    return planted(cohorts(g0=12, g3=12, never=16), range(-6, 7), 1.0, seed=65)


def _entry_and_exit() -> pd.DataFrame:
    frame = planted(cohorts(g2004=15, g2006=15, g2008=15, never=20), YEARS, 1.0, seed=66)
    number = frame["unit"].str[1:].astype(int)
    return lose(frame, (frame["year"] < 2000 + number % 4) | (frame["year"] > 2011 - number % 3))


PANELS = (
    HardPanel(
        "gaps", "A fifth of the rows missing at random", "Cohorts 2004, 2006, 2008 and never-treated units; effect 1.",
        _gaps, truth(1.0, GAPS),
    ),
    HardPanel(
        "gaps_all_treated", "A fifth of the rows missing, everybody treated", "The same without never-treated units.",
        _gaps_all_treated,
        truth(1.0, rf"{GAPS}|never[- ]treated|identif|normalis|in the reference", free_leads=("imputation",)), (-3, 3),
    ),
    HardPanel(
        "entry_and_exit", "Units that come late and leave early", "A quarter of the units enters in each of 2000 … "
        "2003, a third leaves in each of 2009 … 2011; effect 1.", _entry_and_exit, truth(1.0, GAPS),
    ),
    HardPanel(
        "observed_once", "Units observed once", "Seven of 48 units have one row; effect 1.", _observed_once,
        truth(1.0, GAPS),
    ),
    HardPanel(
        "rows_twice", "Unit-years that stand twice in the data", "All rows of 2007 stand twice: the right number, or a "
        "refusal; effect 1.", _twice, truth(1.0, r"duplicat|twice|unique"),
    ),
    HardPanel(
        "reversed_order", "Rows in reverse order, units with text names", "Names do not sort as the units were made; "
        "effect 1.", _reversed, truth(1.0, r"sort|order"),
    ),
    HardPanel(
        "years_around_zero", "Years counted from the reform: a cohort adopts in year 0",
        "Years −6…6, cohorts 0 and 3; effect 1. Zero is a year, not 'never'.", _around_zero,
        truth(1.0, r"never[- ]treated|zero|cohort"),
    ),
)  # fmt: skip
