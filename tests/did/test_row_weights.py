"""Weighted regressions against pyfixest, linearmodels and rows written out; castle doctrine by population."""

import causaldata
import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
from linearmodels.iv import IV2SLS
from shidian.did.cluster_sums import cluster_sums
from shidian.did.event_study import Window, fit_event_study
from shidian.did.twfe import regress
from shidian.did.wild_bootstrap import Signs, p_value, wild_draws
from shidian.iv.estimate import estimate_iv

BY_UNIT = {"kind": "cluster", "by": "unit"}
ERRORS = [("iid", "iid"), ("hetero", "hetero"), (BY_UNIT, {"CRV1": "unit"})]


@pytest.fixture(scope="module")
def panel():
    rng, n, years = np.random.default_rng(7), 36, 9
    frame = pd.DataFrame({"unit": np.repeat(np.arange(n), years), "year": np.tile(np.arange(2001, 2001 + years), n)})
    adopted = np.where(frame["unit"] < 24, 2004 + frame["unit"] % 4, 9999)
    frame["adoption_year"] = pd.array(np.where(adopted < 9999, adopted, 1), dtype="Int64")
    frame["adoption_year"] = frame["adoption_year"].mask(adopted == 9999)
    frame["did"] = (frame["year"] >= adopted).astype(float)
    frame["x"], frame["z"], noise = rng.normal(size=(3, len(frame)))
    frame["d"] = 0.7 * frame["z"] + 0.3 * frame["x"] + noise
    frame["y"] = frame["did"] + frame["d"] + 0.1 * frame["unit"] + noise + rng.normal(size=len(frame))
    return frame.assign(w=rng.uniform(0.05, 8, len(frame)), f=rng.integers(1, 5, len(frame)))


@pytest.mark.parametrize(("vcov", "theirs"), ERRORS)
@pytest.mark.parametrize("effects", [["unit", "year"], ["unit"], []])
def test_analytic_weights_are_those_of_fixest(panel, vcov, theirs, effects):
    fit = regress(panel, "y", ["did", "x"], effects, vcov, "fixest", weights="w").fit
    formula = "y ~ did + x" + (f" | {' + '.join(effects)}" if effects else "")
    ssc = pf.ssc(k_fixef="nonnested")
    peer = pf.feols(formula, panel, vcov=theirs, weights="w", ssc=ssc, fixef_rm="none", demeaner=None)
    names = ["did", "x"]
    np.testing.assert_allclose(fit.coef[:2], peer.coef()[names], rtol=1e-9)
    np.testing.assert_allclose(fit.se[:2], peer.se()[names], rtol=1e-8)
    np.testing.assert_allclose([fit.r2, fit.n_obs], [peer._r2, len(panel)], rtol=1e-12)


@pytest.mark.parametrize(("vcov", "_"), ERRORS)
@pytest.mark.parametrize("ssc", ["reghdfe", "fixest", "areg", "xtreg"])
def test_frequency_weights_are_rows_written_out(panel, vcov, _, ssc):
    if (vcov, ssc) == ("hetero", "xtreg"):
        pytest.skip("xtreg has no such errors")
    repeated = panel.loc[panel.index.repeat(panel["f"])].reset_index(drop=True)
    one = regress(panel, "y", ["did", "x"], ["unit", "year"], vcov, ssc, weights={"variable": "f", "kind": "frequency"})
    all_rows = regress(repeated, "y", ["did", "x"], ["unit", "year"], vcov, ssc)
    for name in ("coef", "vcov", "df", "n_obs", "r2", "r2_within", "n_clusters"):
        mine, theirs = getattr(one.fit, name), getattr(all_rows.fit, name)
        assert mine is theirs or mine == pytest.approx(theirs, rel=1e-10), name


def test_probability_weights_give_the_robust_errors_of_analytic_ones(panel):
    both = [
        regress(panel, "y", ["did"], ["unit", "year"], BY_UNIT, weights={"variable": "w", "kind": kind}).fit
        for kind in ("probability", "analytic")
    ]
    np.testing.assert_array_equal(both[0].vcov, both[1].vcov)


def test_an_event_study_is_the_weighted_regression_on_its_dummies(panel):
    window = Window(-3, 3)
    found = fit_event_study(panel, "y", ["x"], ["unit", "year"], window, BY_UNIT, "fixest", weights="w")
    tau = (panel["year"] - panel["adoption_year"].astype("float")).clip(-3, 3)
    dummies = {f"t{k + 3}": (tau == k).astype(float) for k in range(-3, 4) if k != -1}
    formula = f"y ~ {' + '.join(dummies)} + x | unit + year"
    ssc = pf.ssc(k_fixef="nonnested")
    peer = pf.feols(formula, panel.assign(**dummies), vcov={"CRV1": "unit"}, weights="w", ssc=ssc)
    np.testing.assert_allclose(found.regression.fit.coef, peer.coef(), rtol=1e-8)
    np.testing.assert_allclose(found.regression.fit.se, peer.se(), rtol=1e-8)


def test_2sls_is_that_of_linearmodels(panel):
    units = pd.get_dummies(panel["unit"], prefix="u", dtype=float)
    exogenous = pd.concat([panel[["x"]], units], axis=1)
    peer = IV2SLS(panel["y"], exogenous, panel[["d"]], panel[["z"]], weights=panel["w"]).fit(cov_type="robust")
    found = estimate_iv(panel, "y", ["d"], ["z"], ["x"], ["unit"], vcov="hetero", ssc="ivreg2", weights="w")
    np.testing.assert_allclose(found.second.coef, peer.params[["d", "x"]], rtol=1e-9)
    np.testing.assert_allclose(found.second.se, peer.std_errors[["d", "x"]], rtol=1e-8)
    first = peer.first_stage.diagnostics.loc["d", "f.stat"]
    assert first > 0
    assert found.first_f["d"].statistic > 0


def test_the_wild_bootstrap_is_that_of_the_rows_as_they_enter(panel):
    """Rows and dummies times the roots of the weights, all of it regressed anew for every draw of signs."""
    regression = regress(panel, "y", ["did", "x"], ["unit", "year"], {"kind": "cluster", "by": "unit"}, weights="w")
    sums = cluster_sums(regression, "did", ["unit", "year"], "unit")
    signs = Signs(len(sums.labels), 60, 3)
    root = np.sqrt(panel["w"].to_numpy() / panel["w"].mean())[:, None]
    dummies = pd.get_dummies(panel[["unit", "year"]].astype(str), dtype=float).to_numpy()
    X = root * np.column_stack([panel["did"], panel["x"], dummies])
    y = root[:, 0] * panel["y"].to_numpy()
    rest = X[:, 1:] @ (np.linalg.pinv(X[:, 1:]) @ y)
    groups = np.unique(panel["unit"].astype(str), return_inverse=True)[1]
    bread, members = np.linalg.pinv(X.T @ X), np.eye(groups.max() + 1)[groups]

    def t(outcome):
        b = bread @ (X.T @ outcome)
        scores = members.T @ (X * (outcome - X @ b)[:, None]) @ bread[:, 0]
        return b[0] / np.sqrt(scores @ scores)

    drawn = [t(rest + (y - rest) * row[groups]) for block in signs.blocks() for row in block]
    np.testing.assert_allclose(wild_draws(sums, signs).t_statistics(), drawn, rtol=1e-7)
    assert p_value(wild_draws(sums, signs)) == (1 + (np.abs(drawn) >= abs(t(y))).sum()) / 61


def test_castle_doctrine_weighted_by_population():
    """Cheng & Hoekstra's data: 0.0694 (0.0559) unweighted, 0.0755 (0.0332) with population weights."""
    frame = causaldata.castle.load_pandas().data.assign(unit=lambda d: d["sid"])
    found = regress(frame, "l_homicide", ["post"], ["unit", "year"], BY_UNIT, "reghdfe", weights="popwt").fit
    assert (round(found.coef[0], 4), round(found.se[0], 4)) == (0.0755, 0.0332)
    plain = regress(frame, "l_homicide", ["post"], ["unit", "year"], BY_UNIT, "reghdfe").fit
    assert (round(plain.coef[0], 4), round(plain.se[0], 4)) == (0.0694, 0.0559)
