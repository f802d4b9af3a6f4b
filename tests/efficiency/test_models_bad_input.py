"""Mistakes in data and options of directional distances and the epsilon-based measure: one clear line, no score."""

import numpy as np
import pandas as pd
import pytest
from shidian.efficiency import build_technology, directional_distance, epsilon_based_measure, nonradial_distance
from shidian.efficiency.models import directional_distance as directional_room
from shidian.efficiency.models import epsilon_based as epsilon_room
from shidian.efficiency.models import nonradial_distance as nonradial_room
from shidian.errors import EstimationError

from tests.efficiency.technologies import random_technology

PANEL = pd.DataFrame({
    "unit": list("abcdef") * 2, "year": [2010] * 6 + [2011] * 6,
    "capital": [1.0, 2, 3, 4, 6, 5, 2, 3, 4, 5, 7, 9], "gdp": [2.0, 3, 3, 5, 7, 4, 3, 4, 6, 6, 8, 7],
    "so2": [1.0, 2, 2, 1, 3, 2, 1, 1, 2, 3, 4, 2],
})  # fmt: skip
MODEL = {"inputs": ["capital"], "desirable": ["gdp"], "undesirable": ["so2"]}
ROOMS = {
    "directional": (directional_room, MODEL),
    "nonradial": (nonradial_room, MODEL),
    "epsilon": (epsilon_room, {"inputs": ["capital", "so2"], "desirable": ["gdp"]}),
}


@pytest.fixture(params=ROOMS)
def room(request):
    module, model = ROOMS[request.param]
    return lambda frame=PANEL, **options: module.measure(frame, {**model, **options})


def technology(frame=PANEL, undesirable="so2"):
    return build_technology("capital", "gdp", undesirable, data=frame, unit="unit", year="year")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.0, "1 values are zero or negative: unit f, year 2010, so2"),
        (-3.0, "1 values are zero or negative: unit f, year 2010, so2"),
        (np.nan, "1 values are missing: unit f, year 2010, so2"),
        (np.inf, "1 are not: unit f, year 2010, so2: inf"),
    ],
)
def test_values_that_are_not_positive_name_unit_year_and_variable(room, value, message):
    frame = PANEL.copy()
    frame.loc[5, "so2"] = value
    with pytest.raises(EstimationError, match=message):
        room(frame)


def test_a_declared_rule_leaves_them_out_and_says_so(room):
    frame = PANEL.copy()
    frame.loc[5, "so2"] = 0.0
    measured = room(frame, zeros="drop")
    assert len(measured.scores) == 11
    assert measured.ledger[0]["reason"] == "zero or negative: unit-year dropped: f (2010)"


def test_fewer_units_than_variables_and_rows_given_twice(room):
    with pytest.raises(EstimationError, match="frontier 2010 has 2 units for 3 variables"):
        room(PANEL[PANEL["unit"] < "c"])
    with pytest.raises(EstimationError, match="unit a, year 2010 is there more than once"):
        room(pd.concat([PANEL, PANEL.iloc[:1]]))
    assert len(room(PANEL[PANEL["unit"] < "c"], frontier="global").scores) == 4


def test_duplicated_units_have_one_score(room):
    twins = pd.concat([PANEL, PANEL.assign(unit=PANEL["unit"] + "2")])
    options = {"epsilon": 0.5} if "epsilon" in str(room(PANEL).scores.columns) else {}
    scores = room(twins, **options).scores.set_index(["unit", "year"])["score"]
    alone = room(PANEL, **options).scores.set_index(["unit", "year"])["score"]
    for unit, year in alone.index:
        assert scores[unit, year] == pytest.approx(alone[unit, year], abs=1e-9)
        assert scores[f"{unit}2", year] == pytest.approx(alone[unit, year], abs=1e-9)


def test_data_over_eight_orders_of_magnitude_are_exact_and_over_nine_refused():
    blocks = random_technology(30, (2, 1, 1), seed=1)
    blocks[0][3] *= 1e8 / (blocks[0].max() / blocks[0].min())
    data, flat = build_technology(*blocks), build_technology(*blocks[:2])
    for measure in (directional_distance, nonradial_distance):
        fast, slow = (measure(data, score="distance", engine=engine) for engine in ("fast", "highs"))
        np.testing.assert_allclose(fast.frame["score"], slow.frame["score"], rtol=1e-9, atol=1e-9)
    fast, slow = (epsilon_based_measure(flat, epsilon=0.5, engine=engine) for engine in ("fast", "highs"))
    np.testing.assert_allclose(fast.frame["score"], slow.frame["score"], rtol=1e-9, atol=1e-9)
    blocks[0][3] *= 1e3
    data, flat = build_technology(*blocks), build_technology(*blocks[:2])
    refused = (
        lambda: directional_distance(data), lambda: nonradial_distance(data),
        lambda: epsilon_based_measure(flat, epsilon=0.5),
    )  # fmt: skip
    for ask in refused:
        with pytest.raises(EstimationError, match=r"'input1' goes from .*: distances are not certified over nine"):
            ask()


@pytest.mark.parametrize(
    ("measure", "options", "message"),
    [
        (directional_distance, {"returns": "vrs"}, r"under vrs each unit would need .*Kuosmanen 2005.*returns: crs or"),
        (directional_distance, {"moved": ["gpd"]}, r"moved: 'gpd' is no input or output \(did you mean 'gdp'"),
        (directional_distance, {"moved": []}, "moved names no variable"),
        (directional_distance, {"disposability": "free"}, "disposability 'free' is not one of weak, strong"),
        (directional_distance, {"score": "performance"}, "score 'performance' is not one of efficiency, distance"),
        (directional_distance, {"frontier": "window"}, "frontier 'window' is not one of contemporaneous, global"),
        (directional_distance, {"engine": "cplex"}, "engine 'cplex' is not one of"),
        (nonradial_distance, {"returns": "nirs"}, "weak disposability is measured under constant returns only"),
        (nonradial_distance, {"weights": {"so3": 1.0}}, r"weights: 'so3' is no input or output \(did you mean 'so2'"),
        (nonradial_distance, {"weights": {"so2": -1.0}}, "weight of the step of 'so2' is -1; it must be zero or more"),
        (nonradial_distance, {"weights": {"so2": np.nan}}, "weight of the step of 'so2' is nan"),
        (nonradial_distance, {"weights": {"so2": 0.0}}, "no variable has a positive weight"),
        (nonradial_distance, {"weights": {"gdp": 1.0}, "counted": ["so2"]}, "'so2' is counted .* it reduces none"),
        (nonradial_distance, {"counted": ["gdp"]}, "'gdp' is counted .* it reduces capital, so2"),
        (epsilon_based_measure, {}, "has no undesirable outputs in its published form; name them among the inputs"),
    ],
)
def test_options_that_do_not_exist_or_do_not_go_together(measure, options, message):
    with pytest.raises(EstimationError, match=message):
        measure(technology(), **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": {"capital": 1.0}}, "weights of the inputs stand beside a declared epsilon"),
        ({"epsilon": 1.5}, "epsilon is 1.5; it lies between 0 and 1"),
        ({"epsilon": 0.5, "weights": {"gdp": 1.0}}, "a weight is declared for 'gdp', no input"),
        ({"epsilon": 0.5, "weights": {"capital": 0.0}}, "the weight of 'capital' is 0.0; it must be positive"),
        ({"calibration": "sbm"}, "calibration 'sbm' is not one of projected, observed"),
        ({"returns": "increasing"}, "returns 'increasing' is not one of"),
    ],
)
def test_options_of_the_epsilon_based_measure(options, message):
    with pytest.raises(EstimationError, match=message):
        epsilon_based_measure(technology(undesirable=None), **options)


def test_what_no_engine_certifies_has_no_score_but_a_reason_and_a_line_with_the_name(monkeypatch):
    from shidian.efficiency import exact, highs

    monkeypatch.setattr(highs, "is_certified", lambda *_: False)
    monkeypatch.setattr(exact, "MAX_PIVOTS", 0)
    frame = PANEL.assign(unit_name=PANEL["unit"].str.upper())
    measured = directional_room.measure(frame, {**MODEL, "engine": "highs"})
    assert measured.scores["score"].isna().all()
    assert (measured.scores["reason"] == "no engine could certify an optimum").all()
    assert "A (2010–2011)" in measured.ledger[-1]["reason"]
    with pytest.raises(EstimationError, match="declare calibration: observed, or epsilon"):
        epsilon_room.measure(frame, {"inputs": ["capital", "so2"], "desirable": ["gdp"], "engine": "highs"})


def test_steps_that_may_not_be_the_only_ones_are_said():
    """Of two equal units either may be the peer: that the steps are the only ones is not shown."""
    twin = pd.concat([PANEL, PANEL.query("unit == 'a'").assign(unit="a2")])
    measured = nonradial_room.measure(twin, MODEL)
    assert measured.ledger[-1]["reason"].startswith("other steps may have the same distance, and another performance: ")
    silent = nonradial_room.measure(twin, {**MODEL, "score": "distance"})
    assert not any("other steps" in line["reason"] for line in silent.ledger)
