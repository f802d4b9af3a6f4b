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
    "event_study dropping its ends": {"window": [-2, 1], "ends": "drop"},
    "honest_did": {"window": [-3, 1], "relative_magnitudes": [1], "smoothness": []},
    "mixed_table": {"columns": [{}, {"matching": {"covariates": ["c"], "caliper": 0.01}}]},
    "twfe_weights": {},
    "placebo": {"draws": 9},
    "placebo in time": {"draws": 9, "mode": "in_time"},
    "placebo in time by leads": {"draws": 1, "mode": "in_time", "leads": [3]},
    "placebo among others": {"draws": 9, "pool": "never_treated"},
    "placebo of an event study": {"draws": 9, "estimator": "event_study", "window": [-2, 2]},
    "placebo of groups": {"draws": 9, "estimator": "callaway_santanna", "controls": []},
    "second_stage": {"model": {"inputs": ["k"], "desirable": ["g"]}, "replications": 10},
    "epsilon_sensitivity": {
        "model": {"inputs": ["k", "r"], "desirable": ["g"]}, "epsilons": [0.01],
        "indices": {"r": {"k": "benefit", "g": "cost"}},
    },
    "descriptives": {"variables": ["y", "c"]},
}  # fmt: skip
DROPPED = (
    "missing", "singleton", "off the common", "treated row without", "control row", "no year before",
    "a year is missing", "years from the true", "a variable is missing", "time since adoption", "truly treated",
    "adopts",
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
    frame[["k", "g"]] = rng.lognormal(sigma=0.3, size=(len(frame), 2))
    frame["r"] = 1.0
    frame["unit_name"] = frame["unit"]
    frame["c"] = frame["z"] + rng.normal(size=len(frame))
    frame.loc[rng.choice(len(frame), 6, replace=False), "c"] = np.nan
    frame.loc[(frame["unit"] == "u20") & (frame["year"] > 2001), "y"] = np.nan
    return frame


@pytest.mark.parametrize("kind", SPECS)
def test_what_is_dropped_is_counted(kind, panel):
    ledger = run_exhibit(kind.split(" ")[0], panel, SPECS[kind], DEFAULTS, INFO).ledger
    dropped = ledger[ledger["reason"].str.startswith(DROPPED)]
    assert len(dropped), "the panel has gaps: something is dropped"
    assert (dropped[["units", "rows"]] > 0).all(axis=None), dropped.to_string()
    sample = ledger[ledger["step"].str.endswith("sample") & ~ledger["reason"].str.contains("absorbed")]
    assert (sample[["units", "rows"]] > 0).all(axis=None), sample.to_string()


def test_rows_outside_a_window_that_drops_its_ends_are_counted(panel):
    ledger = run_exhibit("event_study", panel, {"window": [-2, 1], "ends": "drop"}, DEFAULTS, INFO).ledger
    (line,) = ledger[ledger["reason"].str.startswith("time since adoption outside -2 to 1")].to_dict("records")
    tau = (panel["year"] - panel["adoption_year"]).dropna()
    assert (line["rows"], line["units"]) == ((~tau.between(-2, 1)).sum(), 11)
    assert "outside" not in " ".join(
        run_exhibit("event_study", panel, {"window": [-2, 1]}, DEFAULTS, INFO).ledger["reason"]
    )
