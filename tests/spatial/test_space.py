"""Moran's I, Conley errors, rings, map classes and outlines."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.errors import EstimationError, SourceError
from shidian.regions import polygons
from shidian.regions.decode_polygons import decode, simplify
from shidian.regions.polygons import prefecture_outlines, read_outlines
from shidian.spatial.classes import class_breaks, classify
from shidian.spatial.conley import conley_covariance
from shidian.spatial.distance import contiguity
from shidian.spatial.haversine import great_circle_km
from shidian.spatial.moran import CLUSTERS, local_moran, moran
from shidian.spatial.rings import ring_indicators, ring_name

from tests.spatial.held import Held
from tests.spatial.spatial_panels import planar_weights

W = planar_weights(30, 4)
RNG = np.random.default_rng(2)
SMOOTH = np.linalg.solve(np.eye(30) - 0.95 * W.matrix, RNG.standard_normal(30))


def test_permutation_distribution_matches_the_randomisation_moments():
    found = moran(SMOOTH, W, permutations=4999, seed=3)
    assert found.p < 0.02
    assert found.p_permutation == pytest.approx(found.p, abs=0.01)
    noise = moran(RNG.standard_normal(30), W, permutations=4999, seed=3)
    assert noise.p_permutation == pytest.approx(noise.p, abs=0.05)


def test_moran_does_not_depend_on_scale_order_or_number_of_draws():
    first = moran(SMOOTH, W, 199, 1)
    assert pytest.approx(first.I, rel=1e-12) == moran(SMOOTH * 1000 - 5, W, 199, 1).I
    assert moran(SMOOTH, W, 199, 1) == first
    assert (
        moran(SMOOTH, W, 199, 1, stream=7).p_permutation != moran(SMOOTH * 0 + RNG.random(30), W, 199, 1).p_permutation
    )


def test_local_moran_sums_to_the_global_one():
    found = local_moran(SMOOTH, W, 499, 1)
    total = float(found["local_i"].sum()) / (30 - 1) * 30 / W.matrix.sum()
    assert total == pytest.approx(moran(SMOOTH, W, 0).I, rel=1e-12)
    assert set(found["cluster"]) <= set(CLUSTERS)
    high = found[found["cluster"] == "High-High"]
    assert len(high)
    assert (high["z"] > 0).all()
    assert (high["lag"] > 0).all()
    assert (high["p"] < 0.05).all()
    reference = (
        (SMOOTH - SMOOTH.mean()) * (W.matrix @ (SMOOTH - SMOOTH.mean())) / np.var(SMOOTH - SMOOTH.mean(), ddof=1)
    )
    assert found["local_i"].to_numpy() == pytest.approx(reference, rel=1e-12)


def test_local_p_values_are_uniform_without_dependence():
    p = np.concatenate([
        local_moran(np.random.default_rng(s).standard_normal(30), W, 199, s)["p"].to_numpy() for s in range(40)
    ])  # fmt: skip
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.02)
    assert np.mean(p < 0.5) == pytest.approx(0.5, abs=0.06)


def test_bad_moran_input():
    holed = SMOOTH.copy()
    holed[4] = np.nan
    with pytest.raises(EstimationError, match="1 units have no value: 0004"):
        moran(holed, W)
    with pytest.raises(EstimationError, match="all 30 units have the same value"):
        moran(np.ones(30), W)
    with pytest.raises(EstimationError, match="give a number of permutations"):
        local_moran(SMOOTH, W, 0)


@given(st.integers(0, 500), st.sampled_from(["uniform", "bartlett"]), st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_conley_errors_are_the_double_sum_written_out(seed, kernel, lags):
    rng = np.random.default_rng(seed)
    n, T = 6, 4
    km = great_circle_km(rng.uniform(100, 110, n), rng.uniform(30, 35, n))
    unit, year = np.tile(np.arange(n), T), np.repeat(np.arange(T), n)
    keep = rng.permutation(n * T)[: n * T - 3]
    unit, year = unit[keep], year[keep]
    X, e = rng.standard_normal((len(unit), 2)), rng.standard_normal(len(unit))
    meat = np.zeros((2, 2))
    for a in range(len(unit)):
        for b in range(len(unit)):
            d = km[unit[a], unit[b]]
            weight = 0.0
            if year[a] == year[b]:
                weight = float(d <= 300) * (1 if kernel == "uniform" else 1 - d / 300)
            elif unit[a] == unit[b] and abs(year[a] - year[b]) <= lags:
                weight = 1 - abs(year[a] - year[b]) / (lags + 1)
            meat += weight * e[a] * e[b] * np.outer(X[a], X[b])
    bread = np.linalg.inv(X.T @ X)
    expected = bread @ meat @ bread
    assert conley_covariance(X, e, unit, year, Held(km), 300, kernel, lags) == pytest.approx(
        expected, rel=1e-9, abs=1e-12
    )


def test_conley_nests_known_cases():
    """A tiny cut-off is heteroskedasticity-robust; a huge uniform one clusters by year."""
    rng = np.random.default_rng(1)
    n, T = 8, 5
    km = great_circle_km(rng.uniform(100, 110, n), rng.uniform(30, 35, n))
    unit, year = np.tile(np.arange(n), T), np.repeat(np.arange(T), n)
    X, e = rng.standard_normal((n * T, 1)), rng.standard_normal(n * T)
    s, bread = X * e[:, None], np.linalg.inv(X.T @ X)
    robust, by_year = bread @ (s.T @ s) @ bread, np.add.reduceat(s, np.arange(0, n * T, n))
    assert conley_covariance(X, e, unit, year, Held(km), 0.001) == pytest.approx(robust)
    assert conley_covariance(X, e, unit, year, Held(km), 1e5) == pytest.approx(bread @ (by_year.T @ by_year) @ bread)
    with pytest.raises(EstimationError, match="positive cut-off"):
        conley_covariance(X, e, unit, year, Held(km), 0)
    with pytest.raises(EstimationError, match="no Conley kernel"):
        conley_covariance(X, e, unit, year, Held(km), 10, "epanechnikov")


def test_rings_by_hand():
    """Four units on a line, 100 km apart; unit 0 is treated from 2001."""
    codes, place = list("abcd"), np.arange(4) * 100.0
    km = np.abs(place[:, None] - place[None, :])
    panel = pd.DataFrame({"unit": codes * 2, "year": [2000] * 4 + [2001] * 4, "d": [0] * 4 + [1, 0, 0, 0]})
    found = ring_indicators(panel, "d", codes, Held(km), [0, 100, 250])
    assert found[ring_name(0, 100)].tolist() == [0, 0, 0, 0, 0, 1, 0, 0]
    assert found[ring_name(100, 250)].tolist() == [0, 0, 0, 0, 0, 0, 1, 0]
    both = panel.assign(d=[0] * 4 + [1, 0, 1, 0])
    nearest = ring_indicators(both, "d", codes, Held(km), [0, 100, 250])
    every = ring_indicators(both, "d", codes, Held(km), [0, 100, 250], nearest_only=False)
    assert nearest[ring_name(100, 250)].tolist() == [0, 0, 0, 0, 1, 0, 1, 0]
    assert every.to_numpy().sum() == nearest.to_numpy().sum()
    wide = ring_indicators(both, "d", codes, Held(km), [0, 100, 300], nearest_only=False)
    assert wide[ring_name(100, 300)].tolist() == [0, 0, 0, 0, 1, 0, 1, 1]  # d: c at 100 km, a at 300 km
    assert ring_indicators(both, "d", codes, Held(km), [0, 100, 300])[ring_name(100, 300)].tolist()[-1] == 0
    assert ring_indicators(panel, "d", codes, Held(km), [0, 100]).to_numpy().ravel().tolist() == [
        0,
        0,
        0,
        0,
        0,
        1,
        0,
        0,
    ]
    for edges in ([100, 200], [0], [0, 200, 100]):
        with pytest.raises(EstimationError, match="increase from 0"):
            ring_indicators(panel, "d", codes, Held(km), edges)


@given(st.lists(st.integers(0, 30), min_size=8, max_size=14), st.integers(2, 4))
@settings(max_examples=40, deadline=None)
def test_natural_breaks_are_optimal(values, k):
    from itertools import combinations

    x = np.array(values, dtype=float)
    distinct = np.unique(x)
    if len(distinct) < k:
        with pytest.raises(EstimationError, match="distinct values cannot make"):
            class_breaks(x, k)
        return

    def loss(breaks):
        classes = classify(x, np.array(breaks))
        return sum(((x[classes == c] - x[classes == c].mean()) ** 2).sum() for c in set(classes.tolist()))

    best = min(loss(b) for b in combinations(distinct[:-1], k - 1))
    found = class_breaks(x, k)
    assert len(found) == k - 1
    assert loss(found) == pytest.approx(best, abs=1e-9)


def test_quantile_classes_hold_equal_numbers():
    x = np.append(RNG.standard_normal(100), np.nan)
    classes = classify(x, class_breaks(x, 5, "quantiles"))
    assert np.bincount(classes[:-1]).tolist() == [20] * 5
    assert classes[-1] == -1
    with pytest.raises(EstimationError, match="leave one empty"):
        class_breaks(np.array([0.0] * 50 + [1, 2, 3]), 3, "quantiles")


def test_outlines_of_prefectures():
    outlines = prefecture_outlines()
    assert len(outlines) == 373
    assert outlines["340100"].name == "合肥"
    assert outlines["650500"] is not None
    assert outlines["650500"].name == outlines["652200"].name == "哈密"
    for outline in outlines.values():
        points = np.concatenate(outline.rings)
        assert (points.min(axis=0) > [73, 15]).all()
        assert (points.max(axis=0) < [136, 54]).all()
    codes = ["110000", "120000", "130600", "131000", "310000", "320500", "440100"]
    found = contiguity(codes, {c: outlines[c].rings for c in codes})
    links = {
        (a, b)
        for a, row in zip(codes, found.matrix, strict=True)
        for b, w in zip(codes, row, strict=True)
        if w and a < b
    }
    assert links == {
        ("110000", "120000"), ("110000", "130600"), ("110000", "131000"), ("120000", "131000"), ("130600", "131000"),
        ("310000", "320500"),
    }  # fmt: skip
    assert found.islands == ("440100",)


def test_a_wrong_or_absent_file_of_outlines_is_named(tmp_path):
    with pytest.raises(SourceError, match="there is no such file"):
        read_outlines(tmp_path / "none.json")
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(SourceError, match="not those of this version"):
        read_outlines(tmp_path / "other.json", "abc")


def test_decoding_and_simplifying_keep_common_borders(tmp_path):
    """Two rectangles that share a wavy border: encoded, decoded, simplified; both keep the same border points."""
    border = [(0, y * 64 + 0) for y in range(9)]
    wavy = [(x + (3 if 0 < i < 8 and i % 2 else 0) + (200 if i == 4 else 0), y) for i, (x, y) in enumerate(border)]
    left, right = [(-1024, 512), (-1024, 0), *wavy], [*wavy[::-1], (1024, 0), (1024, 512)]

    def encode(ring):
        out, last = "", (0, 0)
        for point in ring:
            for now, before in zip(point, last, strict=True):
                step = now - before
                out += chr(((step << 1) ^ (step >> 31)) + 64)
            last = point
        return out

    def feature(code, ring):
        geometry = {"type": "Polygon", "coordinates": [encode(ring)], "encodeOffsets": [[0, 0]]}
        return {"id": code, "properties": {"name": code}, "geometry": geometry}

    content = json.loads(json.dumps({"UTF8Encoding": True, "features": [feature("a", left), feature("b", right)]}))
    decoded = decode(content)
    assert decoded["a"] == [left]
    simple = simplify(decoded, 0.02)
    shared = set(simple["a"][0]) & set(simple["b"][0])
    assert shared == {(0, 0), (200, 256), (0, 512)} | {p for p in shared if p in wavy}
    assert (200, 256) in shared
    assert (3, 64) not in shared
    assert {p for p in simple["a"][0] if p in wavy} == {p for p in simple["b"][0] if p in wavy}
    with pytest.raises(SourceError, match="not in echarts' encoding"):
        decode({"features": []})


def test_simulated_cities_lie_where_real_ones_do():
    """So that weights declared from the source prefecture_seats are those of the planted process."""
    seats = pd.read_csv(Path(polygons.__file__).with_name("prefecture_seats.csv"), dtype=str).set_index("code")
    cities = pd.read_csv(polygons.PREFECTURES.parents[1] / "regions/simulated_units/cities.csv", dtype=str)
    places = cities.set_index("code")[["longitude", "latitude"]].drop(index="341400")  # 巢湖, dissolved in 2011
    assert places.equals(seats.loc[places.index, ["longitude", "latitude"]])
    for code, outline in prefecture_outlines().items():
        if code in places.index:  # a seat lies inside the box around its own outline
            points = np.concatenate(outline.rings)
            x, y = places.loc[code].astype(float)
            assert (points.min(axis=0) - 0.02 <= [x, y]).all()
            assert ([x, y] <= points.max(axis=0) + 0.02).all()
