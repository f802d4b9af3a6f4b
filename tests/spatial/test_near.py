"""Neighbours found by the tree are those of the whole matrix of distances, and Conley errors the sums over it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.errors import EstimationError
from shidian.spatial.conley import conley_covariance
from shidian.spatial.haversine import EARTH_RADIUS_KM, great_circle_km
from shidian.spatial.near import SAME_PLACE_KM, NearPlaces, check_places
from shidian.spatial.rings import ring_indicators

from tests.spatial.held import Held

HALF_ROUND = np.pi * EARTH_RADIUS_KM


def whole_globe(rng, n):
    """Return places with poles, the date line and close pairs among them."""
    lon, lat = rng.uniform(-180, 180, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    lon[:4], lat[:4] = [180, -179.9, 0, 45], [10, 10, 90, -90]
    lon[4], lat[4] = lon[5] + 1e-3, lat[5]
    return lon, lat


def held(near, km):
    """Return the (n, n) distances within ``km``, nan beyond."""
    found = np.full((near.n, near.n), np.nan)
    for rows, d in near.within(km):
        block = d.tocoo()
        found[rows][block.coords[0], block.coords[1]] = block.data
    return found


@given(st.integers(0, 1000), st.sampled_from([0.0, 0.2, 50.0, 800.0, 9000.0, HALF_ROUND, 1e5]), st.integers(1, 300))
@settings(max_examples=40, deadline=None)
def test_places_within_a_cut_off_are_those_of_the_matrix(seed, km, pairs):
    lon, lat = whole_globe(np.random.default_rng(seed), 40)
    expected = great_circle_km(lon, lat)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shidian.spatial.near.PAIRS_HELD", pairs)
        found = held(NearPlaces(lon, lat), km)
    np.testing.assert_array_equal(found, np.where(expected <= km, expected, np.nan))


def test_a_distance_equal_to_the_cut_off_counts():
    lon, lat = whole_globe(np.random.default_rng(3), 30)
    km = great_circle_km(lon, lat)
    near = NearPlaces(lon, lat)
    for i, j in ((0, 1), (2, 9), (4, 5), (11, 17)):
        assert held(near, km[i, j])[i, j] == km[i, j]
        assert np.isnan(held(near, np.nextafter(km[i, j], 0))[i, j])


@pytest.mark.parametrize("kernel", ["uniform", "bartlett"])
@pytest.mark.parametrize("pairs", [1, 70, 10**6])
def test_conley_errors_are_the_sums_over_the_whole_matrix(kernel, pairs, monkeypatch):
    monkeypatch.setattr("shidian.spatial.near.PAIRS_HELD", pairs)
    rng = np.random.default_rng(6)
    lon, lat = rng.uniform(100, 120, 50), rng.uniform(25, 40, 50)
    km = great_circle_km(lon, lat)
    keep = rng.permutation(50 * 6)[:250]
    keep = keep[keep // 6 != 7]  # a place without rows
    unit, year = keep // 6, 2000 + keep % 6
    X, e = rng.standard_normal((len(keep), 3)) * [1, 1e5, 1e-4], rng.standard_normal(len(keep))
    K = np.where(km <= 400, 1.0 if kernel == "uniform" else 1 - km / 400, 0.0)
    scores = X * e[:, None]
    meat = scores.T @ (K[np.ix_(unit, unit)] * (year[:, None] == year)) @ scores
    bread = np.linalg.inv(X.T @ X)
    found = conley_covariance(X, e, unit, year, NearPlaces(lon, lat), 400.0, kernel)
    np.testing.assert_allclose(found, bread @ meat @ bread, rtol=1e-9)


def test_rings_are_those_of_the_whole_matrix(monkeypatch):
    monkeypatch.setattr("shidian.spatial.near.PAIRS_HELD", 50)
    rng = np.random.default_rng(8)
    lon, lat = rng.uniform(100, 120, 60), rng.uniform(25, 40, 60)
    panel = pd.DataFrame({"unit": np.repeat(np.arange(60), 3).astype(str), "year": np.tile([2001, 2002, 2003], 60)})
    panel["d"] = (rng.random(180) < 0.1).astype(float)
    codes = [str(i) for i in range(60)]
    for nearest in (True, False):
        arguments = (panel, "d", codes), ([0, 150, 300, 900], nearest)
        expected = ring_indicators(*arguments[0], Held(great_circle_km(lon, lat)), *arguments[1])
        pd.testing.assert_frame_equal(ring_indicators(*arguments[0], NearPlaces(lon, lat), *arguments[1]), expected)


def test_two_units_at_one_place_are_named_in_order():
    lon, lat = whole_globe(np.random.default_rng(5), 40)
    codes = [f"u{i:02d}" for i in range(40)]
    check_places(codes, lon, lat, "x")
    for a, b, shift in ((9, 31, 0.0), (9, 31, 0.5 * SAME_PLACE_KM / 111.2), (0, 39, 0.0)):
        x, y = lon.copy(), lat.copy()
        x[b], y[b] = x[a], y[a] + shift
        x[35], y[35] = x[34], y[34]
        with pytest.raises(EstimationError, match=f"units 'u{a:02d}' and 'u{b:02d}' lie at one place"):
            check_places(codes, x, y, "x")
    with pytest.raises(EstimationError, match="units 'u00' and 'u01' lie at one place"):
        check_places(codes[:2], np.array([180.0, -180.0]), np.array([3.0, 3.0]), "x")
    with pytest.raises(EstimationError, match="units 'u00' and 'u01' lie at one place"):
        check_places(codes, np.zeros(40), np.zeros(40), "x")
