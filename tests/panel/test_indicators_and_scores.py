"""Declared indicators and efficiency models give what their functions give, on the panel, with every loss counted."""

import numpy as np
import pandas as pd
import pytest
from shidian.efficiency import super_sbm
from shidian.errors import PanelError, StudyError
from shidian.indicators.theil import theil_urban_rural
from shidian.panel.indicators import add_indicators
from shidian.panel.scores import add_scores, solve_part
from shidian.study.indicators import Known, resolve_indicators
from shidian.study.model import Indicator


@pytest.fixture
def panel():
    """20 units x 3 years of positive numbers."""
    rng = np.random.default_rng(11)
    frame = pd.DataFrame([(f"{u:03d}", y) for u in range(20) for y in (2001, 2002, 2003)], columns=["unit", "year"])
    names = ("uy", "ry", "up", "rp", "a", "b", "c")
    return frame.assign(**{name: np.exp(rng.normal(3, 0.5, len(frame))) for name in names})


INCOMES = {"urban_income": "uy", "rural_income": "ry", "urban_population": "up", "rural_population": "rp"}


def declared(panel, **specs):
    return resolve_indicators(specs, Known(list(panel.columns)))


def test_an_indicator_is_its_function_on_the_panels_columns(panel):
    specs = declared(panel, gap={"method": "theil", "inputs": INCOMES})
    derived = add_indicators(panel, specs)
    expected = theil_urban_rural(panel["uy"], panel["ry"], panel["up"], panel["rp"])
    np.testing.assert_array_equal(derived.panel["gap"], expected)
    assert derived.ledger == []


def test_one_indicator_may_use_another_and_order_of_rows_does_not_matter(panel):
    specs = declared(
        panel,
        index={"method": "entropy_index", "inputs": ["a", "b", "c"], "cost": ["c"]},
        tamed={"method": "winsorise", "inputs": {"values": "index"}, "lower": 0.1, "upper": 0.9},
    )
    derived = add_indicators(panel, specs)
    shuffled = panel.sample(frac=1, random_state=3)
    again = add_indicators(shuffled, specs).panel.sort_index()
    np.testing.assert_allclose(again["tamed"], derived.panel["tamed"], rtol=1e-12)
    assert derived.panel["tamed"].max() < derived.panel["index"].max()
    assert derived.weights["weight"].sum() == pytest.approx(1)
    assert derived.weights.set_index("indicator").loc["c", "polarity"] == "cost"
    assert derived.ledger[0]["rows"] == 12


def test_missing_inputs_are_counted_and_impossible_ones_are_named(panel):
    specs = declared(panel, gap={"method": "theil", "inputs": INCOMES})
    holed = panel.assign(uy=panel["uy"].where(panel.index != 4))
    derived = add_indicators(holed, specs)
    assert derived.panel["gap"].isna().sum() == 1
    assert derived.ledger[0]["rows"] == 1
    negative = panel.assign(uy=panel["uy"].where(panel.index != 4, -1.0))
    with pytest.raises(PanelError, match=r"indicator 'gap'.*001.*2002"):
        add_indicators(negative, specs)


def test_an_unknown_option_of_cost_is_named(panel):
    bad = Indicator("index", "entropy_index", (("a", "a"), ("b", "b")), (("cost", ["z"]),))
    with pytest.raises(PanelError, match="'z' under 'cost' is none of its inputs"):
        add_indicators(panel, [bad])


def test_the_variation_among_units_is_an_indicator_of_every_row(panel):
    inputs = {"values": "a", "weight": "b"}
    specs = {
        "cv": {"method": "coefficient_of_variation", "inputs": {"values": "a"}},
        "cv_w": {"method": "coefficient_of_variation", "inputs": inputs, "corrected": True},
    }
    derived = add_indicators(panel, resolve_indicators(specs, Known(list(panel.columns)))).panel
    for _, part in derived.groupby("year"):
        np.testing.assert_allclose(part["cv"], np.std(part["a"]) / np.mean(part["a"]), rtol=1e-12)
        mean = np.average(part["a"], weights=part["b"])
        sd = np.sqrt(np.average((part["a"] - mean) ** 2, weights=part["b"]) * 20 / 19)
        np.testing.assert_allclose(part["cv_w"], sd / mean, rtol=1e-12)
    with pytest.raises(StudyError, match="needs the input 'values'"):
        resolve_indicators({"cv": {**specs["cv"], "inputs": {"weight": "b"}}}, Known(list(panel.columns)))


MODEL = {"inputs": ["a"], "desirable": ["b"], "undesirable": ["c"], "frontier": "contemporaneous"}


def test_scores_year_by_year_are_those_of_one_call(panel):
    parts = [solve_part(panel, "gie", MODEL, str(year))[0] for year in (2001, 2002, 2003)]
    scored = add_scores(panel, {"gie": parts})
    whole = super_sbm(["a"], ["b"], ["c"], data=panel, unit="unit", year="year").scores()
    expected = panel.merge(whole[["unit", "year", "score"]], on=["unit", "year"])["score"]
    np.testing.assert_allclose(scored["gie"], expected, rtol=1e-12)


def test_the_panels_ledger_names_the_units_whose_super_efficiency_is_infeasible(panel):
    frame, ledger = solve_part(panel, "gie", {**MODEL, "returns": "vrs", "orientation": "input"}, "2002")
    gone = frame[frame["score"].isna()]
    assert len(gone) > 0
    assert (gone["sbm"] > 1 - 1e-9).all()
    (line,) = ledger
    assert (line["step"], line["units"], line["rows"]) == ("efficiency gie 2002", len(gone), len(gone))
    assert f"the best: {gone['unit'].iloc[0]} (2002)" in line["reason"]


def test_a_missing_input_stops_or_is_dropped_as_declared(panel):
    holed = panel.assign(a=panel["a"].where(panel.index != 4))
    with pytest.raises(PanelError, match=r"efficiency 'gie', 2002: .*001"):
        solve_part(holed, "gie", MODEL, "2002")
    frame, ledger = solve_part(holed, "gie", {**MODEL, "missing": "drop"}, "2002")
    assert len(frame) == 19
    assert ledger[0]["step"] == "efficiency gie 2002"
    assert add_scores(holed, {"gie": [frame]})["gie"].isna().sum() == 41
