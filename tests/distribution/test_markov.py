"""Markov chains: the published chain of US states and a made one of giddy, properties, refusals."""

import numpy as np
import pytest
from shidian.distribution.markov import (
    class_of,
    homogeneity,
    long_run,
    probabilities,
    quantile_bounds,
    transitions,
)
from shidian.errors import EstimationError

from tests.exhibits.exhibit_checks import run_exhibit, value
from tests.kinds.example_panel import INFO, example_panel

STATES = np.array([
    [[474, 15, 3, 0, 0], [9, 124, 16, 0, 0], [0, 14, 74, 12, 0], [0, 1, 9, 16, 2], [0, 0, 0, 1, 5]],
    [[95, 20, 4, 0, 0], [16, 187, 9, 0, 0], [1, 13, 161, 11, 0], [0, 0, 13, 184, 7], [0, 0, 0, 7, 29]],
    [[83, 15, 0, 0, 0], [17, 165, 27, 0, 0], [1, 19, 153, 19, 1], [0, 0, 16, 148, 6], [0, 0, 0, 10, 88]],
    [[54, 6, 0, 1, 0], [5, 105, 18, 0, 1], [1, 19, 157, 24, 1], [0, 4, 22, 129, 16], [0, 0, 0, 20, 187]],
    [[1, 2, 0, 0, 0], [3, 48, 10, 1, 0], [1, 14, 65, 7, 0], [0, 2, 12, 173, 6], [0, 0, 0, 10, 415]],
])  # fmt: skip
"""Transitions of relative incomes of 48 US states, 1929 to 2009, by quintile of the neighbours: the example in giddy's
documentation of ``Spatial_Markov`` (incomes that PySAL ships)."""


def test_the_published_tests_of_us_states():
    """LR 170.659, Q 200.624, 60 degrees of freedom as printed there."""
    found = homogeneity(STATES)
    assert (round(found.lr, 3), round(found.q, 3), found.df) == (170.659, 200.624, 60)
    assert found.p_lr == pytest.approx(1.492250767398673e-12, rel=1e-6)


def test_the_published_probabilities_and_long_run_of_us_states():
    p = probabilities(STATES.sum(axis=0))
    np.testing.assert_allclose(p[0], [0.91461837, 0.07503234, 0.00905563, 0.00129366, 0], atol=5e-9)
    np.testing.assert_allclose(p[2], [0.00520833, 0.10286458, 0.79427083, 0.09505208, 0.00260417], atol=5e-9)
    giddy = [0.1795737629965972, 0.21631443192445401, 0.21499941873019432, 0.2113466241384408, 0.17776576221031368]
    np.testing.assert_allclose(long_run(p), giddy, rtol=1e-10)


def ring() -> tuple[np.ndarray, np.ndarray]:
    """Return made values of 16 units on a ring in 9 years, and the mean of both neighbours."""
    rng = np.random.default_rng(12)
    y = np.exp(np.cumsum(rng.normal(0, 0.25, size=(16, 9)), axis=1) + rng.normal(0, 0.5, size=(16, 1)))
    return y, (np.roll(y, 1, axis=0) + np.roll(y, -1, axis=0)) / 2


OWN = [[[7, 5, 0], [4, 21, 0], [0, 0, 6]], [[14, 0, 0], [1, 0, 4], [0, 3, 20]], [[15, 1, 0], [3, 10, 1], [0, 1, 12]]]
SAME = [[[4, 3, 0], [1, 16, 0], [0, 0, 5]], [[16, 2, 0], [4, 5, 4], [0, 2, 17]], [[16, 1, 0], [3, 10, 1], [0, 2, 16]]]


@pytest.mark.parametrize(("own", "expected", "lr", "q"), [
    (True, OWN, 34.72074069652383, 39.65710932298471), (False, SAME, 19.263036603140808, 18.725721556621124),
])  # fmt: skip
def test_the_spatial_chain_of_giddy_on_a_ring(own, expected, lr, q):
    """``giddy.markov.Spatial_Markov`` 2.3.8, k = 3, by its own quantiles of the lag and by those of the values."""
    y, lag = ring()
    bounds = quantile_bounds(y.ravel(), 3)
    np.testing.assert_allclose(bounds, [0.73058168, 1.27079546], atol=5e-9)
    classes, near = class_of(y, bounds), class_of(lag, quantile_bounds(lag.ravel(), 3) if own else bounds)
    counts = np.array([
        transitions(classes[:, :-1][near[:, :-1] == r], classes[:, 1:][near[:, :-1] == r], 3) for r in range(3)
    ])  # fmt: skip
    assert counts.astype(int).tolist() == expected
    found = homogeneity(counts)
    assert (found.lr, found.q, found.df) == pytest.approx((lr, q, 8), rel=1e-10)


def test_equal_regimes_differ_in_nothing_and_names_do_not_matter():
    one = STATES[1]
    same = homogeneity(np.array([one, 3 * one]))
    assert (same.lr, same.q) == pytest.approx((0, 0), abs=1e-9)
    order = [3, 1, 0, 4, 2]
    base, other = homogeneity(STATES), homogeneity(STATES[[4, 2, 0, 1, 3]][:, order][:, :, order])
    assert (other.lr, other.q, other.df) == pytest.approx((base.lr, base.q, base.df))
    assert homogeneity(np.array([np.eye(3), np.eye(3)])).df == 0


def test_the_long_run_keeps_itself_or_is_not_single():
    p = probabilities(STATES[2])
    np.testing.assert_allclose(long_run(p) @ p, long_run(p), rtol=1e-12)
    np.testing.assert_allclose(long_run(np.array([[0.5, 0.5], [0, 1]])), [0, 1], atol=1e-12)
    assert np.isnan(long_run(np.eye(2))).all()
    assert np.isnan(long_run(probabilities(np.array([[0, 0], [1, 1]])))).all()


def exhibit(panel, **more):
    return run_exhibit("markov_chain", panel, {"variable": "gie", **more}, {}, INFO)


PLACE = {"kind": "inverse_distance", "longitude": "longitude", "latitude": "latitude"}


def test_units_of_measure_and_relative_values():
    panel = example_panel()
    base = exhibit(panel, weights=PLACE, classes=3, relative=True)
    scaled = panel.assign(gie=panel["gie"] * 1e6 * (panel["year"] - 2000) ** 2)
    again = exhibit(scaled, weights=PLACE, classes=3, relative=True)
    np.testing.assert_allclose(again.estimates["estimate"], base.estimates["estimate"], rtol=1e-9)
    sums = base.estimates[base.estimates["column"].str.startswith("to ") & ~base.estimates["term"].str.contains("χ²")]
    np.testing.assert_allclose(sums.groupby("term")["estimate"].sum(min_count=3).dropna(), 1)


def test_a_gap_is_no_transition():
    panel = example_panel()
    found = exhibit(panel.drop(index=5), classes=2)
    assert value(found, "Transitions", "long run") == 32 * 7 - 2


def test_a_class_that_nothing_starts_in_is_a_dash():
    panel = example_panel()
    last = panel.assign(gie=panel["gie"].where(panel["year"] < 2008, 100.0))
    found = exhibit(last, bounds=[50])
    assert value(found, "to 1", "class 2", "reason") == "no unit starts in this class"
    assert "no single long-run" in value(found, "to 1", "long run", "reason")


@pytest.mark.parametrize(("more", "words"), [
    ({"bounds": [-1.0]}, "no value lies in class 1: values lie between .* 'bounds' are -1"),
    ({"bounds": [1.0, 0.5]}, "'bounds' must rise, not 1, 0.5|'bounds' must rise, not 1 and 0.5"),
    ({"sample": {"first_year": 2008}}, "it compares periods and needs 2 or more, the sample has 1"),
    ({"weights": {"kind": "contiguity"}}, "330900 have no neighbours, so no class of them; choose other 'weights'"),
])  # fmt: skip
def test_refusals(more, words):
    with pytest.raises(EstimationError, match=words):
        exhibit(example_panel(), **more)


def test_many_equal_values_and_gaps_beside_weights_are_refused():
    panel = example_panel()
    ones = panel.assign(gie=panel["gie"].clip(lower=1.0))
    with pytest.raises(
        EstimationError, match=r"4 classes .* cannot be told apart: \d+ of 256 values are 1; give fewer"
    ):
        exhibit(ones)
    with pytest.raises(EstimationError, match="balanced"):
        exhibit(panel.drop(index=5), weights=PLACE)
