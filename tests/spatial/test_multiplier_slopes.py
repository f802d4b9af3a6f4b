"""What effects take of W as functions of ρ: slopes against differences, many ρ at once against one at a time."""

from __future__ import annotations

import numpy as np
import pytest
from shidian.spatial.effects import _Multipliers, effects
from shidian.spatial.logdet import FEW, EigenLogDeterminant, log_determinant
from shidian.spatial.many_points import at_many
from shidian.spatial.models import fit_spatial
from shidian.spatial.weights import from_matrix, normalise

from tests.spatial.spatial_panels import draw_panel, planar_weights

PLANAR = planar_weights(30, 4)
ONE_SIDED = from_matrix(PLANAR.codes, np.triu(PLANAR.matrix) + 0.3 * np.tril(PLANAR.matrix), "one-sided")
KINDS = {
    "row": normalise(ONE_SIDED, "row"),
    "spectral": normalise(ONE_SIDED, "spectral"),
    "symmetric": normalise(PLANAR, "row"),
}


@pytest.fixture(scope="module", params=list(KINDS))
def fitted(request):
    W = KINDS[request.param]
    panel = draw_panel(W, 6, np.random.default_rng(12), rho=0.4, theta=(0.3, 0.2))
    names = [c for c in panel.columns if c not in ("unit", "year", "y")]
    return fit_spatial(panel, "y", names, W, "sdm", lee_yu="correction"), names


def test_slopes_are_the_limit_of_differences(fitted):
    result, _ = fitted
    multipliers = _Multipliers(result, -0.2, 0.8)
    for rho in (-0.15, 0.0, 0.4, 0.75):
        low, high = multipliers.at(np.array([rho - 1e-5, rho + 1e-5])).T
        np.testing.assert_allclose(multipliers.slope(rho), (high - low) / 2e-5, rtol=1e-6, atol=1e-8)


def test_multipliers_are_those_of_the_inverse(fitted):
    result, _ = fitted
    W, n = result.weights.matrix, result.weights.n
    multipliers = _Multipliers(result, -0.2, 0.8)
    for rho in (-0.15, 0.4, 0.75):
        A = np.linalg.inv(np.eye(n) - rho * W)
        slope, one = A @ W @ A, np.ones(n)
        expected = [np.trace(slope), np.trace(slope @ W), one @ slope @ one, one @ slope @ W @ one]
        np.testing.assert_allclose(multipliers.slope(rho), np.array(expected) / n, rtol=1e-10)


@pytest.mark.parametrize("kind", list(KINDS))
def test_traces_at_many_points_are_those_at_each(kind):
    for logdet in (log_determinant(KINDS[kind]), EigenLogDeterminant(KINDS[kind].matrix)):
        rho = np.append(np.linspace(0.99 * logdet.lower, 0.99 * logdet.upper, FEW), (1 - 1e-7) * logdet.upper)
        assert len(rho) > FEW
        np.testing.assert_allclose(logdet.trace(rho), [float(logdet.trace(r)) for r in rho], rtol=1e-9)
    assert EigenLogDeterminant(KINDS["row"].matrix).n_complex > 0


@pytest.mark.parametrize(("low", "high"), [(-0.1, 0.1), (0.2, 0.5), (0.5, 1 - 1e-6), (-1 + 1e-6, 1 - 1e-6), (0.3, 0.3)])
@pytest.mark.parametrize("kind", list(KINDS))
def test_many_points_by_a_few_are_those_at_each(kind, low, high):
    """Up to the very ends of the interval, where a pole lies beside the points."""
    logdet = EigenLogDeterminant(KINDS[kind].matrix)
    rho = np.random.default_rng(3).uniform(low, high, 300)
    rho = np.where(rho > 0, rho * logdet.upper, -rho * logdet.lower)
    asked = []

    def trace(points):
        asked.append(len(points))
        return logdet.trace(points)

    exact = np.array([float(logdet.trace(r)) for r in rho])
    np.testing.assert_allclose(at_many(trace, rho, logdet.upper), exact, rtol=1e-10, atol=1e-11 * np.abs(exact).max())
    if (low, high) == (0.2, 0.5):
        assert sum(asked) <= 16 + 32


def test_multipliers_at_widely_spread_points_are_those_of_the_inverse(fitted):
    """Of a ρ with a large error: nodes of a fixed number would not do."""
    result, _ = fitted
    W, n = result.weights.matrix, result.weights.n
    rho = np.linspace(0.6 * result.logdet.lower, 0.97 * result.logdet.upper, 200)
    found = _Multipliers(result, rho[0], rho[-1]).at(rho)
    one = np.ones(n)
    for k, r in enumerate(rho):
        A = np.linalg.inv(np.eye(n) - r * W)
        expected = [np.trace(A), np.trace(A @ W), one @ A @ one, one @ A @ W @ one]
        np.testing.assert_allclose(found[:, k], np.array(expected) / n, rtol=1e-9)


def test_each_effect_is_what_it_is_alone(fitted):
    result, names = fitted
    both = effects(result, names, draws=200, seed=3).table
    for name in names:
        alone = effects(result, [name], draws=200, seed=3).table
        np.testing.assert_array_equal(
            both.loc[both["term"] == name].select_dtypes("number"), alone.select_dtypes("number")
        )
