"""The smoothed bootstrap written out: bandwidth, movement of points, drawing, and the summary of the draws."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import truncnorm
from shidian.efficiency import bootstrap_scores
from shidian.efficiency.bootstrap import Bootstrap, summarise
from shidian.efficiency.pseudo_samples import GivenRegressors, Sampler, shares, silverman

from tests.efficiency.test_bootstrap import panel, technology


def test_silvermans_bandwidth():
    """Reflected: -3, -1, 1, 3. s = sqrt(5), quartiles -1.5 and 1.5: 3/1.34 = 2.2388 > s = 2.2361; m = 4."""
    assert silverman(np.array([1.0, 3.0])) == pytest.approx(0.9 * np.sqrt(5) * 4**-0.2, rel=1e-14)
    # -9, -1, -1, 1, 1, 9: quartiles -1 and 1, s far above 2/1.34
    assert silverman(np.array([1.0, 1.0, 9.0])) == pytest.approx(0.9 * 2 / 1.34 * 6**-0.2, rel=1e-14)
    # more than half of all are efficient: the quartiles are zero, and s takes their place
    u = np.array([0.0, 0.0, 0.0, 4.0])
    assert silverman(u) == pytest.approx(0.9 * np.sqrt(32 / 8) * 8**-0.2, rel=1e-14)
    assert silverman(np.zeros(3)) == 0


def test_shares_of_a_point_on_the_frontier():
    """beta = 1 - e^-u = 1/2 at u = ln 2: what shrinks is 1/2 of the unit's, what grows 3/2; alone growing, e^u."""
    u = np.array([np.log(2), 0.0])
    assert shares(u, np.array([-1.0, 0.0, 1.0])) == pytest.approx(np.array([[0.5, 1, 1.5], [1, 1, 1]]), rel=1e-14)
    assert shares(u, np.array([0.0, 1.0])) == pytest.approx(np.array([[1, 2.0], [1, 1]]), rel=1e-14)


def test_a_draw_is_smoothed_reflected_and_kept_at_the_samples_spread():
    """u = |(u_i s_i + h e) / sqrt(1 + h^2 / mean(u^2))|, the stream read as indices, signs, normals."""
    u, h = np.array([0.0, 0.3, 0.5, 0.2]), 0.15
    points, direction = np.arange(1.0, 13).reshape(4, 3), np.array([-1.0, 0.0, 1.0])
    found = Sampler(points, u, h, direction).draw(np.random.default_rng(5))
    rng = np.random.default_rng(5)
    at, sign, noise = rng.integers(0, 4, 4), np.where(rng.random(4) < 0.5, -1, 1), rng.standard_normal(4)
    drawn = np.abs(u[at] * sign + h * noise) / np.sqrt(1 + h**2 / (0.38 / 4))
    expected = points / np.column_stack([np.exp(-drawn), np.ones(4), 2 - np.exp(-drawn)])
    assert found == pytest.approx(expected.T, rel=1e-13)
    assert Sampler(points, 0 * u, 0.0, direction).draw(np.random.default_rng(1)) == pytest.approx(points.T)


def test_the_drawn_inefficiencies_keep_their_second_moment():
    u = np.random.default_rng(0).exponential(0.3, 50) * (np.arange(50) % 5 > 0)
    sampler = Sampler(np.ones((50, 1)), u, silverman(u), np.array([-1.0]))
    rng = np.random.default_rng(2)
    drawn = np.log(np.concatenate([sampler.draw(rng)[0] for _ in range(400)]))
    assert np.mean(drawn**2) == pytest.approx(np.mean(u**2), rel=0.05)


def test_summary_by_hand():
    """ln rho - ln draw: -ln 2, 0, -ln 4 and -ln 8, none: mean -ln 2 of three, se ln 2 in logarithms; -ln 8 alone."""
    rho = np.array([0.5, 0.25])
    draws = np.array([[1.0, 2.0], [0.5, np.nan], [2.0, 2.0]])
    frame = pd.DataFrame({"frontier": "2010", "unit": ["a", "b"], "year": 2010})
    summary = summarise(SimpleNamespace(scores=lambda: frame), rho, draws, level=0.5)
    a, b = summary.to_dict("records")
    assert (a["score"], a["corrected"], a["bias"], a["draws"]) == pytest.approx((0.5, 0.25, 0.25, 3))
    assert a["se"] == pytest.approx(0.25 * np.log(2))
    # quartiles of -ln 4, -ln 2, 0 are -1.5 ln 2 and -0.5 ln 2
    assert (a["low"], a["high"]) == pytest.approx((0.5 * 2**-1.5, 0.5 * 2**-0.5))
    assert (b["corrected"], b["draws"], b["se"]) == pytest.approx((0.25 / 8, 2, 0))
    assert Bootstrap(summary, draws, 0, 1, []).plausible()[:, 0].tolist() == [0.25, 0.5, 0.125]


def test_interval_at_its_level():
    """101 draws with shifts 0, -0.01, ..., -1: at 90% from -0.95 to -0.05."""
    frame = pd.DataFrame({"frontier": "2010", "unit": ["a"], "year": 2010})
    draws = np.exp(np.arange(101) / 100)[:, None]
    (row,) = summarise(SimpleNamespace(scores=lambda: frame), np.array([1.0]), draws, 0.9).to_dict("records")
    assert (np.log(row["low"]), np.log(row["high"])) == pytest.approx((-0.95, -0.05))
    (row,) = summarise(SimpleNamespace(scores=lambda: frame), np.array([1.0]), draws).to_dict("records")
    assert (np.log(row["low"]), np.log(row["high"])) == pytest.approx((-0.975, -0.025))


def test_bias_over_the_draws_is_what_the_summary_takes_off():
    found = bootstrap_scores(technology(panel(n=12, years=1)), seed=5, replications=8)
    rho = found.summary["score"].to_numpy()
    corrected = np.exp(2 * np.log(rho) - np.log(found.draws).mean(axis=0))
    assert found.summary["corrected"].to_numpy() == pytest.approx(corrected, rel=1e-12)
    assert found.summary["bias"].to_numpy() == pytest.approx(rho - corrected, rel=1e-9)
    shift = np.log(rho) - np.log(found.draws)
    assert found.summary["low"].to_numpy() == pytest.approx(rho * np.exp(np.quantile(shift, 0.025, axis=0)))
    assert found.summary["high"].to_numpy() == pytest.approx(rho * np.exp(np.quantile(shift, 0.975, axis=0)))


def test_inefficiency_given_a_regression_is_a_normal_cut_off_at_zero():
    points, direction = np.ones((40_000, 1)), np.array([-1.0])
    for fitted, spread in ((0.5, 0.2), (0.1, 0.3), (-0.4, 0.2)):
        drawn = GivenRegressors(points, np.full(40_000, fitted), spread, direction).draw(np.random.default_rng(3))
        u = np.log(drawn[0])
        expected = truncnorm(-fitted / spread, np.inf, loc=fitted, scale=spread)
        assert u.min() >= 0
        assert u.mean() == pytest.approx(expected.mean(), abs=4 * expected.std() / 200)
        assert u.std() == pytest.approx(expected.std(), rel=0.03)
    still = GivenRegressors(points[:3], np.array([0.2, 0.0, -0.1]), 0.0, direction).draw(np.random.default_rng(1))
    assert np.log(still[0]) == pytest.approx([0.2, 0, 0])
