"""IV tests whose moments have no covariance: an exact fit, as many moments as clusters allow; units of measure."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.iv.estimate import estimate_iv
from shidian.iv.rank_tests import quadratic_form

BY_UNIT = {"kind": "cluster", "by": "unit"}


def panel(units: int, noise: float) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"unit": np.repeat([f"u{i}" for i in range(units)], 9), "year": np.tile(range(9), units)})
    z, q, c, own, e = rng.normal(size=(5, len(frame)))
    frame["z"], frame["q"], frame["c"], frame["w"] = z, q, c, z + 0.5 * q + own
    frame["y"] = 2 * frame["w"] + c + noise * (own + e)
    return frame


def fit(frame: pd.DataFrame, vcov: object = BY_UNIT):
    return estimate_iv(frame, "y", ["w"], ["z", "q"], ["c"], ["unit", "year"], vcov=vcov, ssc="reghdfe")


@pytest.mark.parametrize("vcov", [BY_UNIT, "hetero", "iid"])
def test_an_exact_fit_has_estimates_without_errors_and_no_tests_of_its_residuals(vcov):
    found = fit(panel(20, 0.0), vcov)
    assert found.second.coef[:1] == pytest.approx([2.0], abs=1e-9)
    assert np.isnan(found.second.se).all()
    assert all(found.second.reasons)
    for test in (found.sargan, found.hansen, found.wu_hausman):
        assert "exact" in test.reason
        assert np.isnan(test.p)
    assert np.isfinite(found.rank.kp_f)


def test_two_clusters_give_reasons_in_the_place_of_tests():
    found = fit(panel(2, 1.0))
    for test in (found.hansen, found.wu_hausman, found.ar.test, found.rank.kp_lm):
        assert np.isfinite(test.p) or test.reason
    assert found.ar.test.reason
    assert found.ar.reason
    assert np.isfinite(found.rank.kp_f) or found.rank.kp_f_reason


@pytest.mark.parametrize("scale", [1e-12, 1e-5, 1e9, 1e12])
@pytest.mark.parametrize("column", ["y", "w", "z", "q", "c"])
def test_units_of_measure_do_not_matter(column, scale):
    frame = panel(20, 1.0)
    one, other = fit(frame), fit(frame.assign(**{column: frame[column] * scale}))
    for a, b in ((one.second, other.second), (one.first["w"], other.first["w"])):
        assert b.coef / b.se == pytest.approx(a.coef / a.se, rel=1e-8)
    for name in ("sargan", "hansen", "wu_hausman"):
        assert getattr(other, name).p == pytest.approx(getattr(one, name).p, rel=1e-7)
    assert other.rank.kp_f == pytest.approx(one.rank.kp_f, rel=1e-8)
    assert other.ar.test.p == pytest.approx(one.ar.test.p, rel=1e-7)


def test_moments_without_a_covariance_are_refused():
    with pytest.raises(EstimationError, match="no sampling error"):
        quadratic_form(np.array([1.0, 0.5]), np.diag([1.0, 0.0]))
    with pytest.raises(EstimationError, match="lower rank"):
        quadratic_form(np.array([1.0, 0.5]), np.ones((2, 2)))
    assert quadratic_form(np.array([2.0]), np.array([[4.0]])) == pytest.approx(1.0)
