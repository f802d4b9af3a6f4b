"""Published tables: directional distances, the index made of them, and the epsilon-based measure."""

import numpy as np
import pandas as pd
import pytest
from shidian.efficiency import (
    build_technology,
    directional_distance,
    directional_global_malmquist_luenberger,
    epsilon_based_measure,
    nonradial_distance,
)
from shidian.efficiency.epsilon_based import affinity, calibrate, projected_inputs
from shidian.efficiency.models import directional_distance as directional_room
from shidian.efficiency.models import epsilon_based as epsilon_room
from shidian.efficiency.models import nonradial_distance as nonradial_room

from tests.efficiency.published import (
    HOSPITALS,
    PRINTED,
    VARIABLES,
    hospital_technology,
    province_technology,
    provinces,
)

ENGINES = ("fast", "highs")
FIVE = {"x": np.ones((5, 1)), "y": np.array([[7.0], [5], [1], [3], [4]]), "b": np.array([[2.0], [5], [3], [3], [2]])}
"""The example of DataEnvelopmentAnalysis.jl on the environmental model (Aparicio, Pastor & Zofio)."""


def by_unit(frame):
    """Return the rows in the order of the printed ones."""
    return frame.sort_values(["unit", "year"], ignore_index=True)


@pytest.mark.parametrize("engine", ENGINES)
def test_directional_distances_of_provinces(engine):
    technology = province_technology()
    for column, moved in (("all_moved", VARIABLES), ("outputs_moved", None)):
        found = by_unit(directional_distance(technology, moved=moved, score="distance", engine=engine).frame)
        np.testing.assert_allclose(found["score"], provinces()[column], atol=PRINTED)
        score = by_unit(directional_distance(technology, moved=moved, engine=engine).frame)["score"]
        np.testing.assert_allclose(score, 1 - found["distance"], rtol=1e-15)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("column", "weights"), [("equal", (1, 1, 1, 1)), ("tilted", (0.5, 0.5, 1, 1))])
def test_nonradial_distances_of_provinces(engine, column, weights):
    declared = dict(zip(VARIABLES, weights, strict=True))
    result = nonradial_distance(province_technology(), weights=declared, engine=engine)
    printed, found = provinces(), by_unit(result.frame)
    np.testing.assert_allclose(found["distance"], printed[column], atol=PRINTED)
    steps = printed[[f"{column}_{name}" for name in VARIABLES]]
    np.testing.assert_allclose(found[[f"step_{name}" for name in VARIABLES]], steps, atol=PRINTED)
    reduced = steps[[f"{column}_capital", f"{column}_labour", f"{column}_co2"]].mean(axis=1)
    np.testing.assert_allclose(found["score"], (1 - reduced) / (1 + steps[f"{column}_gdp"]), atol=1.2 * PRINTED)
    assert not any("other steps" in line["reason"] for line in result.ledger)


def test_global_malmquist_luenberger_of_provinces():
    index = directional_global_malmquist_luenberger(province_technology()).index
    printed = provinces().query("year > 2013")
    found = index.query("year > 2013")
    assert found["unit"].tolist() == printed["province"].tolist()
    for name in ("index", "efficiency_change", "technical_change"):
        np.testing.assert_allclose(found[name], printed[name], atol=PRINTED)


@pytest.mark.parametrize(
    ("moved", "printed"),
    [
        (["output1", "undesirable1"], [0, 0.4, 0.8260869565217392, 0.5555555555555556, 0.27272727272727276]),
        (["input1", "output1", "undesirable1"], [0, 1 / 6, 3 / 4, 2 / 5, 3 / 11]),
    ],
)
def test_strong_disposability_as_the_julia_package_prints_it(moved, printed):
    technology = build_technology(FIVE["x"], FIVE["y"], FIVE["b"])
    names = dict(zip(["input1", "output1", "undesirable1"], technology.names, strict=True))
    result = directional_distance(
        technology, moved=[names[name] for name in moved], disposability="strong", score="distance"
    )
    np.testing.assert_allclose(result.frame["score"], printed, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_epsilon_based_measure_of_hospitals(engine):
    result = epsilon_based_measure(hospital_technology(), engine=engine)
    np.testing.assert_allclose(result.frame["score"], HOSPITALS["score"], atol=5.5e-4)
    np.testing.assert_allclose(result.frame["theta"], HOSPITALS["theta"], atol=5.5e-4)
    assert result.frame["epsilon"].unique() == pytest.approx(0.529, abs=5e-4)
    np.testing.assert_allclose(result.weights["0"], [0.5, 0.5], rtol=1e-12)
    assert result.ledger == []


def test_affinity_of_hospitals_is_the_printed_one():
    inputs, several = projected_inputs(hospital_technology().values, hospital_technology().counts, "fast")
    assert not several.any()
    printed = [[20, 151], [19, 131], [24.59, 160], [27, 168], [22, 156.79], [35.06, 255], [33, 235], [27.44, 206],
               [30, 223.45], [50, 268], [53, 306], [38, 284]]  # fmt: skip
    np.testing.assert_allclose(inputs, printed, atol=5e-3)
    assert affinity(np.array(printed))[0, 1] == pytest.approx(0.471, abs=5e-4)
    assert calibrate(np.array(printed))[0] == pytest.approx(0.529398023103, abs=1e-11)


def test_first_two_examples_of_tone_and_tsutsui():
    # Example 1: inputs in one proportion on the frontier, epsilon is zero and the scores are radial
    first = build_technology(np.array([[1.0, 1], [2, 3], [3, 2], [4, 3], [5, 6], [7, 6]]), np.ones((6, 1)))
    result = epsilon_based_measure(first)
    assert result.frame["epsilon"].tolist() == [0.0] * 6
    np.testing.assert_allclose(result.frame["score"], [1, 0.5, 0.5, 1 / 3, 0.2, 1 / 6], rtol=1e-12)
    # Example 2: epsilon is one, and the paper takes equal weights, which the affinity leaves open
    second = build_technology(np.array([[2.0, 6], [6, 3], [10, 3], [2, 10]]), np.ones((4, 1)))
    np.testing.assert_allclose(epsilon_based_measure(second, epsilon=1.0).frame["score"], [1, 1, 0.8, 0.8], rtol=1e-12)
    with pytest.raises(Exception, match="their affinity does not determine their weights; declare epsilon"):
        epsilon_based_measure(second)


def test_rooms_measure_panels_as_the_functions_do():
    panel = provinces().rename(columns={"province": "unit"})
    model = {
        "inputs": ["capital", "labour"],
        "desirable": ["gdp"],
        "undesirable": ["co2"],
        "frontier": "contemporaneous",
    }
    found = directional_room.measure(panel, {**model, "score": "distance", "moved": VARIABLES})
    np.testing.assert_allclose(by_unit(found.scores)["score"], provinces()["all_moved"], atol=PRINTED)
    found = nonradial_room.measure(panel, {**model, "score": "distance", "weights": dict.fromkeys(VARIABLES, 1.0)})
    np.testing.assert_allclose(by_unit(found.scores)["score"], provinces()["equal"], atol=PRINTED)
    hospitals = HOSPITALS.drop(columns=["score", "theta"]).assign(year=2009)
    model = {"inputs": ["doctors", "nurses"], "desirable": ["outpatients", "inpatients"], "frontier": "global"}
    found = epsilon_room.measure(hospitals, model).scores
    np.testing.assert_allclose(found["score"], HOSPITALS["score"], atol=5.5e-4)
    dropped = panel.assign(co2=panel["co2"].where(panel["unit"] != "Anhui"))
    kept = directional_room.measure(dropped, {**dict(model), "inputs": ["capital", "labour"], "desirable": ["gdp"],
                                              "undesirable": ["co2"], "missing": "drop"})  # fmt: skip
    assert "Anhui" not in set(kept.scores["unit"])
    assert [line["subject"] for line in kept.ledger] == ["co2"]
    assert isinstance(kept.scores, pd.DataFrame)
