"""TWFE against fixest (a1), Stata as published (a3) and pyfixest; properties; bad input."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shidian.did.twfe import regress
from shidian.errors import EstimationError

BY_UNIT = {"kind": "cluster", "by": "unit"}


def test_a1_divorce(divorce):
    robust = regress(divorce, "asmrs", ["treat"], ["unit", "year"], "hetero", "fixest").fit
    clustered = regress(divorce, "asmrs", ["treat"], ["unit", "year"], BY_UNIT, "fixest").fit
    assert robust.coef[0] == pytest.approx(-3.07992576554, rel=1e-9)
    assert robust.se[0] == pytest.approx(1.26770494531, rel=1e-9)
    assert clustered.se[0] == pytest.approx(2.45582952236, rel=1e-9)
    assert (robust.n_obs, clustered.n_clusters, clustered.df) == (1617, 49, 48)
    assert robust.df == 1617 - 1 - 49 - 33 + 1


@pytest.mark.parametrize("ssc", ["fixest", "reghdfe", "xtreg"])
def test_a3_castle_as_published(castle, ssc):
    fit = regress(castle, "l_homicide", ["post"], ["unit", "year"], BY_UNIT, ssc).fit
    assert round(fit.coef[0], 7) == 0.0693984
    assert round(fit.se[0], 7) == 0.0558596
    assert (fit.n_obs, fit.n_units, fit.n_clusters, fit.df) == (550, 50, 50, 49)
    assert fit.extra["n_parameters"] == 12


def test_a3_holds_under_ten_hash_seeds(castle, tmp_path):
    castle[["unit", "year", "post", "l_homicide"]].to_csv(tmp_path / "castle.csv", index=False)
    script = textwrap.dedent("""
        import sys
        import pandas as pd
        from shidian.did.twfe import regress
        castle = pd.read_csv(sys.argv[1])
        for effects in (["unit", "year"], ["year", "unit"]):
            fit = regress(castle, "l_homicide", ["post"], effects, {"kind": "cluster", "by": "unit"}, "reghdfe").fit
            print(f"{fit.coef[0]:.7f} {fit.se[0]:.7f} {fit.n_obs}", fit.coef[0].hex(), fit.se[0].hex())
    """)
    outputs = set()
    for seed in range(10):
        environment = {**os.environ, "PYTHONHASHSEED": str(seed), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-c", script, str(tmp_path / "castle.csv")]
        outputs.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert len(outputs) == 1
    lines = outputs.pop().splitlines()
    assert len(lines) == 2
    assert all(line.startswith("0.0693984 0.0558596 550 ") for line in lines)


@pytest.mark.parametrize("effects", [[], ["unit"], ["unit", "year"]])
@pytest.mark.parametrize("vcov", ["iid", "hetero", "unit", "unit+year"])
def test_agrees_with_pyfixest(castle, effects, vcov):
    """pyfixest's own count of nested effects may depend on the hash seed: its factor is off, ours is applied."""
    import pyfixest as pf

    clustered = vcov not in ("iid", "hetero")
    formula = "l_homicide ~ post + l_police" + (" | " + " + ".join(effects) if effects else "")
    peer = pf.feols(
        formula, castle, vcov={"CRV1": vcov} if clustered else vcov, ssc=pf.ssc(k_adj=False, G_adj=False),
        demeaner=pf.MapDemeaner(fixef_tol=1e-12),
    )  # fmt: skip
    ours = {"kind": "cluster", "by": vcov.split("+")} if clustered else vcov
    fit = regress(castle, "l_homicide", ["post", "l_police"], effects, ours, "fixest").fit
    N, K, G = 550, fit.extra["n_parameters"], fit.n_clusters
    # pyfixest's unadjusted iid covariance divides by N-1
    factor = (N - 1) / (N - K) * G / (G - 1) if G else N / (N - K) if vcov == "hetero" else (N - 1) / (N - K)
    table = peer.tidy().loc[["post", "l_police"]]
    assert fit.coef[:2] == pytest.approx(table["Estimate"].to_numpy(), rel=1e-9)
    assert fit.se[:2] == pytest.approx(table["Std. Error"].to_numpy() * np.sqrt(factor), rel=1e-8)
    assert fit.r2 == pytest.approx(peer._r2, rel=1e-10)


def test_equals_ols_with_dummies(castle):
    """Fixed effects against explicit dummies: the areg count is the count of OLS."""
    gone = castle.sample(frac=0.8, random_state=3)
    fit = regress(gone, "l_homicide", ["post", "l_income"], ["unit", "year"], "iid", "areg").fit
    dummies = pd.get_dummies(gone[["unit", "year"]].astype(str), drop_first=True, dtype=float)
    explicit = pd.concat([gone[["unit", "year", "l_homicide", "post", "l_income"]], dummies], axis=1)
    by_hand = regress(explicit, "l_homicide", ["post", "l_income", *dummies], [], "iid", "areg").fit
    assert fit.coef == pytest.approx(by_hand.coef[:2], rel=1e-8)
    assert fit.se == pytest.approx(by_hand.se[:2], rel=1e-8)
    assert fit.df == by_hand.df
    assert fit.r2 == pytest.approx(by_hand.r2, rel=1e-10)


@settings(max_examples=15, deadline=None)
@given(scale=st.floats(1e-6, 1e6), shift=st.floats(-100, 100), seed=st.integers(0, 2**31))
def test_units_order_and_labels_do_not_matter(castle, scale, shift, seed):
    fit = regress(castle, "l_homicide", ["post", "l_police"], ["unit", "year"], BY_UNIT).fit
    codes = {u: f"地市{i}" for i, u in enumerate(np.random.default_rng(seed).permutation(castle["unit"].unique()))}
    other = castle.assign(unit=castle["unit"].map(codes), l_police=(castle["l_police"] + shift) * scale)
    moved = regress(
        other.sample(frac=1, random_state=seed), "l_homicide", ["post", "l_police"], ["unit", "year"], BY_UNIT
    ).fit
    assert moved.coef[0] == pytest.approx(fit.coef[0], rel=1e-8)
    assert moved.coef[1] * scale == pytest.approx(fit.coef[1], rel=1e-8)
    assert moved.se[0] == pytest.approx(fit.se[0], rel=1e-8)


def test_counts_missing_rows_and_singletons(castle):
    holed = castle.copy()
    holed.loc[holed["unit"] == "1", "l_police"] = np.nan
    lonely = holed["unit"] == "2"
    holed = holed[~lonely | (holed["year"] == 2003)]
    result = regress(holed, "l_homicide", ["post", "l_police"], ["unit", "year"], BY_UNIT)
    assert (result.fit.n_missing, result.fit.n_singletons) == (11, 1)
    assert (result.fit.n_obs, result.fit.n_units, result.fit.n_clusters) == (48 * 11, 48, 48)


def test_absorbed_collinear_and_constant_regressors_are_named(castle):
    panel = castle.assign(
        area=castle["sid"] * 2.0, twice=castle["l_police"] * 2 + castle["post"], flat=7.0, trend=castle["year"] * 1.0
    )
    result = regress(panel, "l_homicide", ["post", "area", "l_police", "twice", "flat", "trend"], ["unit", "year"])
    assert result.fit.terms == ("post", "l_police")
    assert "absorbed by the fixed effects (unit, year)" in result.omitted["area"]
    assert "absorbed" in result.omitted["trend"]
    assert result.omitted["twice"] == "collinear with post, l_police"
    assert result.omitted["flat"] == "constant in the sample (always 7)"


def test_bad_input(castle):
    panel = castle.assign(same=castle["sid"] * 1.0, one="x", word="a", inf=np.inf)
    with pytest.raises(EstimationError, match="'same' does not vary within unit and year"):
        regress(panel, "same", ["post"], ["unit", "year"])
    with pytest.raises(EstimationError, match=r"no regressor is left: 'one' is constant in the sample \(always 1\)$"):
        regress(panel.assign(one=1), "l_homicide", ["one"], ["unit", "year"])
    with pytest.raises(EstimationError, match="no regressor is left: 'same' is absorbed"):
        regress(panel, "l_homicide", ["same"], ["unit", "year"])
    with pytest.raises(EstimationError, match="has 1 cluster"):
        regress(panel, "l_homicide", ["post"], ["unit"], {"kind": "cluster", "by": "one"})
    with pytest.raises(EstimationError, match="not numeric"):
        regress(panel, "l_homicide", ["word"], ["unit"])
    with pytest.raises(EstimationError, match="infinite"):
        regress(panel, "l_homicide", ["inf"], ["unit"])
    with pytest.raises(EstimationError, match="did you mean 'l_police'"):
        regress(panel, "l_homicide", ["l_polic"], ["unit"])
    with pytest.raises(EstimationError, match="no such kind of standard error"):
        regress(panel, "l_homicide", ["post"], ["unit"], "HC3")
    with pytest.raises(EstimationError, match="no small-sample convention"):
        regress(panel, "l_homicide", ["post"], ["unit"], "iid", "stata")
    with pytest.raises(EstimationError, match="no unclustered robust errors"):
        regress(panel, "l_homicide", ["post"], ["unit", "year"], "hetero", "xtreg")
    with pytest.raises(EstimationError, match="cannot estimate"):
        regress(panel.iloc[[0, 1, 8, 11, 12, 19]], "l_homicide", ["post", "l_police", "l_income"], ["unit", "year"])


def test_few_clusters_warn(castle):
    few = castle[castle["sid"] < 11]
    assert "only 9 clusters" in regress(few, "l_homicide", ["post"], ["unit", "year"], BY_UNIT).warnings[0]
    assert regress(castle, "l_homicide", ["post"], ["unit", "year"], BY_UNIT).warnings == ()
