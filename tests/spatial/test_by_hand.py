"""Moran, Geary, summaries and choices on a handful of units, counted out in full."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats
from shidian.errors import EstimationError
from shidian.spatial.distance import economic_distance, inverse_distance, k_nearest
from shidian.spatial.haversine import great_circle_km
from shidian.spatial.lm import ChiSquared
from shidian.spatial.moran import CLUSTERS, _permutations, geary, local_moran, moran
from shidian.spatial.selection import decision
from shidian.spatial.weights import from_matrix, normalise
from shidian.spatial.weights_summary import summary, within_distance

W5 = from_matrix(list("abcde"), np.array([
    [0.0, 2, 0, 0, 1], [1, 0, 3, 0, 0], [0, 1, 0, 2, 0], [0, 0, 1, 0, 1], [4, 0, 0, 1, 0],
]))  # fmt: skip
Y5 = np.array([3.0, -1, 4, 1, 9])


def index_of(z: np.ndarray) -> float:
    """Return Moran's I by the double sum."""
    pairs = sum(W5.matrix[i, j] * z[i] * z[j] for i in range(5) for j in range(5))
    return 5 / W5.matrix.sum() * pairs / sum(value**2 for value in z)


def test_morans_moments_over_all_permutations():
    """Under randomisation the mean and variance are those over the 120 orders of the values, exactly."""
    z = Y5 - Y5.mean()
    every = np.array([index_of(np.array(order)) for order in permutations(z)])
    found = moran(Y5, W5, permutations=0)
    assert pytest.approx(index_of(z), rel=1e-13) == found.I
    assert found.expected == pytest.approx(every.mean(), rel=1e-12)
    assert found.variance == pytest.approx(every.var(), rel=1e-11)
    assert found.z == pytest.approx((found.I + 1 / 4) / every.std(), rel=1e-11)
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(found.z)), rel=1e-13)
    assert np.isnan(found.p_permutation)


def test_the_normal_variance_is_that_of_a_ratio_of_quadratic_forms():
    """E I^2 = (n/S0)^2 (2 tr A^2 + (tr A)^2) / ((n - 1)(n + 1)) with A = M (W + W')/2 M."""
    M = np.eye(5) - 1 / 5
    A = M @ (W5.matrix + W5.matrix.T) @ M / 2
    second = (5 / W5.matrix.sum()) ** 2 * (2 * np.trace(A @ A) + np.trace(A) ** 2) / (4 * 6)
    assert moran(Y5, W5, permutations=0).variance_normal == pytest.approx(second - 1 / 16, rel=1e-12)


@pytest.mark.parametrize("values", [np.array([5.0, 4, 1, -2, 0.5]), np.array([1.0, 2, 2, 1, 1])])
def test_permutation_p_counts_draws_as_far_from_the_mean(values):
    """The draws counted one by one, ties included: of five units many orders give one index."""
    z = values - values.mean()
    far = abs(index_of(z) + 1 / 4)
    drawn = [abs(index_of(z[order]) + 1 / 4) for order in _permutations(5, 99, 4, 2)]
    extreme = sum(distance >= far - 1e-12 for distance in drawn)
    assert 0 < extreme < 99
    assert moran(values, W5, 99, seed=4, stream=2).p_permutation == (1 + extreme) / 100


def test_first_draws_are_the_same_and_streams_and_seeds_differ():
    few, many = _permutations(5, 10, 1, 0), _permutations(5, 50, 1, 0)
    assert (many[:10] == few).all()
    assert all(sorted(order) == list(range(5)) for order in few.tolist())
    assert (few != _permutations(5, 10, 2, 0)).any()
    assert (few != _permutations(5, 10, 1, 1)).any()


def test_geary_by_the_double_sum():
    z = Y5 - Y5.mean()
    pairs = sum(W5.matrix[i, j] * (z[i] - z[j]) ** 2 for i in range(5) for j in range(5))
    assert geary(Y5, W5) == pytest.approx(4 * pairs / (2 * W5.matrix.sum() * (z @ z)), rel=1e-13)


def test_local_moran_by_hand():
    """I_i, the four quadrants where every unit counts as significant, and p from the draws of the others."""
    line = from_matrix(list("abcdef"), np.eye(6, k=1) + np.eye(6, k=-1))
    values = np.array([5.0, 6, 1, 7, -3, -8])
    z, lag = values - values.mean(), line.matrix @ (values - values.mean())
    found = local_moran(values, line, 199, seed=3, level=1.5)
    sd = z.std(ddof=1)
    assert found["z"].to_numpy() == pytest.approx(z / sd, rel=1e-13)
    assert found["lag"].to_numpy() == pytest.approx(lag / sd, rel=1e-13)
    assert found["local_i"].to_numpy() == pytest.approx(5 * z * lag / (z @ z), rel=1e-13)
    quadrants = {
        (True, True): "High-High",
        (False, False): "Low-Low",
        (False, True): "Low-High",
        (True, False): "High-Low",
    }
    assert found["cluster"].tolist() == [quadrants[a > 0, b > 0] for a, b in zip(z, lag, strict=True)]
    assert set(found["cluster"]) == set(CLUSTERS[:4])
    for i in (0, 3):
        others, w = np.delete(z, i), np.delete(line.matrix[i], i)
        lags = [w @ others[order] for order in _permutations(5, 199, 3, 0)]
        above, below = sum(v >= lag[i] for v in lags), sum(v <= lag[i] for v in lags)
        assert found["p"][i] == min(1.0, 2 * (1 + min(above, below)) / 200)
    strict = local_moran(values, line, 199, seed=3, level=found["p"].min())
    assert (strict["cluster"] == "not significant").all()
    with pytest.raises(EstimationError, match="give a number of permutations"):
        local_moran(values, line, 0)


def test_a_summary_by_hand():
    """Nine links of five units; f is an island."""
    found = summary(W5)
    assert (found["units"], found["links"], found["share of links"]) == (5, 10, 10 / 20)
    assert (found["fewest neighbours"], found["mean neighbours"], found["most neighbours"]) == (2, 2, 2)
    assert (found["smallest weight"], found["largest weight"]) == (1, 4)
    assert (found["smallest row sum"], found["largest row sum"], found["largest column sum"]) == (2, 5, 5)
    values = np.linalg.eigvals(W5.matrix)
    real = values[np.abs(values.imag) < 1e-9].real
    assert found["largest eigenvalue"] == pytest.approx(real.max(), rel=1e-10)
    assert found["upper end of ρ"] == pytest.approx(1 / real.max(), rel=1e-10)
    assert found["complex eigenvalues"] == 5 - len(real)
    alone = from_matrix(list("abc"), np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 0]]))
    assert summary(alone)["islands"] == 1
    both = from_matrix(list("abcde"), W5.matrix + W5.matrix.T)
    ends = 1 / np.linalg.eigvalsh(both.matrix)[[0, -1]]
    assert (summary(both)["lower end of ρ"], summary(both)["upper end of ρ"]) == pytest.approx(tuple(ends), rel=1e-10)
    assert summary(both)["complex eigenvalues"] == 0
    km = np.arange(25.0).reshape(5, 5)
    assert within_distance(W5, km, np.array([km[0, 1], 1e9])) == pytest.approx([2 / W5.matrix.sum(), 1])


@pytest.mark.parametrize(
    ("sar", "sem", "words"),
    [(0.5, 0.5, "simplified to SAR and to SEM; only LM lag rejects: SAR"), (0.5, 0.01, "to SAR, not to SEM: SAR"),
     (0.01, 0.5, "to SEM, not to SAR: SEM"), (0.01, 0.01, "cannot be simplified: SDM"), (0.06, 0.06, "and to SEM")],
)  # fmt: skip
def test_decision_between_the_models(sar, sem, words):
    def test(p):
        return ChiSquared("LR", float(stats.chi2.isf(p, 2)), 2)

    lm = (ChiSquared("LM lag", 9.0, 1), ChiSquared("LM error", 1.0, 1), ChiSquared("", 5.0, 1), ChiSquared("", 0.1, 1))
    assert test(sar).p == pytest.approx(sar, rel=1e-12)
    assert words in decision(test(sar), test(sem), lm)
    assert "SAR and to SEM" in decision(test(0.02), test(0.02), lm, level=0.01)


def test_distances_by_hand():
    """A quarter of the globe along the equator and to the pole; a degree of latitude; half the globe."""
    quarter = np.pi / 2 * 6371.0088
    km = great_circle_km(np.array([0.0, 90, 0, 180]), np.array([0.0, 0, 90, 0]))
    assert km[0] == pytest.approx([0, quarter, quarter, 2 * quarter], rel=1e-12)
    assert km == pytest.approx(km.T)
    near = great_circle_km(np.array([10.0, 10, 11]), np.array([60.0, 61, 60]))
    degree = np.pi / 180 * 6371.0088
    assert near[0, 1] == pytest.approx(degree, rel=1e-12)
    assert near[0, 2] == pytest.approx(2 * 6371.0088 * np.arcsin(0.5 * np.sin(np.radians(0.5))), rel=1e-12)
    lon, lat, codes = np.array([0.0, 1, 3]), np.zeros(3), list("abc")
    squared = inverse_distance(codes, lon, lat, power=2, cutoff_km=2 * degree * (1 + 1e-9)).matrix
    assert squared == pytest.approx(np.array([[0, 1, 0], [1, 0, 0.25], [0, 0.25, 0]]) / degree**2, rel=1e-9)
    assert k_nearest(codes, lon, lat, 1).matrix.tolist() == [[0, 1, 0], [1, 0, 0], [0, 1, 0]]
    income = economic_distance(codes, np.array([1.0, 3, 7])).matrix
    assert income == pytest.approx(np.array([[0, 1 / 2, 1 / 6], [1 / 2, 0, 1 / 4], [1 / 6, 1 / 4, 0]]))
    for bad in ({"power": 0.0}, {"cutoff_km": 0.0}, {"power": -1.0}):
        with pytest.raises(EstimationError, match="positive power and a positive cut-off"):
            inverse_distance(codes, lon, lat, **bad)


def test_normalisation_by_hand():
    row = normalise(W5, "row").matrix
    assert row == pytest.approx(W5.matrix / W5.matrix.sum(axis=1, keepdims=True))
    spectral = normalise(W5, "spectral").matrix
    assert spectral == pytest.approx(W5.matrix / np.abs(np.linalg.eigvals(W5.matrix)).max())
