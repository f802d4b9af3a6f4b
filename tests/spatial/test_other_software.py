"""Conventions of other software that an option asks for: xsmle's robust errors, splm's order of lag and demeaning."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from shidian.errors import EstimationError
from shidian.spatial import weights
from shidian.spatial.distance import economic_distance
from shidian.spatial.models import fit_spatial

from tests.spatial.spatial_panels import draw_panel, hub_weights, planar_weights

REN = ["L3_pub_emp", "broad_tax_burden", "L3_aging", "urban_rate", "sec_ind_share"]
PRINTED = {
    "sdm": [.1519474, .0033853, .0065127, .008974, .0043213, .2779199, .0039706, .008107, .0096175, .0051048, .140133],
    "sar": [.1393785, .0031856, .0064004, .0036992, .002979, .1436159],
}  # fmt: skip
W = planar_weights(20, 3)
PANEL = draw_panel(W, 5, np.random.default_rng(3), rho=0.3, lam=0.3, theta=(0.3, 0.2))
X = ["x1", "x2"]


@pytest.mark.parametrize(("model", "log_likelihood"), [("sdm", 384.7460), ("sar", 383.6870)])
def test_xsmle_robust_errors_of_31_provinces(shared, model, log_likelihood):
    """Printed by Stata 18, xsmle ..., fe vce(robust): N = 217, 31 groups; case papers/ren."""
    folder = shared / "cases" / "papers" / "ren"
    panel = pd.read_stata(folder / "spatial_data.dta")
    panel = panel.assign(unit=panel["id"].astype(int).map("{:02d}".format))
    income = pd.read_csv(folder / "ren_gdppc.csv")
    V = economic_distance(income["id"].map("{:02d}".format), income["gdppc"].to_numpy())
    V = weights.normalise(V, "row")
    fit = fit_spatial(panel, "ln_tfp", REN, V, model, effects="unit", vcov="xsmle_robust", lee_yu="none").fit
    assert (fit.n_obs, fit.n_units, fit.n_clusters) == (217, 31, 31)
    assert fit.extra["log_likelihood"] == pytest.approx(log_likelihood, abs=5e-5)
    assert fit.se == pytest.approx(PRINTED[model], rel=2e-5)
    ours = fit_spatial(
        panel, "ln_tfp", REN, V, model, effects="unit", vcov={"kind": "cluster", "by": "unit"}, lee_yu="none"
    ).fit
    assert ours.coef == pytest.approx(fit.coef, rel=1e-12)
    if model == "sdm":
        assert ours.se[-1] == pytest.approx(0.2309, abs=5e-5)  # with the products that xsmle leaves out


def likelihood(theta, model, lee_yu, by_unit=False):
    """Log-likelihood of the demeaned data written out, or each unit's part of it with an equal share of ln|I - ρW|."""
    n, T = W.n, 5
    frame = PANEL.sort_values(["year", "unit"])
    k = 4 if model == "sdm" else 2
    beta, rest, sigma2 = theta[:k], list(theta[k:-1]), theta[-1]
    rho = rest.pop(0) if model != "sem" else 0.0
    lam = rest.pop(0) if rest else 0.0
    own = [frame[name].to_numpy().reshape(T, n) for name in X]
    columns = [*own, *(x @ W.matrix.T for x in own)][:k]
    A, B = np.eye(n) - rho * W.matrix, np.eye(n) - lam * W.matrix
    y = frame["y"].to_numpy().reshape(T, n)
    e = (y @ A.T - sum(b * x for b, x in zip(beta, columns, strict=True))) @ B.T
    e = e - e.mean(axis=0) - e.mean(axis=1, keepdims=True) + e.mean()
    less = lee_yu == "transformation"
    periods = T - less
    size = periods * (n - less) / n
    share = periods / n * (np.linalg.slogdet(A)[1] + np.linalg.slogdet(B)[1])
    share -= periods / n * less * (np.log(1 - rho) + np.log(1 - lam))
    parts = -size / 2 * np.log(2 * np.pi * sigma2) - (e**2).sum(axis=0) / (2 * sigma2) + share
    return parts if by_unit else parts.sum()


@pytest.mark.parametrize("lee_yu", ["none", "transformation"])
@pytest.mark.parametrize("model", ["sar", "sem", "sdm", "sac"])
def test_xsmle_robust_is_the_sandwich_of_numerical_derivatives(model, lee_yu):
    """Stata's ml: Hessian and scores by unit, here by central differences of the likelihood written out."""
    fit = fit_spatial(PANEL, "y", X, W, model, vcov="xsmle_robust", lee_yu=lee_yu).fit
    theta = np.append(fit.coef, fit.extra["sigma2"])
    steps = 1e-4 * np.maximum(np.abs(theta), 0.1)
    eye = np.diag(steps)
    scores = np.stack([
        (likelihood(theta + s, model, lee_yu, True) - likelihood(theta - s, model, lee_yu, True)) / (2 * s.sum())
        for s in eye
    ], axis=1)  # fmt: skip
    assert np.abs(scores.sum(axis=0) * steps).max() < 1e-6  # the maximum of this likelihood
    H = np.array([[
        sum(i * j * likelihood(theta + i * a + j * b, model, lee_yu) for i in (-1, 1) for j in (-1, 1))
        / (4 * a.sum() * b.sum()) for b in eye] for a in eye
    ])  # fmt: skip
    A = np.linalg.inv(-H)
    V = A @ scores.T @ scores @ A * W.n / (W.n - 1)
    assert fit.se == pytest.approx(np.sqrt(np.diag(V))[:-1], rel=1e-4)
    assert fit.vcov_kind == "clustered by unit as Stata's xsmle"


def test_xsmle_robust_by_groups_and_its_refusals():
    panel = PANEL.assign(province=PANEL["unit"].str[:3], wild=PANEL["year"] % 2)
    by = fit_spatial(panel, "y", X, W, "sdm", vcov={"kind": "xsmle_robust", "by": "province"}).fit
    assert by.n_clusters == panel["province"].nunique() == 2
    with pytest.raises(EstimationError, match="which the bias correction leaves"):
        fit_spatial(PANEL, "y", X, W, vcov="xsmle_robust", lee_yu="correction")
    with pytest.raises(EstimationError, match="'wild' varies within units"):
        fit_spatial(panel, "y", X, W, vcov={"kind": "xsmle_robust", "by": "wild"})
    with pytest.raises(EstimationError, match="one way"):
        fit_spatial(panel, "y", X, W, vcov={"kind": "xsmle_robust", "by": ["unit", "province"]})


@pytest.mark.parametrize("model", ["sdm", "sem"])
@pytest.mark.parametrize("effects", ["unit", "time", "twoway"])
def test_demean_first_is_splms_order(model, effects):
    """splm: W on the demeaned outcome and error, WX made from the data and demeaned, Q(WX); N = 100."""
    V = hub_weights(20)  # far from symmetric, so that the orders differ
    panel = draw_panel(V, 5, np.random.default_rng(7), rho=0.4, theta=(0.5, 0.4))
    fit = fit_spatial(panel, "y", X, V, model, effects=effects, lee_yu="none", demeaning="demean_first").fit
    n, T = 20, 5
    frame = panel.sort_values(["year", "unit"])

    def within(x):
        x = x - x.mean(axis=0) if effects in ("unit", "twoway") else x
        return x - x.mean(axis=1, keepdims=True) if effects in ("time", "twoway") else x

    y, *own = (frame[name].to_numpy().reshape(T, n) for name in ("y", *X))
    columns = [within(x) for x in (*own, *(x @ V.matrix.T for x in own))][: 4 if model == "sdm" else 2]
    y = within(y)

    def profile(rho):
        A = np.eye(n) - rho * V.matrix
        x = np.stack([(c @ A.T if model == "sem" else c).ravel() for c in columns], axis=1)
        b, ssr, _, _ = np.linalg.lstsq(x, (y @ A.T).ravel(), rcond=None)
        return b, n * T / 2 * np.log(ssr[0]) - T * np.linalg.slogdet(A)[1]

    rho = minimize_scalar(lambda r: profile(r)[1], bounds=(-0.99, 0.99), method="bounded", options={"xatol": 1e-10}).x
    assert fit.coef[-1] == pytest.approx(rho, abs=1e-6)
    assert fit.coef[:-1] == pytest.approx(profile(rho)[0], rel=1e-4, abs=1e-6)
    assert fit.n_obs == 100


def test_the_order_matters_with_year_effects_alone():
    V = hub_weights(20)
    panel = draw_panel(V, 5, np.random.default_rng(7), rho=0.4, theta=(0.5, 0.4))
    for effects, same in (("unit", True), ("twoway", False)):
        a, b = (
            fit_spatial(panel, "y", X, V, "sdm", effects=effects, lee_yu="none", demeaning=order).fit.coef
            for order in ("lag_first", "demean_first")
        )
        assert np.allclose(a, b, rtol=1e-8) == same
