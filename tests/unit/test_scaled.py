"""Symmetric matrices in units of measure: inverse, solution and root do not depend on them, full rank or not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.inference.scaled import inverse, quadratic_form, root, solve


def covariance(seed: int, size: int, rank: int) -> np.ndarray:
    """A random covariance of so many variables and so much rank."""
    loadings = np.random.default_rng(seed).standard_normal((size, rank))
    return loadings @ loadings.T


@given(seed=st.integers(0, 10**6), powers=st.lists(st.integers(-12, 12), min_size=5, max_size=5))
@settings(max_examples=50, deadline=None)
def test_units_do_not_matter(seed, powers):
    unit = 10.0 ** np.array(powers)
    V, x = covariance(seed, 5, 9), np.arange(1.0, 6)
    scaled = V * np.outer(unit, unit)
    assert inverse(scaled) * np.outer(unit, unit) == pytest.approx(np.linalg.inv(V), rel=1e-6, abs=1e-9)
    assert solve(scaled, x) * unit == pytest.approx(np.linalg.solve(V, x / unit), rel=1e-6, abs=1e-9)
    assert quadratic_form(x * unit, scaled) == pytest.approx(x @ np.linalg.solve(V, x), rel=1e-6)
    assert root(scaled) / unit[:, None] == pytest.approx(np.linalg.cholesky(V), rel=1e-6, abs=1e-9)


@given(
    seed=st.integers(0, 10**6), rank=st.integers(1, 5), powers=st.lists(st.integers(-12, 12), min_size=6, max_size=6)
)
@settings(max_examples=50, deadline=None)
def test_root_of_a_covariance_without_full_rank(seed, rank, powers):
    """Fewer clusters than coefficients: R R' is the covariance still, in any unit."""
    unit = 10.0 ** np.array(powers)
    V = covariance(seed, 6, rank)
    R = root(V * np.outer(unit, unit)) / unit[:, None]
    assert pytest.approx(V, rel=1e-5, abs=1e-5) == R @ R.T
    assert np.array_equal(R, np.tril(R))


def test_a_variable_without_variance_is_not_drawn():
    V = np.diag([4.0, 0.0, 9.0])
    drawn = root(V)
    assert drawn.tolist() == [[2, 0, 0], [0, 0, 0], [0, 0, 3]]
