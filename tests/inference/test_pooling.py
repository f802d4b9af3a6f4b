"""Rubin's rules with the degrees of freedom of Barnard & Rubin (1999), worked out by hand."""

import numpy as np
import pytest
from shidian.errors import EstimationError
from shidian.inference.pooling import pool


def test_one_term_by_hand():
    """1, 2, 4 with variances .1, .2, .3: W = 1/5, V = 7/3, T = 1/5 + 4/3 V = 149/45, share (28/9) / T = 140/149."""
    pooled = pool(np.array([[1.0], [2], [4]]), np.array([[[0.1]], [[0.2]], [[0.3]]]), 10)
    assert pooled.coef == pytest.approx([7 / 3], rel=1e-14)
    assert pooled.vcov[0, 0] == pytest.approx(149 / 45, rel=1e-14)
    assert pooled.share == pytest.approx([140 / 149], rel=1e-14)
    old, observed = 2 / (140 / 149) ** 2, 11 / 13 * 10 * 9 / 149
    assert pooled.df == pytest.approx(old * observed / (old + observed), rel=1e-14)


def test_two_terms_by_hand():
    """Means (2, 2); between (2, 4; 4, 8) by 3/2; the term with the larger share, 12/14, gives the df."""
    within = np.array([[[1.0, 0.5], [0.5, 2.0]], [[3.0, -0.5], [-0.5, 2.0]]])
    pooled = pool(np.array([[1.0, 0], [3, 4]]), within, np.inf)
    assert pooled.coef.tolist() == [2, 2]
    assert pooled.vcov == pytest.approx(np.array([[2 + 3, 6], [6, 2 + 12.0]]), rel=1e-14)
    assert pooled.share == pytest.approx([3 / 5, 12 / 14], rel=1e-14)
    assert pooled.df == pytest.approx((14 / 12) ** 2, rel=1e-14)  # B - 1 over the squared share


def test_sets_that_agree_leave_the_df_of_one_regression():
    """No spread between the sets: T = W, share 0, and nu is nu_obs = (df + 1)/(df + 3) df; inf stays inf."""
    same = np.repeat([[1.5]], 4, axis=0)
    pooled = pool(same, np.full((4, 1, 1), 0.25), 20)
    assert (pooled.vcov[0, 0], pooled.share[0]) == (0.25, 0)
    assert pooled.df == pytest.approx(21 / 23 * 20, rel=1e-14)
    assert pool(same, np.full((4, 1, 1), 0.25), np.inf).df == np.inf


def test_more_spread_means_fewer_degrees_of_freedom():
    """nu is below both of its parts, and falls as the sets move apart."""
    found = [pool(np.array([[-s], [0], [s]]), np.full((3, 1, 1), 1.0), 30) for s in (0.1, 0.5, 1.0, 3.0)]
    assert (np.diff([p.df for p in found]) < 0).all()
    assert all(p.df < 30 for p in found)


def test_one_set_cannot_be_pooled():
    with pytest.raises(EstimationError, match="at least 2 sets of plausible values, not 1"):
        pool(np.array([[1.0]]), np.array([[[1.0]]]), 10)
    assert pool(np.array([[1.0], [2.0]]), np.ones((2, 1, 1)), 10).vcov[0, 0] == pytest.approx(1 + 1.5 * 0.5)
