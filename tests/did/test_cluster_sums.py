"""The sums of the wild cluster bootstrap in factors, against the dense matrices of their definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from shidian.did import cluster_sums as sums_module
from shidian.did.cluster_sums import cluster_sums
from shidian.did.twfe import regress
from shidian.did.wild_bootstrap import Signs, interval, p_value, romano_wolf, wild_draws
from shidian.errors import EstimationError

DESIGNS = [
    (["unit", "year"], "unit"),  # one effect nested in the clusters
    (["unit", "year"], "province"),
    (["unit", "year", "province_year"], "province"),
    (["unit", "province_year"], "unit"),  # nearly as many levels as clusters
    (["province", "year"], "mover"),  # nothing nested
    (["unit", "year"], "mover"),  # fewer clusters than levels that cross them
    (["unit", "year"], "year"),
    ([], "unit"),
]


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(4)
    n, T = 36, 8
    frame = pd.DataFrame({"unit": np.repeat(np.arange(n), T), "year": 2000 + np.tile(np.arange(T), n)})
    frame["province"] = frame["unit"] % 11
    frame["province_year"] = frame["unit"] % 4 * 10_000 + frame["year"]
    frame["mover"] = rng.integers(0, 30, n * T)
    frame["d"] = ((frame["unit"] % 3 > 0) & (frame["year"] >= 2002 + frame["unit"] % 3)).astype(float)
    frame["x"], frame["z"] = rng.normal(size=n * T), 1e6 * rng.normal(size=n * T)
    frame["y"] = 0.3 * frame["d"] + 0.1 * frame["x"] + rng.normal(size=n * T)
    return frame[rng.random(n * T) > 0.15].reset_index(drop=True)


def fitted(panel, effects, cluster):
    return regress(panel, "y", ["d", "x", "z"], effects, {"kind": "cluster", "by": cluster}, "reghdfe")


def dense_t(regression, effects, cluster, signs, null):
    """t of each draw by the definition: the restricted model's residuals flipped, everything refitted with dummies."""
    frame = regression.sample.frame
    codes = np.unique(frame[cluster].astype(str), return_inverse=True)[1]
    dummies = [np.eye(c.max() + 1)[c] for c in (pd.factorize(frame[e])[0] for e in effects)]
    rest = np.column_stack([frame[["x", "z"]] / [1, 1e6], np.ones(len(frame)), *dummies])
    M = np.eye(len(frame)) - rest @ np.linalg.pinv(rest)
    x, y = M @ frame["d"].to_numpy(), M @ (frame["y"] - null * frame["d"]).to_numpy()
    found = []
    for w in signs:
        star = M @ (y * w[codes])
        beta = x @ star / (x @ x)
        by_cluster = np.bincount(codes, x * (star - beta * x))
        found.append(beta * (x @ x) / np.sqrt(by_cluster @ by_cluster))
    return np.array(found)


@pytest.mark.parametrize(("effects", "cluster"), DESIGNS)
@pytest.mark.parametrize("null", [0.0, 0.4])
def test_every_draw_equals_that_of_the_dense_annihilator(panel, effects, cluster, null):
    regression = fitted(panel, effects, cluster)
    sums = cluster_sums(regression, "d", effects, cluster)
    signs = Signs(len(sums.labels), 99, seed=5)
    expected = dense_t(regression, effects, cluster, np.vstack(list(signs.blocks())), null)
    np.testing.assert_allclose(wild_draws(sums, signs).t_statistics(null), expected, rtol=1e-9, atol=1e-10)
    t = regression.fit.coef[0] / sums.se
    assert sums.t_sample() == pytest.approx(t, rel=1e-12)
    assert sums.t_sample(null) == pytest.approx((regression.fit.coef[0] - null) / sums.se, rel=1e-12)


def test_numbers_held_grow_with_clusters_not_with_their_square(panel):
    sums = cluster_sums(fitted(panel, ["unit", "year"], "unit"), "d", ["unit", "year"], "unit")
    assert sums.span.shape == sums.span_y.shape == (36, 2 + 7), "two controls, eight years less the unit effects' one"


@pytest.mark.parametrize(("effects", "cluster"), DESIGNS)
def test_blocks_of_columns_and_of_draws_are_the_same_numbers(panel, effects, cluster, monkeypatch):
    regression = fitted(panel, effects, cluster)
    whole = cluster_sums(regression, "d", effects, cluster)
    signs = Signs(len(whole.labels), 199, seed=1)
    t = wild_draws(whole, signs).t_statistics()
    monkeypatch.setattr(sums_module, "COLUMNS_HELD", len(regression.y))
    monkeypatch.setattr("shidian.did.wild_bootstrap.SIGNS_HELD", 7 * len(whole.labels))
    parts = cluster_sums(regression, "d", effects, cluster)
    np.testing.assert_allclose(wild_draws(parts, signs).t_statistics(), t, rtol=1e-10, atol=1e-12)
    assert interval(wild_draws(parts, signs)) == interval(wild_draws(whole, signs))


def test_order_of_rows_and_units_of_measure_do_not_matter(panel):
    other = panel.sample(frac=1, random_state=1).assign(y=panel["y"] * 1e-6, x=panel["x"] * 1e9)
    found = []
    for frame, scale in ((panel, 1.0), (other, 1e6)):
        sums = cluster_sums(fitted(frame, ["unit", "year"], "unit"), "d", ["unit", "year"], "unit")
        drawn = wild_draws(sums, Signs(36, 499, seed=2))
        found.append((p_value(drawn), *(scale * end for end in interval(drawn)), romano_wolf([sums, sums], 499, 2)[0]))
    assert found[0] == pytest.approx(found[1], rel=1e-8)


def test_levels_that_only_other_levels_span_are_left_out(panel):
    """Two copies of the year effect, and one unit in a year of its own: the basis drops what is spanned already."""
    doubled = panel.assign(again=panel["year"], year=panel["year"].where(panel.index > 0, 1990))
    regression = fitted(doubled, ["unit", "year", "again"], "province")
    sums = cluster_sums(regression, "d", ["unit", "year", "again"], "province")
    signs = Signs(len(sums.labels), 99, seed=5)
    expected = dense_t(regression, ["unit", "year", "again"], "province", np.vstack(list(signs.blocks())), 0.0)
    np.testing.assert_allclose(wild_draws(sums, signs).t_statistics(), expected, rtol=1e-9, atol=1e-10)


def test_clusters_crossed_by_as_many_levels_are_refused_by_number(panel, monkeypatch):
    monkeypatch.setattr(sums_module, "LARGEST", 29)
    regression = fitted(panel, ["unit", "year"], "mover")
    with pytest.raises(EstimationError, match="30 clusters are crossed by 44 levels of fixed effects"):
        cluster_sums(regression, "d", ["unit", "year"], "mover")
