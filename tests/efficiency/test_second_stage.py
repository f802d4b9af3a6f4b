"""Intervals of scores and the second stage over the bootstrap: what they print is what bootstrap and pooling give."""

import numpy as np
import pandas as pd
import pytest
from shidian.did.twfe import regress
from shidian.efficiency import bootstrap_scores, build_technology
from shidian.errors import EstimationError
from shidian.exhibits.efficiency.score_intervals import estimate as score_intervals
from shidian.exhibits.efficiency.score_intervals.estimate import overlap
from shidian.exhibits.efficiency.second_stage import estimate as second_stage
from shidian.exhibits.efficiency.second_stage.estimate import SHARE
from shidian.exhibits.result import StudyInfo
from shidian.inference.pooling import pool

from tests.efficiency.technologies import random_technology
from tests.exhibits.exhibit_checks import check_exhibit, value

INFO = StudyInfo("demo", "city", "pilot", simulated=True, seed=5)
MODEL = {"inputs": ["x1", "x2"], "desirable": ["y"], "undesirable": ["b"]}
ERRORS = {"kind": "cluster", "by": "unit"}


@pytest.fixture(scope="module")
def panel():
    """24 units x 3 years, a third of them treated from the second year on, one dropped unit-year."""
    n = 24
    frame = pd.DataFrame(
        np.vstack([np.hstack(random_technology(n, (2, 1, 1), seed)) for seed in range(3)]),
        columns=["x1", "x2", "y", "b"],
    )
    frame = frame.assign(
        unit=np.tile([f"{u:03d}" for u in range(n)], 3), year=np.repeat([2010, 2011, 2012], n),
        z=np.random.default_rng(1).normal(size=3 * n),
    )  # fmt: skip
    pilot = ((frame["unit"].astype(int) % 3 == 0) & (frame["year"] > 2010)).astype(int)
    return frame.assign(pilot=pilot, unit_name="City " + frame["unit"]).drop(index=30).reset_index(drop=True)


@pytest.fixture(scope="module")
def boot(panel):
    technology = build_technology(["x1", "x2"], ["y"], ["b"], data=panel, unit="unit", year="year")
    return bootstrap_scores(technology, seed=5, replications=20)


def spec(kind, **more):
    return {"id": f"my_{kind}", "kind": kind, "model": MODEL, "replications": 20, **more}


def test_intervals_by_year_are_those_of_the_bootstrap(panel, boot):
    result = score_intervals.run(panel, spec("score_intervals"), INFO)
    check_exhibit("score_intervals", result, INFO)
    for year in (2010, 2011, 2012):
        mine = boot.summary[boot.summary["year"] == year]
        assert value(result, "Corrected", str(year)) == pytest.approx(mine["corrected"].mean(), rel=1e-12)
        assert value(result, "Interval width", str(year)) == pytest.approx((mine["high"] - mine["low"]).mean())
    assert value(result, "N", "2011") == 23
    assert value(result, "N", "All") == 71
    assert any("20 replications, seed 5" in note for note in result.notes)


def test_intervals_of_units_name_the_best_of_a_year(panel, boot):
    result = score_intervals.run(panel, spec("score_intervals", table="units", year=2011, top=3), INFO)
    check_exhibit("score_intervals", result, INFO)
    mine = boot.summary[boot.summary["year"] == 2011].sort_values("corrected", ascending=False).head(3)
    assert [row.label for row in result.table.rows] == [f"City {unit}" for unit in mine["unit"]]
    assert value(result, "Low", result.table.rows[0].label) == pytest.approx(mine["low"].iloc[0], rel=1e-12)
    with pytest.raises(EstimationError, match="no unit was measured in 2009; the years measured are 2010-2012"):
        score_intervals.run(panel, spec("score_intervals", table="units", year=2009), INFO)


def test_a_frontier_that_hangs_on_few_units_is_a_warning(panel):
    leaders = panel["unit"] == "000"
    data = panel.assign(y=panel["y"].where(~leaders, 1e3 * panel["y"]), b=panel["b"].where(~leaders, 1e-3 * panel["b"]))
    result = score_intervals.run(data, spec("score_intervals"), INFO)
    assert any("Efficient units a frontier, on average: 1, for 4 variables" in warning for warning in result.warnings)
    many = spec("score_intervals", model={**MODEL, "returns": "vrs"})
    assert score_intervals.run(panel, many, INFO).warnings == ()


def test_overlap_counts_pairs():
    part = pd.DataFrame({"low": [0.1, 0.3, 0.5, 0.9], "high": [0.35, 0.6, 0.7, 1.0]})
    assert overlap(part) == pytest.approx(2 / 6)
    assert np.isnan(overlap(part.head(1)))


@pytest.mark.parametrize("controls", [[], ["z"]])
def test_the_second_stage_is_the_regression_and_its_pooling(panel, boot, controls):
    more = {"fixed_effects": ["unit", "year"], "vcov": ERRORS, "ssc": "reghdfe", "controls": controls}
    result = second_stage.run(panel, spec("second_stage", bootstrap="smoothed", **more), INFO)
    check_exhibit("second_stage", result, INFO)

    def fit(values):
        scores = boot.summary[["unit", "year"]].assign(s=values)
        return regress(
            panel.merge(scores, on=["unit", "year"]), "s", ["pilot", *controls], ["unit", "year"], ERRORS
        ).fit

    for column, name in (("Scores", "score"), ("Bias-corrected", "corrected")):
        expected = fit(boot.summary[name])
        assert value(result, column, "pilot") == pytest.approx(expected.coef[0], rel=1e-9)
        assert value(result, column, "pilot", "se") == pytest.approx(expected.se[0], rel=1e-9)
    draws = [fit(values) for values in boot.plausible()]
    coefs = np.array([d.coef[0] for d in draws])
    within = np.mean([d.vcov[0, 0] for d in draws])
    total = within + (1 + 1 / 20) * coefs.var(ddof=1)
    assert value(result, "Over replications", "pilot") == pytest.approx(coefs.mean(), rel=1e-9)
    assert value(result, "Over replications", "pilot", "se") == pytest.approx(np.sqrt(total), rel=1e-9)
    assert value(result, "Over replications", SHARE) == pytest.approx(100 * (1 - within / total), rel=1e-9)
    assert value(result, "Over replications", "pilot", "seed") == 5


def test_the_conditional_bootstrap_draws_around_the_same_regression(panel):
    more = {"fixed_effects": ["unit", "year"], "vcov": ERRORS, "ssc": "reghdfe", "controls": ["z"]}
    result = second_stage.run(panel, spec("second_stage", **more), INFO)
    check_exhibit("second_stage", result, INFO)
    assert any("as in Algorithm 2 of Simar & Wilson (2007)" in note for note in result.notes)
    technology = build_technology(["x1", "x2"], ["y"], ["b"], data=panel, unit="unit", year="year")

    def given(rows):
        data = panel.merge(rows, on=["unit", "year"])
        dummies = pd.get_dummies(data[["unit", "year"]].astype(str), dtype=float)
        X = np.column_stack([data[["pilot", "z"]], dummies])
        fitted = X @ np.linalg.lstsq(X, data["u"], rcond=None)[0]
        by_row = data[["unit", "year"]].assign(f=fitted)
        return rows.merge(by_row, on=["unit", "year"])["f"].to_numpy(), np.sqrt(np.mean((data["u"] - fitted) ** 2))

    boot = bootstrap_scores(technology, seed=5, replications=20, given=given)
    scores = panel.merge(boot.summary[["unit", "year", "corrected"]], on=["unit", "year"])
    expected = regress(scores, "corrected", ["pilot", "z"], ["unit", "year"], ERRORS).fit
    assert value(result, "Bias-corrected", "pilot") == pytest.approx(expected.coef[0], rel=1e-7)
    assert value(result, "Bias-corrected", "pilot", "se") == pytest.approx(expected.se[0], rel=1e-7)


def test_a_sample_restricts_the_regressions_and_not_the_frontier(panel, boot):
    more = {"fixed_effects": [], "sample": {"first_year": 2011}}
    result = second_stage.run(panel, spec("second_stage", **more), INFO)
    late = panel.merge(boot.summary[["unit", "year", "score"]], on=["unit", "year"]).query("year > 2010")
    expected = regress(late, "score", ["pilot"], []).fit
    assert value(result, "Scores", "pilot") == pytest.approx(expected.coef[0], rel=1e-9)


def test_a_treatment_without_variation_is_a_refusal_with_its_reason(panel):
    more = {"fixed_effects": ["unit", "year"]}
    for data in (panel.assign(pilot=0), panel.assign(pilot=(panel["year"] > 2010).astype(int))):
        for controls in ([], ["z"]):
            result = second_stage.run(data, spec("second_stage", controls=controls, **more), INFO)
            assert result.table.rows[0].cells[0].text == "—"
            assert result.warnings


def test_pooling_equal_sets_adds_nothing_but_the_correction_of_the_degrees_of_freedom():
    coefs, vcovs = np.tile([1.0, 2.0], (5, 1)), np.tile(np.diag([0.25, 0.5]), (5, 1, 1))
    pooled = pool(coefs, vcovs, 40.0)
    np.testing.assert_allclose(pooled.coef, [1, 2])
    np.testing.assert_allclose(pooled.vcov, np.diag([0.25, 0.5]))
    assert pooled.share.tolist() == [0, 0]
    assert pooled.df == pytest.approx(41 / 43 * 40)
    assert pool(coefs, vcovs, np.inf).df == np.inf


def test_pooling_written_out():
    # three sets of one coefficient: V = 1, W = 2, T = 2 + 4/3, lambda = 0.4; nu_old = 2 / 0.16
    coefs, vcovs = np.array([[1.0], [2.0], [3.0]]), np.array([[[1.0]], [[2.0]], [[3.0]]])
    pooled = pool(coefs, vcovs, 20.0)
    assert pooled.coef.tolist() == [2.0]
    assert pooled.vcov[0, 0] == pytest.approx(10 / 3)
    assert pooled.share[0] == pytest.approx(0.4)
    observed = 21 / 23 * 20 * 0.6
    assert pooled.df == pytest.approx(1 / (1 / 12.5 + 1 / observed))
    assert pool(coefs, vcovs, np.inf).df == pytest.approx(12.5)
    with pytest.raises(EstimationError, match="at least 2 sets"):
        pool(coefs[:1], vcovs[:1], 20.0)
