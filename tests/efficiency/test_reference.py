"""Published and peer-computed scores: Tone (2001, 2002, 2003)."""

import doctest

import numpy as np
import pytest
from shidian.efficiency import sbm, super_sbm

from tests.efficiency.technologies import POWER_PLANTS, TONE_2001, TONE_2003

ENGINES = ("fast", "highs", "pulp")


@pytest.mark.parametrize("engine", ENGINES)
def test_tone_2001_sbm_and_super(engine):
    result = super_sbm(["x1", "x2"], ["y1", "y2"], data=TONE_2001, unit="unit", engine=engine)
    scores = result.scores()
    np.testing.assert_allclose(scores["sbm"], [0.79797979798, 0.568181818182, 1, 0.666666666667, 1], rtol=1e-10)
    np.testing.assert_allclose(scores["score"][[2, 4]], [1.333333333333, 1.454545454545], rtol=1e-10)
    assert scores["efficient"].tolist() == [False, False, True, False, True]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        ("none", [1.01161598818, 1.41463414634, 1.078125, 1.15625, 1.58584615385, 1.0198097644]),
        ("input", [1.01161598818, 1.70833333333, 1.078125, 1.15625, 1.79880952381, 1.0198097644]),
    ],
)
def test_tone_2002_super_sbm(engine, orientation, expected):
    columns = ["x1", "x2", "x3", "x4"], ["y1", "y2"]
    result = super_sbm(*columns, data=POWER_PLANTS, unit="unit", orientation=orientation, engine=engine)
    np.testing.assert_allclose(result.score, expected, rtol=1e-10)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("returns", "sbm", "super_scores"),
    [
        ("vrs", [0.666666666667, 1, 1, 1, 1, 0.909090909091, 0.705882352941, 0.8, 0.6],
         {"B": 1.1111111111, "C": 1.0909090909, "D": 1.0526315789, "E": 1.0588235294}),
        ("crs", [0.1, 0.25, 1, 1, 1, 0.75, 0.428571428571, 0.666666666667, 0.358208955224],
         {"C": 1.0909090909, "D": 1.0526315789, "E": 1.0588235294}),
    ],
)  # fmt: skip
def test_tone_2003_undesirable_outputs(engine, returns, sbm, super_scores):
    result = super_sbm("x", "y", "b", data=TONE_2003, unit="unit", returns=returns, engine=engine)
    scores = result.scores().set_index("unit")
    np.testing.assert_allclose(scores["sbm"], sbm, rtol=1e-10)
    for unit, expected in super_scores.items():
        assert scores.loc[unit, "score"] == pytest.approx(expected, rel=1e-10)


def test_slacks_projection_and_peers_of_a_hand_solved_unit():
    # A (1, 1, 1) under CRS: 0.1 = min; the ray of D (1, 8, 4) at lambda = 1/4 emits as A does and makes 2
    result = super_sbm("x", "y", "b", data=TONE_2003, unit="unit", super_efficiency=False)
    slacks = result.slacks().query("unit == 'A'").set_index("variable")
    peers = result.peers().query("unit == 'A'")
    assert peers["peer_unit"].tolist() == ["D"]
    intensity = peers["intensity"].iloc[0]
    np.testing.assert_allclose(slacks["projection"], [intensity, 8 * intensity, 4 * intensity], rtol=1e-12)
    np.testing.assert_allclose(slacks["value"] - slacks["projection"], slacks["slack"] * [1, -1, 1], rtol=1e-12)
    s = slacks["slack"]
    assert (1 - s["x"]) / (1 + (s["y"] + s["b"]) / 2) == pytest.approx(0.1, rel=1e-12)


def test_the_example_of_the_public_function_runs():
    results = doctest.testmod(sbm)
    assert results.attempted == 6
    assert results.failed == 0
