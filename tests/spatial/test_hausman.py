"""Hausman tests of the error form, against spatialreg, an explicit covariance, and planted correlation; refusals."""

import numpy as np
import pytest
from scipy.optimize import minimize
from shidian.spatial import hausman as module
from shidian.spatial.hausman import hausman, mundlak, pace_lesage
from shidian.spatial.models import fit_spatial
from shidian.spatial.random_effects import fit_random_effects
from shidian.spatial.weights import from_matrix, normalise

from tests.spatial.spatial_panels import draw_panel, planar_weights

W = planar_weights(30, 4)
PANEL = draw_panel(W, 6, np.random.default_rng(5), lam=0.5)
X = ["x1", "x2"]


def test_pace_and_lesage_on_columbus(columbus, columbus_weights):
    """N = 49, df = 3. spatialreg 1.2-6 prints 6.4729 (p = 0.09074).

    It takes (I - λW)^-1 twice where the variance of least squares has (I - λW)^-1 and its transpose, which differ as a
    row-normalised W is not symmetric; with its matrix in the place of Ω our ingredients give its number to the digit.
    """
    arguments, names = (columbus, "CRIME", ["HOVAL", "INC"], columbus_weights), ["HOVAL", "INC", "_cons"]
    ols, sem = (fit_spatial(*arguments, model, effects="none") for model in ("ols", "sem"))
    test = pace_lesage(ols, sem, columbus, "CRIME", ["HOVAL", "INC"])
    X = np.column_stack([columbus["HOVAL"], columbus["INC"], np.ones(49)])
    assert list(ols.fit.terms) == names
    inverse = np.linalg.inv(np.eye(49) - sem.value("lambda") * columbus_weights.matrix)
    bread, sigma2 = np.linalg.inv(X.T @ X), sem.fit.extra["sigma2"]
    filtered = np.linalg.solve(inverse, X)
    slopes = np.linalg.inv(filtered.T @ filtered) * sigma2
    d = bread @ X.T @ columbus["CRIME"].to_numpy() - sem.fit.coef[:3]

    def statistic(omega):
        return d @ np.linalg.solve(sigma2 * bread @ X.T @ omega @ X @ bread - slopes, d)

    assert statistic(inverse @ inverse) == pytest.approx(6.4729, abs=5e-5)
    assert test.statistic == pytest.approx(statistic(inverse @ inverse.T), rel=1e-9)
    assert (test.df, ols.fit.n_obs) == (3, 49)
    assert test.p == pytest.approx(0.159999, abs=1e-6)


def test_pace_and_lesage_with_year_effects_is_that_of_explicit_transformations():
    """Lee and Yu's orthonormal F_T and F_n written out: (n - 1)(T - 1) rows, W* = F_n' W F_n."""
    ols, sem = (fit_spatial(PANEL, "y", X, W, model) for model in ("ols", "sem"))
    T, n = 6, W.n
    frame = PANEL.sort_values(["year", "unit"])
    F_T, F_n = (np.linalg.eigh(np.eye(m) - 1 / m)[1][:, 1:] for m in (T, n))
    columns = [F_T.T @ frame[name].to_numpy().reshape(T, n) @ F_n for name in X]
    x = np.stack([c.ravel() for c in columns], axis=1)
    y = (F_T.T @ frame["y"].to_numpy().reshape(T, n) @ F_n).ravel()
    B = np.eye(n - 1) - sem.value("lambda") * F_n.T @ W.matrix @ F_n
    full = np.kron(np.eye(T - 1), B)
    inverse, bread, sigma2 = np.linalg.inv(full), np.linalg.inv(x.T @ x), sem.fit.extra["sigma2"]
    d = bread @ x.T @ y - sem.fit.coef[:2]
    wide = sigma2 * bread @ x.T @ inverse @ inverse.T @ x @ bread
    narrow = sigma2 * np.linalg.inv(x.T @ full.T @ full @ x)
    test = pace_lesage(ols, sem, PANEL, "y", X)
    assert test.statistic == pytest.approx(d @ np.linalg.solve(wide - narrow, d), rel=1e-8)
    assert test.df == 2


def test_pace_and_lesage_of_weights_whose_rows_do_not_sum_to_one():
    """Demeaned by unit and year, W is J W J from both sides: with row-normalised W one side would do."""
    uneven = normalise(from_matrix(W.codes, W.matrix * np.linspace(0.5, 2, 30)[:, None]), "spectral")
    ols, sem = (fit_spatial(PANEL, "y", X, uneven, model, lee_yu="none") for model in ("ols", "sem"))
    J_T, J = (np.eye(m) - 1 / m for m in (6, 30))
    frame = PANEL.sort_values(["year", "unit"])
    x = np.stack([(J_T @ frame[name].to_numpy().reshape(6, 30) @ J).ravel() for name in X], axis=1)
    inverse = np.linalg.inv(np.kron(np.eye(6), np.eye(30) - sem.value("lambda") * J @ uneven.matrix @ J))
    bread = np.linalg.inv(x.T @ x)
    wide = sem.fit.extra["sigma2"] * bread @ x.T @ inverse @ inverse.T @ x @ bread
    d = ols.fit.coef - sem.fit.coef[:2]
    test = pace_lesage(ols, sem, PANEL, "y", X)
    assert test.statistic == pytest.approx(d @ np.linalg.solve(wide - sem.fit.vcov[:2, :2], d), rel=1e-8)


def log_likelihood(theta, frame, effects):
    """The SEM with random effects of Kapoor, Kelejian and Prucha written out: Var(y) = σ² B⁻¹(φ⁻² J/T + E)B⁻ᵀ."""
    T, n = 6, W.n
    *beta, lam, phi, log_sigma2 = theta
    y = frame["y"].to_numpy().reshape(T, n)
    mean = sum(b * x for b, x in zip(beta, [*(frame[name].to_numpy().reshape(T, n) for name in X), 1.0], strict=True))
    B = np.eye(n) - lam * W.matrix
    u = (y - mean) @ B.T
    J = np.full((T, T), 1 / T)
    covariance = np.exp(log_sigma2) * (J / phi**2 + np.eye(T) - J)
    logdet = T * np.linalg.slogdet(B)[1] - n / 2 * np.linalg.slogdet(covariance)[1]
    return logdet - n * T / 2 * np.log(2 * np.pi) - 0.5 * np.sum(u * np.linalg.solve(covariance, u))


def test_random_effects_of_the_error_model_maximise_the_likelihood_written_out():
    fit = fit_random_effects(PANEL, "y", X, W, "sem", "unit")
    frame = PANEL.sort_values(["year", "unit"])
    best = [*fit.coef[:3], fit.coef[3], fit.extra["phi"], np.log(fit.extra["sigma2"])]
    assert fit.terms == ("x1", "x2", "_cons", "lambda")
    assert log_likelihood(best, frame, "unit") == pytest.approx(fit.extra["log_likelihood"], rel=1e-10)
    found = minimize(lambda t: -log_likelihood(t, frame, "unit"), best, method="BFGS", options={"gtol": 1e-6})
    assert -found.fun == pytest.approx(fit.extra["log_likelihood"], abs=1e-7)
    assert np.abs(found.x - best).max() < 1e-4


@pytest.mark.parametrize("model", ["sar", "sdm", "sem"])
def test_the_slope_in_phi_is_zero_at_the_estimate(model):
    """To the root, not to the 1e-8 at which a bounded search stops."""
    fit = fit_random_effects(PANEL, "y", X, W, model, "twoway")
    assert 0 < fit.extra["phi"] < 1
    scaled = fit_random_effects(PANEL.assign(y=PANEL["y"] * 7e-9), "y", X, W, model, "twoway")
    assert scaled.extra["phi"] == pytest.approx(fit.extra["phi"], rel=1e-10)


def test_effects_correlated_with_a_regressor_are_rejected_in_the_error_form():
    shift = PANEL.groupby("unit")["x2"].transform("mean")
    correlated = PANEL.assign(y=PANEL["y"] + 5 * shift)
    assert hausman(correlated, "y", X, W, "sem").p < 0.001
    assert mundlak(correlated, "y", X, W, "sem").p < 1e-6
    fine = hausman(PANEL, "y", X, W, "sem")
    assert (fine.df, fine.name) == (2, "Hausman, SEM")
    assert fine.p > 0.001


def test_a_difference_that_is_not_positive_definite_gives_no_statistic():
    wide, d = np.diag([4.0, 1e-12]), np.array([1.0, 1e-6])
    why = "V(fixed) − V(random) is not positive definite"
    test = module._difference("Hausman", d, wide, np.diag([1.0, 4e-12]), why)
    assert np.isnan(test.statistic)
    assert np.isnan(test.p)
    assert test.reason == why
    kept = module._difference("Hausman", d, wide, wide / 4, why)
    assert kept.statistic == pytest.approx(1 / 3 + 4 / 3)
