"""Lind & Mehlum's U-test and Fieller's interval, against their definitions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from shidian.did.twfe import regress
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


@given(powers=st.lists(st.integers(-12, 12), min_size=3, max_size=3))
@settings(max_examples=20, deadline=None)
def test_units_of_measure_never_matter(powers):
    """Outcome, x (so its square), a control times 1e-12 ... 1e12: the same tests, the turning point in that of x."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"unit": np.repeat(np.arange(30), 6), "year": np.tile(np.arange(6), 30)})
    frame["x"], frame["c"] = rng.normal(size=(2, len(frame)))
    frame["y"] = frame["x"] ** 2 - 0.4 * frame["x"] + frame["c"] + rng.normal(size=len(frame))
    y, x, c = (10.0**p for p in powers)
    found = []
    for part in (frame, frame.assign(y=frame["y"] * y, x=frame["x"] * x, c=frame["c"] * c)):
        part = part.assign(x2=part["x"] ** 2)
        fit = regress(part, "y", ["x", "x2", "c"], ["unit", "year"], {"kind": "cluster", "by": "unit"}).fit
        found.append(u_test(*fit.coef[:2], fit.vcov[:2, :2], fit.df, part["x"].min(), part["x"].max()))
    a, b = found
    assert (a.shape, a.reason) == (b.shape, b.reason) == ("U", "")
    assert [b.p, b.p_low, b.p_high, b.t_low, b.t_high] == pytest.approx(
        [a.p, a.p_low, a.p_high, a.t_low, a.t_high], rel=1e-7
    )
    assert np.array([b.extremum, *b.fieller]) / x == pytest.approx(np.array([a.extremum, *a.fieller]), rel=1e-7)
