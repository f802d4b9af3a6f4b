"""Values published, or computed by splm, spdep, spatialreg and spreg, on real data."""

import numpy as np
import pytest
from shidian.spatial.effects import effects
from shidian.spatial.lm import lm_tests
from shidian.spatial.models import fit_spatial
from shidian.spatial.moran import geary, moran
from shidian.spatial.random_effects import fit_random_effects
from shidian.spatial.selection import likelihood_ratio

X = ["logp", "logy"]

OLS = {
    "twoway": (-1.0348843967, 0.5285427593),
    "unit": (-0.7022931242886, -0.0105558365713),
    "time": (-1.20507282125, 0.56536350592),
}
LM = {  # plm 2.6.2, splm 1.6-5: W after demeaning
    "twoway": (46.9005195201, 54.6548068522, 1.15633189684, 8.910619229),
    "unit": (136.429225758, 255.714999221, 29.5127070963, 148.798480559),
    "time": (44.0402208466, 62.8646223005, 0.330240032548, 19.1546414864),
    "none": (66.4656733635, 153.040071236, 58.263622557, 144.838020436),
}


@pytest.mark.parametrize("effects_", list(OLS))
def test_panel_ols(cigar, usa46, effects_):
    fit = fit_spatial(cigar, "logc", X, usa46, "ols", effects=effects_, lee_yu="none").fit
    assert fit.coef == pytest.approx(OLS[effects_], rel=1e-9)


@pytest.mark.parametrize("effects_", list(LM))
def test_lm_tests(cigar, usa46, effects_):
    """splm's slmtest; the number of LM lag with year effects depends on the order of lag and demeaning."""
    tests = lm_tests(cigar, "logc", X, usa46, effects_, "none", "demean_first")
    assert [t.statistic for t in tests] == pytest.approx(LM[effects_], rel=1e-6)
    assert [t.name for t in tests] == ["LM lag", "LM error", "Robust LM lag", "Robust LM error"]


def test_lm_tests_with_the_lag_taken_first(cigar, usa46):
    tests = lm_tests(cigar, "logc", X, usa46, "twoway", "none", "lag_first")
    assert [t.statistic for t in tests] == pytest.approx([47.0729, 54.6548068522, 1.17176, 8.75364], abs=6e-5)


def test_debarsy_ertur_tests_are_elhorsts_times_t_minus_one_over_t(cigar, usa46):
    """With unit effects alone the transformed tests count T − 1 of T periods and change in nothing else."""
    ours = lm_tests(cigar, "logc", X, usa46, "unit")
    elhorst = lm_tests(cigar, "logc", X, usa46, "unit", "none")
    assert [t.statistic for t in ours] == pytest.approx([t.statistic * 29 / 30 for t in elhorst], rel=1e-10)


def test_likelihood_ratios_of_the_fixed_effects(cigar, usa46):
    """Elhorst (2014, section 3.6.2): 2315.7 for spatial, 473.1 for time-period fixed effects."""
    value = {
        e: fit_spatial(cigar, "logc", X, usa46, "ols", effects=e, lee_yu="none").fit.extra["log_likelihood"]
        for e in ("twoway", "unit", "time")
    }
    assert 2 * (value["twoway"] - value["time"]) == pytest.approx(2315.7, abs=0.05)
    assert 2 * (value["twoway"] - value["unit"]) == pytest.approx(473.1, abs=0.05)


MODELS = {
    "sar": ({"rho": 0.29815504, "logp": -0.53167402, "logy": -0.00068965}, 1482.599086),
    "sem": ({"lambda": 0.46955925, "logp": -0.78690101, "logy": 0.05489089}, 1538.957965),
    "sdm": (
        {"rho": 0.45707706, "logp": -0.92979829, "logy": 0.54859777, "W*logp": 0.57930093, "W*logy": -0.57748851},
        1598.715264,
    ),
}


@pytest.mark.parametrize("model", list(MODELS))
def test_models_with_unit_effects(cigar, usa46, model):
    """splm 1.6-5 and an independent eigenvalue ML; SDPDmod differs in the third decimal (interpolated determinant)."""
    result = fit_spatial(cigar, "logc", X, usa46, model, effects="unit", lee_yu="none")
    coefficients, log_likelihood = MODELS[model]
    for term, value in coefficients.items():
        assert result.value(term) == pytest.approx(value, abs=1.6e-8)  # eight printed decimals of an optimiser
    assert result.fit.extra["log_likelihood"] == pytest.approx(log_likelihood, abs=6e-7)
    assert (result.fit.n_obs, result.fit.n_units) == (1380, 46)


def test_standard_errors_with_unit_effects(cigar, usa46):
    """spreg 1.9.0, ML_LagFE and ML_ErrorFE."""
    expected = {
        "sar": (0.02544208, 0.01521311, 0.02843439),
        "sem": (0.02593934, 0.02537107, 0.02718241),
    }
    for model, se in expected.items():
        fit = fit_spatial(cigar, "logc", X, usa46, model, effects="unit", lee_yu="none").fit
        assert fit.se == pytest.approx(se, abs=6e-9)


def test_effects_of_the_durbin_model(cigar, usa46):
    result = fit_spatial(cigar, "logc", X, usa46, "sdm", effects="unit", lee_yu="none")
    found = effects(result, X).table.pivot(index="term", columns="effect", values="estimate")
    assert found["direct"].tolist() == pytest.approx([-0.90720514, 0.50075932], abs=1e-5)
    assert found["indirect"].tolist() == pytest.approx([0.26163035, -0.55397265], abs=1e-5)
    assert found["total"].tolist() == pytest.approx([-0.64557478, -0.05321333], abs=1e-5)


def test_likelihood_ratio_of_durbin_against_lag(cigar, usa46):
    sdm, sar = (fit_spatial(cigar, "logc", X, usa46, m, effects="unit", lee_yu="none") for m in ("sdm", "sar"))
    test = likelihood_ratio(sdm, sar)
    assert test.statistic == pytest.approx(2 * (1598.715264 - 1482.599086), abs=2e-6)
    assert test.df == 2


def test_random_effects_lag_model(cigar, usa46):
    """spreg 1.9.0, ML_LagRE: constant, logp, logy, ρ, φ and log-likelihood."""
    fit = fit_random_effects(cigar, "logc", X, usa46, "sar", "unit")
    expected = {"_cons": 3.30862164, "logp": -0.535578729, "logy": 0.00301540199, "rho": 0.294783501}
    for term, value in expected.items():
        assert fit.coef[fit.terms.index(term)] == pytest.approx(value, abs=2e-7)
    assert fit.extra["phi"] == pytest.approx(0.0897944478, abs=1e-7)
    assert fit.extra["log_likelihood"] == pytest.approx(1348.295618764445, abs=1e-8)


def test_columbus_moran(columbus, columbus_weights):
    """spdep 1.2-7."""
    found = moran(columbus["CRIME"].to_numpy(), columbus_weights, permutations=0)
    assert pytest.approx(0.48577091366177, rel=1e-6) == found.I
    assert found.expected == pytest.approx(-0.02083333333333, rel=1e-6)
    assert found.variance == pytest.approx(0.00899112132178, rel=1e-6)
    assert found.z == pytest.approx(5.342713639, rel=1e-6)
    assert found.variance_normal == pytest.approx(0.00886096226945, rel=1e-6)
    assert geary(columbus["CRIME"].to_numpy(), columbus_weights) == pytest.approx(0.54780337716725, rel=1e-6)


def test_columbus_residuals(columbus, columbus_weights):
    arguments = (columbus, "CRIME", ["HOVAL", "INC"], columbus_weights)
    ols = fit_spatial(*arguments, "ols", effects="none")
    assert pytest.approx(0.2123741525231, rel=1e-6) == moran(ols.residuals[0], columbus_weights, 0).I
    values = [t.statistic for t in lm_tests(*arguments, "none")]
    assert values == pytest.approx([7.855675407, 4.611125844, 3.27806367, 0.03351410706], rel=1e-6)


def test_columbus_models(columbus, columbus_weights):
    """spatialreg 1.2-6."""
    arguments = (columbus, "CRIME", ["HOVAL", "INC"], columbus_weights)
    sar = fit_spatial(*arguments, "sar", effects="none")
    assert sar.value("rho") == pytest.approx(0.403889687619, rel=1e-6)
    b = [46.85143100999, -0.26999712364, -1.07353346542]
    assert [sar.value(t) for t in ("_cons", "HOVAL", "INC")] == pytest.approx(b, rel=1e-6)
    assert sar.fit.extra["log_likelihood"] == pytest.approx(-183.168280036, rel=1e-9)
    found = effects(sar, ["HOVAL", "INC"]).table.pivot(index="term", columns="effect", values="estimate")
    assert found["direct"].tolist() == pytest.approx([-0.282316280067, -1.122515567571], rel=1e-6)
    assert found["indirect"].tolist() == pytest.approx([-0.170615195923, -0.678381754827], rel=1e-6)
    sem = fit_spatial(*arguments, "sem", effects="none")
    assert sem.value("lambda") == pytest.approx(0.52088765333, rel=1e-6)
    b = [61.053618611765, -0.307979371858, -0.995472770438]
    assert [sem.value(t) for t in ("_cons", "HOVAL", "INC")] == pytest.approx(b, rel=1e-6)
    assert sem.fit.extra["log_likelihood"] == pytest.approx(-184.155204672, rel=1e-9)


def test_bias_correction_agrees_with_the_transformation(cigar, usa46):
    """Both remove the same bias to first order: with 46 states, ρ is 0.04 above that of the direct approach."""
    rho = {
        option: fit_spatial(cigar, "logc", X, usa46, "sdm", lee_yu=option).value("rho")
        for option in ("none", "correction", "transformation")
    }
    assert rho["correction"] - rho["none"] == pytest.approx(rho["transformation"] - rho["none"], rel=0.1)
    assert rho["correction"] - rho["none"] == pytest.approx(0.04, abs=0.005)
    one = {
        o: fit_spatial(cigar, "logc", X, usa46, "sdm", effects="unit", lee_yu=o).fit for o in ("none", "transformation")
    }
    assert np.allclose(one["none"].coef, one["transformation"].coef, rtol=0, atol=1e-9)
    assert one["transformation"].extra["sigma2"] == pytest.approx(one["none"].extra["sigma2"] * 30 / 29, rel=1e-10)
