"""Absorbed effects with clustered rank tests: derived three times, which must agree.

No published reference has both, so the numbers of ``rank_tests`` are compared with (1) the same regression with the
dummies explicit, (2) Kleibergen & Paap's (2006) formulas written out on variables partialled out by hand, and
(3) linearmodels on the explicit dummies.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import linalg
from shidian.did.constant import fit_with_constant
from shidian.did.twfe import regress
from shidian.iv.estimate import estimate_iv

CLUSTER = {"kind": "cluster", "by": "unit"}
X, Z, W = ["hours", "union"], ["lag_hours", "married", "exper_union"], ["expersq", "manufacturing"]


@pytest.fixture(scope="module")
def men():
    """Vella & Verbeek's wage panel as linearmodels ships it, made unbalanced."""
    from linearmodels.datasets import wage_panel

    frame = wage_panel.load().sort_values(["nr", "year"]).reset_index(drop=True)
    frame = frame[frame["nr"] <= frame["nr"].unique()[149]]
    frame["lag_hours"] = frame.groupby("nr")["hours"].shift(1)
    frame["manufacturing"] = frame["occupation"].eq(5).astype(float)
    frame["exper_union"] = frame["exper"] * frame["educ"]
    frame = frame.assign(unit=frame["nr"].astype(str))
    return frame.drop(index=frame.index[3::17]).reset_index(drop=True)


def with_dummies(frame, *effects):
    blocks = [pd.get_dummies(frame[e], prefix=e, drop_first=True, dtype=float) for e in effects]
    return pd.concat([frame, *blocks], axis=1), [c for b in blocks for c in b.columns]


def complete(frame, *, effects=("unit", "year")):
    """The sample that estimate_iv uses: complete rows, units and years seen more than once."""
    part = frame.dropna(subset=["lwage", *X, *Z, *W])
    while True:
        keep = np.logical_and.reduce([part.groupby(e)[e].transform("size") > 1 for e in effects])
        if keep.all():
            return part.reset_index(drop=True)
        part = part[keep]


def projected(frame):
    """Outcome, regressors and instruments with controls and dummies taken out by least squares."""
    wide, dummies = with_dummies(frame, "unit", "year")
    base = np.column_stack([np.ones(len(wide)), wide[[*W, *dummies]]])
    columns = wide[["lwage", *X, *Z]].to_numpy(dtype=float)
    return columns - base @ np.linalg.lstsq(base, columns, rcond=None)[0]


def kleibergen_paap(x, z, cluster, lm):
    """rk statistic of rank K1 - 1 as Kleibergen & Paap (2006, section 2) print it, Kronecker products and all."""
    n, k, ell = len(x), x.shape[1], z.shape[1]
    pi = np.linalg.solve(z.T @ z, z.T @ x)
    v = x - z @ pi
    scale = (x.T @ x if lm else v.T @ v) / n
    g = np.linalg.cholesky(z.T @ z / n).T
    f = np.linalg.inv(np.linalg.cholesky(scale))
    theta = g @ pi @ f.T
    scores = np.einsum("ij,ik->ijk", x if lm else v, z).reshape(n, k * ell)
    sums = pd.DataFrame(scores).groupby(np.asarray(cluster)).sum().to_numpy()
    q = np.linalg.inv(z.T @ z / n)
    vec_pi = np.kron(np.eye(k), q) @ (sums.T @ sums / n) @ np.kron(np.eye(k), q).T
    vec_theta = np.kron(f, g) @ vec_pi @ np.kron(f, g).T
    u, _, vt = np.linalg.svd(theta)
    rank = k - 1
    u12, u22, v12, v22 = u[:rank, rank:], u[rank:, rank:], vt.T[:rank, rank:], vt.T[rank:, rank:]
    a = np.vstack([u12, u22]) @ np.linalg.inv(u22) @ linalg.sqrtm(u22 @ u22.T).real
    b = linalg.sqrtm(v22 @ v22.T).real @ np.linalg.inv(v22.T) @ np.hstack([v12.T, v22.T])
    lam = (a.T @ theta @ b.T).reshape(-1, order="F")
    middle = np.kron(b, a.T) @ vec_theta @ np.kron(b, a.T).T
    return float(n * lam @ np.linalg.solve(middle, lam))


@pytest.mark.parametrize("endogenous", [X[:1], X])
def test_rank_tests_with_effects_three_ways(men, endogenous):
    frame = complete(men)
    absorbed = estimate_iv(frame, "lwage", endogenous, Z, W, ["unit", "year"], vcov=CLUSTER)
    g, n, ell = frame["unit"].nunique(), len(frame), len(Z)
    assert (absorbed.second.n_obs, absorbed.second.n_clusters) == (n, g)

    wide, dummies = with_dummies(frame, "unit", "year")
    explicit = estimate_iv(wide, "lwage", endogenous, Z, [*W, *dummies], vcov=CLUSTER)
    assert absorbed.second.coef == pytest.approx(explicit.second.coef[: len(endogenous) + len(W)], rel=1e-8)
    assert absorbed.rank.kp_lm.statistic == pytest.approx(explicit.rank.kp_lm.statistic, rel=1e-8)
    assert absorbed.hansen.statistic == pytest.approx(explicit.hansen.statistic, rel=1e-8)
    # unit effects are nested in the cluster, so only T - 1 absorbed parameters count; explicit dummies all count
    years = frame["year"].nunique()
    free = n - ell - len(W) - (years - 1)
    used = n - ell - len(W) - len(dummies) - 1
    for name in ("cragg_donald_f", "kp_f"):
        assert getattr(absorbed.rank, name) / free == pytest.approx(getattr(explicit.rank, name) / used, rel=1e-8)
    for name in endogenous:
        ratio = absorbed.first_f[name].statistic / explicit.first_f[name].statistic
        assert ratio == pytest.approx(free / used, rel=1e-8)
    ratio = (absorbed.second.se / explicit.second.se[: len(absorbed.second.se)]) ** 2
    k, k_explicit = len(endogenous) + len(W) + years - 1, len(endogenous) + len(W) + len(dummies) + 1
    assert ratio == pytest.approx((n - k_explicit) / (n - k), rel=1e-7)

    columns = projected(frame)
    x, z = columns[:, 1 : 1 + len(endogenous)], columns[:, 3:]
    assert absorbed.rank.kp_lm.statistic == pytest.approx(kleibergen_paap(x, z, frame["unit"], lm=True), rel=1e-7)
    wald = kleibergen_paap(x, z, frame["unit"], lm=False)
    assert absorbed.rank.kp_f == pytest.approx(wald / (n - 1) * free * (g - 1) / g / ell, rel=1e-7)


def test_rank_tests_equal_linearmodels(men):
    """linearmodels 7.1 on the explicit dummies, clustered; its statistics have no count of absorbed effects."""
    from linearmodels.iv import IV2SLS

    frame = complete(men)
    wide, dummies = with_dummies(frame, "unit", "year")
    exog = wide[[*W, *dummies]].assign(const=1.0)
    peer = IV2SLS(wide["lwage"], exog, wide[X], wide[Z]).fit(
        cov_type="clustered", clusters=pd.factorize(wide["unit"])[0], debiased=False
    )
    ours = estimate_iv(wide, "lwage", X, Z, [*W, *dummies], vcov=CLUSTER, ssc="ivreg2")
    assert ours.rank.kp_lm.statistic == pytest.approx(peer.first_stage.kleibergen_paap.stat, rel=1e-7)
    assert ours.second.coef[:2] == pytest.approx(peer.params[X].to_numpy(), rel=1e-7)
    assert ours.second.se[:2] == pytest.approx(peer.std_errors[X].to_numpy(), rel=1e-7)
    assert ours.rank.cragg_donald_f == pytest.approx(peer.first_stage.cragg_donald_f, rel=1e-7)


def test_effects_not_nested_in_the_cluster_count(men):
    frame = complete(men).assign(area=lambda f: f["year"] % 4)
    result = estimate_iv(frame, "lwage", X[:1], Z, W, ["unit"], vcov={"kind": "cluster", "by": "area"})
    assert result.design.n_absorbed == frame["unit"].nunique()
    nested = estimate_iv(frame, "lwage", X[:1], Z, W, ["unit"], vcov=CLUSTER)
    assert nested.design.n_absorbed == 1
    both = estimate_iv(frame, "lwage", X[:1], Z, W, ["unit", "year"], vcov=CLUSTER, ssc="reghdfe")
    years = frame["year"].nunique()
    assert (both.design.n_absorbed, both.design.n_counted) == (years - 1, years)


def test_row_order_units_and_labels_do_not_matter(men):
    frame = complete(men)
    base = estimate_iv(frame, "lwage", X[:1], Z, W, ["unit", "year"], vcov=CLUSTER)
    other = frame.sample(frac=1, random_state=1)
    other = other.assign(unit="u" + other["unit"], hours=other["hours"] * 1e-4, lag_hours=other["lag_hours"] * 1e3)
    moved = estimate_iv(other, "lwage", X[:1], Z, W, ["unit", "year"], vcov=CLUSTER)
    assert moved.second.coef[0] * 1e-4 == pytest.approx(base.second.coef[0], rel=1e-8)
    assert moved.rank.kp_f == pytest.approx(base.rank.kp_f, rel=1e-8)
    assert moved.ar.test.statistic == pytest.approx(base.ar.test.statistic, rel=1e-8)


@pytest.mark.parametrize("kind", ["cluster", "hetero", "iid"])
def test_constant_is_that_of_the_means_added_back(men, kind):
    """xtivreg, fe: linearmodels' 2SLS with a constant on the demeaned columns with their means added back."""
    from linearmodels.iv import IV2SLS

    frame = complete(men, effects=("unit",))
    names = ["lwage", *X, *Z, *W]
    inside = frame[names] - frame.groupby("unit")[names].transform("mean") + frame[names].mean()
    given = {"clusters": frame["nr"]} if kind == "cluster" else {}
    how = {"cluster": "clustered", "hetero": "robust", "iid": "unadjusted"}[kind]
    peer = IV2SLS(inside["lwage"], inside[W].assign(_cons=1.0), inside[X], inside[Z]).fit(
        cov_type=how, debiased=False, **given
    )
    vcov = CLUSTER if kind == "cluster" else kind
    result = estimate_iv(frame, "lwage", X, Z, W, ["unit"], vcov=vcov, ssc="ivreg2", constant=True)
    ours = result.second
    assert ours.terms == (*X, *W, "_cons")
    assert ours.coef == pytest.approx(peer.params[list(ours.terms)].to_numpy(), rel=1e-8)
    assert np.sqrt(np.diag(ours.vcov)) == pytest.approx(peer.std_errors[list(ours.terms)].to_numpy(), rel=1e-8)
    plain = estimate_iv(frame, "lwage", X, Z, W, ["unit"], vcov=vcov, ssc="ivreg2")
    assert ours.coef[:-1] == pytest.approx(plain.second.coef)
    assert np.diag(ours.vcov)[:-1] == pytest.approx(np.diag(plain.second.vcov))
    assert (ours.df, ours.r2_within) == (plain.second.df, plain.second.r2_within)
    for name, fit in result.first.items():  # least squares with the effects' mean as constant
        within = regress(frame, name, [*Z, *W], ["unit"], vcov, "reghdfe")
        assert fit.coef == pytest.approx(fit_with_constant(within, name, ["unit"], vcov, "reghdfe").coef, rel=1e-8)
