"""Weights of rows in threshold regressions: a grid of weighted least squares, and the regime's by pyfixest."""

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
from pyfixest.demeaners import MapDemeaner
from shidian.did.constant import fit_with_constant
from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.threshold.candidates import ThresholdOptions
from shidian.threshold.hansen import fit_thresholds
from shidian.threshold.regime_regression import regime_regression

from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit, value
from tests.kinds.example_panel import INFO, example_panel

from .made_panels import QUIET, arrays, make_panel


@pytest.fixture(scope="module")
def frame():
    made = make_panel(seed=4, n=30, years=6, k=2, thresholds=(-0.4, 0.6), jump=1.0)
    return made.assign(pop=np.random.default_rng(8).uniform(0.2, 4.0, len(made)))


def weighted_ssr(frame, gammas):
    """Weighted least squares on dummies of units, weights of mean one: one regression, no shortcut."""
    x, q = frame[["x0", "x1"]].to_numpy(), frame["q"].to_numpy()
    parts = [x, *(x * (q <= g)[:, None] for g in gammas), frame[["w"]], pd.get_dummies(frame["unit"], dtype=float)]
    root = np.sqrt(frame["pop"] / frame["pop"].mean()).to_numpy()
    A, y = np.column_stack(parts) * root[:, None], frame["y"].to_numpy() * root
    return float(np.sum((y - A @ np.linalg.lstsq(A, y, rcond=None)[0]) ** 2))


def test_every_candidate_is_a_weighted_regression(frame):
    panel = arrays(frame, 2, weights="pop")
    model = fit_thresholds(panel, 2, ThresholdOptions(replications=0, refine=False))
    single, double = model.steps
    candidates = np.unique(frame["q"])[:-1]
    inside = [g for g in candidates if min((frame["q"] <= g).sum(), (frame["q"] > g).sum()) >= 2]
    sums = np.array([weighted_ssr(frame, [g]) for g in inside])
    assert single.gamma == pytest.approx(inside[int(sums.argmin())])
    assert single.ssr == pytest.approx(sums.min(), rel=1e-9)
    assert model.ssr_linear == pytest.approx(weighted_ssr(frame, []), rel=1e-9)
    scale = 30 * 5
    lr = (sums - sums.min()) / (sums.min() / scale)
    np.testing.assert_allclose(single.curve.lr, lr, rtol=1e-6, atol=1e-8 * lr.max())
    assert single.f == pytest.approx((model.ssr_linear - sums.min()) / (sums.min() / scale), rel=1e-8)
    second = min(weighted_ssr(frame, [single.gamma, g]) for g in inside if abs(g - single.gamma) > 0.3)
    assert double.ssr == pytest.approx(second, rel=1e-9)


@pytest.mark.parametrize(
    ("vcov", "theirs", "ssc"),
    [("iid", "iid", "areg"), ("robust", "hetero", "areg"), ("cluster", {"CRV1": "unit"}, "fixest")],
)
def test_the_regression_by_regime_is_pyfixests(frame, vcov, theirs, ssc):
    fit, _ = regime_regression(arrays(frame, 2, weights="pop"), (-0.4, 0.6), QUIET, vcov, ssc=ssc)
    regime = np.searchsorted((-0.4, 0.6), frame["q"], side="left")
    made = frame.assign(**{f"x{j}r{r}": frame[f"x{j}"] * (regime == r) for r in range(3) for j in range(2)})
    names = [f"x{j}r{r}" for r in range(3) for j in range(2)] + ["w"]
    peer = pf.feols(
        f"y ~ {' + '.join(names)} | unit", made, vcov=theirs, weights="pop", fixef_rm="none",
        ssc=pf.ssc(k_fixef="full" if ssc == "areg" else "nonnested"),
        demeaner=MapDemeaner(fixef_tol=1e-13, fixef_maxiter=100_000),
    )  # fmt: skip
    np.testing.assert_allclose(fit.coef, peer.coef()[names], rtol=1e-8)
    np.testing.assert_allclose(fit.se, peer.se()[names], rtol=1e-7)


def test_the_constant_is_that_of_a_weighted_regression(frame):
    fit, _ = regime_regression(arrays(frame, 2, weights="pop"), (0.3,), QUIET, "iid", ssc="areg", constant=True)
    low = frame["q"] <= 0.3
    made = frame.assign(a=frame["x0"] * low, b=frame["x1"] * low, c=frame["x0"] * ~low, d=frame["x1"] * ~low)
    within = regress(made, "y", ["a", "b", "c", "d", "w"], ["unit"], "iid", "areg", weights="pop")
    peer = fit_with_constant(within, "y", ["unit"], "iid", "areg")
    assert fit.coef == pytest.approx(peer.coef, rel=1e-9)
    assert fit.se == pytest.approx(peer.se, rel=1e-8)
    assert (fit.r2, fit.r2_within) == pytest.approx((peer.r2, peer.r2_within), rel=1e-9)


def test_equal_weights_are_none_and_their_scale_does_not_matter(frame):
    options = ThresholdOptions(replications=39)
    plain = fit_thresholds(arrays(frame, 2), 1, options, seed=3).steps[0]
    ones = fit_thresholds(arrays(frame.assign(pop=7.0), 2, weights="pop"), 1, options, seed=3).steps[0]
    assert ones.f == pytest.approx(plain.f, rel=1e-9)
    assert ones.test.draws == pytest.approx(plain.test.draws, rel=1e-7)
    mine, tens = (
        fit_thresholds(arrays(frame.assign(pop=frame["pop"] * c), 2, weights="pop"), 1, options, seed=3).steps[0]
        for c in (1, 10)
    )
    assert tens.f == pytest.approx(mine.f, rel=1e-9)
    assert tens.test.p == mine.test.p
    assert mine.f != pytest.approx(plain.f, rel=1e-3)


def test_a_drawn_outcome_is_one_that_was_demeaned_by_its_units_weights(frame):
    """A draw's F is that of the weighted regressions of residual histories on the unit's own effects."""
    panel = arrays(frame, 2, weights="pop")
    options = ThresholdOptions(replications=3)
    step = fit_thresholds(panel, 1, options, seed=5).steps[0]
    root = np.sqrt(frame["pop"] / frame["pop"].mean()).to_numpy()
    X = np.column_stack([frame[["x0", "x1", "w"]], pd.get_dummies(frame["unit"], dtype=float)]) * root[:, None]
    y = frame["y"].to_numpy() * root
    rest = (y - X @ np.linalg.lstsq(X, y, rcond=None)[0]).reshape(30, 6)
    for r in range(3):
        units = np.random.Generator(np.random.PCG64(np.random.SeedSequence(5, spawn_key=(r,)))).integers(0, 30, 30)
        drawn = frame.assign(y=rest[units].ravel() / root)
        inside = [g for g in np.unique(frame["q"])[:-1] if min((frame["q"] <= g).sum(), (frame["q"] > g).sum()) >= 2]
        best = min(weighted_ssr(drawn, [g]) for g in inside)
        f = (weighted_ssr(drawn, []) - best) / (best / 150)
        assert step.test.draws[r] == pytest.approx(f, rel=1e-7)


def test_rows_of_weight_zero_leave_their_unit_incomplete(frame):
    zero = frame.assign(pop=frame["pop"].where(frame.index != 5, 0.0))
    with pytest.raises(EstimationError, match="1 of 30 units lack a year"):
        arrays(zero, 2, weights="pop")
    panel = arrays(zero, 2, weights="pop", drop_incomplete_units=True)
    assert (panel.n_zero, panel.n_missing, panel.n_dropped_units, len(panel.units)) == (1, 0, 1, 29)
    with pytest.raises(EstimationError, match="'drop_last' drops a demeaned period"):
        fit_thresholds(panel, 1, ThresholdOptions(replications=0, drop_last=True))
    with pytest.raises(EstimationError, match="says that a row is several"):
        arrays(frame.assign(pop=2), 2, weights={"variable": "pop", "kind": "frequency"})


def test_the_exhibit_says_by_what_its_rows_are_weighted():
    panel = example_panel().assign(pop=lambda d: 1 + np.arange(len(d)) % 5)
    study = {"outcome": "y", "controls": [], "vcov": {"kind": "cluster", "by": "unit"}, "ssc": "xtreg"}
    spec = {"regressors": ["x"], "threshold_variable": "gdp", "replications": 9, "max_thresholds": 1, "weights": "pop"}
    found = run_exhibit("threshold", panel, spec, study, INFO)
    check_exhibit("threshold", found, INFO)
    assert any("Weighted by pop (analytic weights)." in note for note in found.notes)
    assert found.used["threshold tests"].variables["weights"] == ("pop",)
    bare = run_exhibit("threshold", panel, {**spec, "weights": None}, study, INFO)
    assert value(found, "threshold tests", "F 1") != value(bare, "threshold tests", "F 1")
    alone = run_exhibit(
        "threshold", panel, {**spec, "weights": {"variable": "pop", "kind": "probability"}},
        {**study, "vcov": {"kind": "iid"}}, INFO,
    )  # fmt: skip
    assert "probability weights want errors" in alone.estimates["reason"].iloc[0]
