"""Panel threshold regression beside least squares, in any units and order, and its bootstrap."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.threshold.candidates import ThresholdOptions
from shidian.threshold.hansen import fit_thresholds
from shidian.threshold.panel_arrays import threshold_panel
from shidian.threshold.regime_regression import regime_regression

from .made_panels import QUIET, arrays, brute_force, make_panel


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("strict", [False, True])
def test_every_candidate_equals_least_squares(k, strict):
    frame = make_panel(1, n=12, years=5, k=k)
    model = fit_thresholds(arrays(frame, k), 2, ThresholdOptions(trim=0.1, replications=0, refine=False, strict=strict))
    first, second = model.steps
    for step, known in ((first, []), (second, [first.gamma])):
        lr = step.curve.lr
        for j in range(0, len(lr), 3):
            ssr = brute_force(frame, k, [*known, step.curve.candidates[j]], strict)
            sigma2 = step.ssr / (12 * 4)
            assert lr[j] == pytest.approx((ssr - step.ssr) / sigma2, abs=1e-8)
    assert first.ssr == pytest.approx(brute_force(frame, k, [first.gamma], strict), rel=1e-10)
    assert second.ssr == pytest.approx(brute_force(frame, k, [first.gamma, second.gamma], strict), rel=1e-10)


@pytest.mark.parametrize("drop_last", [False, True])
def test_without_controls_every_candidate_equals_least_squares(drop_last):
    frame = make_panel(8, n=12, years=5)
    panel = threshold_panel(frame, "y", ["x0"], "q")
    options = ThresholdOptions(trim=0.1, replications=0, drop_last=drop_last)
    model = fit_thresholds(panel, 1, options)
    step = model.steps[0]
    fit, sizes = regime_regression(panel, step.thresholds, options, "iid")
    assert (fit.terms, sum(sizes)) == (("x0|regime 1", "x0|regime 2"), 60)
    if drop_last:
        assert fit.extra["rss"] == pytest.approx(step.ssr, rel=1e-10)
        return
    assert model.ssr_linear == pytest.approx(brute_force(frame, 1, [], controls=()), rel=1e-10)
    for candidate, lr in zip(step.curve.candidates, step.curve.lr, strict=True):
        ssr = brute_force(frame, 1, [candidate], controls=())
        assert lr == pytest.approx((ssr - step.ssr) / (step.ssr / 48), abs=1e-8)
    below = frame["q"] <= step.gamma
    wide = frame.assign(low=frame["x0"] * below, high=frame["x0"] * ~below)
    peer = regress(wide, "y", ["low", "high"], ["unit"], "iid").fit
    assert fit.coef == pytest.approx(peer.coef, rel=1e-9)
    assert fit.se == pytest.approx(peer.se, rel=1e-9)


@pytest.mark.parametrize("factor", [1.5, 1.7, 1e5 / 3])
def test_a_control_constant_within_units_changes_nothing(factor):
    """Products such as 1.7 i leave rounding errors after demeaning, which no test of rank tells from a regressor."""
    frame = make_panel(9, n=50, years=11).assign(area=lambda f: f["unit"].str[1:].astype(float) * factor)
    panel = threshold_panel(frame, "y", ["x0"], "q", ["area", "w"])
    assert (panel.names_z, panel.omitted) == (("w",), {"area": "absorbed by the fixed effects (unit)"})
    assert fit_thresholds(panel, 1, QUIET).steps[0].ssr == fit_thresholds(arrays(frame), 1, QUIET).steps[0].ssr


def test_of_collinear_controls_the_first_stays():
    frame = make_panel(10).assign(twice=lambda f: 2 * f["w"] + f["x0"], trend=lambda f: f["year"] / 10)
    panel = threshold_panel(frame, "y", ["x0"], "q", ["w", "twice", "trend", "x0"], year_effects=True)
    assert panel.names_z[:2] == ("w", "year=2001")
    assert panel.omitted == {
        "x0": "its slope changes at the threshold", "twice": "collinear with x0, w",
        "trend": "absorbed by the fixed effects (unit, year)",
    }  # fmt: skip
    plain = arrays(frame, year_effects=True)
    mine, peer = (regime_regression(p, (0.3,), QUIET)[0] for p in (panel, plain))
    assert mine.coef.tobytes() == peer.coef.tobytes()
    with pytest.raises(EstimationError, match="'x1' cannot be estimated: collinear with x0"):
        threshold_panel(frame.assign(x1=-frame["x0"]), "y", ["x0", "x1"], "q")


def test_bootstrap_equals_least_squares_on_the_drawn_sample():
    """Draw r of the test is what regressions on that bootstrap sample give."""
    frame = make_panel(2, n=10, years=5)
    model = fit_thresholds(arrays(frame), 1, ThresholdOptions(trim=0.15, replications=3), seed=5)
    step = model.steps[0]
    dummies = pd.get_dummies(frame["unit"], dtype=float).to_numpy()
    x, y = frame[["x0", "w"]].to_numpy(), frame["y"].to_numpy()
    base = np.column_stack([x, dummies])
    residual = (y - base @ np.linalg.lstsq(base, y, rcond=None)[0]).reshape(10, 5)
    for r in range(3):
        stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(5, spawn_key=(r,))))
        drawn = frame.assign(y=residual[stream.integers(0, 10, 10)].ravel())
        ssr0 = brute_force(drawn, 1, [])
        ssr1 = min(brute_force(drawn, 1, [g]) for g in step.curve.candidates)
        assert step.test.draws[r] == pytest.approx((ssr0 - ssr1) / (ssr1 / 40), rel=1e-8)
    assert step.test.p == (1 + np.sum(step.test.draws >= step.f)) / (1 + len(step.test.draws))


@pytest.mark.parametrize(("seed", "thresholds"), [(3, (0.0,)), (4, ()), (5, ())])
def test_p_of_the_bootstrap_lies_between_zero_and_one(seed, thresholds):
    """(1 + count) / (1 + draws): where no draw reaches the statistic it is 1 / (1 + draws), the least there is."""
    frame = make_panel(seed, n=40, thresholds=thresholds)
    test = fit_thresholds(arrays(frame), 1, ThresholdOptions(replications=49), seed=2).steps[0]
    count = int((test.test.draws >= test.f).sum())
    assert test.test.p == (1 + count) / 50
    assert 0 < test.test.p < 1
    assert (test.test.p == 0.02) == (count == 0) == bool(thresholds)


def test_planted_thresholds_are_found():
    frame = make_panel(3, n=120, years=10, thresholds=(-0.5, 0.6))
    model = fit_thresholds(arrays(frame), 3, ThresholdOptions(trim=0.05, replications=99), seed=1)
    assert model.steps[1].thresholds == pytest.approx((-0.5, 0.6), abs=0.02)
    assert [s.test.p < 0.05 for s in model.steps] == [True, True, False]
    fit, _ = regime_regression(arrays(frame), model.steps[1].thresholds, QUIET)
    assert fit.coef[:3] == pytest.approx([0.5, 2.0, 3.5], abs=0.1)
    for curve in model.steps[1].curves:
        assert curve.low <= curve.gamma <= curve.high


def test_refinement_never_worsens_the_fit():
    for seed in range(5):
        model = fit_thresholds(arrays(make_panel(seed, thresholds=(-0.3, 0.1, 0.8))), 3, QUIET)
        for step in model.steps:
            assert step.ssr_refined <= step.ssr + 1e-9
            assert list(step.thresholds) == sorted(step.thresholds)


def test_row_order_labels_and_units_of_measure_do_not_matter():
    frame = make_panel(4)
    options = ThresholdOptions(replications=20)
    base = fit_thresholds(arrays(frame), 2, options, seed=3)
    moved = frame.assign(y=frame["y"] * 1e4, w=frame["w"] * 1e-3).sample(frac=1, random_state=0)
    other = fit_thresholds(arrays(moved), 2, options, seed=3)
    for a, b in zip(base.steps, other.steps, strict=True):
        assert b.gamma == a.gamma
        assert b.f == pytest.approx(a.f, rel=1e-8)
        assert b.test.draws == pytest.approx(a.test.draws, rel=1e-7)


@pytest.mark.parametrize("regressors", [["x0"], ["x0", "x1"], ["d"]], ids=len)
@given(powers=st.lists(st.integers(-12, 12), min_size=5, max_size=5))
@settings(max_examples=8, deadline=None)
def test_units_of_measure_never_matter(regressors, powers):
    """Outcome, regressors, control, threshold variable times 1e-12 ... 1e12; a dummy leaves ties of candidates."""
    frame = make_panel(4, k=2)
    frame["d"] = ((frame["unit"] > "u020") & (frame["year"] > 2003)).astype(float)
    unit = dict(zip(["y", "x0", "x1", "w", "q"], (10.0**p for p in powers), strict=True)) | {"d": 10.0 ** powers[1]}
    scaled = frame.assign(**{name: frame[name] * f for name, f in unit.items()})
    options = ThresholdOptions(replications=20, trim=0.05)
    panels = [threshold_panel(f, "y", regressors, "q", ["w"]) for f in (frame, scaled)]
    first, second = (fit_thresholds(p, 2, options, seed=3) for p in panels)
    for a, b in zip(first.steps, second.steps, strict=True):
        assert [b.gamma, b.curve.low, b.curve.high] == pytest.approx(
            [v * unit["q"] for v in (a.gamma, a.curve.low, a.curve.high)], rel=1e-12
        )
        assert b.thresholds == pytest.approx(np.array(a.thresholds) * unit["q"], rel=1e-12)
        assert b.f == pytest.approx(a.f, rel=1e-7)
        assert b.test.p == a.test.p
        assert b.test.draws == pytest.approx(a.test.draws, rel=1e-7, abs=1e-7)
    for vcov in ("iid", "robust", "cluster"):
        fits = [
            regime_regression(p, m.steps[0].thresholds, options, vcov)[0]
            for p, m in zip(panels, (first, second), strict=True)
        ]
        t = [f.coef / f.se for f in fits]
        assert t[1] == pytest.approx(t[0], rel=1e-7)
        names = [term.partition("|")[0] for term in fits[0].terms]
        assert fits[1].coef == pytest.approx(fits[0].coef * [unit["y"] / unit[n] for n in names], rel=1e-7)


def test_draws_do_not_depend_on_how_many_are_made():
    frame = make_panel(4)
    few = fit_thresholds(arrays(frame), 1, ThresholdOptions(replications=10), seed=3).steps[0].test
    many = fit_thresholds(arrays(frame), 1, ThresholdOptions(replications=70), seed=3).steps[0].test
    assert many.draws[:10].tobytes() == few.draws.tobytes()


def test_bootstrap_residuals_are_an_option():
    frame = make_panel(6)
    by = {
        r: fit_thresholds(arrays(frame), 1, ThresholdOptions(replications=30, residuals=r)).steps[0]
        for r in ("null", "alternative")
    }
    assert by["null"].f == by["alternative"].f
    # residuals of the alternative are smaller, but F is a ratio: the draws differ, not their order of size
    assert not np.allclose(by["null"].test.draws, by["alternative"].test.draws)


def test_values_that_the_trim_rules_out_leave_no_choice():
    """Ten values, of which the trim leaves one place in the middle."""
    frame = make_panel(0)
    frame = frame.assign(q=pd.qcut(frame["q"].rank(method="first"), 10, labels=False).astype(float))
    with pytest.raises(EstimationError, match=r"10 distinct values \(0, 1, .*at least 141 observations \(trim 0.44\)"):
        fit_thresholds(arrays(frame), 1, ThresholdOptions(replications=0, trim=0.44))


def test_year_effects_equal_explicit_dummies():
    frame = make_panel(5, n=15, years=6)
    frame["y"] += (frame["year"] - 2000) * 2.0
    model = fit_thresholds(arrays(frame, year_effects=True), 1, QUIET)
    panel = arrays(frame, year_effects=True)
    fit, _ = regime_regression(panel, model.steps[0].thresholds, QUIET, "cluster")
    from shidian.did.twfe import regress

    below = frame["q"] <= model.steps[0].gamma
    wide = frame.assign(low=frame["x0"] * below, high=frame["x0"] * ~below)
    peer = regress(wide, "y", ["low", "high", "w"], ["unit", "year"], {"kind": "cluster", "by": "unit"}, "xtreg").fit
    assert fit.coef[:3] == pytest.approx(peer.coef, rel=1e-9)
    assert fit.se[:3] == pytest.approx(peer.se, rel=1e-9)
    assert fit.df == peer.df


@pytest.mark.parametrize("vcov", ["iid", "robust"])
def test_regime_regression_equals_least_squares_with_dummies(vcov):
    from shidian.did.twfe import regress

    frame = make_panel(7, n=20, years=6)
    below = frame["q"] <= 0.3
    wide = frame.assign(low=frame["x0"] * below, high=frame["x0"] * ~below)
    fit, _ = regime_regression(arrays(frame), (0.3,), QUIET, vcov)
    kind = {"iid": "iid", "robust": "hetero"}[vcov]
    peer = regress(wide, "y", ["low", "high", "w"], ["unit"], kind, "reghdfe").fit
    assert fit.coef == pytest.approx(peer.coef, rel=1e-9)
    assert fit.se == pytest.approx(peer.se, rel=1e-9)
    assert (fit.df, fit.r2_within, fit.r2) == pytest.approx((peer.df, peer.r2_within, peer.r2))


@pytest.mark.slow
def test_size_of_the_bootstrap_test():
    """Monte Carlo under no threshold: the 5% test rejects about 5% of the time."""
    from scipy import stats

    rejected = 0
    draws = 400
    for seed in range(draws):
        frame = make_panel(seed + 1000, n=30, years=6, jump=0.0, noise=1.0)
        model = fit_thresholds(arrays(frame), 1, ThresholdOptions(trim=0.1, replications=99), seed=seed)
        rejected += model.steps[0].test.p < 0.05
    low, high = stats.binom.ppf([0.0005, 0.9995], draws, 0.05)
    assert low <= rejected <= high
