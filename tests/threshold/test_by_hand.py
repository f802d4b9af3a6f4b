"""Grids, trims, critical values, covariances and the kept thresholds of the threshold model, written out."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shidian.errors import EstimationError
from shidian.threshold.hansen import ThresholdOptions, candidate_grid, fit_thresholds
from shidian.threshold.panel_arrays import threshold_panel, within_matrix
from shidian.threshold.regime_regression import regime_regression
from shidian.threshold.u_test import fieller_interval, u_test

from tests.threshold.made_panels import QUIET, arrays, brute_force, make_panel


def test_candidates_of_a_grid():
    """20 values, tenths from 0.1 to 0.9: of the distinct values every second, of the observations the inverse cdf."""
    q = np.array([*np.arange(1.0, 21), *[1.0] * 10]).reshape(6, 5)
    tenths = ThresholdOptions(trim=0.1, grid=10)
    assert candidate_grid(q, tenths).tolist() == [2, 4, 6, 8, 10, 12, 14, 16, 18]
    # 30 observations, 11 of them 1: the k-th tenth is the 3k-th smallest
    observed = ThresholdOptions(trim=0.1, grid=10, grid_of="observations")
    assert candidate_grid(q, observed).tolist() == [1, 2, 5, 8, 11, 14, 17]
    odd = candidate_grid(np.arange(1.0, 8).reshape(7, 1), ThresholdOptions(trim=0.25, grid=4, grid_of="observations"))
    assert odd.tolist() == [2, 4, 6]  # ceil(7/4), ceil(14/4), ceil(21/4)
    assert candidate_grid(q, ThresholdOptions()).tolist() == list(range(1, 20))
    assert candidate_grid(q, ThresholdOptions(strict=True)).tolist() == list(range(2, 21))


@pytest.mark.parametrize(("trim", "fewest"), [(0.0, 1), (0.05, 2), (0.1, 4), (0.15, 6), (0.1001, 5)])
def test_every_regime_keeps_its_share(trim, fewest):
    """40 observations with distinct q: the first candidate leaves ceil(40 trim) below it, the last as many above."""
    frame = make_panel(3, n=8, years=5)
    frame["q"] = np.random.default_rng(1).permutation(40).astype(float)
    step = fit_thresholds(arrays(frame), 1, ThresholdOptions(trim=trim, replications=0)).steps[0]
    assert step.curve.candidates.tolist() == list(np.arange(fewest - 1.0, 40 - fewest))
    for bad in (-0.01, 0.5):
        with pytest.raises(EstimationError, match=r"trim must lie in \[0, 0.5\)"):
            fit_thresholds(arrays(frame), 1, ThresholdOptions(trim=bad))


def test_trim_keeps_room_beside_thresholds_found_before():
    frame = make_panel(3, n=8, years=5)
    frame["q"] = np.random.default_rng(1).permutation(40).astype(float)
    first, second = fit_thresholds(arrays(frame), 2, ThresholdOptions(trim=0.1, replications=0)).steps
    distance = np.abs(second.curve.candidates - first.gamma)
    assert distance.min() == 4
    assert {3.0, 35.0} <= set(second.curve.candidates)


def test_up_to_three_thresholds_by_default():
    frame = make_panel(3, n=8, years=5)
    model = fit_thresholds(arrays(frame), options=ThresholdOptions(trim=0.1, replications=0))
    assert [step.number for step in model.steps] == [1, 2, 3]
    assert model.stopped == ""
    wide = fit_thresholds(arrays(frame), options=ThresholdOptions(trim=0.3, replications=0))
    assert "no candidate for threshold 3: every regime must keep 12 of 40 observations" in wide.stopped


def test_thresholds_found_earlier_stay_where_refine_is_off():
    """Seeds at which the first threshold would move: it does not, and its LR is that of the model printed."""
    moved = 0
    for seed in (2, 8, 9, 0):
        frame = make_panel(seed, n=20, years=6, thresholds=(-0.3, 0.4), noise=2.0)
        options = {"replications": 0, "trim": 0.1}
        kept = fit_thresholds(arrays(frame), 2, ThresholdOptions(refine=False, **options))
        again = fit_thresholds(arrays(frame), 2, ThresholdOptions(refine=True, **options)).steps[1]
        first, second = kept.steps
        assert sorted([first.gamma, second.gamma]) == list(second.thresholds)
        assert second.ssr_refined == second.ssr
        moved += second.thresholds != again.thresholds
        curve = second.curves[second.thresholds.index(first.gamma)]
        for j in range(0, len(curve.candidates), 7):
            ssr = brute_force(frame, 1, [second.gamma, curve.candidates[j]])
            assert curve.lr[j] == pytest.approx((ssr - second.ssr) / (second.ssr / (20 * 5)), abs=1e-8)
        inside = curve.candidates[curve.lr <= -2 * np.log(1 - np.sqrt(0.95))]
        assert (curve.gamma, curve.low, curve.high) == (first.gamma, inside.min(), inside.max())
    assert moved == 3


def test_refined_thresholds_minimise_given_each_other():
    for seed in (2, 8, 9):
        frame = make_panel(seed, n=20, years=6, thresholds=(-0.3, 0.4), noise=2.0)
        step = fit_thresholds(arrays(frame), 2, ThresholdOptions(replications=0, trim=0.1)).steps[1]
        assert step.ssr_refined == pytest.approx(brute_force(frame, 1, step.thresholds), rel=1e-10)
        for curve in step.curves:
            assert curve.lr.min() >= 0
        assert step.ssr_refined < step.ssr


def test_critical_values_are_order_statistics_of_the_draws():
    """Of 60 draws the 54th, 57th and 60th smallest: the share above is at most 10, 5 and 1 per cent."""
    step = fit_thresholds(arrays(make_panel(5)), 1, ThresholdOptions(replications=60), seed=2).steps[0]
    ordered = np.sort(step.test.draws)
    assert len(ordered) == 60
    assert step.test.critical == {0.10: ordered[53], 0.05: ordered[56], 0.01: ordered[59]}
    scaled = fit_thresholds(arrays(make_panel(5)), 1, ThresholdOptions(replications=60, f_scale="nT"), seed=2).steps[0]
    assert scaled.test.draws == pytest.approx(step.test.draws * 8 / 7, rel=1e-9)  # nT to n(T-1)


@pytest.mark.parametrize(("vcov", "expected"), [("iid", 40 * 7 - 3), ("robust", 320 - 3 - 40), ("cluster", 39)])
def test_covariances_with_the_slopes_of_dummies(vcov, expected):
    """Three slopes, 40 units: statsmodels on explicit dummies, its factors turned into xtreg's."""
    import statsmodels.api as sm

    frame = make_panel(7)
    fit, sizes = regime_regression(arrays(frame), (0.3,), QUIET, vcov)
    below = frame["q"] <= 0.3
    design = pd.DataFrame({"low": frame["x0"] * below, "high": frame["x0"] * ~below, "w": frame["w"]})
    design = pd.concat([design, pd.get_dummies(frame["unit"], dtype=float)], axis=1)
    model = sm.OLS(frame["y"], design)
    if vcov == "iid":
        peer, factor = model.fit(), 1.0
    elif vcov == "robust":
        peer, factor = model.fit(cov_type="HC1"), 1.0
    else:
        peer = model.fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(frame["unit"])[0]})
        factor = (320 - 43) / (320 - 4)  # K: three slopes and the constant, not the 40 dummies
    assert fit.coef == pytest.approx(peer.params.iloc[:3].to_numpy(), rel=1e-9)
    assert fit.se == pytest.approx(peer.bse.iloc[:3].to_numpy() * np.sqrt(factor), rel=1e-8)
    assert fit.df == expected
    assert sizes == (int(below.sum()), int((~below).sum()))
    centred = frame["y"] - frame["y"].mean()
    assert fit.r2 == pytest.approx(1 - peer.ssr / float(centred @ centred), rel=1e-9)
    y = frame["y"] - frame.groupby("unit")["y"].transform("mean")
    assert fit.r2_within == pytest.approx(1 - peer.ssr / float(y @ y), rel=1e-9)


def test_a_regime_of_its_own_at_the_threshold():
    """q at the threshold belongs to the regime below it, with ``strict`` to the one above."""
    frame = make_panel(7).assign(q=lambda f: np.tile([1.0, 2, 2, 2, 3, 3, 3, 3], 40))
    assert regime_regression(arrays(frame), (2.0,), QUIET, "iid")[1] == (160, 160)
    assert regime_regression(arrays(frame), (2.0,), ThresholdOptions(strict=True), "iid")[1] == (40, 280)


def test_the_smallest_panels():
    """Two units and two years are a panel; one of either is none."""
    frame = pd.DataFrame({"unit": list("aabb"), "year": [1, 2, 1, 2], "y": [1.0, 3, 2, 5], "x0": [0.0, 1, 3, 1],
                          "q": [1.0, 2, 3, 4], "w": [0.0, 1, 0, 2]})  # fmt: skip
    panel = threshold_panel(frame, "y", ["x0"], "q")
    assert panel.y.tolist() == [[1, 3], [2, 5]]
    assert panel.x[:, :, 0].tolist() == [[0, 1], [3, 1]]
    for part, found in ((frame[frame["unit"] == "a"], "1 and 2"), (frame[frame["year"] == 1], "2 and 1")):
        with pytest.raises(EstimationError, match=f"needs two units and two years, not {found}"):
            threshold_panel(part, "y", ["x0"], "q")
    with pytest.raises(EstimationError, match="the outcome is constant within every unit"):
        fit_thresholds(arrays(make_panel(1).assign(y=0.0)), 1, QUIET)


def test_year_effects_are_dummies_of_all_years_but_the_first():
    panel = threshold_panel(make_panel(1, n=5, years=4), "y", ["x0"], "q", year_effects=True)
    assert panel.names_z == ("year=2001", "year=2002", "year=2003")
    assert panel.z[0].tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert within_matrix(2, drop_last=False).tolist() == [[0.5, -0.5], [-0.5, 0.5]]
    assert within_matrix(3, drop_last=True).shape == (2, 3)


def test_units_that_lack_a_year_are_named_up_to_five():
    frame = make_panel(1, n=12, years=4)

    def message(lacking):
        holed = frame[~((frame["unit"] < f"u{lacking:03d}") & (frame["year"] == 2001))]
        with pytest.raises(EstimationError) as refused:
            arrays(holed)
        kept = arrays(holed, drop_incomplete_units=True)
        assert (kept.n_dropped_units, len(kept.units)) == (lacking, 12 - lacking)
        return str(refused.value)

    assert "5 of 12 units lack a year (u000, u001, u002, u003, u004);" in message(5)
    assert "6 of 12 units lack a year (u000, u001, u002, u003, u004 ...);" in message(6)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_units_of_measure_of_regressor_and_threshold_variable(scale):
    frame = make_panel(4, k=2)
    scaled = frame.assign(x0=frame["x0"] * scale, x1=frame["x1"] / scale, q=frame["q"] * scale)
    options = ThresholdOptions(replications=0, trim=0.05)
    base, other = (fit_thresholds(arrays(f, 2), 2, options) for f in (frame, scaled))
    for a, b in zip(base.steps, other.steps, strict=True):
        assert b.gamma == pytest.approx(a.gamma * scale, rel=1e-12)
        assert b.f == pytest.approx(a.f, rel=1e-7)
        assert len(b.curve.candidates) == len(a.curve.candidates)


def test_u_test_errors_at_both_ends_and_the_normal():
    """Slope beta + 2 gamma x has the variance v00 + 4 x v01 + 4 x^2 v11; inf degrees of freedom are the normal's."""
    cov = np.array([[0.04, -0.01], [-0.01, 0.006]])
    test = u_test(-2.0, 0.5, cov, np.inf, 1.0, 4.0, level=0.9)
    low, high = np.sqrt(0.04 - 0.04 + 0.024), np.sqrt(0.04 - 0.16 + 0.384)
    assert (test.slope_low, test.slope_high) == (-1, 2)
    assert (test.t_low, test.t_high) == pytest.approx((-1 / low, 2 / high), rel=1e-13)
    assert (test.p_low, test.p_high) == pytest.approx((stats.norm.sf(1 / low), stats.norm.sf(2 / high)), rel=1e-12)
    assert test.fieller == pytest.approx(fieller_interval(-2.0, 0.5, cov, stats.norm.ppf(0.95)))
    with_t = u_test(-2.0, 0.5, cov, 12, 1.0, 4.0)
    assert with_t.fieller == pytest.approx(fieller_interval(-2.0, 0.5, cov, stats.t.ppf(0.975, 12)))
    # at the ends the slope is at the critical value
    for x in test.fieller:
        se = np.sqrt(0.04 - 4 * x * 0.01 + 4 * x * x * 0.006)
        assert abs(-2 + x) / se == pytest.approx(stats.norm.ppf(0.95), rel=1e-10)


def test_a_turning_point_at_the_end_of_the_data_is_no_u():
    cov = np.eye(2) * 0.01
    assert "lies outside" in u_test(-2.0, 1.0, cov, 50, 1.0, 3.0).reason  # turning point 1
    assert "lies outside" in u_test(-6.0, 1.0, cov, 50, 1.0, 3.0).reason  # turning point 3
    assert u_test(-4.0, 1.0, cov, 50, 1.0, 3.0).reason == ""
    with pytest.raises(EstimationError, match="empty"):
        u_test(-4.0, 1.0, cov, 50, 3.0, 1.0)
