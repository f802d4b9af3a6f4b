"""Power of pre-trends: as R's pretrends prints it of He and Wang (2017), and as integrals and draws have it."""

import numpy as np
import pytest
from shidian.did.event_coefficients import EventCoefficients
from shidian.did.pretrend_power import pass_probability, passing, slope_of_power, truncated_mean
from shidian.errors import EstimationError

TIMES = np.array([-3.0, -2, -1, 1, 2, 3, 4])
BETA = np.array([0.066703148, -0.007701792, -0.030769054, 0.084030658, 0.242441818, 0.219878986, 0.191092536])
LOWER = [
    [0.0089065703], [0.00448831, 0.00593692], [0.0014587, 0.00275008, 0.00303862],
    [0.00121577, 0.00135059, 0.00090562, 0.00392474], [0.00203276, 0.00143155, 0.00067913, 0.00259612, 0.0080659],
    [0.0013225, 0.00120678, 0.00101676, 0.00173261, 0.00587538, 0.00788158],
    [0.00196177, 0.00138472, 0.00070901, 0.00223455, 0.00374144, 0.00365071, 0.00978843],
]  # fmt: skip
"""Covariance of He and Wang's event study, as the package's data have it."""


@pytest.fixture(scope="module")
def event() -> EventCoefficients:
    cov = np.zeros((7, 7))
    for i, row in enumerate(LOWER):
        cov[i, : i + 1] = cov[: i + 1, i] = row
    return EventCoefficients(BETA[:3], BETA[3:], cov)


def test_a_line_that_is_found_half_of_the_time(event):
    """README of pretrends: slope_for_power 0.05205871, whose own probabilities are 0.001 exact."""
    assert slope_of_power(event.vcov[:3, :3], TIMES[:3], 0.5) == pytest.approx(0.05205871, abs=2e-5)
    found = passing(event, 0.05205871 * TIMES)
    assert found.power == pytest.approx(0.4999776, abs=2e-4)
    assert found.bayes_factor == pytest.approx(0.56901, abs=2e-4)
    assert found.likelihood_ratio == pytest.approx(0.1057627, abs=2e-6)
    assert found.before == pytest.approx([-0.09230764, -0.05555285, -0.02790950], abs=2e-6)
    assert found.after == pytest.approx([0.06490184, 0.12084695, 0.16946498, 0.22453827], abs=4e-6)


def test_a_quadratic_violation(event):
    found = passing(event, 0.024 * TIMES**2)
    assert (found.power, found.bayes_factor) == (pytest.approx(0.6624282, abs=2e-4), pytest.approx(0.3841516, abs=2e-4))
    assert found.likelihood_ratio == pytest.approx(0.4332635, abs=2e-5)


def test_one_coefficient_is_the_normal_s(event):
    cov = event.vcov[:1, :1]
    se = float(np.sqrt(cov[0, 0]))
    assert pass_probability(np.zeros(1), cov) == pytest.approx(0.9500042, abs=1e-7)
    assert slope_of_power(cov, np.array([-1.0]), 0.8) == pytest.approx(se * (1.96 + 0.8416212), rel=1e-4)
    assert truncated_mean(np.array([0.3 * se]), cov, np.array([np.inf])) == pytest.approx([0.3 * se])


def test_draws_agree(event):
    rng, mean, cov = np.random.default_rng(4), 0.05 * TIMES[:3], event.vcov[:3, :3]
    draws = rng.multivariate_normal(mean, cov, 400_000)
    passed = draws[(np.abs(draws) < 1.96 * np.sqrt(np.diag(cov))).all(axis=1)]
    assert pass_probability(mean, cov) == pytest.approx(len(passed) / len(draws), abs=0.003)
    assert truncated_mean(mean, cov, 1.96 * np.sqrt(np.diag(cov))) == pytest.approx(passed.mean(axis=0), abs=5e-4)


def test_units_of_measure_scale_slopes_and_nothing_else(event):
    scaled = EventCoefficients(1e5 * event.pre, 1e5 * event.post, 1e10 * event.vcov)
    slopes = [slope_of_power(one.vcov[:3, :3], TIMES[:3], 0.8) for one in (event, scaled)]
    assert slopes[1] == pytest.approx(1e5 * slopes[0], rel=1e-6)
    one, other = passing(event, slopes[0] * TIMES), passing(scaled, slopes[1] * TIMES)
    assert (one.power, one.bayes_factor) == (pytest.approx(other.power), pytest.approx(other.bayes_factor))
    assert 1e5 * one.after == pytest.approx(other.after, rel=1e-6)
    assert one.power == pytest.approx(0.8, abs=1e-6)


def test_a_power_below_the_size_is_refused(event):
    with pytest.raises(EstimationError, match=r"rejects parallel trends that hold with a probability of 0\.12"):
        slope_of_power(event.vcov[:3, :3], TIMES[:3], 0.06)
