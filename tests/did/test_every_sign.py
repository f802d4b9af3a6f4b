"""The wild bootstrap over every pattern of signs, against all patterns written out; weights and columns at bounds."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from shidian.did.cluster_sums import cluster_sums
from shidian.did.models import regress
from shidian.did.twfe_weights import twfe_weights
from shidian.did.wild_bootstrap import Signs, interval, p_value, wild_draws
from shidian.did.within import estimable

from tests.did.simulate import staggered_panel


@pytest.fixture(scope="module")
def six():
    """60 rows in six clusters, with a regressor that differs between them."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"unit": np.arange(60), "year": 1, "g": np.repeat(list("abcdef"), 10)})
    frame["x"] = rng.normal(size=60) + np.repeat(rng.normal(size=6), 10)
    frame["y"] = 0.4 * frame["x"] + rng.normal(size=60) + np.repeat(rng.normal(size=6), 10)
    return frame


def written_out(frame, null):
    """Return the share of the 64 patterns whose |t| is at least the sample's, refitting each."""
    X, y = np.column_stack([frame["x"], np.ones(60)]), frame["y"].to_numpy()
    codes, bread = np.unique(frame["g"], return_inverse=True)[1], np.linalg.inv(X.T @ X)

    def t_of(outcome):
        b = bread @ X.T @ outcome
        scores = np.zeros((6, 2))
        np.add.at(scores, codes, X * (outcome - X @ b)[:, None])
        return abs(b[0] - null) / np.sqrt((bread @ scores.T @ scores @ bread)[0, 0])

    mean = (y - null * X[:, 0]).mean()
    fitted, residual = null * X[:, 0] + mean, y - null * X[:, 0] - mean
    t = np.array([t_of(fitted + residual * np.array(w)[codes]) for w in product((1.0, -1.0), repeat=6)])
    return (t >= t_of(y) * (1 - 1e-9)).mean()


def test_every_pattern_is_taken_once(six):
    signs = np.vstack(list(Signs(6, 64, seed=1).blocks()))
    assert {tuple(row) for row in signs.tolist()} == set(product((1.0, -1.0), repeat=6))


@pytest.mark.parametrize("null", [0.0, 0.3, -0.2, 0.9])
def test_p_is_that_of_all_patterns_written_out(six, null):
    sums = cluster_sums(regress(six, "y", ["x"], [], {"kind": "cluster", "by": "g"}), "x", [], "g")
    drawn = wild_draws(sums, Signs(6, 999, seed=1))
    assert drawn.every
    assert p_value(drawn, null) == pytest.approx(written_out(six, null), abs=1e-12)


def test_the_interval_ends_where_all_patterns_reject(six):
    sums = cluster_sums(regress(six, "y", ["x"], [], {"kind": "cluster", "by": "g"}), "x", [], "g")
    low, high = interval(wild_draws(sums, Signs(6, 999, seed=1)), level=0.9)
    for inside, outside in ((low + 1e-3, low - 1e-3), (high - 1e-3, high + 1e-3)):
        assert written_out(six, inside) > 0.1 >= written_out(six, outside)


def test_a_weight_of_zero_is_no_negative_one():
    weights = twfe_weights(staggered_panel(seed=1, effect=lambda tau: 0 * tau), "y", "d", (), "fe")
    cells = weights.cells.assign(weight=np.r_[0.0, -0.1, np.full(len(weights.cells) - 2, 0.2)])
    assert replace(weights, cells=cells).n_negative == 1
    assert replace(weights, cells=cells).n_positive == len(cells) - 2


def test_columns_that_differ_by_a_constant_are_collinear_without_effects():
    rng = np.random.default_rng(3)
    x = rng.normal(size=40)
    columns = np.column_stack([x, 5.0 - x])
    names, places, omitted = estimable(columns, columns, ["a", "b"], ())
    assert (names, places) == (["a"], [0])
    assert omitted["b"].startswith("collinear with")
    assert estimable(columns, columns + rng.normal(size=(40, 2)), ["a", "b"], ("unit",))[0] == ["a", "b"]
