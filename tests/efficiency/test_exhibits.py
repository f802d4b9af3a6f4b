"""Exhibits on efficiency: what they print is what the engine found, and their schemas take what they read."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shidian.did.twfe import regress
from shidian.efficiency import super_sbm
from shidian.efficiency.declared import measure_declared
from shidian.errors import EstimationError, StudyError
from shidian.exhibits.data.trend import estimate as trend_kind
from shidian.exhibits.efficiency.efficiency_scores import estimate as efficiency_scores
from shidian.exhibits.efficiency.efficiency_variables import estimate as efficiency_variables
from shidian.exhibits.efficiency.epsilon_sensitivity import estimate as epsilon_sensitivity
from shidian.exhibits.efficiency.score_density import estimate as score_density
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.indicators.entropy_index import entropy_index
from shidian.report.figures.draw import draw_figure
from shidian.study.resolve import resolve_exhibits

from tests.exhibits.exhibit_checks import check_exhibit, value

INFO = StudyInfo("demo", "city", "pilot", labels={"gie": "Efficiency", "so2": "SO2"}, simulated=True)
MODEL = {"inputs": ["capital", "labour"], "desirable": ["gdp"], "undesirable": ["so2"]}
YEARS = [2010, 2011, 2012]


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(0)
    n = 20
    values = np.exp(rng.normal(size=(n * 3, 4)) * 0.5 + rng.normal(size=(n * 3, 1)))
    frame = pd.DataFrame(values, columns=["capital", "labour", "gdp", "so2"])
    unit = np.tile([f"{110000 + i}" for i in range(n)], 3)
    frame = frame.assign(
        unit=unit,
        unit_name=[f"City {u}" for u in unit],
        year=np.repeat(YEARS, n),
        adoption_year=pd.array([2011 if int(u) % 4 == 0 else pd.NA for u in unit], dtype="Int64"),
        water=rng.lognormal(size=n * 3),
        power=rng.lognormal(size=n * 3),
    )
    frame = frame.sort_values(["unit", "year"], ignore_index=True)
    scores = super_sbm(["capital", "labour"], "gdp", "so2", data=frame, unit="unit", year="year").scores()
    frame = frame.merge(scores[["unit", "year", "score"]].rename(columns={"score": "gie"}), on=["unit", "year"])
    pilot = (frame["year"] >= frame["adoption_year"]).fillna(False).astype(int)
    return frame.assign(pilot=pilot, resource=1.0)


def resolved(panel, **spec):
    """Pass a specification through its schema, defaults filled in."""
    columns = list(panel.columns)
    study = {"exhibits": [{"id": "table1", **spec}]}
    return resolve_exhibits(study, {"panel-column": columns, "variable": columns})[0]


def estimate(result, column, term):
    rows = result.estimates[(result.estimates["column"] == column) & (result.estimates["term"] == term)]
    assert len(rows) == 1
    return rows["estimate"].iloc[0]


def check_trail(result):
    """Every printed cell names exactly one estimate and prints its number; the result survives its file."""
    for row in result.table.rows:
        for cell in row.cells:
            column, term, field = cell.ref
            if field == "estimate":
                printed = float(cell.text.replace(",", ""))
                assert printed == pytest.approx(estimate(result, column, term), abs=5.1e-5, rel=0.06)
            else:
                assert np.isnan(estimate(result, column, term))
    again = ExhibitResult.from_json(result.to_json())
    assert again.to_json() == result.to_json()
    assert any("SIMULATED" in note for note in result.notes)


def test_scores_by_year(panel):
    result = efficiency_scores.run(panel, resolved(panel, kind="efficiency_scores", model=MODEL), INFO)
    check_trail(result)
    for year in YEARS:
        scores = panel.loc[panel["year"] == year, "gie"]
        assert estimate(result, "Mean", str(year)) == pytest.approx(scores.mean(), rel=1e-12)
        assert estimate(result, "N", str(year)) == 20
        assert estimate(result, "Efficient", str(year)) == (scores >= 1 - 1e-9).sum()
    assert estimate(result, "Mean", "All") == pytest.approx(panel["gie"].mean(), rel=1e-12)
    assert result.notes[0].startswith("Super-SBM with undesirable outputs (Tone 2002, 2003), non-oriented, constant")
    assert "Undesirable outputs: SO2." in result.notes


def test_windows_count_each_unit_year_once(panel):
    model = {**MODEL, "frontier": "window", "window": 2}
    result = efficiency_scores.run(panel, resolved(panel, kind="efficiency_scores", model=model), INFO)
    assert estimate(result, "N", "All") == 60
    means = super_sbm(
        ["capital", "labour"], "gdp", "so2", data=panel, unit="unit", year="year", frontier="window", window=2
    ).window_means()
    assert estimate(result, "Mean", "All") == pytest.approx(means["score"].mean())


def test_top_units_peers_and_slacks(panel):
    spec = {"kind": "efficiency_scores", "model": MODEL, "top": 3}
    units = efficiency_scores.run(panel, resolved(panel, **spec, table="units"), INFO)
    check_trail(units)
    best = panel.groupby("unit_name")["gie"].mean().sort_values(ascending=False)
    assert [row.label for row in units.table.rows] == best.index[:3].tolist()
    peers = efficiency_scores.run(panel, resolved(panel, **spec, table="peers"), INFO)
    check_trail(peers)
    assert len(peers.table.rows) == 3
    result = super_sbm(["capital", "labour"], "gdp", "so2", data=panel, unit="unit", year="year")
    sets = result.peers().query("stage == 'sbm'")
    sets = sets[~((sets["unit"] == sets["peer_unit"]) & (sets["year"] == sets["peer_year"]))]
    first = peers.table.rows[0].label.removeprefix("City ")
    assert estimate(peers, "Peer of", peers.table.rows[0].label) == (sets["peer_unit"] == first).sum()
    slacks = efficiency_scores.run(panel, resolved(panel, **spec, table="slacks"), INFO)
    check_trail(slacks)
    found = result.slacks().query("variable == 'so2'")
    assert estimate(slacks, "Mean, %", "SO2") == pytest.approx(100 * (found["slack"] / found["value"]).mean())


def test_zeros_are_handled_as_declared_and_in_the_ledger(panel):
    dirty = panel.copy()
    dirty.loc[3, "so2"] = 0.0
    with pytest.raises(EstimationError, match="values are zero or negative: unit"):
        efficiency_scores.run(dirty, resolved(panel, kind="efficiency_scores", model=MODEL), INFO)
    spec = resolved(panel, kind="efficiency_scores", model={**MODEL, "zeros": "drop"})
    result = efficiency_scores.run(dirty, spec, INFO)
    assert result.ledger["reason"].tolist() == ["zero or negative: unit-year dropped: City 110001 (2010)"]
    assert estimate(result, "N", "All") == 59


def test_missing_scores_are_dashes_with_their_count(panel):
    model = {**MODEL, "returns": "vrs", "orientation": "input"}
    result = efficiency_scores.run(panel, resolved(panel, kind="efficiency_scores", model=model), INFO)
    scores = super_sbm(
        ["capital", "labour"], "gdp", "so2", data=panel, unit="unit", year="year", returns="vrs", orientation="input"
    )
    assert estimate(result, "Missing", "All") == scores.counts()["infeasible"] > 0
    missing = scores.scores().query("score.isna()")
    assert (missing["sbm"] > 1 - 1e-9).all()
    (line,) = result.ledger.to_dict("records")
    assert (line["units"], line["rows"]) == (missing["unit"].nunique(), len(missing))
    assert "the best: City 110001 (2012), City 110002 (2012)" in line["reason"]
    (warning,) = result.warnings
    assert f"{len(missing)} of 60 scores are missing" in warning
    assert "City 110001 (2012), City 110002 (2012)" in warning
    assert any(f"{len(missing)} scores of units on the frontier are missing." in note for note in result.notes)


def test_every_exhibit_on_scores_that_the_best_lack_says_so(panel):
    model = {**MODEL, "returns": "vrs", "orientation": "input"}
    measured = measure_declared(panel, model).result.scores()
    scored = panel.merge(measured[["unit", "year", "score"]], on=["unit", "year"]).rename(columns={"score": "vie"})
    gone = int(scored["vie"].isna().sum())
    facts = {"variables": ["capital", "labour", "gdp", "so2"], "years": [2010, 2012], "returns": "vrs"}
    info = replace(INFO, scores=("vie",), lacking_best={"vie": facts})
    spec = {"id": "t", "kind": "trend", "variable": "vie", "by_treatment": False}
    (warning,) = estimate_exhibit(trend_kind, scored, spec, info).warnings
    assert warning.startswith(f"vie: {gone} of 60 scores are missing because super-efficiency is infeasible")
    early = estimate_exhibit(trend_kind, scored, {**spec, "sample": {"last_year": 2010}}, info)
    assert f"vie: {int(scored.query('year == 2010')['vie'].isna().sum())} of 20 scores" in early.warnings[0]
    assert "City 110001 (2012)" not in early.warnings[0]
    whole = estimate_exhibit(trend_kind, scored.fillna({"vie": 1.0}), spec, info)
    assert whole.warnings == ()


def test_trend_and_density_can_be_drawn(panel):
    trend = trend_kind.run(panel, resolved(panel, kind="trend", variable="gie"), INFO)
    lines = trend.figure.data["lines"]
    assert lines["group"].unique().tolist() == ["All", "Treated", "Never treated"]
    treated = panel[panel["adoption_year"].notna() & (panel["year"] == 2012)]
    assert estimate(trend, "Treated", "2012") == pytest.approx(treated["gie"].mean(), rel=1e-12)
    assert trend.figure.options["marks"] == [2011]
    density = score_density.run(panel, resolved(panel, kind="score_density", variable="gie"), INFO)
    assert density.figure.data["values"]["group"].unique().tolist() == ["2010", "2011", "2012"]
    assert estimate(density, "mean", "2010") == pytest.approx(panel.loc[panel["year"] == 2010, "gie"].mean())
    for result in (trend, density):
        assert ExhibitResult.from_json(result.to_json()).to_json() == result.to_json()
        assert draw_figure(result.figure).axes


def test_trend_and_density_name_what_they_cannot_use(panel):
    gone = panel.assign(gie=panel["gie"].where(panel["year"] > 2010))
    trend = trend_kind.run(gone, {"id": "t", "kind": "trend", "variable": "gie", "by_treatment": False}, INFO)
    assert trend.ledger[["units", "rows"]].values.tolist() == [[20, 20]]
    assert trend.ledger["reason"][0].startswith("missing value: City 110000 (2010), City 110001 (2010)")
    with pytest.raises(EstimationError, match="'gie' has no density in 2010: 0 values"):
        score_density.run(gone, {"id": "d", "kind": "score_density", "variable": "gie", "years": [2010]}, INFO)
    with pytest.raises(EstimationError, match=r"no column 'gei' \(did you mean 'gie'"):
        trend_kind.run(gone, {"id": "t", "kind": "trend", "variable": "gei"}, INFO)


EPSILON = {
    "kind": "epsilon_sensitivity",
    "model": {**MODEL, "inputs": ["capital", "resource"]},
    "indices": {"resource": {"water": "benefit", "power": "benefit"}},
}


def test_epsilon_moves_scores(panel):
    spec = {**EPSILON, "effect": False}
    result = epsilon_sensitivity.run(panel, resolved(panel, **spec), INFO)
    check_trail(result)
    assert [row.label for row in result.table.rows] == ["0.01", "0.001", "0.0001", "1e-05", "1e-06"]
    assert estimate(result, "Largest change", "0.0001") == 0.0
    assert estimate(result, "Rank correlation", "0.0001") == pytest.approx(1.0)
    assert estimate(result, "Largest change", "0.01") > 1e-3
    with pytest.raises(EstimationError, match=r"the index 'resourc' is no input or output of the model"):
        epsilon_sensitivity.run(panel, {**spec, "id": "e", "indices": {"resourc": {"water": "benefit"}}}, INFO)


def effect_spec(panel, **more):
    spec = {"fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"}, **EPSILON, **more}
    return {**resolved(panel, **spec), "id": "my_epsilon_sensitivity"}


def test_the_effect_by_epsilon_is_the_regression_of_its_scores(panel):
    spec = effect_spec(panel, controls=["labour"], sample={"first_year": 2010, "last_year": 2012})
    result = epsilon_sensitivity.run(panel, spec, INFO)
    check_exhibit("epsilon_sensitivity", result, INFO)
    assert [cell.ref[:2] for cell in result.table.rows[0].cells[-3:]] == [("ε = 0.01", "pilot")] * 3
    for epsilon in (1e-2, 1e-6):
        index = entropy_index(panel[["water", "power"]], {"water": "benefit", "power": "benefit"}, epsilon=epsilon)
        data = panel.assign(resource=index.score.to_numpy())
        names = (["capital", "resource"], "gdp", "so2")
        found = super_sbm(*names, data=data, unit="unit", year="year")
        data.loc[found.row, "s"] = found.score
        fit = regress(data, "s", ["pilot", "labour"], ["unit", "year"], {"kind": "cluster", "by": "unit"}).fit
        assert value(result, f"ε = {epsilon:g}", "pilot") == pytest.approx(fit.coef[0], rel=1e-9)
        assert value(result, f"ε = {epsilon:g}", "pilot", "se") == pytest.approx(fit.se[0], rel=1e-9)
    coefficients = result.estimates.query("term == 'pilot'")["estimate"]
    assert coefficients.nunique() == 5
    moved = (coefficients / value(result, "ε = 0.0001", "pilot") - 1).abs().max() > 0.1
    assert any("depends on ε" in warning for warning in result.warnings) == moved
    far = epsilon_sensitivity.run(panel, effect_spec(panel, controls=["labour"], epsilons=[100.0]), INFO)
    shift = value(far, "ε = 100", "pilot") / value(far, "ε = 0.0001", "pilot") - 1
    assert abs(shift) > 0.1
    assert any("depends on ε" in warning for warning in far.warnings)


def test_an_effect_that_cannot_be_estimated_is_a_dash_with_its_reason(panel):
    result = epsilon_sensitivity.run(panel.assign(pilot=0), effect_spec(panel), INFO)
    check_exhibit("epsilon_sensitivity", result, INFO)
    assert result.table.rows[0].cells[-3].text == "—"
    assert any("not estimated" in note for note in result.notes)


def test_indices_may_be_named_as_the_study_declares_them(panel):
    indicators = {
        "resource": {"method": "entropy_index", "inputs": ["water", "power"], "cost": ["power"], "epsilon": 0.01},
        "gap": {"method": "theil", "inputs": {}},
    }
    columns = [*panel.columns, "resource"]
    exhibit = {"id": "e", **EPSILON, "indices": ["resource"]}
    study = {"exhibits": [exhibit], "indicators": indicators}
    (spec,) = resolve_exhibits(study, {"panel-column": columns, "variable": columns})
    assert spec["indices"] == {"resource": {"water": "benefit", "power": "cost"}}
    assert spec["baseline"] == 0.01
    for wrong in ("gap", "resorce"):
        with pytest.raises(StudyError, match=f"'{wrong}' is no entropy index under 'indicators'"):
            resolve_exhibits({**study, "exhibits": [{**exhibit, "indices": [wrong]}]}, {"panel-column": columns})


def test_variables_stand_by_role_with_the_indicators_and_weights_of_an_index(panel):
    index = entropy_index(panel[["water", "power"]], {"water": "benefit", "power": "benefit"}, epsilon=1e-4)
    frame = panel.assign(resource=index.score)
    spec = {**EPSILON, "kind": "efficiency_variables", "measures": {"capital": "yuan", "water": "m3"}}
    result = efficiency_variables.run(frame, resolved(frame, **spec), INFO)
    rows = result.table.rows
    assert [r.label for r in rows] == [
        "Inputs", "capital", "resource", "– water", "– power", "Desirable outputs", "gdp", "Undesirable outputs", "SO2",
    ]  # fmt: skip
    assert [cell.text for cell in rows[1].cells][:3] == ["yuan", "", "60"]
    assert estimate(result, "Entropy weight", "water") == index.weights.set_index("indicator").loc["water", "weight"]
    total = estimate(result, "Entropy weight", "water") + estimate(result, "Entropy weight", "power")
    assert total == pytest.approx(1.0)
    assert estimate(result, "SD", "gdp") == np.std(frame["gdp"], ddof=1)
    for row in rows:
        for cell in row.cells:
            if cell.ref is not None:
                column, term, _ = cell.ref
                printed = float(cell.text.replace(",", ""))
                assert printed == pytest.approx(estimate(result, column, term), abs=5.1e-5)
    assert any("SIMULATED" in note for note in result.notes)
    with pytest.raises(EstimationError, match="other rows than the exhibit sees"):
        efficiency_variables.run(frame.iloc[5:], resolved(frame, **spec), INFO)
    with pytest.raises(EstimationError, match="'resource' is no input or output"):
        efficiency_variables.run(frame, {**resolved(frame, **spec), "model": MODEL}, INFO)


def test_schemas_refuse_unknown_keys_and_columns(panel):
    with pytest.raises(StudyError, match=r"unknown key 'input' \(did you mean 'inputs'"):
        resolved(panel, kind="efficiency_scores", model={**MODEL, "input": ["capital"]})
    with pytest.raises(StudyError, match="'capitol' is no panel column"):
        resolved(panel, kind="efficiency_scores", model={**MODEL, "inputs": ["capitol"]})
    with pytest.raises(StudyError, match="model"):
        resolved(panel, kind="efficiency_scores")
