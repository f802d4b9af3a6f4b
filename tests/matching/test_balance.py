"""The balance table: by hand, as MatchIt's vignette prints it, and as pstest's regressions give it."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from shidian.matching.balance import balance_table
from shidian.matching.neighbours import MatchRule, match_neighbours
from shidian.matching.propensity import fit_logit

COVARIATES = ["age", "educ", "hispan", "white", "married", "nodegree", "re74", "re75"]
RULES = {
    "pairs": {"replacement": False}, "two each": {"replacement": False, "neighbours": 2}, "again": {},
    "four again": {"neighbours": 4}, "caliper": {"caliper": 0.1, "replacement": False},
}  # fmt: skip


def test_every_number_by_hand():
    """Two treated (1, 3) against 2, 4, 6, 8, matched with weights 1/2, 1, 1/2, 0.

    Before: means 2 and 5, variances 2 and 20/3, their mean 13/3; pooled variance (2 + 20)/4. After: means 2 and 4, sums
    of squares 2 and 4 over N = 4, so s^2 = 3 and t = -2/sqrt(3 (1/2 + 1/2)); P(|t_2| > t) = 1 - t/sqrt(2 + t^2). The
    reliability-weighted variance of the controls is 4/(2 - 1.5/2).
    """
    treated = np.array([True, True, False, False, False, False])
    weight = np.array([1, 1, 0.5, 1, 0.5, 0])
    x = np.array([1.0, 3, 2, 4, 6, 8])[:, None]
    (row,) = balance_table(x, ["x"], treated, weight).to_dict("records")
    root = np.sqrt(13 / 3)
    expected = {
        "mean_treated": 2, "mean_control": 5, "mean_treated_matched": 2, "mean_control_matched": 4,
        "bias": -300 / root, "bias_matched": -200 / root, "reduction": 100 / 3,
        "smd": -3 / np.sqrt(2), "smd_matched": -2 / np.sqrt(2),
        "t": -3 / np.sqrt(5.5 * 3 / 4), "p": stats.ttest_ind([1, 3], [2, 4, 6, 8]).pvalue,
        "t_matched": -2 / np.sqrt(3), "p_matched": 1 - np.sqrt(0.4), "variance_ratio_matched": 2 / 3.2,
    }  # fmt: skip
    assert row.pop("covariate") == "x"
    assert row == pytest.approx(expected, rel=1e-13)


def test_bias_that_grows_and_changes_sign():
    """Means 2 and 1 before; matched to the control at 6 the gap is -4: |bias| is four times as large."""
    treated = np.array([True, True, False, False, False, False])
    x = np.array([1.0, 3, -4, -2, 4, 6])[:, None]
    (row,) = balance_table(x, ["x"], treated, np.array([1, 1, 0, 0, 0, 2.0])).to_dict("records")
    assert (row["bias"] > 0, row["bias_matched"] < 0) == (True, True)
    assert row["reduction"] == pytest.approx(-300)
    assert np.isnan(row["variance_ratio_matched"])  # one control has no variance
    assert row["t_matched"] == pytest.approx(-4)  # sum of squares 2, N = 4: s^2 = 1 and 1/2 + 1/2 in the error


def test_what_has_no_number():
    treated = np.array([True, True, False, False])
    x = np.column_stack([[1.0, 3, 1, 3], [5.0, 5, 5, 5], [0.0, 1, 0, 0]])
    table = balance_table(x, ["level", "constant", "dummy"], treated, np.array([1.0, 1, 1, 1])).set_index("covariate")
    assert np.isnan(table["reduction"]["level"])  # no bias before that could fall
    assert table.loc["level", ["bias", "t", "p"]].tolist() == [0, 0, 1]
    assert table.loc["constant", ["bias", "smd", "t", "p", "variance_ratio_matched"]].isna().all()
    assert table["smd"]["dummy"] == pytest.approx(0.5 / np.sqrt(0.5 * 0.5))  # s = sqrt(p (1 - p)), not with n - 1
    none = balance_table(x[:, :1], ["level"], treated, np.array([1.0, 0, 0, 1]))
    assert none[["t_matched", "p_matched"]].isna().all(axis=None)  # two rows leave no degree of freedom


@pytest.fixture(scope="module")
def lalonde(reference):
    frame = pd.read_csv(reference / "matchit_lalonde.csv")
    return frame.assign(hispan=(frame["race"] == "hispan") * 1.0, white=(frame["race"] == "white") * 1.0)


@pytest.fixture(scope="module")
def score(lalonde):
    return fit_logit(lalonde["treat"].to_numpy(), lalonde[COVARIATES].to_numpy(dtype=float), COVARIATES).score


def table_of(lalonde, score, rule):
    treated = lalonde["treat"].to_numpy() == 1
    found = match_neighbours(score.round(14), treated, np.arange(len(lalonde)), MatchRule(support="none", **rule))
    values = np.column_stack([score, lalonde[COVARIATES]])
    table = balance_table(values, ["distance", *COVARIATES], treated, found.weight)
    return table.set_index("covariate"), values, treated, found.weight


# "MatchIt: Getting Started", summary(m.out1): means of treated and controls, standardised difference, variance ratio
VIGNETTE = {
    "distance": (0.5774, 0.3629, 0.9739, 0.7566), "age": (25.8162, 25.3027, 0.0718, 0.4568),
    "educ": (10.3459, 10.6054, -0.1290, 0.5721), "hispan": (0.0595, 0.2162, -0.6629, None),
    "white": (0.0973, 0.3135, -0.7296, None), "married": (0.1892, 0.2108, -0.0552, None),
    "nodegree": (0.7081, 0.6378, 0.1546, None), "re74": (2095.5737, 2342.1076, -0.0505, 1.3289),
    "re75": (1532.0553, 1614.7451, -0.0257, 1.4956),
}  # fmt: skip


def test_pairs_of_matchits_vignette(lalonde, score):
    table, *_ = table_of(lalonde, score, RULES["pairs"])
    for name, (treated, control, difference, ratio) in VIGNETTE.items():
        row = table.loc[name]
        assert row["mean_treated_matched"] == pytest.approx(treated, abs=5.1e-5), name
        assert row["mean_control_matched"] == pytest.approx(control, abs=5.1e-5), name
        assert row["smd_matched"] == pytest.approx(difference, abs=5.1e-5), name
        if ratio is not None:
            assert row["variance_ratio_matched"] == pytest.approx(ratio, abs=5.1e-5), name


@pytest.mark.parametrize("rule", RULES)
def test_t_and_p_are_those_of_pstests_regressions(lalonde, score, rule):
    """``regress x treat`` and ``regress x treat [iw = _weight]``: WLS whose N is the sum of the weights."""
    table, values, treated, weight = table_of(lalonde, score, RULES[rule])
    design = sm.add_constant(treated.astype(float))
    n, total = int((weight > 0).sum()), weight.sum()
    for name, x in zip(table.index, values.T, strict=True):
        before, row = sm.OLS(x, design).fit(), table.loc[name]
        assert (row["t"], row["p"]) == pytest.approx((before.tvalues[1], before.pvalues[1]), rel=1e-9)
        used = weight > 0
        rows = sm.WLS(x[used], design[used], weights=weight[used]).fit()
        t = rows.tvalues[1] * np.sqrt((total - 2) / (n - 2))  # from the number of rows to the sum of the weights
        assert row["t_matched"] == pytest.approx(t, rel=1e-8, abs=1e-10), name
        assert row["p_matched"] == pytest.approx(2 * stats.t.sf(abs(t), total - 2), rel=1e-8), name


@pytest.mark.parametrize("rule", ["again", "two each", "four again"])
def test_whole_weights_are_repetitions(lalonde, score, rule):
    """Times the number of neighbours the weights are whole: means and sums of squares are those of repeated rows."""
    k = RULES[rule].get("neighbours", 1)
    table, values, treated, weight = table_of(lalonde, score, RULES[rule])
    times = np.rint(k * weight).astype(int)
    assert k * weight == pytest.approx(times, abs=1e-9)
    for name, x in zip(table.index, values.T, strict=True):
        t, c = (np.repeat(x[g], times[g]) for g in (treated, ~treated))
        row, n = table.loc[name], 2 * len(t) / k
        assert row["mean_control_matched"] == pytest.approx(c.mean(), rel=1e-10, abs=1e-12)
        squares = (t.var() * len(t) + c.var() * len(c)) / k
        expected = (t.mean() - c.mean()) / np.sqrt(squares / (n - 2) * (2 / n + 2 / n))
        assert row["t_matched"] == pytest.approx(expected, rel=1e-8, abs=1e-9), name
        gap = x[treated].mean() - x[~treated].mean()
        assert row["reduction"] == pytest.approx(100 * (abs(gap) - abs(t.mean() - c.mean())) / abs(gap), rel=1e-8)


@pytest.mark.parametrize("rule", RULES)
def test_variance_ratio_is_matchits(lalonde, score, rule):
    """R's ``cov.wt``: sum p (x - m)^2 / (1 - sum p^2) with weights p that add to one in each group."""
    table, values, treated, weight = table_of(lalonde, score, RULES[rule])
    for name, x in zip(table.index, values.T, strict=True):
        variances = []
        for group in (treated, ~treated):
            p = weight[group] / weight[group].sum()
            variances.append(p @ (x[group] - p @ x[group]) ** 2 / (1 - p @ p))
        assert table["variance_ratio_matched"][name] == pytest.approx(variances[0] / variances[1], rel=1e-10), name
