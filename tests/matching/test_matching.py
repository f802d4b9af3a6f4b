"""Propensity-score matching: LaLonde's data (case g1), definitions, determinism, bad input."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.matching.balance import balance_table, score_values
from shidian.matching.neighbours import MatchRule, common_support, match_neighbours
from shidian.matching.propensity import fit_logit

COVARIATES = ["age", "educ", "hispan", "white", "married", "nodegree", "re74", "re75"]


@pytest.fixture(scope="module")
def lalonde(reference):
    frame = pd.read_csv(reference / "matchit_lalonde.csv")
    return frame.assign(hispan=(frame["race"] == "hispan") * 1.0, white=(frame["race"] == "white") * 1.0)


@pytest.fixture(scope="module")
def logit(lalonde):
    return fit_logit(lalonde["treat"].to_numpy(), lalonde[COVARIATES].to_numpy(dtype=float), COVARIATES)


def att(lalonde, weight):
    t = lalonde["treat"].to_numpy() == 1
    y = lalonde["re78"].to_numpy(dtype=float)
    return np.average(y[t], weights=weight[t]) - np.average(y[~t], weights=weight[~t])


def match(lalonde, logit, **rule):
    rule = MatchRule(support=rule.pop("support", "none"), **rule)
    return match_neighbours(np.round(logit.score, 14), lalonde["treat"].to_numpy() == 1, np.arange(len(lalonde)), rule)


def test_logit_coefficients(logit):
    """g1: R's glm, which stops at a deviance change of 1e-8, so its digits are good to about 1e-7."""
    expected = [-1.66328159482, 0.0157770709858, 0.161306877011, -2.08173411896, -3.06536772923, -0.832113271326,
                0.70729688108, -7.17766856808e-05, 5.34464463883e-05]  # fmt: skip
    assert logit.coef == pytest.approx(expected, rel=1e-6)
    assert logit.loglik == pytest.approx(-243.921965655, abs=1e-9)


def test_logit_is_at_the_maximum(lalonde, logit):
    """The score equations hold to rounding, and the standard errors are those of statsmodels."""
    import statsmodels.api as sm

    x = lalonde[COVARIATES].to_numpy(dtype=float)
    d = lalonde["treat"].to_numpy(dtype=float)
    gradient = np.column_stack([np.ones(len(d)), x]).T @ (d - logit.score)
    assert (np.abs(gradient) / np.abs(np.column_stack([np.ones(len(d)), x])).sum(axis=0)).max() < 1e-12
    peer = sm.Logit(d, sm.add_constant(x)).fit(disp=0, tol=1e-14)
    assert np.sqrt(np.diag(logit.vcov)) == pytest.approx(peer.bse, rel=1e-5)
    assert logit.pseudo_r2 == pytest.approx(peer.prsquared, rel=1e-8)


def test_balance_before_matching(lalonde, logit):
    """g1: MatchIt's standardised mean differences and pstest's per cent bias in the full sample."""
    names = ["distance", *COVARIATES]
    values = np.column_stack([logit.score, lalonde[COVARIATES]])
    table = balance_table(values, names, lalonde["treat"].to_numpy() == 1, np.ones(len(lalonde))).set_index("covariate")
    smd = {"distance": 1.7940860496762, "age": -0.309445261998, "educ": 0.0549646613888, "married": -0.8263092723407,
           "nodegree": 0.244970232272, "re74": -0.7210838090719, "re75": -0.2902629111855}  # fmt: skip
    bias = {"age": -24.190362292609972, "educ": 4.475508511087087, "married": -71.94919624729043,
            "nodegree": 23.504820466514968, "re74": -59.575159100495036, "re75": -28.70021087425329}  # fmt: skip
    for name, value in smd.items():
        assert table["smd"][name] == pytest.approx(value, rel=1e-6), name
    for name, value in bias.items():
        assert table["bias"][name] == pytest.approx(value, rel=1e-10), name


PAIRS_OF_MATCHIT = {
    # MatchIt 4.5.1, R 4.2.2, method = "nearest" on the matrix of score distances: controls used, ATT, SMD
    "1:1 without": ({"replacement": False}, 185, 894.36748027,
                    [0.071769689751, -0.1290425615459, -0.6628679652796, -0.7295675402194, -0.0552052447474,
                     0.1545648812514, -0.0504507936054, -0.0256860414881]),
    "1:2 without": ({"replacement": False, "neighbours": 2}, 370, 220.288640676,
                    [-0.1526050245231, 0.0483909605797, -0.4457215628604, -1.6962445310102, -0.6279596590015,
                     0.1723992906266, -0.3990541913828, -0.2446285000587]),
    "1:1 with": ({}, 80, 1967.93968432,
                 [0.23948412264266, -0.01613032019324, -0.02285751604412, 0.0, 0.15181442305532, 0.01188960625011,
                  -0.04929566381247, 0.00873692528505]),
    # which of several controls at one distance is taken differs (C++ partial_sort is not stable): balance agrees
    "1:3 with": ({"neighbours": 3}, 153, None,
                 [0.1181052087481, -0.0609367651744, -0.0152383440294, -0.0243189180073, 0.1058100524325,
                  0.0594480312505, -0.0249709165232, -0.0340390077627]),
    "1:4 with": ({"neighbours": 4}, 168, None,
                 [0.12200847257663, -0.0295722536876, 0.0, -0.02735878275823, 0.09660917830793, 0.04755842500043,
                  0.00538298335301, 0.02710198818061]),
}  # fmt: skip


@pytest.mark.parametrize("case", PAIRS_OF_MATCHIT)
def test_neighbours_equal_matchit(lalonde, logit, case):
    rule, controls, effect, smd = PAIRS_OF_MATCHIT[case]
    found = match(lalonde, logit, **rule)
    treated = lalonde["treat"].to_numpy() == 1
    assert int((found.weight[~treated] > 0).sum()) == controls
    if effect is not None:
        assert att(lalonde, found.weight) == pytest.approx(effect, rel=1e-9)
    table = balance_table(lalonde[COVARIATES].to_numpy(dtype=float), COVARIATES, treated, found.weight)
    assert table["smd_matched"].to_numpy() == pytest.approx(smd, abs=5e-11)
    if case == "1:1 without":
        distance = balance_table(logit.score[:, None], ["distance"], treated, found.weight)
        assert distance["smd_matched"][0] == pytest.approx(0.9739, abs=5e-5)  # as MatchIt's own vignette prints it


def test_reference_numbers_of_g1_come_from_a_rounding_bug(lalonde, logit):
    """g1 prints ATT 770.39 for 1:1 without replacement; nearest neighbours give 894.37.

    The fast matcher of MatchIt 4.5.1 compares the two neighbours with C's integer ``abs``, so both distances are 0 and
    the control with the lower score is always taken. Doing that on purpose gives every digit of the case.
    """
    treated = lalonde["treat"].to_numpy() == 1
    order = np.argsort(logit.score.round(14), kind="stable")
    place = np.argsort(order, kind="stable")
    free = ~treated[order]
    rows = np.flatnonzero(treated)
    chosen = []
    for t in rows[np.argsort(-logit.score.round(14)[rows], kind="stable")]:
        below, above = np.flatnonzero(free[: place[t]]), np.flatnonzero(free[place[t] + 1 :])
        at = below[-1] if len(below) else place[t] + 1 + above[0]
        free[at] = False
        chosen.append(order[at])
    weight = treated.astype(float)
    weight[chosen] = 1.0
    assert att(lalonde, weight) == pytest.approx(770.390167838, abs=5e-9)
    names = ["age", "educ", "married", "nodegree", "re74", "re75"]
    table = balance_table(np.column_stack([logit.score, lalonde[names]]), ["distance", *names], treated, weight)
    expected = [0.974046848264, 0.0853681572827, -0.1182890147504, -0.0276026223737, 0.1307856687512, -0.078044490102,
                -0.0427697597]  # fmt: skip
    assert table["smd_matched"].to_numpy() == pytest.approx(expected, rel=1e-7)


def brute_force(score, treated, key, k):
    """k nearest controls of each treated row, ties by key."""
    controls = np.flatnonzero(~treated)
    pairs = set()
    for t in np.flatnonzero(treated):
        ranked = sorted(controls, key=lambda c: (round(abs(score[c] - score[t]), 12), key[c]))
        pairs |= {(int(t), int(c)) for c in ranked[:k]}
    return pairs


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("digits", [1, 6])
def test_with_replacement_equals_brute_force(k, digits):
    """Also with many ties (scores of one digit)."""
    rng = np.random.default_rng(k + digits)
    score, treated, key = rng.random(80).round(digits), rng.random(80) < 0.3, rng.permutation(80)
    found = match_neighbours(score, treated, key, MatchRule(neighbours=k, support="none"))
    assert set(zip(found.treated.tolist(), found.control.tolist(), strict=True)) == brute_force(score, treated, key, k)
    assert found.weight[~treated].sum() == pytest.approx(treated.sum())


def test_all_ties_share_the_weight():
    """0.8 - 0.7 and 0.7 - 0.6 differ in the last bit of floating point: a tie all the same."""
    score = np.array([0.7, 0.6, 0.6, 0.8, 0.1])
    assert score[3] - score[0] != score[0] - score[1]
    found = match_neighbours(score, np.arange(5) == 0, np.arange(5), MatchRule(ties="all", support="none"))
    assert found.control.tolist() == [1, 2, 3]
    assert found.weight == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3, 0])


@pytest.mark.parametrize("rule", [
    {}, {"neighbours": 4}, {"replacement": False}, {"replacement": False, "order": "smallest", "neighbours": 2},
    {"replacement": False, "order": "random", "seed": 4}, {"caliper": 0.05}, {"ties": "all", "measure": "logit"},
])  # fmt: skip
def test_row_order_does_not_matter(rule):
    rng = np.random.default_rng(9)
    score, treated, key = rng.random(120).round(2), rng.random(120) < 0.4, np.arange(120)
    shuffle = rng.permutation(120)
    one = match_neighbours(score, treated, key, MatchRule(**rule))
    two = match_neighbours(score[shuffle], treated[shuffle], key[shuffle], MatchRule(**rule))
    assert np.array_equal(one.weight[shuffle], two.weight)
    pairs = {(shuffle[t], shuffle[c]) for t, c in zip(two.treated, two.control, strict=True)}
    assert set(zip(one.treated, one.control, strict=True)) == pairs


def test_without_replacement_uses_no_control_twice_and_caliper_holds():
    rng = np.random.default_rng(2)
    score, treated = rng.random(100), rng.random(100) < 0.3
    rule = MatchRule(replacement=False, neighbours=2, caliper=0.1, caliper_scale="absolute", support="none")
    found = match_neighbours(score, treated, np.arange(100), rule)
    assert len(np.unique(found.control)) == len(found.control)
    assert found.distance.max() <= 0.1
    assert set(found.unmatched) | set(found.treated) == set(np.flatnonzero(treated))


def test_common_support():
    score = np.array([0.05, 0.3, 0.9, 0.1, 0.5, 0.8])
    treated = np.array([True, True, True, False, False, False])
    assert common_support(score, treated, "treated").tolist() == [False, True, False, True, True, True]
    assert common_support(score, treated, "both").tolist() == [False, True, False, True, True, True]
    assert common_support(score, treated, "none").all()


def test_common_support_holds_its_ends():
    """A row at exactly the end of the other group's range is on the support."""
    score, treated = np.array([0.2, 0.8, 0.5, 0.2, 0.8]), np.array([True, True, True, False, False])
    for support in ("treated", "both"):
        assert common_support(score, treated, support).all()
    swapped = common_support(np.array([0.1, 0.9, 0.2, 0.8]), np.array([False, False, True, True]), "both")
    assert swapped.tolist() == [False, False, True, True]
    assert common_support(np.array([0.1, 0.9]), np.array([True, True]), "both").all()  # no other group, no range


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e6, 1e12])
def test_units_of_measure_do_not_matter(scale):
    """Nor does the place of zero: a covariate far from it has the same score."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(80, 2))
    d = (x[:, 0] + rng.normal(size=80) > 0).astype(float)
    fit, moved = fit_logit(d, x, ["a", "b"]), fit_logit(d, x * [scale, 1] + [0, 1e4], ["a", "b"])
    assert moved.score == pytest.approx(fit.score, rel=1e-8)
    assert moved.coef[1] * scale == pytest.approx(fit.coef[1], rel=1e-8)
    assert moved.vcov[1, 1] * scale**2 == pytest.approx(fit.vcov[1, 1], rel=1e-7)
    assert moved.pseudo_r2 == pytest.approx(fit.pseudo_r2, rel=1e-9)
    null = d.sum() * np.log(d.mean()) + (1 - d).sum() * np.log(1 - d.mean())
    assert fit.loglik_null == pytest.approx(null, rel=1e-12)


def test_a_caliper_in_standard_deviations_and_absolute():
    """Scores 0, 0.1, 0.4, 1 have the standard deviation sqrt(0.6075/3) = 0.45: 0.2 of it is 0.09, 0.25 is 0.1125."""
    score, treated = np.array([0.0, 0.1, 0.4, 1.0]), np.array([True, False, False, True])
    assert np.std(score, ddof=1) == pytest.approx(0.45)

    def pairs(**rule):
        found = match_neighbours(score, treated, np.arange(4), MatchRule(support="none", **rule))
        return list(zip(found.treated.tolist(), found.control.tolist(), strict=True))

    assert pairs(caliper=0.2) == []
    assert pairs(caliper=0.25) == pairs(caliper=0.1125, caliper_scale="absolute") == [(0, 1)]
    assert pairs(caliper=0.1, caliper_scale="absolute") == [(0, 1)]  # at the caliper is inside
    assert pairs(caliper=0.6, caliper_scale="absolute") == [(0, 1), (3, 2)]


def test_orders_of_choice_without_replacement():
    """Three treated rows compete for the controls at 0.5 and 0.1: who chooses first takes the nearer."""
    score, treated = np.array([0.6, 0.45, 0.3, 0.5, 0.1]), np.array([True, True, True, False, False])
    key = np.array([0, 2, 1, 3, 4])

    def pairs(order):
        rule = MatchRule(replacement=False, order=order, support="none")
        found = match_neighbours(score, treated, key, rule)
        return dict(zip(found.treated.tolist(), found.control.tolist(), strict=True))

    assert pairs("largest") == {0: 3, 1: 4}
    assert pairs("smallest") == {2: 3, 1: 4}  # 0.3 is as far from 0.5 as from 0.1 (not in bits): the first by key
    assert pairs("key") == {0: 3, 2: 4}
    assert sorted(pairs("random").values()) == [3, 4]


def test_score_values_repeat_matched_rows():
    values = score_values(np.array([0.1, 0.4, 0.2, 0.3]), np.array([True, True, False, False]), np.array([1, 1, 2, 0]))
    assert set(values["group"]) == {"Treated, unmatched", "Controls, unmatched", "Treated, matched"}
    assert values.loc[values["group"] == "Treated, matched", "value"].tolist() == [0.1, 0.4]
    twice = score_values(np.array([0.1, 0.2, 0.3]), np.array([True, False, False]), np.array([2, 2, 1]))
    assert twice.loc[twice["group"] == "Controls, matched", "value"].tolist() == [0.2, 0.2, 0.3]
    assert score_values(np.array([0.1, 0.2]), np.array([True, False]), np.array([1, 1])).empty


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.column_stack([np.arange(40.0), np.ones(40)]), "'b' is constant"),
        (np.column_stack([np.arange(40.0), 3 * np.arange(40.0) + 1]), "collinear"),
        (np.column_stack([np.repeat([0.0, 1.0], 20), np.sin(np.arange(40))]), "separates treated from untreated"),
    ],
)
def test_logit_refusals(x, message):
    with pytest.raises(EstimationError, match=message):
        fit_logit(np.repeat([0, 1], 20), x, ["a", "b"])


def test_logit_needs_both_groups():
    with pytest.raises(EstimationError, match="0 of 10 are treated"):
        fit_logit(np.zeros(10), np.arange(10.0)[:, None], ["a"])
