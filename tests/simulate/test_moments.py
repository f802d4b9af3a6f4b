"""Drawn variables have the moments asked, or the error says which cannot be attained."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.errors import SimulationError
from shidian.simulate.moments import MAX_STANDARD_DEVIATIONS, Moments, disturbance, draw, normal_scores
from shidian.simulate.streams import stream
from shidian.simulate.structure import Bounds, Draw, Equation, plant

EVERYWHERE = np.ones((200, 10), dtype=bool)


@pytest.mark.parametrize(
    "moments",
    [
        Moments(9.57, 0.69, 7.7, 12.4),
        Moments(0.0184, 0.0191, 0.0, 0.1988, "lognormal"),
        Moments(0.2291, 0.2845, 0.05, 3.463, "lognormal"),
        Moments(585.0, 585.7, 1.0, np.inf, "lognormal"),
    ],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_mean_and_spread_are_attained_inside_the_range(moments, seed):
    sample = EVERYWHERE.copy()
    sample[:20] = False
    x = draw(stream(seed, "x"), "x", moments, sample)
    assert x[sample].mean() == pytest.approx(moments.mean, abs=0.01 * moments.sd)
    assert x[sample].std() == pytest.approx(moments.sd, rel=0.01)
    assert x.min() >= moments.low
    assert x.max() <= moments.high


@settings(max_examples=60, deadline=None)
@given(mean=st.floats(0.05, 0.95), excess=st.floats(1.01, 5))
def test_a_spread_above_bhatia_and_davis_is_refused(mean, excess):
    largest = np.sqrt(mean * (1 - mean))
    with pytest.raises(SimulationError, match="moments of 'share' cannot be attained: sd"):
        draw(stream(1), "share", Moments(mean, largest * excess, 0, 1), EVERYWHERE)


def test_a_mean_outside_the_range_is_refused():
    with pytest.raises(SimulationError, match=r"mean 2 is not between min 0 and max 1"):
        draw(stream(1), "share", Moments(2, 0.1, 0, 1), EVERYWHERE)


def test_moments_that_the_shape_cannot_reach_are_refused_and_named():
    tight = Moments(0.2, 0.399, 0, 1)  # a fifth of the values at 1, the others at 0: not with four values
    with pytest.raises(SimulationError, match=r"moments of 'x' cannot be attained: asked mean 0\.2"):
        draw(stream(1), "x", tight, np.ones((2, 2), dtype=bool))


def test_disturbances_are_cut_and_have_the_spread():
    e = disturbance(stream(3), (4000, 20), 2.0, 0.5)
    assert np.abs(e).max() <= 2.0 * MAX_STANDARD_DEVIATIONS
    assert e.std() == pytest.approx(2.0, rel=0.02)
    lagged = np.corrcoef(e[:, :-1].ravel(), e[:, 1:].ravel())[0, 1]
    assert lagged == pytest.approx(0.5, abs=0.02)


def test_normal_scores_keep_the_order():
    x = np.array([3.0, -1.0, 10.0, 2.0])
    assert np.argsort(normal_scores(x)).tolist() == np.argsort(x).tolist()
    assert normal_scores(x).sum() == pytest.approx(0)


def test_streams_depend_on_their_label_alone():
    first = stream(1, "a").standard_normal(3)
    stream(1, "b").standard_normal(1000)
    assert stream(1, "a").standard_normal(3).tolist() == first.tolist()
    assert stream(2, "a").standard_normal(3).tolist() != first.tolist()
    assert stream(1, "a", 2006).standard_normal(3).tolist() != first.tolist()


def equation(**change):
    return Equation("y", Moments(0.1, 0.05, 0.001, 0.5, "lognormal"), {"did": 0.02}, **{"noise": 0.01, **change})


def test_an_equation_keeps_its_coefficient_moments_and_range():
    did = np.zeros((200, 10))
    did[:80, 5:] = 1
    draws = Draw(5, "study", EVERYWHERE)
    y = plant(equation(), {"did": did}, draws)
    assert y.mean() == pytest.approx(0.1, abs=0.001)
    assert y.std() == pytest.approx(0.05, rel=0.02)
    assert y.min() >= 0.001
    assert y.max() <= 0.5
    clean = plant(equation(), {"did": did}, Draw(5, "study", EVERYWHERE, disturbed=False))
    change = clean[:80, 5:] - clean[:80, :5]
    assert change == pytest.approx(0.02)
    assert clean[80:].std(axis=1) == pytest.approx(0)


def test_disturbances_that_do_not_fit_are_shrunk_but_effects_never_are():
    did = np.zeros((200, 10))
    did[:80, 5:] = 1
    narrow = Bounds(high=np.where(np.arange(200)[:, None] < 10, 0.035, 0.5) * np.ones((200, 10)))
    y = plant(equation(noise=0.02), {"did": did}, Draw(5, "study", EVERYWHERE), bounds=narrow)
    assert (y[:10] <= 0.035 + 1e-12).all()
    clean = plant(equation(noise=0.02), {"did": did}, Draw(5, "study", EVERYWHERE, disturbed=False), bounds=narrow)
    assert clean[:80, 5:] - clean[:80, :5] == pytest.approx(0.02)


def test_an_effect_larger_than_the_range_is_an_error():
    did = np.zeros((200, 10))
    did[:80, 5:] = 1
    with pytest.raises(SimulationError, match="'y' cannot stay inside its range: without any disturbance unit 0"):
        plant(equation(), {"did": did}, Draw(5, "study", EVERYWHERE), bounds=Bounds(high=np.full((200, 10), 0.015)))


def test_an_equation_with_an_unknown_regressor_is_an_error():
    with pytest.raises(SimulationError, match=r"the equation of 'y' uses 'did' \(did you mean 'dids'\?\)"):
        plant(equation(), {"dids": np.zeros((200, 10))}, Draw(5, "study", EVERYWHERE))
