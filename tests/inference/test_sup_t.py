"""The critical value of simultaneous bands against values found without its draws."""

import numpy as np
import pytest
from scipy import stats
from shidian.inference.sup_t import sup_t_critical

CORRELATED = np.array([[4.0, 1.2, 0.1], [1.2, 1.0, 0.05], [0.1, 0.05, 0.01]])


@pytest.mark.parametrize("k", [2, 7])
def test_independent_estimates_have_the_sidak_value(k):
    wanted = stats.norm.ppf((1 + 0.95 ** (1 / k)) / 2)
    assert sup_t_critical(np.diag(np.arange(1.0, k + 1))) == pytest.approx(wanted, abs=0.01)


def test_one_estimate_or_copies_of_it_have_the_pointwise_value():
    assert sup_t_critical(np.array([[3.0]]), df=12) == pytest.approx(stats.t.ppf(0.975, 12), abs=0.02)
    copies = np.outer([1.0, 2.0, -3.0], [1.0, 2.0, -3.0])  # of rank one
    assert sup_t_critical(copies) == pytest.approx(stats.norm.ppf(0.975), abs=0.015)


@pytest.mark.parametrize("df", [np.inf, 9.0])
def test_the_box_of_the_value_holds_the_level_by_integration(df):
    """The probability of the box, by Genz's integration in scipy, which draws nothing of ours."""
    critical = sup_t_critical(CORRELATED, df=df, seed=3)
    se = np.sqrt(np.diag(CORRELATED))
    shape = CORRELATED / np.outer(se, se)
    box = np.full(3, critical)
    law = stats.multivariate_normal(np.zeros(3), shape, seed=1) if np.isinf(df) else None
    held = (
        law.cdf(box, lower_limit=-box)
        if law is not None
        else stats.multivariate_t.cdf(box, np.zeros(3), shape, df, lower_limit=-box, random_state=1)
    )
    assert held == pytest.approx(0.95, abs=0.002)


def test_units_of_measure_do_not_matter_and_the_seed_does():
    scale = np.diag([1e-6, 1.0, 1e6])
    assert sup_t_critical(scale @ CORRELATED @ scale) == pytest.approx(sup_t_critical(CORRELATED), rel=1e-9)
    assert sup_t_critical(CORRELATED, seed=1) != sup_t_critical(CORRELATED, seed=2)


@pytest.mark.parametrize("vcov", [np.zeros((0, 0)), np.diag([1.0, 0.0]), np.diag([1.0, np.nan])])
def test_a_path_without_errors_has_no_band(vcov):
    assert np.isnan(sup_t_critical(vcov))
