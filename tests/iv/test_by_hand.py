"""p-values in closed form, and tests with several endogenous regressors written out as regressions."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from shidian.iv.anderson_rubin import _Problem, anderson_rubin
from shidian.iv.design import build_design
from shidian.iv.estimate import estimate_iv
from shidian.iv.rank_tests import chi2_test, f_test

from tests.iv.test_anderson_rubin import names, simulate


def test_p_values_in_closed_form():
    """A chi-squared with 2 degrees of freedom exceeds x with exp(-x/2), an F(2, m) with (1 + 2x/m)^(-m/2)."""
    assert chi2_test(3.0, 2).p == pytest.approx(np.exp(-1.5), rel=1e-14)
    assert f_test(3.0, 2, 10).p == pytest.approx(1.6**-5, rel=1e-13)
    assert (chi2_test(3.0, 2).df, f_test(3.0, 2, 10).df, f_test(3.0, 2, 10).df2) == (2, 2, 10)
    assert np.isnan(chi2_test(3.0, 2).df2)


@pytest.fixture(scope="module")
def two():
    """Two endogenous regressors, three instruments, clusters of five."""
    rng = np.random.default_rng(4)
    n = 150
    z, v = rng.normal(size=(n, 3)), rng.normal(size=(n, 2))
    x = z @ np.array([[1.0, 0.2], [0.3, 1], [0.5, 0.5]]) + v
    w, shock = rng.normal(size=n), rng.normal(size=30)[np.arange(n) // 5]
    y = x @ [0.5, -1] + 0.4 * w + 0.3 * v.sum(axis=1) + shock + rng.normal(size=n)
    columns = {"y": y, "x1": x[:, 0], "x2": x[:, 1], "w": w, "z1": z[:, 0], "z2": z[:, 1], "z3": z[:, 2]}
    return pd.DataFrame(columns | {"unit": (np.arange(n) // 5).astype(str)})


X, Z = ["x1", "x2"], ["z1", "z2", "z3"]


def augmented(frame):
    """Return OLS of y on x, w and the first-stage residuals (Hausman's regression), the residuals last."""
    exogenous = sm.add_constant(frame[["w", *Z]])
    rest = np.column_stack([sm.OLS(frame[x], exogenous).fit().resid for x in X])
    return sm.OLS(frame["y"], np.column_stack([sm.add_constant(frame[[*X, "w"]]), rest]))


@pytest.mark.parametrize("kind", ["iid", "hetero", "cluster"])
def test_wu_hausman_is_the_joint_test_of_the_first_stage_residuals(two, kind):
    """k = const, x1, x2, w and two residuals: 6. Robust: n - 6; clustered: 29 degrees of freedom."""
    n, g, last = len(two), 30, np.eye(6)[-2:]
    vcov = {"kind": "cluster", "by": "unit"} if kind == "cluster" else kind
    found = estimate_iv(two, "y", X, Z, ["w"], vcov=vcov).wu_hausman
    regression = augmented(two)
    if kind == "iid":
        fit, df2 = regression.fit(), n - 6
    elif kind == "hetero":
        fit, df2 = regression.fit(cov_type="HC1"), n - 6
    else:
        groups = {"groups": two["unit"].astype(int)}
        fit, df2 = regression.fit(cov_type="cluster", cov_kwds=groups, use_t=True), g - 1
    peer = fit.f_test(last)
    assert found.statistic == pytest.approx(float(peer.fvalue), rel=1e-8)
    assert (found.df, found.df2) == (2, df2)
    assert found.p == pytest.approx(stats.f.sf(float(peer.fvalue), 2, df2), rel=1e-8)


@pytest.mark.parametrize("kind", ["iid", "hetero"])
def test_two_stages_by_matrices(two, kind):
    """b = (X'PX)^-1 X'Py; ivreg2's errors have no factor, ivreghdfe's count the K regressors and the constant."""
    n = len(two)
    x = sm.add_constant(two[[*X, "w"]]).to_numpy()
    z = sm.add_constant(two[["w", *Z]]).to_numpy()
    y = two["y"].to_numpy()
    fitted = z @ np.linalg.solve(z.T @ z, z.T @ x)
    bread = np.linalg.inv(fitted.T @ fitted)
    b = bread @ fitted.T @ y
    e = y - x @ b
    meat = fitted.T @ fitted * (e @ e) / n if kind == "iid" else (fitted * (e**2)[:, None]).T @ fitted
    se = np.sqrt(np.diag(bread @ meat @ bread))[1:]
    for ssc, factor in (("ivreg2", 1.0), ("ivreghdfe", n / (n - 4)), ("reghdfe", n / (n - 4))):
        fit = estimate_iv(two, "y", X, Z, ["w"], vcov=kind, ssc=ssc).second
        assert fit.coef == pytest.approx(b[1:], rel=1e-9)
        assert fit.se == pytest.approx(se * np.sqrt(factor), rel=1e-9), ssc
        assert fit.df == (np.inf if ssc == "ivreg2" else n - 4)
    centred = y - y.mean()
    assert fit.r2 == pytest.approx(1 - (e @ e) / (centred @ centred), rel=1e-10)


def test_clustered_errors_with_and_without_their_factor(two):
    fits = {
        ssc: estimate_iv(two, "y", X, Z, ["w"], vcov={"kind": "cluster", "by": "unit"}, ssc=ssc).second
        for ssc in ("ivreg2", "ivreghdfe")
    }
    n, g, k = len(two), 30, 4
    ratio = (fits["ivreghdfe"].se / fits["ivreg2"].se) ** 2
    assert ratio == pytest.approx((n - 1) / (n - k) * g / (g - 1), rel=1e-12)
    assert (fits["ivreghdfe"].df, fits["ivreg2"].df) == (29, np.inf)


@pytest.mark.parametrize("kind", ["iid", "hetero", "cluster"])
def test_overidentification_and_first_stage_f(two, kind):
    """Sargan: n R-squared of the residuals; Hansen: two-step GMM; F: the Wald test of z in each first stage."""
    n, ell = len(two), 3
    vcov = {"kind": "cluster", "by": "unit"} if kind == "cluster" else kind
    found = estimate_iv(two, "y", X, Z, ["w"], vcov=vcov)
    z = sm.add_constant(two[["w", *Z]])
    x, y = sm.add_constant(two[[*X, "w"]]).to_numpy(), two["y"].to_numpy()
    fitted = z.to_numpy() @ np.linalg.lstsq(z.to_numpy(), x, rcond=None)[0]
    e = y - x @ np.linalg.lstsq(fitted, y, rcond=None)[0]
    assert found.sargan.statistic == pytest.approx(n * sm.OLS(e, z).fit().rsquared, rel=1e-7)
    assert found.sargan.df == found.hansen.df == 1
    scores = z.to_numpy() * e[:, None]
    if kind == "cluster":
        scores = pd.DataFrame(scores).groupby(two["unit"].to_numpy()).sum().to_numpy()
    if kind != "iid":
        weight = np.linalg.inv(scores.T @ scores)
        zx, zy = z.to_numpy().T @ x, z.to_numpy().T @ y
        g = zy - zx @ np.linalg.solve(zx.T @ weight @ zx, zx.T @ weight @ zy)
        assert found.hansen.statistic == pytest.approx(g @ weight @ g, rel=1e-7)
    for name in X:
        first = sm.OLS(two[name], z)
        clustered = {"cov_type": "cluster", "cov_kwds": {"groups": two["unit"].astype(int)}}
        options = {"iid": {}, "hetero": {"cov_type": "HC1"}, "cluster": clustered}
        test = first.fit(**options[kind]).f_test(np.eye(5)[-ell:])
        assert found.first_f[name].statistic == pytest.approx(float(test.fvalue), rel=1e-8)
        assert (found.first_f[name].df, found.first_f[name].df2) == (3, 29 if kind == "cluster" else n - 5)


@pytest.mark.parametrize("vcov", ["iid", "hetero", {"kind": "cluster", "by": "unit"}])
@pytest.mark.parametrize("n_instruments", [1, 2])
@pytest.mark.parametrize("strength", [0.02, 0.5])
def test_the_set_holds_what_the_test_does_not_reject(vcov, n_instruments, strength):
    """At every coefficient tried, near and far: inside the set where the reduced form of y - b x has p >= 0.05."""
    for seed in range(2):
        frame = simulate(seed + 50, n=80, strength=strength, n_instruments=n_instruments, endogeneity=3.0)
        frame["y"] *= 7
        intervals = anderson_rubin(build_design(frame, "y", ["x"], names(frame), vcov=vcov)).intervals
        for b in [*np.linspace(-60, 60, 13), -1e4, 1e4]:
            moved = frame.assign(y=frame["y"] - b * frame["x"])
            p = anderson_rubin(build_design(moved, "y", ["x"], names(frame), vcov=vcov)).test.p
            if abs(p - 0.05) > 1e-6:
                assert any(low <= b <= high for low, high in intervals) == (p > 0.05), (seed, b, p)


def test_intervals_that_touch_are_one():
    """b^2 <= 1 - 2 b + 2 b^2 everywhere, with equality at b = 1 alone: the whole line, not two halves of it."""
    one = np.ones((1, 1))
    problem = _Problem(np.zeros(1), np.ones(1), one, 2 * one, 2 * one, 1.0)
    assert problem.intervals() == [(-np.inf, np.inf)]
    edges = _Problem(np.zeros(1), np.ones(1), one, 0 * one, 0.25 * one, 2.0)  # b^2 <= 2 + b^2/2: |b| <= 2
    ((low, high),) = edges.intervals()
    assert (low, high) == pytest.approx((-2, 2), rel=1e-9)
