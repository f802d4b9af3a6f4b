"""Weights: their numbers by hand, alignment by code, and what bad input says."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.errors import EstimationError
from shidian.spatial import distance, haversine, logdet, weights
from shidian.spatial.logdet import SPARSE, EigenLogDeterminant, LuLogDeterminant, log_determinant
from shidian.spatial.symmetric import SymmetricLogDeterminant, symmetrised
from shidian.spatial.weights_summary import blocks, summary, within_distance

from tests.spatial.spatial_panels import planar_weights

CODES = ["110000", "310000", "440100", "510100"]
LON = np.array([116.405285, 121.472644, 113.280637, 104.065735])
LAT = np.array([39.904989, 31.231706, 23.125178, 30.659462])


def test_great_circle_distance():
    km = haversine.great_circle_km(LON, LAT)
    assert km[0, 1] == pytest.approx(1067.3, abs=1)  # Beijing to Shanghai
    assert np.array_equal(km, km.T)
    quarter = haversine.great_circle_km(np.array([0.0, 90.0]), np.array([0.0, 0.0]))[0, 1]
    assert quarter == pytest.approx(np.pi / 2 * haversine.EARTH_RADIUS_KM, rel=1e-12)


def test_inverse_distance_power_and_cutoff():
    km = haversine.great_circle_km(LON, LAT)
    W = distance.inverse_distance(CODES, LON, LAT, power=2, cutoff_km=1300)
    expected = np.where((km > 0) & (km <= 1300), 1 / np.where(km > 0, km, 1) ** 2, 0)
    assert pytest.approx(expected, rel=1e-12) == W.matrix
    assert W.matrix[0, 2] == 0


def test_k_nearest_ties_go_to_the_smaller_code():
    lon, lat = np.array([0.0, 1.0, -1.0, 50.0]), np.zeros(4)
    W = distance.k_nearest(["m", "z", "a", "q"], lon, lat, 1)
    assert W.matrix[0].tolist() == [0, 0, 1, 0]


def test_economic_distance_and_nested():
    income = np.array([1.0, 3.0, 4.0, 8.0])
    We = distance.economic_distance(CODES, income)
    assert We.matrix[0].tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 7])
    Wg = distance.inverse_distance(CODES, LON, LAT)
    nested = distance.income_nested(Wg, income)
    assert nested.matrix[0, 3] == pytest.approx(Wg.matrix[0, 3] * 2)
    assert weights.product(Wg, We).matrix == pytest.approx(Wg.matrix * We.matrix)


def test_composite_is_the_mean_of_row_standardised_matrices():
    Wg, We = distance.inverse_distance(CODES, LON, LAT), distance.economic_distance(CODES, np.array([1.0, 3, 4, 8]))
    mixed = weights.composite(Wg, We, 0.3)
    expected = 0.3 * weights.normalise(Wg, "row").matrix + 0.7 * weights.normalise(We, "row").matrix
    assert mixed.matrix == pytest.approx(expected, rel=1e-12)
    assert mixed.row_stochastic
    shuffled = weights.align(We, CODES[::-1])
    assert weights.composite(Wg, shuffled, 0.3).matrix == pytest.approx(mixed.matrix, rel=1e-14)


def test_contiguity_of_a_chessboard():
    def square(x, y):
        return [np.array([[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]], dtype=float)]

    cells = {f"{x}{y}": square(x, y) for x in range(3) for y in range(3)} | {"far": square(9, 9)}
    W = distance.contiguity(sorted(cells), cells)
    neighbours = dict(zip(W.codes, W.matrix.sum(axis=1), strict=True))
    assert neighbours["11"] == 8
    assert neighbours["00"] == 3
    assert neighbours["01"] == 5
    assert W.islands == ("far",)


@given(st.integers(0, 10_000), st.integers(5, 12))
@settings(max_examples=25, deadline=None)
def test_alignment_is_by_code(seed, n):
    rng = np.random.default_rng(seed)
    W = weights.normalise(weights.from_matrix([f"u{i}" for i in range(n)], rng.random((n, n)) * (1 - np.eye(n))), "row")
    order = rng.permutation(n)
    aligned = weights.align(W, [W.codes[i] for i in order])
    x = rng.standard_normal(n)
    assert aligned.lag(x[order]) == pytest.approx(W.lag(x)[order], rel=1e-13)
    part = weights.align(W, W.codes[:4])
    assert part.matrix.sum(axis=1) == pytest.approx(np.ones(4))


def test_spectral_normalisation_and_summary():
    W = weights.normalise(distance.inverse_distance(CODES, LON, LAT), "spectral")
    assert np.abs(np.linalg.eigvals(W.matrix)).max() == pytest.approx(1, rel=1e-12)
    found = summary(W)
    assert (found["links"], found["mean neighbours"], found["islands"]) == (12, 3, 0)
    assert found["upper end of ρ"] == pytest.approx(1, rel=1e-12)


def test_weight_by_distance_and_blocks_by_hand():
    km = np.array([[0.0, 100, 250], [100, 0, 300], [250, 300, 0]])
    W = weights.from_matrix(["a", "b", "c"], np.array([[0, 0.75, 0.25], [1, 0, 0], [0.5, 0.5, 0]]))
    assert within_distance(W, km, np.array([0.0, 100, 249, 250, 500])) == pytest.approx(
        [0, 1.75 / 3, 1.75 / 3, 2.5 / 3, 1]
    )
    means, size = blocks(W.matrix, 2)
    assert size == 2
    assert means == pytest.approx(np.array([[1.75 / 4, 0.25 / 2], [0.5, 0]]))
    assert blocks(W.matrix, 3)[0] == pytest.approx(W.matrix)
    found = summary(W, km)
    assert found["mean distance of links, km"] == pytest.approx((100 + 250 + 100 + 250 + 300) / 5)
    assert found["mean distance by weight, km"] == pytest.approx((75 + 62.5 + 100 + 125 + 150) / 3)
    assert found["largest column sum"] == 1.5


@pytest.mark.parametrize("n", [40])
@pytest.mark.parametrize("sparse", [True, False])
def test_log_determinant_of_all_methods(n, sparse):
    """Eigenvalues (symmetrisable and general) and interpolated LU against slogdet and the traces written out."""
    W = planar_weights(n, 3).matrix
    if not sparse:
        rng = np.random.default_rng(1)
        W = distance.inverse_distance(
            [str(i) for i in range(n)], rng.uniform(100, 120, n), rng.uniform(20, 40, n)
        ).matrix
        W = W / W.sum(axis=1, keepdims=True)
    symmetric = symmetrised(W)
    assert (symmetric is None) == sparse
    whole = LuLogDeterminant(W, -1.0, 1.0)
    every = [EigenLogDeterminant(W)] + ([SymmetricLogDeterminant(W, symmetric)] if symmetric else [])
    for rho in (-0.5, 0.0, 0.3, 0.8):
        A = np.eye(n) - rho * W
        G = W @ np.linalg.inv(A)
        exact = (np.linalg.slogdet(A)[1], np.trace(G), np.trace(G @ G))
        for found in (*every, whole.covering(rho - 0.05, rho + 0.05)):
            got = (float(found.value(rho)), float(found.trace(rho)), float(found.trace_slope(rho)))
            assert got[:2] == pytest.approx(exact[:2], rel=1e-8, abs=1e-8)
            assert got[2] == pytest.approx(exact[2], rel=1e-5, abs=1e-6)
            assert found.multiplier(rho) == pytest.approx(G, rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("sparse", [True, False])
def test_lu_beyond_eigenvalues_is_their_function_at_moderate_n(sparse):
    """300 units, sparse and dense LU: wide nodes only find the neighbourhood, narrow ones are exact, slope included."""
    n = 300
    rng = np.random.default_rng(3)
    codes, lon, lat = [str(i) for i in range(n)], rng.uniform(98, 122, n), rng.uniform(22, 45, n)
    raw = distance.k_nearest(codes, lon, lat, 6) if sparse else distance.inverse_distance(codes, lon, lat, 2)
    W = weights.normalise(raw, "row")
    assert (np.count_nonzero(W.matrix) < SPARSE * n**2) == sparse
    exact, wide = log_determinant(W, "eigen"), log_determinant(W, "lu")
    assert isinstance(wide, LuLogDeterminant)
    assert (wide.lower, wide.upper) == pytest.approx((-1, 1), rel=1e-9)
    for rho in (-0.6, -0.1, 0.2, 0.55, 0.9):
        narrow = wide.covering(rho - 0.03, rho + 0.03)
        for found, tolerance in ((wide, 1e-2), (narrow, 1e-9)):
            for name in ("value", "trace"):
                expected = float(getattr(exact, name)(rho))
                assert float(getattr(found, name)(rho)) == pytest.approx(expected, rel=tolerance, abs=tolerance), name
        step = 1e-5  # the trace is minus the slope of the value, also between the nodes
        slope = (float(narrow.value(rho + step)) - float(narrow.value(rho - step))) / (2 * step)
        assert -slope == pytest.approx(float(narrow.trace(rho)), rel=1e-6, abs=1e-6)


def test_the_method_follows_the_number_of_units(monkeypatch):
    """Eigenvalues up to 1,000 units, up to 5,000 where W is similar to a symmetric matrix, LU beyond."""
    assert (logdet.EIGEN_GENERAL, logdet.EIGEN_SYMMETRIC) == (1000, 5000)
    assert isinstance(log_determinant(planar_weights(1001)), LuLogDeterminant)
    rng = np.random.default_rng(2)
    codes, lon, lat = [str(i) for i in range(31)], rng.uniform(98, 122, 31), rng.uniform(22, 45, 31)
    symmetric = weights.normalise(distance.inverse_distance(codes, lon, lat), "row")
    monkeypatch.setattr(logdet, "EIGEN_GENERAL", 30)
    monkeypatch.setattr(logdet, "EIGEN_SYMMETRIC", 31)
    assert isinstance(log_determinant(planar_weights(30)), EigenLogDeterminant)
    assert isinstance(log_determinant(planar_weights(31)), LuLogDeterminant)
    assert isinstance(log_determinant(symmetric), SymmetricLogDeterminant)
    monkeypatch.setattr(logdet, "EIGEN_SYMMETRIC", 30)
    assert isinstance(log_determinant(symmetric), LuLogDeterminant)


def test_symmetrised_weights_at_one_point_and_at_many():
    """Pivots of the tridiagonal form up to 64 points, eigenvalues beyond; the ends are those of all eigenvalues."""
    rng = np.random.default_rng(1)
    raw = distance.inverse_distance([str(i) for i in range(60)], rng.uniform(100, 120, 60), rng.uniform(20, 40, 60))
    W = weights.normalise(raw, "row")
    found, general = log_determinant(W), EigenLogDeterminant(W.matrix)
    assert isinstance(found, SymmetricLogDeterminant)
    assert (found.lower, found.upper) == pytest.approx((general.lower, 1), rel=1e-10)
    rho = np.linspace(found.lower * 0.999, 0.999, 65)
    for name in ("value", "trace", "trace_slope"):
        many, few = getattr(found, name)(rho), getattr(found, name)(rho[:64])
        assert few == pytest.approx(many[:64], rel=1e-9, abs=1e-9)
        assert many == pytest.approx(getattr(general, name)(rho), rel=1e-9, abs=1e-9)


def test_complex_eigenvalues_are_reported():
    cycle = np.roll(np.eye(5), 1, axis=1)
    found = log_determinant(weights.from_matrix(list("abcde"), cycle))
    assert found.note == "eigenvalues (4 complex)"
    assert float(found.value(0.5)) == pytest.approx(np.log(1 - 0.5**5))


BAD = {
    "no coordinates: 440100": lambda: distance.inverse_distance(CODES, LON, np.array([1.0, 2.0, np.nan, 3.0])),
    "lie at one place": lambda: distance.inverse_distance(CODES, LON[[0, 1, 2, 2]], LAT[[0, 1, 2, 2]]),
    "not swapped": lambda: distance.inverse_distance(CODES, LAT, LON),
    "same mean per-capita GDP": lambda: distance.economic_distance(CODES, np.array([1.0, 2.0, 3.0, 2.0])),
    "'440100' and '510100' have the same": lambda: distance.economic_distance(
        CODES, np.array([1e-6, 200.0, 100.0, 100.0 * (1 + 1e-14)])
    ),
    "no mean per-capita GDP for 110000": lambda: distance.economic_distance(CODES, np.array([np.nan, 2.0, 3.0, 1.0])),
    "given twice": lambda: weights.from_matrix(["a", "a"], np.ones((2, 2)) - np.eye(2)),
    "its own neighbour": lambda: weights.from_matrix(["a", "b"], np.ones((2, 2))),
    "not negative": lambda: weights.from_matrix(["a", "b"], np.array([[0.0, -1.0], [1.0, 0.0]])),
    "is nan": lambda: weights.from_matrix(["a", "b"], np.array([[0.0, np.nan], [1.0, 0.0]])),
    "cannot belong to 3 units": lambda: weights.from_matrix(["a", "b", "c"], np.zeros((2, 2))),
    "no unit has a neighbour": lambda: distance.inverse_distance(CODES, LON, LAT, cutoff_km=5),
    "between 1 and 3": lambda: distance.k_nearest(CODES, LON, LAT, 4),
    "have no polygon: 440100, 510100": lambda: distance.contiguity(CODES, {"110000": [], "310000": []}),
    "name different units": lambda: weights.from_frame(pd.DataFrame([[0, 1], [1, 0]], list("ab"), list("ac"))),
    "a between 0 and 1": lambda: weights.composite(*[distance.inverse_distance(CODES, LON, LAT)] * 2, 1.5),
    "have no weights: 999999": lambda: weights.align(distance.inverse_distance(CODES, LON, LAT), ["110000", "999999"]),
    "no normalisation": lambda: weights.normalise(distance.inverse_distance(CODES, LON, LAT), "column"),
    "positive power": lambda: distance.inverse_distance(CODES, LON, LAT, power=0),
    "all eigenvalues are zero": lambda: weights.normalise(
        weights.from_matrix(["a", "b"], np.array([[0.0, 1.0], [0.0, 0.0]])), "spectral"
    ),
}  # fmt: skip


@pytest.mark.parametrize("message", list(BAD))
def test_bad_input(message):
    with pytest.raises(EstimationError, match=message):
        BAD[message]()
