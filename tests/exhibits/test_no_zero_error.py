"""Whatever the panel: no printed error is zero, no star stands without one, each missing error has its reason."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from shidian.errors import EstimationError
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.variance import NO_ERROR

from .exhibit_checks import check_exhibit, run_exhibit

INFO = StudyInfo("demo", "city", "did", {"did": "Pilot"}, seed=3)
PLACE = {"longitude": "longitude", "latitude": "latitude"}
WEIGHTS = {"kind": "inverse_distance", **PLACE}
SPECS = {
    "did_table": {"columns": [{"controls": []}, {"controls": ["x"]}], "constant": True},
    "variations": {"variations": [{"label": "first years", "sample": {"last_year": 2005}}]},
    "heterogeneity": {"splits": [{"variable": "south"}, {"variable": "south", "form": "interaction", "label": "I"}]},
    "event_study": {"window": [-3, 2]},
    "honest_did": {"window": [-3, 1], "relative_magnitudes": [1], "smoothness": [0.0]},
    "staggered_did": {"window": [-2, 1], "second_engine": False, "controls": []},
    "psm_did": {"covariates": ["x"], "columns": [{"keep": "analytic"}, {"keep": "frequency"}]},
    "iv_table": {"columns": [{"endogenous": ["x"], "instruments": ["z"], "controls": []}]},
    "u_test": {"regressor": "x"},
    "mediation": {"mediators": ["z"], "replications": 20},
    "threshold": {"regressors": ["x"], "threshold_variable": "q", "replications": 9, "max_thresholds": 1},
    "conley": {"cutoffs_km": [300, 3000], "lags": 3, **PLACE},
    "spillover_rings": {"edges_km": [200, 500], **PLACE},
    "spatial_did": {"models": ["sar", "sdm"], "weights": WEIGHTS, "draws": 50, "controls": []},
}
ONE_WAY = ({"kind": "iid"}, {"kind": "hetero"}, {"kind": "cluster", "by": "unit"}, {"kind": "cluster", "by": "south"})
TWO_WAYS = {"kind": "cluster", "by": ["unit", "year"]}


@st.composite
def panels(draw, balanced: bool) -> pd.DataFrame:
    """Draw few units and years, cohorts of any size, an outcome with much, little or no noise, and gaps."""
    n, years = draw(st.integers(4, 9)), draw(st.integers(5, 8))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    first = draw(st.lists(st.sampled_from([0, *range(2, years)]), min_size=n, max_size=n))
    assume(any(first) and not all(first))
    unit, year = np.repeat(np.arange(n), years), np.tile(np.arange(years), n)
    start = np.array(first)[unit]
    frame = pd.DataFrame({"unit": [f"u{i}" for i in unit], "year": 2001 + year})
    frame["did"] = ((start > 0) & (year >= start)).astype(float)
    frame["adoption_year"] = pd.array(np.where(start > 0, 2001 + start, 0), dtype="Int64")
    frame.loc[start == 0, "adoption_year"] = pd.NA
    frame["x"], frame["z"], frame["q"] = rng.normal(size=(3, len(frame)))
    frame["x"] += frame["z"]
    frame["south"] = np.where(unit < n // 2, "north", "south")
    frame["longitude"], frame["latitude"] = 100.0 + 3 * rng.random(n)[unit], 30.0 + 3 * rng.random(n)[unit]
    noise = draw(st.sampled_from([0.0, 1e-6, 1.0]))
    frame["y"] = frame["did"] + 0.5 * unit + 0.1 * year + 0.3 * frame["x"] * draw(st.booleans())
    frame["y"] += noise * rng.normal(size=len(frame))
    frame["y"] *= draw(st.sampled_from([1e-9, 1.0, 1e6]))
    gone = draw(st.integers(0, 0 if balanced else len(frame) // 3))
    return frame.drop(index=rng.choice(len(frame), gone, replace=False)).reset_index(drop=True)


def check_errors(result: ExhibitResult, tested_by_chi2: bool = False) -> None:
    """Every error that is given is finite and above zero, stars stand on one, and what lacks one says why."""
    rows = result.estimates
    given_errors = rows["se"].dropna()
    assert np.isfinite(given_errors).all()
    assert (given_errors > 0).all()
    lacking = rows[rows["reason"].str.startswith(NO_ERROR)]
    assert lacking[["se", "statistic", "p", "ci_low", "ci_high"]].isna().all(axis=None)
    by_place = rows.set_index(["column", "term"])
    notes = " ".join(result.notes)
    for reason in lacking["reason"].unique():
        assert reason.removeprefix(NO_ERROR) in notes
        assert reason in set(result.ledger["reason"])
    lines = result.table.rows if result.table is not None else ()
    for row in lines:
        for cell in row.cells:
            assert not re.fullmatch(r"\(-?0\.?0*\)", cell.text), "an error of zero is printed"
            if cell.text.endswith("*") and cell.ref is not None:
                found = by_place.loc[(cell.ref[0], cell.ref[1])]
                assert np.isfinite(found["p"])
                assert tested_by_chi2 or found["se"] > 0
    for note in result.notes:
        assert not re.search(r"\bp = 0\.0*\b(?!\d)", note), note


@pytest.mark.parametrize("kind", SPECS)
@settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # panels are small as they are drawn
)  # fmt: skip
@given(data=st.data())
def test_no_error_of_zero_and_no_star_without_an_error(kind, data):
    balanced = kind in ("threshold", "spatial_did", "conley", "spillover_rings")
    panel = data.draw(panels(balanced))
    two_ways = kind not in ("staggered_did", "iv_table", "threshold", "spatial_did", "mediation")
    errors = data.draw(st.sampled_from([*ONE_WAY, TWO_WAYS] if two_ways else ONE_WAY[:3]))
    defaults = {"outcome": "y", "controls": [], "fixed_effects": ["unit", "year"], "vcov": errors, "ssc": "reghdfe"}
    digits = {} if kind in ("honest_did", "u_test", "threshold") else {"digits": data.draw(st.sampled_from([3, 4]))}
    declared = {**SPECS[kind], **digits}
    try:
        result = run_exhibit(kind, panel, declared, defaults, INFO)
    except EstimationError:
        return  # said in one line: nothing is printed
    if result.estimates["estimate"].notna().any():  # else the exhibit is refused as a whole, with its reason
        check_exhibit(kind, result, INFO, own=("first years",))
    check_errors(result)
