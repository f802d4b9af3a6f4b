"""Productivity as a variable of the panel: what the index is, cumulated as declared, infeasible pairs in the ledger."""

import copy

import numpy as np
import pandas as pd
import pytest
from shidian.efficiency import (
    build_technology,
    directional_distance,
    global_malmquist_luenberger,
    malmquist_luenberger,
    super_sbm,
)
from shidian.errors import EstimationError, PanelError, StudyError
from shidian.exhibits.efficiency.productivity_change import estimate as productivity_change
from shidian.exhibits.result import StudyInfo
from shidian.panel.productivity import index_of
from shidian.study.paths import productivity_files, score_ledgers
from shidian.study.plan import load_plan
from shidian.trace.lineage import lineage, origins

from tests.efficiency.technologies import random_technology
from tests.efficiency.test_productivity import ML_DATA
from tests.exhibits.exhibit_checks import check_exhibit
from tests.study.own_data import STUDY, write_project

pytestmark = pytest.mark.usefixtures("own_raw_files")

MODEL = {"inputs": ["x1", "x2"], "desirable": ["y"], "undesirable": ["b"], "returns": "crs"}
SPEC = {
    "model": MODEL, "index": "global_malmquist_luenberger", "value": "level", "first_year": "one", "returns": "crs",
    "orientation": "none", "super_efficiency": False, "engine": "auto",
}  # fmt: skip
YEARS = (2010, 2011, 2012)


@pytest.fixture
def panel():
    """15 units x 3 years."""
    blocks = [np.hstack(random_technology(15, (2, 1, 1), seed)) for seed in range(3)]
    frame = pd.DataFrame(np.vstack(blocks), columns=["x1", "x2", "y", "b"])
    return frame.assign(unit=np.tile([f"{u:03d}" for u in range(15)], 3), year=np.repeat(YEARS, 15))


@pytest.fixture
def infeasible():
    """Six units with pairs whose directional distance to the other year's frontier does not exist."""
    frame = pd.DataFrame(ML_DATA, columns=["x1", "x2", "y", "b"])
    return frame.assign(unit=np.tile(list("abcdef"), 3), year=np.repeat(YEARS, 6))


def technology(panel):
    return build_technology(["x1", "x2"], ["y"], ["b"], data=panel, unit="unit", year="year")


def test_weights_of_steps_are_no_weights_of_slacks(panel):
    """An index names a model for its variables: what another model weighs does not reach the scores of the index."""
    weighted = {**MODEL, "method": "nonradial_distance", "weights": {"y": 1.0, "b": 0.0, "x1": 5.0}}
    for index in ("global_malmquist_luenberger", "directional_global_malmquist_luenberger"):
        plain, other = (index_of(panel, "gtfp", {**SPEC, "index": index, "model": m})[0] for m in (MODEL, weighted))
        np.testing.assert_array_equal(other["gtfp"], plain["gtfp"])


def test_the_index_on_directional_distances_cumulates_to_the_ratio_of_global_ones(panel):
    frame, _ = index_of(panel, "gtfp", {**SPEC, "index": "directional_global_malmquist_luenberger"})
    found = directional_distance(technology(panel), score="distance", frontier="global").frame
    both = frame.merge(found, on=["unit", "year"]).sort_values(["unit", "year"])
    first = both.groupby("unit")["score"].transform("first")
    np.testing.assert_allclose(both["gtfp"], (1 + first) / (1 + both["score"]), rtol=1e-12)


def test_the_level_is_the_ratio_of_global_scores_with_the_first_year_one(panel):
    frame, ledger = index_of(panel, "gtfp", SPEC)
    scores = super_sbm(
        ["x1", "x2"], "y", "b", data=panel, unit="unit", year="year", frontier="global", super_efficiency=False
    ).scores()
    both = frame.merge(scores, on=["unit", "year"]).sort_values(["unit", "year"])
    first = both.groupby("unit")["sbm"].transform("first")
    np.testing.assert_allclose(both["gtfp"], both["sbm"] / first, rtol=1e-12)
    assert (both.loc[both["year"] == 2010, "gtfp"] == 1.0).all()
    (line,) = ledger
    assert (line["step"], line["reason"]) == ("productivity gtfp", "30 pairs of consecutive years compared")


@pytest.mark.parametrize("value", ["index", "efficiency_change", "technical_change"])
def test_other_values_are_those_of_the_index(panel, value):
    frame, _ = index_of(panel, "gtfp", {**SPEC, "value": value})
    expected = global_malmquist_luenberger(technology(panel)).index
    np.testing.assert_array_equal(frame["gtfp"], expected[value])
    assert frame.loc[frame["year"] == 2010, "gtfp"].isna().all()


def test_a_lost_first_year_has_no_row(panel):
    frame, _ = index_of(panel, "gtfp", {**SPEC, "first_year": "lost"})
    assert sorted(frame["year"].unique()) == [2011, 2012]
    kept, _ = index_of(panel, "gtfp", SPEC)
    later = kept[kept["year"] > 2010].reset_index(drop=True)
    pd.testing.assert_frame_equal(frame, later)


def test_infeasible_pairs_of_the_contemporaneous_index_are_counted_in_the_ledger(infeasible):
    spec = {**SPEC, "index": "malmquist_luenberger"}
    frame, ledger = index_of(infeasible, "ml", spec)
    direct = malmquist_luenberger(technology(infeasible))
    lost = direct.counts["a directional distance is infeasible"]
    assert lost > 0
    reasons = {": ".join(line["reason"].split(": ")[:2]): line["rows"] for line in ledger}
    assert reasons["index missing: a directional distance is infeasible"] == lost
    assert reasons["12 pairs of consecutive years compared"] == 12 - lost
    after = frame["ml"].isna().sum() - lost
    assert reasons.get("level empty: an index before it is missing", 0) == after
    gone = direct.index[direct.index["reason"] == "a directional distance is infeasible"].iloc[0]
    assert f"is infeasible: {gone['unit']} (" in ledger[0]["reason"]


def test_a_dropped_unit_year_breaks_the_chain_and_is_counted(panel):
    panel.loc[(panel["unit"] == "003") & (panel["year"] == 2011), "b"] = np.nan
    with pytest.raises(PanelError, match=r"productivity 'gtfp': efficiency: 1 values are missing: unit 003"):
        index_of(panel, "gtfp", SPEC)
    frame, ledger = index_of(panel, "gtfp", {**SPEC, "model": {**MODEL, "missing": "drop"}})
    mine = frame[frame["unit"] == "003"].set_index("year")["gtfp"]
    assert mine.index.tolist() == [2010, 2012]
    assert mine.isna().tolist() == [False, True]
    reasons = [line["reason"] for line in ledger]
    dropped = ["missing: unit-year dropped: 003 (2011)", "index missing: no row in the year before: 003 (2012)"]
    assert reasons[:2] == dropped


def test_options_of_the_global_index_are_refused_elsewhere(infeasible):
    for key, value in (("super_efficiency", True), ("orientation", "input")):
        with pytest.raises(PanelError, match=f"malmquist_luenberger has no {key}"):
            index_of(infeasible, "ml", {**SPEC, "index": "malmquist_luenberger", key: value})


def test_the_exhibit_prints_geometric_means_and_missing_pairs(infeasible):
    info = StudyInfo("demo", "city", "pilot", simulated=True)
    spec = {
        "id": "my_productivity_change",
        "kind": "productivity_change",
        "index": "malmquist_luenberger",
        "model": MODEL,
    }
    result = productivity_change.run(infeasible, spec, info)
    check_exhibit("productivity_change", result, info)
    direct = malmquist_luenberger(technology(infeasible))
    estimates = result.estimates.set_index(["column", "term"])["estimate"]
    known = direct.index.query("year == 2012").dropna(subset="index")
    assert estimates["Index", "2012"] == pytest.approx(np.exp(np.log(known["index"]).mean()))
    assert estimates["Pairs", "All"] == 12
    assert estimates["Missing", "All"] == direct.counts["a directional distance is infeasible"]
    assert any("a directional distance is infeasible" in note for note in result.notes)
    with pytest.raises(EstimationError, match="has no orientation"):
        productivity_change.run(infeasible, {**spec, "orientation": "output"}, info)


def study():
    content = copy.deepcopy(STUDY)
    content["efficiency"] = {"score": {"inputs": ["ln_people"], "desirable": ["ln_wage"]}}
    content["productivity"] = {"tfp": {"model": "score", "label": "TFP"}}
    content["exhibits"][1] = {"id": "baseline", "kind": "did_table", "columns": [{"outcome": "tfp"}]}
    return content


def test_a_study_declares_the_index_as_an_outcome(tmp_path):
    plan = load_plan(write_project(tmp_path, study()))
    (declared,) = plan.studies["my_study"].productivity
    assert declared.years == (2001, 2008)
    assert declared.spec["value"] == "level"
    assert declared.spec["model"]["inputs"] == ["ln_people"]
    assert plan.studies["my_study"].labels["tfp"] == "TFP"
    assert productivity_files(plan, "my_study") == ["results/my_study/productivity/tfp.parquet"]
    assert "results/my_study/productivity/tfp.ledger.csv" in score_ledgers(plan, "my_study")
    behind = lineage(origins(plan.studies["my_study"]), "tfp", 2002)
    assert {(name, year) for name, year in behind if name != "tfp"} == {
        (name, year) for name in ("ln_people", "ln_wage") for year in (2001, 2002)
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tfp": {"model": "scores"}}, r"no model 'scores' under 'efficiency' \(did you mean 'score'"),
        ({"ln_wage": {"model": "score"}}, "the name is taken"),
        ({"tfp": {"model": "score", "index": "malmquist_l"}}, "'malmquist_l' is not one of"),
        ({"tfp": {"model": "score", "frontier": "global"}}, "unknown key 'frontier'"),
    ],
)
def test_mistakes_are_found_before_any_job(tmp_path, change, message):
    content = study()
    content["productivity"] = change
    with pytest.raises(StudyError, match=message):
        load_plan(write_project(tmp_path, content))
