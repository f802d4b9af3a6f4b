"""Randomisation p-values by counting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shidian.errors import EstimationError
from shidian.placebo.fisher import fisher_p


def test_counts_by_hand() -> None:
    draws = np.array([-3.0, -1.0, 0.5, 2.0, np.nan])
    p = fisher_p(draws, 1.0)
    assert (p.two_sided, p.left, p.right, p.n_draws) == (4 / 5, 4 / 5, 2 / 5, 4)
    assert p.error(0.8) == pytest.approx(np.sqrt(0.8 * 0.2 / 4))


def test_the_smallest_p_is_one_over_draws_plus_one() -> None:
    p = fisher_p(np.linspace(-1, 1, 999), 5.0)
    assert (p.two_sided, p.right, p.left) == (1 / 1000, 1 / 1000, 1.0)


def test_a_draw_equal_to_the_truth_up_to_rounding_counts() -> None:
    p = fisher_p(np.array([0.3, -0.3]), 0.1 + 0.2)  # 0.1 + 0.2 is 0.30000000000000004
    assert (p.two_sided, p.right, p.left) == (1.0, 2 / 3, 1.0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.floats(-1e6, 1e6))
def test_tails_mirror_and_cover(values: list[float], truth: float) -> None:
    draws = np.array(values)
    p, mirrored = fisher_p(draws, truth), fisher_p(-draws, -truth)
    assert (p.left, p.right, p.two_sided) == (mirrored.right, mirrored.left, mirrored.two_sided)
    assert p.left + p.right >= 1 + 1 / (1 + len(values)) - 1e-12
    assert all(1 / (1 + len(values)) <= q <= 1 for q in (p.left, p.right, p.two_sided))


def test_nothing_to_compare() -> None:
    with pytest.raises(EstimationError, match="no placebo draw gave a number"):
        fisher_p(np.array([np.nan]), 1.0)
    with pytest.raises(EstimationError, match="no observed estimate"):
        fisher_p(np.array([1.0]), float("nan"))
