"""Crossed effects and slopes of levels: pyfixest, explicit dummies, the columns with trends of Wolfers (AER 2006)."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
from pyfixest.demeaners import MapDemeaner
from shidian.did.cluster_sums import cluster_sums
from shidian.did.twfe import regress
from shidian.did.wild_bootstrap import Signs, p_value, wild_draws
from shidian.did.within import demean
from shidian.errors import EstimationError
from shidian.exhibits.crossed import entered
from shidian.inference.effects import Slopes
from shidian.inference.small_sample import count_parameters
from shidian.iv.estimate import estimate_iv

WOLFERS = Path(os.environ.get("SHIDIAN_SHARED", "../shared")) / "cases/papers/wolfers/Divorce-Wolfers-AER.dta"
EXACT = MapDemeaner(fixef_tol=1e-13, fixef_maxiter=100_000)


@pytest.fixture(scope="module")
def panel():
    rng, n, years = np.random.default_rng(11), 30, 9
    frame = pd.DataFrame({"unit": np.repeat(np.arange(n), years), "year": np.tile(np.arange(2001, 2001 + years), n)})
    frame["province"] = np.array(["N", "E", "S", "W", "C"])[frame["unit"] % 5]
    frame["size"] = np.where(frame["unit"] % 4 == 0, "large", "small")
    frame["did"] = ((frame["unit"] % 3 > 0) & (frame["year"] >= 2004 + frame["unit"] % 4)).astype(float)
    frame["x"], frame["z"], noise = rng.normal(size=(3, len(frame)))
    frame["d"] = 0.8 * frame["z"] + noise
    frame["y"] = frame["did"] + 0.3 * frame["x"] + 0.02 * frame["unit"] * (frame["year"] - 2000) + frame["d"] + noise
    frame["w"] = rng.uniform(0.2, 5, len(frame))
    return frame[rng.uniform(size=len(frame)) > 0.1].reset_index(drop=True)


@pytest.mark.parametrize("effects", [["unit", "province#year"], ["unit", "province#size#year"], ["size#year", "unit"]])
@pytest.mark.parametrize("errors", ["iid", "hetero", "unit", "province#year"])
def test_crossed_effects_are_those_of_fixest(panel, effects, errors):
    vcov = errors if errors in ("iid", "hetero") else {"kind": "cluster", "by": errors}
    made, spec = entered(panel, {"fixed_effects": effects, "vcov": vcov})
    fit = regress(made, "y", ["did", "x"], effects, spec["vcov"], "fixest").fit
    theirs = errors if errors in ("iid", "hetero") else {"CRV1": errors.replace("#", "_")}
    peer = pf.feols(
        f"y ~ did + x | {' + '.join(effects).replace('#', '^')}",
        panel.assign(province_year=panel["province"] + panel["year"].astype(str)),
        vcov=theirs, ssc=pf.ssc(k_fixef="nonnested"), fixef_rm="none", demeaner=EXACT,
    )  # fmt: skip
    np.testing.assert_allclose(fit.coef, peer.coef()[["did", "x"]], rtol=1e-8)
    np.testing.assert_allclose(fit.se, peer.se()[["did", "x"]], rtol=1e-8)


SLOPED = [
    ["unit", "year", "unit#c.year"], ["unit", "year", "province#c.year"], ["unit", "unit#c.year"],
    ["unit", "year", "unit#c.z"], ["unit", "year", "unit#c.year", "unit#c.z"], ["unit", "province#year", "size#c.z"],
    ["unit", "year", "unit#c.year", "province#c.year"], 
]  # fmt: skip


def by_dummies(panel, effects, weights):
    """Return coefficients of did and x, conventional errors and the rank, by least squares on explicit columns."""
    columns = [panel[["did", "x"]].to_numpy(float), np.ones((len(panel), 1))]
    for effect in effects:
        level, _, slope = effect.partition("#c.")
        code = panel[level.split("#")].astype(str).agg("/".join, axis=1)
        by = panel[slope] - panel[slope].mean() if slope else pd.Series(1.0, index=panel.index)
        columns.append(pd.get_dummies(code).to_numpy(float) * by.to_numpy()[:, None])
    root = np.sqrt(np.ones(len(panel)) if weights is None else panel[weights].to_numpy())
    A = np.column_stack(columns) * root[:, None]
    y = panel["y"].to_numpy() * root
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    kept = s > 1e-9 * s[0]
    b = Vt[kept].T @ ((U.T @ y)[kept] / s[kept])
    e = y - A @ b
    inverse = (Vt[kept].T / s[kept] ** 2) @ Vt[kept]
    return b[:2], np.sqrt(np.diag(inverse)[:2] * (e @ e) / (len(y) - kept.sum())), int(kept.sum())


@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("effects", SLOPED)
def test_slopes_of_levels_are_explicit_dummies_times_the_variable(panel, effects, weights):
    made, _ = entered(panel, {"fixed_effects": effects})
    own = regress(made, "y", ["did", "x"], effects, "iid", "areg", weights=weights, singletons="keep")
    rest = made.loc[own.sample.rows].reset_index(drop=True)
    coef, se, rank = by_dummies(rest, effects, weights)
    np.testing.assert_allclose(own.fit.coef, coef, rtol=1e-8)
    np.testing.assert_allclose(own.fit.se, se, rtol=1e-8)
    assert own.fit.extra["n_parameters"] == rank


def test_a_trend_alone_leaves_the_constant_and_runs_through_the_origin(panel):
    made, _ = entered(panel, {"fixed_effects": ["unit#c.year"]})
    own = regress(made, "y", ["did", "x"], ["unit#c.year"], "iid", "areg").fit
    trends = pd.get_dummies(panel["unit"]).to_numpy(float) * panel[["year"]].to_numpy(float)
    A = np.column_stack([panel[["did", "x"]], np.ones(len(panel)), trends / 1000])
    np.testing.assert_allclose(own.coef, np.linalg.lstsq(A, panel["y"], rcond=1e-13)[0][:2], rtol=1e-6)
    assert own.extra["n_parameters"] == 2 + 1 + panel["unit"].nunique()


@pytest.mark.parametrize("effects", SLOPED[:6])
def test_what_is_left_is_orthogonal_to_every_intercept_and_slope(panel, effects):
    made, _ = entered(panel, {"fixed_effects": effects})
    levels = [made[e.partition("#c.")[0]].to_numpy() for e in effects]
    slopes = [e.partition("#c.")[2] for e in effects]
    arrays = [
        Slopes(pd.factorize(codes)[0], made[slope].to_numpy(float)) if slope else pd.factorize(codes)[0]
        for codes, slope in zip(levels, slopes, strict=True)
    ]
    left = demean(made[["y"]].to_numpy(float) * 1e6, arrays, made["w"].to_numpy())[:, 0]
    for codes, slope in zip(levels, slopes, strict=True):
        x = made[slope] - (made[slope].mean() if "unit" in effects else 0) if slope else 1.0
        sums = pd.Series(left * made["w"] * x).groupby(codes).sum()
        assert sums.abs().max() < 1e-7 * 1e6 * made["y"].std() * (
            2000 if slope == "year" and "unit" not in effects else 1
        )


def test_slopes_are_counted_where_they_are_estimated():
    unit, year = np.repeat(np.arange(6), 5), np.tile(np.arange(5), 6)
    x = np.where(unit < 2, 3.0, year * (1.0 + unit))
    trends, sloped = Slopes(unit, year.astype(float)), Slopes(unit, x)
    for convention, cluster, counts in (
        ("areg", None, (1 + 6 + 4 + 5, 1 + 6 + 4 + 4)), ("fixest", None, (1 + 6 + 4 + 5, 1 + 6 + 4 + 4)),
        ("reghdfe", unit, (1 + 5 - 1 + 1, 1 + 5 - 1 + 1)), ("fixest", unit, (1 + 1 + 4, 1 + 1 + 4)),
        ("areg", unit, (1 + 6 + 4 + 5, 1 + 6 + 4 + 4)),
    ):  # fmt: skip
        found = [count_parameters(1, [unit, year, one], cluster, convention) for one in (trends, sloped)]
        assert tuple(found) == counts, (convention, cluster is not None)


def test_two_stage_least_squares_with_trends_is_that_of_columns(panel):
    effects = ["unit", "year", "unit#c.year"]
    made, _ = entered(panel, {"fixed_effects": effects})
    trends = {f"t{u}": (panel["unit"] == u) * (panel["year"] - 2005.0) for u in range(1, 30)}
    own = estimate_iv(made, "y", ["d"], ["z"], ["did"], effects, vcov="iid", ssc="areg").second
    wide = panel.assign(**trends)
    by_hand = estimate_iv(wide, "y", ["d"], ["z"], ["did", *trends], ["unit", "year"], vcov="iid", ssc="areg").second
    at, there = own.terms.index("d"), by_hand.terms.index("d")
    assert own.coef[at] == pytest.approx(by_hand.coef[there], rel=1e-9)
    assert own.se[at] == pytest.approx(by_hand.se[there], rel=1e-8)


def test_the_wild_bootstrap_with_trends_is_that_of_columns_and_refuses_trends_that_cross_clusters(panel):
    effects, by = ["unit", "year", "unit#c.year"], {"kind": "cluster", "by": "unit"}
    made, _ = entered(panel, {"fixed_effects": [*effects, "province#c.year"]})
    own = cluster_sums(regress(made, "y", ["did", "x"], effects, by), "did", effects, "unit")
    trends = {f"t{u}": (panel["unit"] == u) * (panel["year"] - 2005.0) for u in range(1, 30)}
    wide = regress(panel.assign(**trends), "y", ["did", "x", *trends], ["unit", "year"], by)
    by_hand = cluster_sums(wide, "did", ["unit", "year"], "unit")
    draws = [wild_draws(one, Signs(len(own.labels), 199, 3)) for one in (own, by_hand)]
    t = [one.t_statistics(0.0) for one in draws]
    np.testing.assert_allclose(t[0], t[1], rtol=1e-6, atol=1e-9)
    assert p_value(draws[0]) == p_value(draws[1])
    crossing = ["unit", "year", "province#c.year"]
    with pytest.raises(EstimationError, match="levels with slopes of their own lie in several clusters"):
        cluster_sums(regress(made, "y", ["did", "x"], crossing, by), "did", crossing, "unit")


@pytest.mark.skipif(not WOLFERS.exists(), reason="the data of Wolfers (2006) are not there")
def test_wolfers_2006_table_2():
    data = pd.read_stata(WOLFERS).rename(columns={"st": "unit"}).query("1955 < year < 1989").reset_index(drop=True)
    data = data.assign(year=data["year"].astype(int), square=(data["year"] - 1968.0) ** 2)
    dummies = [f"y{k}" for k in range(1, 16, 2)]
    data = data.assign(**{name: (data["years_unilateral"] == int(name[1:])).astype(float) for name in dummies})
    printed = [
        (["unit", "year"], [0.267, 0.210, 0.164, 0.158, -0.121, -0.324, -0.461, -0.507], 0.085),
        (["unit", "year", "unit#c.year"], [0.342, 0.319, 0.300, 0.322, 0.081, -0.102, -0.202, -0.210], 0.062),
        (
            ["unit", "year", "unit#c.year", "unit#c.square"],
            [0.302, 0.289, 0.291, 0.351, 0.161, 0.047, 0.031, 0.251], 0.054,
        ),
    ]  # fmt: skip
    for effects, coefficients, first_error in printed:
        made, _ = entered(data, {"fixed_effects": effects})
        fit = regress(made, "div_rate", dummies, effects, "iid", "areg", weights="stpop").fit
        np.testing.assert_allclose(fit.coef.round(3), coefficients, atol=1e-9)
        assert (fit.n_obs, round(float(fit.se[0]), 3)) == (1631, first_error)
