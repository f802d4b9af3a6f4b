"""Case i1: stratified, clustered randomisation inference of the R package ritest on its Colombia data.

Published: README of ritest 0.1.0 (McDermott), which follows the Stata example of Simon Hess; coefficient and error
by fixest. Treatment is permuted over blocks within pairs.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shidian.exhibits.placebo.placebo import estimate as placebo
from shidian.exhibits.result import StudyInfo

INFO = StudyInfo("colombia", "block", "b_treat", seed=1)
SPEC = {
    "id": "i1", "kind": "placebo", "outcome": "dayscorab", "controls": ["b_dayscorab"],
    "fixed_effects": ["b_pair", "miss_b_dayscorab", "round2", "round3"],
    "vcov": {"kind": "cluster", "by": "b_block"}, "ssc": "fixest",
    "assign_by": "b_block", "strata": "b_pair", "draws": 20_000, "chunk": 20_000,
}  # fmt: skip


@pytest.fixture(scope="module")
def panel(reference: Path) -> pd.DataFrame:
    frame = pd.read_csv(reference / "ritest_colombia.csv")
    treated = np.where(frame["b_treat"] == 1, 1.0, np.nan)  # one period: treated blocks adopt in it
    return frame.assign(
        unit=[f"r{i:04d}" for i in range(len(frame))], year=1,
        adoption_year=pd.array(treated, dtype="Float64").astype("Int64"),
    )  # fmt: skip


def test_estimate(panel: pd.DataFrame) -> None:
    fit = placebo.fit_observed(panel, SPEC, INFO)
    row = fit.long("", "", "").iloc[0]
    assert row["estimate"] == pytest.approx(-0.180738, abs=5e-7)
    assert row["se"] == pytest.approx(0.078174, abs=5e-7)
    assert row["p"] == pytest.approx(0.024113, abs=5e-7)
    assert (fit.n_obs, fit.n_clusters, row["df"]) == (2346, 63, 62)
    used = panel.dropna(subset=["dayscorab"])
    assert used["b_pair"].nunique() == 31


def test_randomisation_p(panel: pd.DataFrame) -> None:
    """Published 0.107 of 1,000 draws; 0.1083 of 20,000 by an independent program (Monte-Carlo error 0.0022)."""
    result = placebo.run(panel, SPEC, INFO)
    found = result.estimates.set_index(["column", "term"])["estimate"]
    p = found["b_treat: coefficient", "p_two_sided"]
    assert p == pytest.approx(0.107, abs=0.03)
    assert p == pytest.approx(0.1083, abs=0.01)
    assert "Every draw gave an estimate." in result.notes
