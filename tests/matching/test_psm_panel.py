"""Matching a panel: bases, weights of the DID that follows, and what cannot be matched."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.matching.neighbours import MatchRule
from shidian.matching.psm import match_panel, matched_weights
from shidian.matching.weighted_did import regress_matched


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(11)
    n, years = 60, 6
    frame = pd.DataFrame({"unit": np.repeat([f"c{i:02d}" for i in range(n)], years),
                          "year": np.tile(np.arange(2010, 2010 + years), n)})  # fmt: skip
    trait = rng.normal(size=n)
    ever = trait + rng.normal(size=n) > 0.8
    frame["x1"] = np.repeat(trait, years) + 0.3 * rng.normal(size=n * years)
    frame["x2"] = rng.normal(size=n * years)
    frame["treated"] = np.repeat(ever, years)
    frame["did"] = (frame["treated"] & (frame["year"] >= 2013)).astype(float)
    frame["y"] = 2 * frame["did"] + frame["x1"] + rng.normal(size=n * years)
    return frame


def match(panel, base="pooled", base_year=None, **rule):
    return match_panel(panel, panel["treated"], ["x1", "x2"], MatchRule(**rule), base, base_year)


def test_by_year_matches_inside_the_year(panel):
    found = match(panel, "by_year", neighbours=2)
    assert (found.pairs["year"] == found.pairs["control_year"]).all()
    assert set(found.logits) == {str(y) for y in range(2010, 2016)}
    alone = match(panel[panel["year"] == 2012], neighbours=2)
    rows = found.rows[found.rows["year"] == 2012]
    assert rows["weight"].to_numpy() == pytest.approx(alone.rows["weight"].to_numpy())


def test_base_year_weights_hold_for_all_years(panel):
    found = match(panel, "base_year", 2012)
    weights = matched_weights(panel, found, "base_year", "analytic")
    assert weights.groupby(panel["unit"]).nunique().eq(1).all()
    at = panel["year"] == 2012
    assert weights[at].to_numpy() == pytest.approx(found.rows["weight"].to_numpy())


def test_weights_add_up(panel):
    found = match(panel, neighbours=3)
    rows = found.rows
    matched = rows["treated"] & (rows["weight"] > 0)
    assert rows.loc[~rows["treated"], "weight"].sum() == pytest.approx(matched.sum())
    assert rows.loc[matched, "pairs"].eq(3).all()
    assert rows.loc[~rows["treated"], "pairs"].sum() == 3 * matched.sum()
    assert found.pairs.groupby(["treated_unit", "year"])["share"].sum().to_numpy() == pytest.approx(1.0)


def test_did_on_the_matched_sample(panel):
    """Matched rows alone, rows repeated, and weights: repeating and weighting give one coefficient."""
    found = match(panel, neighbours=2)
    cluster = {"kind": "cluster", "by": "unit"}

    def did(keep):
        weights = matched_weights(panel, found, "pooled", keep)
        return regress_matched(panel, weights, keep, "y", ["did", "x1"], ["unit", "year"], cluster, "reghdfe").fit

    kept = panel[(found.rows["weight"] > 0).reindex(panel.index).fillna(False)]
    plain = regress(kept, "y", ["did", "x1"], ["unit", "year"], cluster).fit
    assert did("matched").coef == pytest.approx(plain.coef)
    assert did("matched").se == pytest.approx(plain.se)
    frequency, analytic = did("frequency"), did("analytic")
    assert frequency.n_obs + frequency.n_singletons == found.rows["pairs"].sum()
    assert analytic.n_obs < frequency.n_obs
    # a unit of one row says nothing within, repeated or not: N differs, the coefficient does not
    assert analytic.coef == pytest.approx(frequency.coef, rel=1e-8)


@pytest.mark.parametrize("vcov", ["iid", "hetero", {"kind": "cluster", "by": "unit"}])
def test_weighted_did_equals_pyfixest(panel, vcov):
    import pyfixest as pf

    rng = np.random.default_rng(0)
    weights = pd.Series(rng.uniform(0.2, 3, len(panel)), index=panel.index)
    ours = regress_matched(panel, weights, "analytic", "y", ["did", "x1"], ["unit", "year"], vcov, "fixest").fit
    kind = {"iid": "iid", "hetero": "HC1"}.get(vcov if isinstance(vcov, str) else "", {"CRV1": "unit"})
    peer = pf.feols("y ~ did + x1 | unit + year", panel.assign(w=weights), vcov=kind, weights="w")
    assert ours.coef == pytest.approx(peer.coef().to_numpy(), rel=1e-8)
    if vcov != "iid":
        assert ours.se == pytest.approx(peer.se().to_numpy(), rel=1e-6)


@pytest.mark.parametrize("effects", [[], ["unit"], ["unit", "year"]])
def test_weighted_did_equals_statsmodels_with_dummies(panel, effects):
    """Conventional and robust errors count every dummy (areg); R-squared is that of weighted least squares."""
    import statsmodels.api as sm

    rng = np.random.default_rng(1)
    part = panel[panel["unit"] < "c25"].reset_index(drop=True)
    weights = pd.Series(rng.uniform(0.2, 3, len(part)))
    dummies = [pd.get_dummies(part[name].astype(str), drop_first=True, dtype=float) for name in effects]
    design = sm.add_constant(pd.concat([part[["did", "x1"]], *dummies], axis=1))
    peer = sm.WLS(part["y"], design, weights=weights).fit()
    names = ["did", "x1"] if effects else ["did", "x1", "const"]
    for vcov, fit in (("iid", peer), ("hetero", peer.get_robustcov_results("HC1"))):
        ours = regress_matched(part, weights, "analytic", "y", ["did", "x1"], effects, vcov, "areg").fit
        assert ours.coef == pytest.approx(peer.params[names].to_numpy(), rel=1e-7)
        assert ours.se == pytest.approx(np.asarray(fit.bse)[[design.columns.get_loc(n) for n in names]], rel=1e-7)
        assert (ours.df, ours.n_obs) == (peer.df_resid, len(part))
        assert ours.r2 == pytest.approx(peer.rsquared, rel=1e-9)
    if effects:
        bare = sm.WLS(part["y"], design.drop(columns=["did", "x1"]), weights=weights).fit()
        assert ours.r2_within == pytest.approx(1 - peer.ssr / bare.ssr, rel=1e-8)
    else:
        assert np.isnan(ours.r2_within)


def test_a_row_without_one_of_its_covariates_takes_no_part(panel):
    holed = panel.copy()
    holed.loc[3, "x1"] = np.nan
    holed.loc[[8, 9], "x2"] = np.nan
    found = match(holed)
    assert found.missing.index.tolist() == [3, 8, 9]
    assert not set(found.rows.index) & {3, 8, 9}
    assert len(found.rows) == len(panel) - 3


def test_support_and_matched_rows_are_kept_with_weight_one(panel):
    found = match(panel, neighbours=2, support="both")
    rows = found.rows
    kept = matched_weights(panel, found, "pooled", "support")
    assert kept.tolist() == rows["on_support"].reindex(panel.index).astype(float).tolist()
    assert 0 < len(found.off_support) == (~rows["on_support"]).sum()
    assert rows.loc[~rows["on_support"], "weight"].eq(0).all()
    assert set(matched_weights(panel, found, "pooled", "matched")) == {0.0, 1.0}


def test_row_order_does_not_matter(panel):
    found = match(panel, neighbours=2)
    moved = match(panel.sample(frac=1, random_state=3), neighbours=2)
    assert moved.rows.sort_index()["weight"].to_numpy() == pytest.approx(found.rows["weight"].to_numpy())


def test_an_empty_matched_sample_is_refused(panel):
    with pytest.raises(EstimationError, match="matched sample is empty"):
        match(panel, caliper=1e-12, caliper_scale="absolute")
    weights = pd.Series(0.0, index=panel.index)
    with pytest.raises(EstimationError, match="matched sample is empty"):
        regress_matched(panel, weights, "matched", "y", ["did"], ["unit"], "iid", "reghdfe")


def test_base_year_must_be_in_the_panel(panel):
    with pytest.raises(EstimationError, match="base year of the matching, 1999"):
        match(panel, "base_year", 1999)


def test_a_year_that_cannot_be_matched_is_named(panel):
    odd = panel.assign(x2=np.where(panel["year"] == 2011, 5.0, panel["x2"]))
    found = match(odd, "by_year")
    assert found.failed == {"2011": "the matching covariate 'x2' is constant in the sample"}
    assert 2011 not in set(found.rows["year"])
    with pytest.raises(EstimationError, match=r"nothing could be matched: .* 'x2' is constant"):
        match(panel.assign(x2=1.0))


def weighted_numbers(panel, covariates, rule, base, keep, vcov):
    """Scores, matches, balance and the DID on the matched sample."""
    found = match_panel(panel, panel["treated"], covariates, rule, base, 2012)
    weights = matched_weights(panel, found, base, keep)
    fit = regress_matched(panel, weights, keep, "y", ["did", "x1", "x2"], ["unit", "year"], vcov, "reghdfe").fit
    return found, weights.to_numpy(), fit


@pytest.mark.parametrize("base", ["pooled", "by_year", "base_year"])
@pytest.mark.parametrize("keep", ["matched", "support", "frequency", "analytic"])
@given(powers=st.lists(st.integers(-12, 12), min_size=4, max_size=4))
@settings(max_examples=4, deadline=None)
def test_units_of_measure_never_matter(panel, base, keep, powers):
    """Covariates, outcome and treatment times 1e-12 ... 1e12: the same scores, pairs, balance, t and weights."""
    unit = dict(zip(["y", "x1", "x2", "did"], (10.0**p for p in powers), strict=True))
    scaled = panel.assign(**{name: panel[name] * f for name, f in unit.items()})
    rule, vcov = MatchRule(neighbours=2, caliper=0.5), {"kind": "cluster", "by": "unit"}
    (a, w, first), (b, v, second) = (weighted_numbers(p, ["x1", "x2"], rule, base, keep, vcov) for p in (panel, scaled))
    assert b.rows["score"].to_numpy() == pytest.approx(a.rows["score"].to_numpy(), rel=1e-9)
    keys = ["treated_unit", "control_unit", "year", "control_year"]
    pd.testing.assert_frame_equal(a.pairs[keys], b.pairs[keys])
    assert v == pytest.approx(w, rel=1e-12)
    free = ["bias", "bias_matched", "reduction", "smd", "smd_matched", "t", "p", "t_matched", "p_matched",
            "variance_ratio_matched"]  # fmt: skip
    assert b.balance[free].to_numpy() == pytest.approx(a.balance[free].to_numpy(), rel=1e-7, abs=1e-9, nan_ok=True)
    assert second.coef / second.se == pytest.approx(first.coef / first.se, rel=1e-7)
    assert second.coef == pytest.approx(first.coef * [unit["y"] / unit[t] for t in first.terms], rel=1e-7)
    for name, logit in a.logits.items():
        z = logit.coef / np.sqrt(np.diag(logit.vcov))
        other = b.logits[name]
        assert other.coef[1:] / np.sqrt(np.diag(other.vcov))[1:] == pytest.approx(z[1:], rel=1e-7)
        assert other.pseudo_r2 == pytest.approx(logit.pseudo_r2, rel=1e-9)
