"""An exhibit that names a model measures the model's years, as the column of its scores does."""

import numpy as np
import pandas as pd
import pytest
from shidian.did.twfe import regress
from shidian.efficiency import bootstrap_scores, build_technology
from shidian.exhibits.efficiency.efficiency_scores import estimate as efficiency_scores
from shidian.exhibits.efficiency.efficiency_variables import estimate as efficiency_variables
from shidian.exhibits.efficiency.epsilon_sensitivity import estimate as epsilon_sensitivity
from shidian.exhibits.efficiency.productivity_change import estimate as productivity_change
from shidian.exhibits.efficiency.score_intervals import estimate as score_intervals
from shidian.exhibits.efficiency.second_stage import estimate as second_stage
from shidian.exhibits.result import StudyInfo
from shidian.indicators.entropy_index import entropy_index
from shidian.panel.productivity import index_of
from shidian.panel.scores import ALL_YEARS, add_scores, solve_part
from shidian.study.resolve import resolve_exhibits

from tests.exhibits.exhibit_checks import check_exhibit, value

INFO = StudyInfo("demo", "city", "pilot", simulated=True, seed=5)
MODEL = {"inputs": ["x", "index"], "desirable": ["y"], "undesirable": ["b"], "frontier": "global"}
EFFECTS = {"fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"}}
INDICES = {"index": {"water": "benefit", "power": "benefit"}}
WORDS = "Measured on the years 2012–2014, those of the model."


@pytest.fixture(scope="module")
def panel():
    """16 units x 5 years; the frontier moves back, so that years left out would change every score."""
    rng = np.random.default_rng(0)
    n, years = 16, np.arange(2010, 2015)
    frame = pd.DataFrame(np.exp(rng.normal(size=(5 * n, 5)) * 0.4), columns=["x", "y", "b", "water", "power"])
    year = np.repeat(years, n)
    frame = frame.assign(unit=np.tile([f"{u:03d}" for u in range(n)], 5), year=year)
    frame["y"] *= np.exp(-0.3 * (year - 2010))
    frame["index"] = entropy_index(frame[["water", "power"]], INDICES["index"], epsilon=1e-4).score
    pilot = ((frame["unit"].astype(int) % 3 == 0) & (year > 2012)).astype(int)
    return frame.assign(pilot=pilot).sort_values(["unit", "year"], ignore_index=True)


@pytest.fixture(scope="module")
def column(panel):
    """The panel with the column of scores, solved as the workflow solves it."""
    part, _ = solve_part(panel[panel["year"].between(2012, 2014)], "gie", MODEL, ALL_YEARS)
    return add_scores(panel, {"gie": [part]})


def resolved(panel, kind, **more):
    """Resolve an exhibit that names the model ``gie``, whose last year is the panel's."""
    study = {
        "years": {"first": 2010, "last": 2014},
        "efficiency": {"gie": {**MODEL, "label": "Efficiency", "years": {"first": 2012}}},
        "exhibits": [{"id": f"my_{kind}", "kind": kind, "model": "gie", **more}],
    }
    names = list(panel.columns)
    return resolve_exhibits(study, {"panel-column": names, "variable": names})[0]


def test_scores_of_the_exhibit_are_those_of_the_column(panel, column):
    result = efficiency_scores.run(panel, resolved(panel, "efficiency_scores"), INFO)
    check_exhibit("efficiency_scores", result, INFO)
    assert WORDS in result.notes
    assert column.loc[column["year"] < 2012, "gie"].isna().all()
    for year in (2012, 2013, 2014):
        scores = column.loc[column["year"] == year, "gie"]
        assert value(result, "Mean", str(year)) == pytest.approx(scores.mean(), rel=1e-12)
        assert value(result, "Min", str(year)) == pytest.approx(scores.min(), rel=1e-12)
    assert value(result, "N", "All") == 48
    everything = efficiency_scores.run(panel, {**resolved(panel, "efficiency_scores"), "model": MODEL}, INFO)
    assert abs(value(everything, "Mean", "2012") - value(result, "Mean", "2012")) > 0.05
    assert not any("Measured on the years" in note for note in everything.notes)


def test_a_sample_of_the_exhibit_lies_within_the_years(panel):
    spec = resolved(panel, "efficiency_scores", sample={"first_year": 2011, "last_year": 2013})
    result = efficiency_scores.run(panel, spec, INFO)
    assert value(result, "N", "All") == 32


def test_intervals_are_those_of_the_model_years(panel):
    spec = resolved(panel, "score_intervals", replications=20)
    result = score_intervals.run(panel, spec, INFO)
    check_exhibit("score_intervals", result, INFO)
    rows = panel[panel["year"] >= 2012]
    data = build_technology(["x", "index"], ["y"], ["b"], data=rows, unit="unit", year="year")
    boot = bootstrap_scores(data, seed=5, replications=20, frontier="global").summary
    mine = boot.loc[boot["year"] == 2012, "corrected"]
    assert value(result, "Corrected", "2012") == pytest.approx(mine.mean(), rel=1e-12)
    assert WORDS in result.notes


def test_the_second_stage_regresses_the_scores_that_the_column_has(panel):
    spec = resolved(panel, "second_stage", replications=20, controls=["water"], **EFFECTS)
    result = second_stage.run(panel, spec, INFO)
    check_exhibit("second_stage", result, INFO)
    capped, _ = solve_part(panel[panel["year"] >= 2012], "gie", {**MODEL, "super_efficiency": False}, ALL_YEARS)
    data = add_scores(panel, {"gie": [capped]})
    fit = regress(data, "gie", ["pilot", "water"], EFFECTS["fixed_effects"], EFFECTS["vcov"]).fit
    assert fit.n_obs == 48
    assert value(result, "Scores", "pilot") == pytest.approx(fit.coef[0], rel=1e-9)
    assert value(result, "Scores", "pilot", "n_obs") == fit.n_obs
    assert WORDS in result.notes


def test_productivity_of_the_exhibit_is_that_of_the_column(panel):
    result = productivity_change.run(panel, resolved(panel, "productivity_change"), INFO)
    check_exhibit("productivity_change", result, INFO)
    assert [row.label for row in result.table.rows] == ["2013", "2014", "All"]
    spec = {"model": MODEL, "index": "global_malmquist_luenberger", "value": "index"}
    index, _ = index_of(panel[panel["year"] >= 2012], "gtfp", spec)
    for year in (2013, 2014):
        mean = np.exp(np.log(index.loc[index["year"] == year, "gtfp"]).mean())
        assert value(result, "Index", str(year)) == pytest.approx(mean, rel=1e-12)
    assert WORDS in result.notes


def test_sensitivity_to_epsilon_starts_from_the_scores_of_the_column(panel, column):
    spec = resolved(panel, "epsilon_sensitivity", indices=INDICES, epsilons=[1e-2], **EFFECTS)
    result = epsilon_sensitivity.run(panel, spec, INFO)
    check_exhibit("epsilon_sensitivity", result, INFO)
    assert value(result, "Mean", "0.0001") == pytest.approx(column["gie"].mean(), rel=1e-12)
    assert value(result, "ε = 0.0001", "pilot", "n_obs") == 48
    assert WORDS in result.notes


def test_variables_are_described_on_the_years_with_the_weights_of_all_rows(panel):
    result = efficiency_variables.run(panel, resolved(panel, "efficiency_variables", indices=INDICES), INFO)
    check_exhibit("efficiency_variables", result, INFO)
    assert value(result, "N", "x") == 48
    assert value(result, "Mean", "y") == pytest.approx(panel.loc[panel["year"] >= 2012, "y"].mean(), rel=1e-12)
    weights = entropy_index(panel[["water", "power"]], INDICES["index"], epsilon=1e-4).weights
    water = weights.set_index("indicator").loc["water", "weight"]
    assert value(result, "Entropy weight", "water") == pytest.approx(water, rel=1e-12)
    assert WORDS in result.notes
