"""Scores beside their truth: ranks, bias and the policy effect on each, on made panels."""

import numpy as np
import pandas as pd
import pytest
from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.truth.efficiency_recovery.estimate import run

from tests.report.chinese import english_left

INFO = StudyInfo("s", "city", "did", {"did": "Pilot"}, simulated=True)
SPEC = {"id": "r", "kind": "efficiency_recovery", "score": "gie", "controls": [], "fixed_effects": ["unit", "year"],
        "vcov": {"kind": "cluster", "by": "unit"}, "ssc": "reghdfe"}  # fmt: skip


@pytest.fixture
def made():
    rng = np.random.default_rng(3)
    rows = pd.DataFrame([(f"{u:02d}", y) for u in range(30) for y in range(2000, 2008)], columns=["unit", "year"])
    rows["did"] = ((rows["unit"] < "10") & (rows["year"] >= 2004)).astype(int)
    level = rows["unit"].map({u: rng.uniform(0.2, 0.5) for u in rows["unit"].unique()})
    noise_free = rows.assign(gie=level + 0.05 * rows["did"])
    truth = noise_free[["unit", "year"]].assign(gie=noise_free["gie"] + 0.01 * rng.standard_normal(len(rows)))
    return rows.assign(gie=truth["gie"] + 0.1), truth, noise_free


def estimate(result, column, term, field="estimate"):
    rows = result.estimates
    return rows[(rows["column"] == column) & (rows["term"] == term)][field].iloc[0]


def test_ranks_bias_and_effects(made):
    panel, truth, noise_free = made
    result = run(panel, truth, noise_free, SPEC, INFO)
    assert estimate(result, "closeness", "Rank correlation, all unit-years") == pytest.approx(1, abs=1e-12)
    assert estimate(result, "closeness", "Bias, all scores") == pytest.approx(0.1)
    own = regress(panel, "gie", ["did"], ["unit", "year"], SPEC["vcov"], "reghdfe").fit
    for column in ("Scores", "True efficiency"):
        assert estimate(result, column, "did") == pytest.approx(float(own.coef[0]), abs=1e-12)
        assert estimate(result, column, "did", "se") == pytest.approx(float(own.se[0]), abs=1e-12)
    assert estimate(result, "Without disturbances", "did") == pytest.approx(0.05, abs=1e-12)
    assert any("SIMULATED" in sentence for sentence in result.notes)
    assert english_left(result) == []


def test_scores_above_one_do_not_enter_the_bias_of_scores_below(made):
    panel, truth, noise_free = made
    panel.loc[0, "gie"] = 3.0
    result = run(panel, truth, noise_free, SPEC, INFO)
    assert estimate(result, "closeness", "Bias, scores of at most 1") == pytest.approx(0.1)
    assert estimate(result, "closeness", "Bias, all scores") > 0.1


def test_reversed_scores_are_seen(made):
    panel, truth, noise_free = made
    result = run(panel.assign(gie=1 - panel["gie"]), truth, noise_free, SPEC, INFO)
    assert estimate(result, "closeness", "Rank correlation within years, lowest") == pytest.approx(-1)


def test_missing_truth_is_named(made):
    panel, truth, noise_free = made
    with pytest.raises(EstimationError, match="no true values of 'gie' are planted"):
        run(panel, truth.rename(columns={"gie": "other"}), noise_free, SPEC, INFO)
    with pytest.raises(EstimationError, match="unit 00 has a score in 2000, but no true value"):
        run(panel, truth.iloc[1:], noise_free, SPEC, INFO)


def row_of(result, label):
    return next([cell.text for cell in row.cells] for row in result.table.rows if row.label == label)


def test_an_effect_whose_interval_misses_the_truth_is_said_aloud(made):
    panel, truth, noise_free = made
    fine = run(panel, truth, noise_free, SPEC, INFO)
    assert row_of(fine, "Pilot: scores")[-1] == "yes"
    assert row_of(fine, "Pilot: without disturbances")[-1] == ""
    assert fine.warnings == ()
    halved = run(panel.assign(gie=panel["gie"] - 0.03 * panel["did"]), truth, noise_free, SPEC, INFO)
    assert row_of(halved, "Pilot: scores")[-1] == "no"
    (said,) = halved.warnings
    assert "interval of Pilot: scores does not hold the effect without disturbances, 0.05000" in said
    assert english_left(halved) == []


def test_scores_that_turn_the_order_and_a_frontier_of_one_are_warnings(made):
    panel, truth, noise_free = made
    turned = run(panel.assign(gie=1 - panel["gie"]), truth, noise_free, SPEC, INFO)
    assert any("the lowest rank correlation within a year is" in said for said in turned.warnings)
    alone = panel.assign(gie=panel["gie"].where(panel["unit"] != "29", 1.0))
    found = run(alone, truth, noise_free, SPEC, INFO)
    assert row_of(found, "Efficient units a year, mean")[0] == "1.0000"
    assert any("a frontier has 1.0 efficient units on average" in said for said in found.warnings)
