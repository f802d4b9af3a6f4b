"""Where an exhibit drops something, its ledger says how many rows and units: neither is zero."""

import numpy as np
import pandas as pd
import pytest
from shidian.exhibits.result import StudyInfo

from .exhibit_checks import run_exhibit

INFO = StudyInfo("demo", "city", "did", {"did": "Pilot"}, seed=3)
DEFAULTS = {
    "outcome": "y", "controls": ["c"], "fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
}  # fmt: skip
SPECS = {
    "did_table": {"columns": [{}]},
    "event_study": {"window": [-2, 2]},
    "staggered_did": {"window": [-2, 1], "second_engine": False, "controls": []},
    "psm_did": {"covariates": ["c"], "caliper": 0.01},
    "iv_table": {"columns": [{"endogenous": ["c"], "instruments": ["z"], "controls": []}]},
    "mediation": {"mediators": ["z"], "replications": 10, "controls": []},
    "threshold": {
        "regressors": ["c"], "threshold_variable": "z", "replications": 9, "max_thresholds": 1, "controls": [],
        "drop_incomplete_units": True,
    },
    "placebo": {"draws": 9, "mode": "in_time"},
    "descriptives": {"variables": ["y", "c"]},
}  # fmt: skip
DROPPED = (
    "missing", "singleton", "off the common", "treated row without", "control row", "no year before",
    "a year is missing", "years from the true", "a variable is missing",
)  # fmt: skip


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    """24 cities x 8 years: gaps, a city observed once, one treated before the first year."""
    rng = np.random.default_rng(4)
    n, years = 24, 8
    unit, year = np.repeat(np.arange(n), years), np.tile(np.arange(2001, 2001 + years), n)
    start = np.where(np.arange(n) < 5, 2005, np.where(np.arange(n) < 10, 2006, 0))
    start[11] = 2001
    frame = pd.DataFrame({"unit": [f"u{i:02d}" for i in unit], "year": year})
    frame["adoption_year"] = pd.array(np.where(start > 0, start, 0)[unit], dtype="Int64")
    frame.loc[frame["adoption_year"] == 0, "adoption_year"] = pd.NA
    frame["did"] = ((start[unit] > 0) & (year >= start[unit])).astype(float)
    frame["y"], frame["z"] = rng.normal(size=(2, len(frame)))
    frame["c"] = frame["z"] + rng.normal(size=len(frame))
    frame.loc[rng.choice(len(frame), 6, replace=False), "c"] = np.nan
    frame.loc[(frame["unit"] == "u20") & (frame["year"] > 2001), "y"] = np.nan
    return frame


@pytest.mark.parametrize("kind", SPECS)
def test_what_is_dropped_is_counted(kind, panel):
    ledger = run_exhibit(kind, panel, SPECS[kind], DEFAULTS, INFO).ledger
    dropped = ledger[ledger["reason"].str.startswith(DROPPED)]
    assert len(dropped), "the panel has gaps: something is dropped"
    assert (dropped[["units", "rows"]] > 0).all(axis=None), dropped.to_string()
