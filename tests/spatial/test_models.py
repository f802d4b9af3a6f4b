"""Properties of the spatial models and their effects, and what bad input says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.spatial import weights
from shidian.spatial.effects import effects
from shidian.spatial.hausman import hausman, mundlak
from shidian.spatial.information import Scores, sandwich
from shidian.spatial.lm import ChiSquared, lm_tests
from shidian.spatial.logdet import LuLogDeterminant, log_determinant
from shidian.spatial.models import fit_spatial
from shidian.spatial.random_effects import fit_random_effects
from shidian.spatial.selection import decision, likelihood_ratio, wald_sar, wald_sem
from shidian.spatial.transformed import MODELS

from tests.spatial.spatial_panels import draw_panel, planar_weights

W = planar_weights(40, 4)
PANEL = draw_panel(W, 8, np.random.default_rng(3), rho=0.4, theta=(0.3, 0.2))
X = ["x1", "x2"]


@pytest.mark.parametrize("model", ["sar", "sem", "sdm", "sac"])
@pytest.mark.parametrize("lee_yu", ["transformation", "none"])
def test_estimates_maximise_the_likelihood_written_out(model, lee_yu):
    """The full log-likelihood, in transformed data with an explicit matrix, is lower at any neighbouring point."""
    result = fit_spatial(PANEL, "y", X, W, model, lee_yu=lee_yu)
    best = written_out(result, result.fit.coef, result.fit.extra["sigma2"])
    assert best == pytest.approx(result.fit.extra["log_likelihood"], rel=1e-10)
    step = 0.01 * result.fit.se
    for j in range(len(step)):
        for sign in (-1, 1):
            moved = result.fit.coef + sign * step * (np.arange(len(step)) == j)
            assert written_out(result, moved, result.fit.extra["sigma2"]) < best


def written_out(result, coef, sigma2):
    """Log-likelihood by Lee and Yu's explicit orthonormal transformations, or by demeaning."""
    n, T = W.n, len(result.years)
    value = dict(zip(result.fit.terms, coef, strict=True))
    frame = PANEL.sort_values(["year", "unit"])
    y = frame["y"].to_numpy().reshape(T, n)
    A = np.eye(n) - value.get("rho", 0) * W.matrix
    B = np.eye(n) - value.get("lambda", 0) * W.matrix
    mean = sum(value[x] * frame[x].to_numpy().reshape(T, n) for x in X)
    mean = mean + sum(value.get(f"W*{x}", 0) * frame[x].to_numpy().reshape(T, n) @ W.matrix.T for x in X)
    e = (y @ A.T - mean) @ B.T
    if result.options.lee_yu == "none":
        e = e - e.mean(axis=0) - e.mean(axis=1, keepdims=True) + e.mean()
        periods, Fn = T, np.eye(n)
    else:
        periods, Fn = T - 1, orthonormal(n)
        e = orthonormal(T).T @ e @ Fn
    logdet = sum(np.linalg.slogdet(Fn.T @ M @ Fn)[1] for M in (A, B))
    return -e.size / 2 * np.log(2 * np.pi * sigma2) - (e**2).sum() / (2 * sigma2) + periods * logdet


def orthonormal(n):
    """Eigenvectors of I − J/n with eigenvalue one, (n, n − 1)."""
    return np.linalg.eigh(np.eye(n) - 1 / n)[1][:, 1:]


@pytest.mark.parametrize("model", ["sar", "sem", "sdm"])
def test_information_is_minus_the_expected_hessian(model):
    """On a large sample the numerical Hessian of the likelihood is near the expected information."""
    result = fit_spatial(PANEL, "y", X, W, model)
    coef, sigma2 = result.fit.coef, result.fit.extra["sigma2"]
    k, h = len(coef), 1e-3 * result.fit.se
    H = np.empty((k, k))
    for i in range(k):
        for j in range(k):
            a, b = h[i] * (np.arange(k) == i), h[j] * (np.arange(k) == j)
            H[i, j] = (
                written_out(result, coef + a + b, sigma2) - written_out(result, coef + a - b, sigma2)
                - written_out(result, coef - a + b, sigma2) + written_out(result, coef - a - b, sigma2)
            ) / (4 * h[i] * h[j])  # fmt: skip
    # σ² is held fixed here, so compare with the information of the coefficients alone (its inverse is ≤ fit.vcov)
    assert np.sqrt(np.diag(np.linalg.inv(-H))) == pytest.approx(result.fit.se, rel=0.08)


@pytest.mark.parametrize("model", MODELS)
@given(seed=st.integers(0, 1000))
@settings(max_examples=4, deadline=None)
def test_order_labels_and_units_do_not_matter(model, seed):
    rng = np.random.default_rng(seed)
    first = fit_spatial(PANEL, "y", X, W, model, vcov={"kind": "cluster", "by": "unit"})
    shuffled = PANEL.sample(frac=1, random_state=seed)
    order = rng.permutation(W.n)
    V = weights.from_matrix([W.codes[i] for i in order], W.matrix[np.ix_(order, order)])
    V = weights.normalise(V, "row")
    rename = {code: f"{rng.integers(10**6)}-{code}" for code in W.codes}
    relabelled = shuffled.assign(unit=shuffled["unit"].map(rename), x2=shuffled["x2"] * 1000, year=shuffled["year"] + 7)
    U = weights.normalise(weights.from_matrix([rename[c] for c in V.codes], V.matrix), "row")
    second = fit_spatial(relabelled, "y", X, U, model, vcov={"kind": "cluster", "by": "unit"})
    scale = np.array([1000 if "x2" in t else 1 for t in first.fit.terms])
    assert second.fit.coef * scale == pytest.approx(first.fit.coef, rel=1e-7, abs=1e-9)
    assert second.fit.se * scale == pytest.approx(first.fit.se, rel=1e-7)


def test_without_spatial_terms_it_is_the_two_way_regression():
    ols = fit_spatial(PANEL, "y", X, W, "ols", effects="twoway").fit
    twfe = regress(PANEL, "y", X, ["unit", "year"]).fit
    assert ols.coef == pytest.approx(twfe.coef, rel=1e-9)
    n_eff, k = 39 * 7, 2  # ML divides by the transformed observations, least squares by those less the slopes
    assert ols.se == pytest.approx(twfe.se * np.sqrt((n_eff - k) / n_eff), rel=1e-9)


def test_clustered_errors_without_spatial_terms_are_the_usual_ones():
    ols = fit_spatial(PANEL, "y", X, W, "ols", vcov={"kind": "cluster", "by": "unit"}).fit
    twfe = regress(PANEL, "y", X, ["unit", "year"], {"kind": "cluster", "by": "unit"}, "xtreg").fit
    N, K, G = 320, 2 + 7 + 1, 40  # slopes, year dummies, constant
    factor = (N - 1) / (N - K) * G / (G - 1)
    assert ols.se == pytest.approx(twfe.se * np.sqrt(G / (G - 1) / factor), rel=1e-9)
    assert ols.n_clusters == 40


def test_an_estimate_between_the_first_two_points_of_the_grid_is_found():
    """A ring of even length has ρ in (-1, 1), and the second point of the grid is -0.9913."""
    ring = np.roll(np.eye(10), 1, axis=1) + np.roll(np.eye(10), -1, axis=1)
    weights_ = weights.normalise(weights.from_matrix([f"{i:04d}" for i in range(10)], ring), "row")
    panel = draw_panel(weights_, 8, np.random.default_rng(2), rho=-0.998, sigma=0.001)
    rho = fit_spatial(panel, "y", ["x1", "x2"], weights_, "sar", effects="unit", lee_yu="none").value("rho")
    assert -0.9999 < rho < -0.9914


def test_sandwich_counts_pairs_of_units():
    """With M dense and normal errors, ε'Mε has variance tr(MM) + tr(M'M): unit sums alone miss most of it."""
    rng = np.random.default_rng(4)
    n, T = 60, 200
    M = rng.random((n, n)) / n
    np.fill_diagonal(M, 0)
    e = rng.standard_normal((T, n))
    scores = Scores(np.zeros((T * n, 1)), [M], 1.0, n, T, T * n)
    exact = 1 / (T * (np.sum(M * M.T) + np.sum(M * M)))
    for clusters in (None, np.arange(n), np.arange(n) // 3):
        assert sandwich(scores, e, clusters)[0, 0] == pytest.approx(exact, rel=0.1)


def test_cluster_by_group_of_units_and_hetero():
    panel = PANEL.assign(province=PANEL["unit"].str[:3], wild=PANEL["year"] % 3)
    iid = fit_spatial(panel, "y", X, W, "sdm").fit
    for vcov in ("hetero", {"kind": "cluster", "by": "unit"}, {"kind": "cluster", "by": "province"}):
        fit = fit_spatial(panel, "y", X, W, "sdm", vcov=vcov).fit
        assert fit.coef == pytest.approx(iid.coef, rel=1e-12)
        assert ((fit.se / iid.se > 0.3) & (fit.se / iid.se < 3)).all()  # errors are iid: same order of magnitude
    with pytest.raises(EstimationError, match="varies within units"):
        fit_spatial(panel, "y", X, W, "sdm", vcov={"kind": "cluster", "by": "wild"})
    with pytest.raises(EstimationError, match="one way"):
        fit_spatial(panel, "y", X, W, "sdm", vcov={"kind": "cluster", "by": ["unit", "province"]})


@pytest.mark.parametrize("model", ["sar", "sem", "sdm", "sac"])
def test_lu_gives_the_estimates_of_eigenvalues(model):
    exact = fit_spatial(PANEL, "y", X, W, model)
    other = fit_spatial(PANEL, "y", X, W, model, logdet=LuLogDeterminant(W.matrix, -1.0, 1.0))
    assert other.fit.coef == pytest.approx(exact.fit.coef, rel=1e-7)
    assert other.fit.se == pytest.approx(exact.fit.se, rel=1e-6)
    a, b = (effects(r, X, draws=200).table for r in (exact, other))
    assert b["se"].to_numpy() == pytest.approx(a["se"].to_numpy(), rel=1e-4, nan_ok=True)
    assert b["se_delta"].to_numpy() == pytest.approx(a["se_delta"].to_numpy(), rel=1e-4, nan_ok=True)


@pytest.mark.parametrize("normalisation", ["row", "spectral"])
@pytest.mark.parametrize("model", ["sar", "sem", "sdm", "sac"])
def test_effects_are_those_of_the_inverse_written_out(model, normalisation):
    V = weights.normalise(weights.from_matrix(W.codes, W.matrix * np.linspace(1, 2, W.n)), normalisation)
    result = fit_spatial(PANEL, "y", X, V, model, lagged=X if model == "sem" else None, lee_yu="correction")
    # draws close to the estimate, where effects are linear in it: there both errors must agree
    result = replace(result, fit=replace(result.fit, vcov=result.fit.vcov * 1e-6))
    found = effects(result, X, draws=4000, seed=1, orders=60)
    inverse = np.linalg.inv(np.eye(V.n) - result.value("rho") * V.matrix)
    for term in X:
        S = inverse @ (result.value(term) * np.eye(V.n) + result.value(f"W*{term}") * V.matrix)
        direct, total = np.diag(S).mean(), S.sum(axis=1).mean()
        rows = found.table[found.table["term"] == term].set_index("effect")
        assert rows["estimate"].tolist() == pytest.approx([direct, total - direct, total], rel=1e-8, abs=1e-12)
        assert rows["se"].to_numpy() == pytest.approx(rows["se_delta"].to_numpy(), rel=0.05, abs=1e-12)
        orders = found.orders[found.orders["term"] == term].groupby("effect")["estimate"].sum()
        assert orders["total"] == pytest.approx(total, rel=1e-6)
        assert orders["direct"] == pytest.approx(direct, rel=1e-6)


def test_the_log_determinant_of_one_fit_is_not_another_models():
    """By LU it is interpolated around the first fit's estimate."""
    strong, weak = (draw_panel(W, 6, np.random.default_rng(8), rho=rho) for rho in (0.9, -0.5))
    names = [c for c in strong if c not in ("unit", "year", "y")]
    near = fit_spatial(strong, "y", names, W, "sar", logdet=log_determinant(W, "lu")).logdet
    alone, shared = (fit_spatial(weak, "y", names, W, "sar", logdet=logdet) for logdet in (None, near))
    np.testing.assert_allclose(shared.fit.coef, alone.fit.coef, rtol=1e-7)


def test_more_draws_keep_the_first_ones():
    result = fit_spatial(PANEL, "y", X, W, "sdm")
    from shidian.spatial.effects import _draw

    assert np.array_equal(_draw(result, 50, 7)[0], _draw(result, 90, 7)[0][:50])
    assert not np.array_equal(_draw(result, 50, 7)[0], _draw(result, 50, 8)[0])


@pytest.mark.parametrize(
    ("statistics", "words"),
    [
        ((1.0, 1.0, 9.0, 9.0), "neither LM test rejects: no spatial dependence is found"),
        ((9.0, 1.0, 1.0, 9.0), "only LM lag rejects: SAR"),
        ((1.0, 9.0, 9.0, 1.0), "only LM error rejects: SEM"),
        ((9.0, 9.0, 9.0, 1.0), "only robust LM lag rejects: SAR"),
        ((9.0, 9.0, 1.0, 9.0), "only robust LM error rejects: SEM"),
        ((9.0, 9.0, 7.99, 5.25), "robust LM lag is the larger: SAR"),
        ((9.0, 9.0, 1.0, 1.5), "robust LM error is the larger: SEM"),
    ],
)
def test_lm_tests_choose_where_lr_tests_leave_two(statistics, words):
    """At 5% the bound of χ²(1) is 3.84; an LR test below 5.99, that of χ²(2), does not reject."""
    names = ("LM lag", "LM error", "Robust LM lag", "Robust LM error")
    lm = tuple(ChiSquared(name, value, 1) for name, value in zip(names, statistics, strict=True))
    accepted, rejected = ChiSquared("LR", 5.9, 2), ChiSquared("LR", 6.1, 2)
    assert decision(accepted, accepted, lm) == f"SDM can be simplified to SAR and to SEM; {words}"
    assert decision(accepted, rejected, lm) == "SDM can be simplified to SAR, not to SEM: SAR"
    assert decision(rejected, accepted, lm) == "SDM can be simplified to SEM, not to SAR: SEM"
    assert decision(rejected, rejected, lm) == "SDM cannot be simplified: SDM"


def test_selection():
    found = {m: fit_spatial(PANEL, "y", X, W, m) for m in ("sar", "sem", "sdm")}
    to_sar, to_sem = (likelihood_ratio(found["sdm"], found[m]) for m in ("sar", "sem"))
    assert to_sar.df == to_sem.df == 2
    assert min(to_sar.statistic, to_sem.statistic) > 0
    for lr, wald in ((to_sar, wald_sar(found["sdm"])), (to_sem, wald_sem(found["sdm"]))):
        assert wald.statistic == pytest.approx(lr.statistic, rel=0.15)
    lm = lm_tests(PANEL, "y", X, W)
    assert decision(to_sar, to_sem, lm).startswith("SDM cannot") == (to_sar.p < 0.05 and to_sem.p < 0.05)
    with pytest.raises(EstimationError, match="general model first"):
        likelihood_ratio(found["sar"], found["sdm"])
    other = fit_spatial(PANEL, "y", X, W, "sdm", lee_yu="none")
    with pytest.raises(EstimationError, match="one sample and one transformation"):
        likelihood_ratio(other, found["sar"])


def test_random_effects_correlated_with_the_regressor_are_rejected():
    shift = PANEL.groupby("unit")["x2"].transform("mean")
    correlated = PANEL.assign(y=PANEL["y"] + 5 * shift)
    assert mundlak(correlated, "y", X, W, "sar").p < 1e-6
    assert mundlak(PANEL, "y", X, W, "sar").p > 0.001
    test = hausman(correlated, "y", X, W, "sar", "unit")
    assert test.reason or test.p < 0.01
    assert 0 < fit_random_effects(PANEL, "y", X, W).extra["phi"] < 1


def test_unbalanced_panels_name_the_units():
    holed = PANEL.copy()
    holed.loc[holed.index[3], "x1"] = np.nan
    with pytest.raises(EstimationError, match=r"1 of 40 units .*0003 \(1\)"):
        fit_spatial(holed, "y", X, W)
    with pytest.raises(EstimationError, match=r"0005 \(1\)"):
        fit_spatial(PANEL.drop(index=PANEL.index[5]), "y", X, W)
    with pytest.raises(EstimationError, match="has 2 rows in 2000: a spatial panel model wants one"):
        fit_spatial(pd.concat([PANEL, PANEL.head(1)]), "y", X, W)


def test_weights_that_do_not_fit():
    with pytest.raises(EstimationError, match="have no weights: 0039"):
        fit_spatial(PANEL, "y", X, weights.align(W, W.codes[:39]))
    raw = weights.from_matrix(W.codes, W.matrix * 2)
    with pytest.raises(EstimationError, match="needs a row-normalised W"):
        fit_spatial(PANEL, "y", X, raw)
    M = W.matrix.copy()
    M[7] = 0
    island = weights.normalise(weights.from_matrix(W.codes, M), "row")
    with pytest.raises(EstimationError, match="no neighbour: 0007"):
        fit_spatial(PANEL, "y", X, island)
    assert "0007" in fit_spatial(PANEL, "y", X, island, lee_yu="correction").warnings[0]


def test_regressors_that_cannot_be_estimated_are_named():
    area = PANEL.assign(area=PANEL["unit"].astype(int), twin=PANEL["x2"] * 3)
    with pytest.raises(EstimationError, match="'area' cannot be estimated: it does not vary within the twoway"):
        fit_spatial(area, "y", [*X, "area"], W)
    with pytest.raises(EstimationError, match="'twin' cannot be estimated: it is collinear with x1, x2"):
        fit_spatial(area, "y", [*X, "twin"], W)
    with pytest.raises(EstimationError, match="did you mean 'x2'"):
        fit_spatial(PANEL, "y", X, W, "sar", lagged=["x22"])
    with pytest.raises(EstimationError, match="outcome 'flat' does not vary"):
        fit_spatial(PANEL.assign(flat=PANEL["year"] * 1.0), "flat", X, W)
    with pytest.raises(EstimationError, match="no spatial model 'slm'"):
        fit_spatial(PANEL, "y", X, W, "slm")
    with pytest.raises(EstimationError, match="infinite"):
        fit_spatial(PANEL.assign(x1=np.inf), "y", X, W)


def test_dependence_at_the_boundary_is_reported():
    """An outcome that is its own neighbours' mean: nothing but ρ = 1 explains it."""
    V = planar_weights(12, 2)
    values, vectors = np.linalg.eig(V.matrix)
    order = np.argsort(-values.real)
    smooth = np.real(vectors[:, order[1]])
    rng = np.random.default_rng(0)
    panel = draw_panel(V, 6, rng)
    y = np.tile(smooth, 6) * np.repeat(rng.standard_normal(6), 12)
    assert values[order[1]].real > 0.85
    with pytest.raises(EstimationError, match="boundary"):
        fit_spatial(panel.assign(y=y / (1 - values[order[1]].real)), "y", ["x2"], V, "sar")


def test_too_few_observations():
    tiny = PANEL[PANEL["unit"].isin(W.codes[:3]) & (PANEL["year"] < 2002)]
    trio = weights.normalise(weights.from_matrix(W.codes[:3], 1 - np.eye(3)), "row")
    with pytest.raises(EstimationError, match="2 observations for"):
        fit_spatial(tiny.assign(x1=np.arange(6.0) ** 2), "y", ["x1"], trio, "sar")
