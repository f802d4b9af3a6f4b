"""Lind & Mehlum's U-test and Fieller's interval, against their definitions."""

import numpy as np
import pytest
from scipy import stats
from shidian.errors import EstimationError
from shidian.threshold.u_test import fieller_interval, u_test

COV = np.array([[0.04, -0.018], [-0.018, 0.009]])


def test_ends_and_overall_p_by_hand():
    """beta = -1, gamma = 0.5 on [0, 3]: slopes -1 and 2, errors 0.2 and sqrt(.04 - 12 * .018 + 36 * .009)."""
    test = u_test(-1.0, 0.5, COV, 50, 0.0, 3.0)
    se_high = np.sqrt(0.04 - 12 * 0.018 + 36 * 0.009)
    assert (test.shape, test.extremum) == ("U", 1.0)
    assert (test.slope_low, test.slope_high) == (-1.0, 2.0)
    assert (test.t_low, test.t_high) == pytest.approx((-5.0, 2 / se_high))
    assert test.p_low == pytest.approx(stats.t.sf(5.0, 50))
    assert test.p == pytest.approx(max(stats.t.sf(5.0, 50), stats.t.sf(2 / se_high, 50)))


def test_inverse_u_mirrors_u():
    up, down = u_test(-1.0, 0.5, COV, 50, 0.0, 3.0), u_test(1.0, -0.5, COV, 50, 0.0, 3.0)
    assert down.shape == "inverse U"
    assert (down.p, down.extremum, *down.fieller) == pytest.approx((up.p, up.extremum, *up.fieller))


def test_fieller_is_the_set_of_turning_points_not_rejected():
    """A point x is inside when the slope there, beta + 2 gamma x, is not significant at 5%."""
    low, high = fieller_interval(-1.0, 0.5, COV, 2.0)
    x = np.linspace(-2, 6, 20001)
    t = (-1.0 + x) / np.sqrt(COV[0, 0] + 4 * x * COV[0, 1] + 4 * x**2 * COV[1, 1])
    inside = x[np.abs(t) <= 2.0]
    assert (inside[0], inside[-1]) == pytest.approx((low, high), abs=5e-4)
    assert low < 1.0 < high


def test_weak_curvature_has_an_unbounded_interval():
    assert fieller_interval(-1.0, 0.1, COV, 2.0) == (-np.inf, np.inf)


def test_turning_point_outside_the_data_is_no_u():
    test = u_test(-1.0, 0.5, COV, 50, 0.0, 0.9)
    assert np.isnan(test.p)
    assert "turning point 1 lies outside the data [0, 0.9]" in test.reason


@pytest.mark.parametrize(("gamma", "ends"), [(0.0, (0, 1)), (0.5, (1, 1)), (np.nan, (0, 1))])
def test_refusals(gamma, ends):
    with pytest.raises(EstimationError):
        u_test(1.0, gamma, COV, 50, *ends)
