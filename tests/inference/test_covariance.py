"""Covariances written out row by row and cluster by cluster, their factors, and their refusals at the boundary."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from shidian.errors import EstimationError
from shidian.inference.covariance import Vcov, cluster_meat, few_clusters_warning, ols_covariance
from shidian.inference.small_sample import cluster_factor, degrees_of_freedom, hetero_factor
from statsmodels.stats.sandwich_covariance import cov_cluster

N, K = 36, 3
FRAME = pd.DataFrame({"firm": np.repeat(np.arange(9), 4), "year": np.tile(np.arange(4), 9), "half": np.arange(N) // 18})


@pytest.fixture(scope="module")
def ols():
    rng = np.random.default_rng(8)
    shock = rng.normal(size=9)[FRAME["firm"]] + rng.normal(size=4)[FRAME["year"]]
    X = np.column_stack([rng.normal(size=(N, 2)) + shock[:, None], np.ones(N)])
    return sm.OLS(X @ [1.0, -2, 0.5] + shock + rng.normal(size=N), X).fit()


def vcov(ols, kind, ssc="reghdfe", **changes):
    return ols_covariance(ols.model.exog, ols.resid, FRAME, [], Vcov.parse(kind), ssc, **changes)


def test_conventional(ols):
    found = vcov(ols, "iid")
    assert found.vcov == pytest.approx(ols.cov_params(), rel=1e-10)
    assert (found.n_parameters, found.n_clusters, found.df) == (K, None, N - K)


def test_hetero_row_by_row(ols):
    X, e = ols.model.exog, ols.resid
    bread = np.linalg.inv(X.T @ X)
    meat = sum(e[i] ** 2 * np.outer(X[i], X[i]) for i in range(N))
    found = vcov(ols, "hetero")
    assert found.vcov == pytest.approx(N / (N - K) * bread @ meat @ bread, rel=1e-10)
    assert found.vcov == pytest.approx(ols.get_robustcov_results("HC1").cov_params(), rel=1e-10)


def test_one_way_cluster_by_cluster(ols):
    X, e = ols.model.exog, ols.resid
    bread, meat = np.linalg.inv(X.T @ X), np.zeros((K, K))
    for firm in range(9):
        s = sum(e[i] * X[i] for i in np.flatnonzero(FRAME["firm"] == firm))
        meat += np.outer(s, s)
    found = vcov(ols, {"kind": "cluster", "by": "firm"})
    assert found.vcov == pytest.approx((N - 1) / (N - K) * 9 / 8 * bread @ meat @ bread, rel=1e-10)
    assert found.vcov == pytest.approx(cov_cluster(ols, FRAME["firm"].to_numpy()), rel=1e-10)
    assert (found.n_clusters, found.df) == (9, 8)


def test_two_ways_pair_by_pair(ols):
    """Cameron, Gelbach & Miller (2011): s_i s_j' over pairs in one firm or year, the factor of the fewer clusters."""
    X, e = ols.model.exog, ols.resid
    bread, scores = np.linalg.inv(X.T @ X), X * e[:, None]
    firm, year = FRAME["firm"].to_numpy(), FRAME["year"].to_numpy()
    share = np.equal.outer(firm, firm) | np.equal.outer(year, year)
    expected = (N - 1) / (N - K) * 4 / 3 * bread @ scores.T @ share @ scores @ bread
    assert np.linalg.eigvalsh(expected).min() > 0  # nothing to adjust
    found = vcov(ols, {"kind": "cluster", "by": ["firm", "year"]})
    assert found.vcov == pytest.approx(expected, rel=1e-9)
    assert (found.n_clusters, found.df) == (4, 3)


def test_the_meat_of_two_ways_counts_each_pair_of_rows_once():
    """Rows 0 and 1 share the first cluster, 1 and 2 the second: s_i s_j stands for each pair that shares a way."""
    scores = np.array([[1.0], [10], [100]])
    meat = cluster_meat(scores, [np.array([0, 0, 1]), np.array([0, 1, 1])])
    assert meat[0, 0] == 1 + 100 + 10_000 + 2 * (1 * 10) + 2 * (10 * 100)
    crossed = cluster_meat(scores, [np.array([0, 0, 1]), np.array([0, 0, 1])])
    assert crossed[0, 0] == cluster_meat(scores, [np.array([0, 0, 1])])[0, 0] == 11**2 + 100**2


def test_regressors_of_very_different_size(ols):
    size = np.array([1e-9, 1e7, 1.0])
    X = ols.model.exog * size
    for kind in ("iid", "hetero", {"kind": "cluster", "by": "firm"}):
        scaled = ols_covariance(X, ols.resid, FRAME, [], Vcov.parse(kind), "reghdfe").vcov
        assert scaled * np.outer(size, size) == pytest.approx(vcov(ols, kind).vcov, rel=1e-9)


def test_slopes_counted_may_be_given(ols):
    assert vcov(ols, "iid", n_slopes=10).vcov == pytest.approx(ols.cov_params() * (N - K) / (N - 11), rel=1e-10)


def test_two_clusters_will_do_and_one_will_not(ols):
    found = vcov(ols, {"kind": "cluster", "by": "half"})
    assert (found.n_clusters, found.df) == (2, 1)
    alone = FRAME.assign(half=0)
    with pytest.raises(EstimationError, match="cannot be clustered by 'half': the sample has 1 cluster"):
        ols_covariance(ols.model.exog, ols.resid, alone, [], Vcov("cluster", ("half",)), "reghdfe")


def test_as_many_parameters_as_rows():
    X = np.random.default_rng(1).normal(size=(4, 3))
    frame = FRAME.head(4)
    with pytest.raises(EstimationError, match="4 rows cannot estimate 4 parameters"):
        ols_covariance(X, np.ones(4), frame, [], Vcov("iid"), "reghdfe", n_slopes=3)
    left = ols_covariance(X, np.ones(4), frame, [], Vcov("iid"), "reghdfe", n_slopes=2)
    assert (left.n_parameters, left.df) == (3, 1)


def test_xtreg_has_robust_errors_without_effects_only(ols):
    assert vcov(ols, "hetero", "xtreg").n_parameters == K
    assert ols_covariance(ols.model.exog, ols.resid, FRAME, ["firm"], Vcov("iid"), "xtreg").n_parameters == K + 9
    with pytest.raises(EstimationError, match="no unclustered robust errors"):
        ols_covariance(ols.model.exog, ols.resid, FRAME, ["firm"], Vcov("hetero"), "xtreg")


def test_effects_leave_no_constant_among_the_regressors(ols):
    """Without effects the last column is the constant; with them every column is a slope."""
    X = ols.model.exog[:, :2]
    found = ols_covariance(X, ols.resid, FRAME, ["firm"], Vcov("iid"), "areg")
    assert (found.n_parameters, found.df) == (2 + 9, N - 11)
    assert found.vcov == pytest.approx(np.linalg.inv(X.T @ X) * (ols.resid @ ols.resid) / (N - 11), rel=1e-10)


def test_factors():
    assert cluster_factor(101, 11, 5) == pytest.approx(100 / 90 * 5 / 4, rel=1e-15)
    assert hetero_factor(100, 20) == pytest.approx(1.25, rel=1e-15)
    assert degrees_of_freedom(25, 5, 21, "reghdfe") == 20  # G - 1 = N - K
    assert degrees_of_freedom(24, 5, 21, "reghdfe") == 19
    assert degrees_of_freedom(24, 5, 21, "fixest") == 20


def test_few_clusters_are_fewer_than_ten():
    assert few_clusters_warning(10) is None
    assert few_clusters_warning(None) is None
    assert few_clusters_warning(9).startswith("only 9 clusters: ")
    assert few_clusters_warning(2, "provinces").startswith("only 2 provinces: ")


@pytest.mark.parametrize(
    "value",
    ["HC3", {"kind": "cluster"}, {"kind": "cluster", "by": []}, {"kind": "cluster", "by": ["a", "b", "c"]},
     {"kind": "iid", "by": "a"}, {"kind": "hetero", "by": ["a"]}],
)  # fmt: skip
def test_no_such_errors(value):
    with pytest.raises(EstimationError, match="no such kind of standard error"):
        Vcov.parse(value)


def test_kinds_and_their_words():
    assert Vcov.parse("iid") == Vcov("iid")
    assert Vcov.parse({"kind": "cluster", "by": ["a", "b"]}) == Vcov("cluster", ("a", "b"))
    words = [Vcov.parse(v).describe() for v in ("iid", "hetero", {"kind": "cluster", "by": ["a", "b"]})]
    assert words == ["conventional (iid)", "heteroskedasticity-robust (HC1)", "clustered by a and b (CRV1)"]
