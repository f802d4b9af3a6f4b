"""Entropy weights: the matrix of Elsayed et al. (2017) as tested in pymcdm, and the min-max form by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.errors import EstimationError
from shidian.indicators.entropy_index import entropy_index

BENEFIT = dict.fromkeys(["c0", "c1", "c2", "c3", "c4"], "benefit")


def test_published_weights(reference):
    matrix = pd.read_csv(reference / "entropy_elsayed2017.csv")
    index = entropy_index(matrix, BENEFIT, normalisation="sum")
    expected = [
        0.10499069028987601,
        0.06912398487975387,
        0.07137315411913393,
        0.44993707284278905,
        0.30457509786844716,
    ]
    np.testing.assert_allclose(index.weights["weight"], expected, rtol=1e-12)
    np.testing.assert_allclose(index.weights["weight"], [0.104991, 0.069124, 0.071373, 0.449937, 0.304575], atol=5e-7)


def test_min_max_form_by_hand():
    x = pd.DataFrame({"water": [1.0, 2, 5], "waste": [4.0, 1, 1]})
    eps = 0.01
    index = entropy_index(x, {"water": "benefit", "waste": "cost"}, epsilon=eps)
    z = np.array([[0, 0.25, 1], [0, 1, 1]]).T + eps
    p = z / z.sum(axis=0)
    d = 1 + (p * np.log(p)).sum(axis=0) / np.log(3)
    w = d / d.sum()
    np.testing.assert_allclose(index.weights["weight"], w, rtol=1e-14)
    np.testing.assert_allclose(index.score, z @ w, rtol=1e-14)
    assert index.weights["polarity"].tolist() == ["benefit", "cost"]
    assert (index.n_obs, index.n_missing, index.epsilon) == (3, 0, eps)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.floats(1e-6, 1e6), st.floats(-100, 100))
def test_units_of_measure_order_and_polarity(seed, factor, shift):
    x = pd.DataFrame(np.random.default_rng(seed).lognormal(size=(12, 3)), columns=["a", "b", "c"])
    polarity = {"a": "benefit", "b": "cost", "c": "benefit"}
    base = entropy_index(x, polarity)
    assert base.weights["weight"].sum() == pytest.approx(1.0)
    assert (base.weights["weight"] >= 0).all()
    assert base.score.between(1e-4 - 1e-12, 1 + 1e-4 + 1e-12).all()
    other = entropy_index(x * factor, polarity)
    np.testing.assert_allclose(other.score, base.score, rtol=1e-7)
    mirrored = entropy_index(x.assign(b=shift - x["b"]), {**polarity, "b": "benefit"})
    np.testing.assert_allclose(mirrored.score, base.score, rtol=1e-6, atol=1e-9)
    reordered = entropy_index(x.iloc[::-1][["c", "a", "b"]], polarity)
    np.testing.assert_allclose(reordered.score.sort_index(), base.score, rtol=1e-9)


def test_a_constant_indicator_weighs_nothing_and_is_reported():
    x = pd.DataFrame({"a": [1.0, 2, 3], "b": [5.0, 5, 5]})
    weights = entropy_index(x, {"a": "benefit", "b": "benefit"}).weights.set_index("indicator")
    assert weights["weight"].to_dict() == {"a": 1.0, "b": 0.0}
    assert weights["constant"].to_dict() == {"a": False, "b": True}
    with pytest.raises(EstimationError, match="every indicator is constant"):
        entropy_index(x[["b"]], {"b": "benefit"})


def test_bad_input_is_named():
    index = pd.MultiIndex.from_tuples([("a", 2010), ("a", 2011), ("b", 2010)], names=["unit", "year"])
    x = pd.DataFrame({"water": [1.0, np.nan, 3], "waste": [4.0, 1, 2]}, index=index)
    polarity = {"water": "benefit", "waste": "cost"}
    with pytest.raises(EstimationError, match="unit a, year 2011: water missing, and 1 rows"):
        entropy_index(x, polarity)
    dropped = entropy_index(x, polarity, missing="drop")
    assert dropped.score.isna().tolist() == [False, True, False]
    assert (dropped.n_obs, dropped.n_missing) == (2, 1)
    with pytest.raises(EstimationError, match="'waste' has no polarity"):
        entropy_index(x, {"water": "benefit"})
    with pytest.raises(EstimationError, match=r"'wate', no indicator \(did you mean 'water'"):
        entropy_index(x, {**polarity, "wate": "cost"})
    with pytest.raises(EstimationError, match="epsilon must be positive"):
        entropy_index(x.dropna(), polarity, epsilon=0.0)
    with pytest.raises(EstimationError, match="knows no cost indicators"):
        entropy_index(x.dropna(), polarity, normalisation="sum")
    with pytest.raises(EstimationError, match="polarity of 'water' is 'good'"):
        entropy_index(x, {**polarity, "water": "good"})
    with pytest.raises(EstimationError, match="at least two rows"):
        entropy_index(x.iloc[:1], polarity)
