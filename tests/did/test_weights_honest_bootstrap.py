"""TWFE weights (a10), HonestDiD (j1), wild cluster bootstrap (i2), VIF (h3), winsorising (h4), heterogeneity."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shidian.did import honest
from shidian.did.cluster_sums import cluster_sums
from shidian.did.event_coefficients import EventCoefficients, coefficients
from shidian.did.event_study import Window, fit_event_study
from shidian.did.heterogeneity import by_group, median_split
from shidian.did.twfe import regress
from shidian.did.twfe_weights import twfe_weights
from shidian.did.wild_bootstrap import Signs, interval, p_value, romano_wolf, wild_draws
from shidian.errors import EstimationError
from shidian.exhibits.data.vif.estimate import variance_inflation
from shidian.exhibits.winsorise import winsorise, winsorised

from tests.did.simulate import staggered_panel

BY_UNIT = {"kind": "cluster", "by": "unit"}


@pytest.fixture(scope="module")
def wagepan():
    from linearmodels.datasets import wage_panel

    frame = wage_panel.load()
    return frame.astype({"lwage": "float64", "union": "float64"})


def test_a10_two_way_fixed_effects(wagepan):
    weights = twfe_weights(wagepan, "lwage", "union", (), "fe", "nr", "year")
    # linearmodels ships lwage in single precision: 1e-6 of the reference made from it
    assert weights.beta == pytest.approx(0.0851315238915, rel=1e-6)
    assert (weights.n_positive, weights.n_negative) == (860, 204)
    assert weights.sum_positive == pytest.approx(1.00546854202, rel=1e-9)
    assert weights.sum_negative == pytest.approx(-0.00546854201793, rel=1e-6)
    assert weights.sigma_n1 == pytest.approx(0.0935762554914, rel=1e-6)
    assert weights.sigma_all == pytest.approx(5.38915154971, rel=1e-6)
    assert weights.sigma == pytest.approx(weights.sigma_n1 * np.sqrt(1064 / 1063), rel=1e-12)


def test_a10_first_differences(wagepan):
    weights = twfe_weights(wagepan, "lwage", "union", (), "fd", "nr", "year")
    assert round(weights.beta, 4) == 0.0420
    assert (weights.n_positive, weights.n_negative) == (718, 346)
    assert round(weights.sum_positive, 4) == 1.0179
    assert round(weights.sum_negative, 4) == -0.0179
    assert round(weights.sigma_n1, 4) == 0.0298
    assert round(weights.sigma_all, 4) == 0.9488


def test_a10_clustered_error_of_the_coefficient(wagepan):
    fit = regress(wagepan, "lwage", ["union"], ["nr", "year"], {"kind": "cluster", "by": "nr"}, "fixest", unit="nr").fit
    assert fit.se[0] == pytest.approx(0.0232395738482, rel=1e-6)


def test_weights_make_the_coefficient_from_the_effects():
    """With effects planted cell by cell and no noise, beta is their weighted sum: the definition."""
    rng = np.random.default_rng(2)
    panel = staggered_panel(seed=1, effect=lambda tau: 0 * tau, noise=0.0)
    panel["y"] += panel["d"] * (cell := rng.normal(size=len(panel)))
    for estimator in ("fe", "fd"):
        weights = twfe_weights(panel, "y", "d", (), estimator)
        merged = weights.cells.merge(panel.assign(effect=cell), on=["unit", "year"])
        assert float(merged["weight"] @ merged["effect"]) == pytest.approx(weights.beta, abs=1e-9)


@pytest.mark.parametrize("estimator", ["fe", "fd"])
@pytest.mark.parametrize("small", [1e-12, 1e-6, 1.0])
@pytest.mark.parametrize("large", [1.0, 1e6, 1e12])
def test_units_of_controls_do_not_matter_to_weights(castle, estimator, small, large):
    """Least squares on columns as they come drops the small one beside the large one."""
    controls = ["l_police", "poverty"]
    plain = twfe_weights(castle, "l_homicide", "castle", controls, estimator)
    other = castle.assign(l_police=castle["l_police"] * large, poverty=castle["poverty"] * small)
    found = twfe_weights(other, "l_homicide", "castle", controls, estimator)
    assert found.beta == pytest.approx(plain.beta, rel=1e-9)
    assert found.cells["weight"].to_numpy() == pytest.approx(plain.cells["weight"].to_numpy(), rel=1e-8, abs=1e-12)
    fit = regress(castle, "l_homicide", ["castle", *controls], ["unit", "year"]).fit
    assert estimator == "fd" or plain.beta == pytest.approx(fit.coef[0], rel=1e-9)


def test_weights_refuse_other_treatments(castle):
    with pytest.raises(EstimationError, match="not 0/1"):
        twfe_weights(castle, "l_homicide", "poverty")
    with pytest.raises(EstimationError, match="does not vary beyond"):
        twfe_weights(castle.assign(south=(castle["sid"] > 20).astype(int)), "l_homicide", "south")


@pytest.fixture(scope="module")
def medicaid(reference):
    data = pd.read_csv(reference / "ehec_medicaid.csv")
    data = data[(data["year"] < 2016) & (data["yexp2"] != 2015)]
    return data.assign(unit=data["stfips"], adoption_year=data["yexp2"].where(data["yexp2"] <= 2015).astype("Int64"))


def test_j1_honest_did(medicaid):
    study = fit_event_study(medicaid, "dins", [], ["unit", "year"], Window(-6, 1), BY_UNIT, "fixest")
    event = coefficients(study)
    beta = [-0.005285354532721, -0.011297324648151, -0.002675991811793, -0.001419312252111, 0.000339663518972,
            0.046446854159946, 0.069206175479022]  # fmt: skip
    assert event.beta == pytest.approx(beta, abs=1e-12)
    first = np.array([1.0, 0.0])
    assert honest.original_interval(event, first) == pytest.approx((0.02851, 0.064384), abs=1e-4)
    smooth = {0: (0.02599, 0.060697), 0.01: (0.013161, 0.078687), 0.02: (0.002822, 0.090751),
              0.03: (-0.007176, 0.100749), 0.04: (-0.017176, 0.110749), 0.05: (-0.027176, 0.120749)}  # fmt: skip
    for M, expected in smooth.items():
        assert honest.smoothness_interval(event, first, M) == pytest.approx(expected, abs=2e-4)
    relative = {0.5: (0.0241, 0.0673), 1: (0.0171, 0.072), 1.5: (0.00859, 0.0796), 2: (-0.00107, 0.0883)}
    for Mbar, expected in relative.items():
        assert honest.relative_magnitudes_interval(event, first, Mbar) == pytest.approx(expected, abs=1e-3)


def test_smoothness_is_as_short_as_diff_diffs():
    """The optimum of a convex problem has one length: diff-diff's solver on a design with more post-periods."""
    from diff_diff.honest_did import _compute_optimal_flci

    rng = np.random.default_rng(0)
    root = rng.normal(size=(8, 8))
    event = EventCoefficients(rng.normal(size=4), rng.normal(size=4), root @ root.T / 8 + 0.2 * np.eye(8))
    for weights in (np.eye(4)[2], np.full(4, 0.25)):
        for M in (0.0, 0.1):
            peer = _compute_optimal_flci(event.pre, event.post, event.vcov, weights, 4, 4, M)
            ours = honest.smoothness_interval(event, weights, M)
            assert ours[1] - ours[0] <= (peer[1] - peer[0]) * (1 + 1e-7)
            assert ours == pytest.approx(peer, rel=1e-2, abs=1e-2)


def _not_rejected(moments: np.ndarray, sigma: np.ndarray, critical: float, kappa: float, alpha: float) -> bool:
    """Andrews, Roth & Pakes (2023) without nuisance parameters: the hybrid test of E[moments] <= 0, one at a time."""
    sd = np.sqrt(np.diag(sigma))
    z, R = moments / sd, sigma / np.outer(sd, sd)
    j = int(z.argmax())
    if z[j] > critical:
        return False
    low, high = -np.inf, critical
    for i in range(len(z)):
        if R[i, j] < 1 - 1e-9:
            low = max(low, (z[i] - R[i, j] * z[j]) / (1 - R[i, j]))
    share = 1 - (alpha - kappa) / (1 - kappa)
    cut = stats.truncnorm.ppf(share, low, high)
    return bool(z[j] <= max(0, cut))


def test_one_moment_alone_is_a_one_sided_test_of_the_second_stage():
    """1 - theta <= 0 with standard error 0.5 and size 5 per cent: accepted from 1 - 0.5 * 1.6449 = 0.1776 on."""
    part = honest._Polyhedron(np.ones(1), np.ones(1), np.array([[0.25]]), 10.0, 0.05)
    assert part.accepts(np.array([0.1775, 0.1777])).tolist() == [False, True]
    event = EventCoefficients(np.array([0.3, 0.1]), np.ones(1), np.eye(3))
    assert honest._Polyhedron.of(event, np.ones(1), 1.0, 0, 1.0, 0.05, 1).size == pytest.approx(0.045 / 0.995)


def test_one_period_after_adoption_is_tested_with_all_moments():
    """No nuisance parameter is left, so the moments of the periods before stay: by hand, three before, M = 0.5."""
    pre, post, M, alpha, kappa = [0.0, 0.5, 0.1], 0.8, 0.5, 0.05, 0.005
    beta, V = np.array([*pre, post]), 0.02 * (np.eye(4) + 1)
    steps = np.array([[-1, 1, 0, 0], [0, -1, 1, 0], [0, 0, -1, 0], [0, 0, 0, 1.0]])
    noise = np.random.default_rng(5).multivariate_normal(np.zeros(4), V, 100_000)
    accepted = np.zeros(521, dtype=bool)
    grid = np.linspace(-0.5, 2.1, 521)
    for s in range(3):
        for sign in (1, -1):
            bound = sign * steps[s]
            rows = [r * step - (M if k == 3 else 1) * bound for k, step in enumerate(steps) for r in (1, -1)]
            A = np.array([row for row in rows if np.any(row)])
            sigma = A @ V @ A.T
            critical = float(np.quantile((noise @ A.T / np.sqrt(np.diag(sigma))).max(axis=1), 1 - kappa))
            for g, theta in enumerate(grid):
                moments = A @ (beta - [0, 0, 0, theta])
                accepted[g] |= _not_rejected(moments, sigma, critical, kappa, alpha)
    ends = grid[accepted][[0, -1]]
    event = EventCoefficients(np.array(pre), np.array([post]), V)
    assert honest.relative_magnitudes_interval(event, np.ones(1), M) == pytest.approx(ends, abs=0.01)


def test_relative_magnitudes_widen_and_hold_the_identified_set():
    """Precise estimates: the interval is the identified set, theta +- Mbar times the largest change before."""
    pre, post = np.array([0.3, 0.1]), np.array([1.0, 2.0])
    event = EventCoefficients(pre, post, 1e-8 * np.eye(4))
    for Mbar in (0.5, 2.0):
        ends = honest.relative_magnitudes_interval(event, np.array([1.0, 0.0]), Mbar)
        assert ends == pytest.approx((1 - Mbar * 0.2, 1 + Mbar * 0.2), abs=1e-3)
        later = honest.relative_magnitudes_interval(event, np.array([0.0, 1.0]), Mbar)
        assert later == pytest.approx((2 - 2 * Mbar * 0.2, 2 + 2 * Mbar * 0.2), abs=2e-3)
    three = EventCoefficients(pre, np.array([1.0, 2.0, 4.0]), 1e-8 * np.eye(5))
    assert honest.relative_magnitudes_interval(three, np.eye(3)[2], 0.5) == pytest.approx((3.7, 4.3), abs=2e-3)
    wide = EventCoefficients(pre, post, 1e-3 * np.eye(4))
    ends = [honest.relative_magnitudes_interval(wide, np.array([1.0, 0.0]), Mbar) for Mbar in (0.5, 1.0, 2.0)]
    assert ends[0][0] > ends[1][0] > ends[2][0]
    assert ends[0][1] < ends[1][1] < ends[2][1]
    for (low, high), Mbar in zip(ends, (0.5, 1.0, 2.0), strict=True):
        assert low < 1 - Mbar * 0.2
        assert high > 1 + Mbar * 0.2


def test_honest_did_wants_a_complete_event_study(castle):
    def study(window):
        return fit_event_study(castle, "l_homicide", [], ["unit", "year"], window, BY_UNIT)

    with pytest.raises(EstimationError, match="only reference period is τ = -1, and here it is τ = -2, τ = -1"):
        coefficients(study(Window(-4, 2, (-2, -1))))
    with pytest.raises(EstimationError, match="at least two"):
        coefficients(study(Window(-2, 2)))


def test_honest_did_wants_more_clusters_than_periods(castle):
    """With three clusters some combination of six periods has no variance: it would pass for known without error."""
    thirds = castle.assign(third=castle["unit"].astype("category").cat.codes % 3)
    study = fit_event_study(
        thirds, "l_homicide", [], ["unit", "year"], Window(-4, 2), {"kind": "cluster", "by": "third"}
    )
    with pytest.raises(EstimationError, match=r"the 6 periods of HonestDiD has lower rank \(3 clusters\)"):
        coefficients(study)


def all_signs(signs):
    return np.vstack(list(signs.blocks()))


@pytest.fixture(scope="module")
def voters(reference):
    frame = pd.read_csv(reference / "fwc_voters.csv")
    return regress(
        frame.assign(unit=frame["ID"]), "proposition_vote", ["treatment", "log_income"],
        ["Q1_immigration", "Q2_defense"], {"kind": "cluster", "by": "group_id1"}, "areg",
    )  # fmt: skip


def test_i2_wild_cluster_bootstrap(voters):
    fit = voters.fit
    assert (fit.coef[0], fit.se[0]) == pytest.approx((0.07880722539, 0.0197852654495), rel=1e-9)
    assert fit.coef[0] / fit.se[0] == pytest.approx(3.983, abs=5e-4)
    sums = cluster_sums(voters, "treatment", ["Q1_immigration", "Q2_defense"], "group_id1")
    signs = Signs(len(sums.labels), 9999, seed=1)
    assert not signs.every
    drawn = wild_draws(sums, signs)
    assert p_value(drawn) == pytest.approx(0.001, abs=0.001)
    assert p_value(drawn) == pytest.approx(0.0007, abs=0.0008)
    assert interval(drawn) == pytest.approx((0.039, 0.119), abs=0.002)


def test_a_draw_equals_refitting_the_bootstrap_sample(voters):
    """The algebra by cluster sums against the bootstrap as defined: impose the null, flip residuals, refit."""
    frame = voters.sample.frame
    dummies = pd.get_dummies(frame[["Q1_immigration", "Q2_defense"]].astype(str), drop_first=True, dtype=float)
    X = np.column_stack([frame["treatment"], frame["log_income"], np.ones(len(frame)), dummies])
    y = frame["proposition_vote"].to_numpy(dtype=float)
    labels, codes = np.unique(frame["group_id1"].astype(str), return_inverse=True)
    sums = cluster_sums(voters, "treatment", ["Q1_immigration", "Q2_defense"], "group_id1")
    assert list(labels) == list(sums.labels)
    signs = Signs(len(labels), 5, seed=3)
    drawn = wild_draws(sums, signs)
    for null in (0.0, 0.05):
        restricted = y - null * X[:, 0]
        fitted = X[:, 1:] @ np.linalg.lstsq(X[:, 1:], restricted, rcond=None)[0]
        residual, bread = restricted - fitted, np.linalg.inv(X.T @ X)
        for w, t in zip(all_signs(signs), drawn.t_statistics(null), strict=True):
            b = bread @ X.T @ (fitted + residual * w[codes])
            e = fitted + residual * w[codes] - X @ b
            scores = np.zeros((len(labels), X.shape[1]))
            np.add.at(scores, codes, X * e[:, None])
            assert b[0] / np.sqrt((bread @ scores.T @ scores @ bread)[0, 0]) == pytest.approx(t, rel=1e-8)


def test_draws_do_not_depend_on_their_number():
    few, many = all_signs(Signs(20, 50, seed=7)), all_signs(Signs(20, 80, seed=7))
    assert (many[:50] == few).all()
    assert set(np.unique(few)) == {-1.0, 1.0}
    every = Signs(4, 99, seed=7)
    assert every.every
    assert len(np.unique(all_signs(every), axis=0)) == len(every) == 16


def test_romano_wolf_adjusts_upwards(castle):
    columns = []
    for outcome in ("l_homicide", "l_larceny", "l_police", "poverty"):
        fit = regress(castle, outcome, ["post"], ["unit", "year"], BY_UNIT)
        columns.append(cluster_sums(fit, "post", ["unit", "year"], "unit"))
    adjusted = romano_wolf(columns, 499, seed=1)
    signs = Signs(len(columns[0].labels), 499, seed=1)
    single = np.array([p_value(wild_draws(sums, signs)) for sums in columns])
    assert (adjusted >= single).all()
    order = np.argsort([-abs(sums.t_sample()) for sums in columns])
    assert (np.diff(adjusted[order]) >= 0).all()
    alone = romano_wolf(columns[:1], 499, seed=1)[0]
    assert alone == single[0]


def test_h3_variance_inflation(reference):
    prestige = pd.read_csv(reference / "carData_Prestige.csv")[["income", "education", "women"]]
    assert variance_inflation(prestige).to_numpy() == pytest.approx(
        [2.28203785381, 1.8451647401, 1.5265928953], rel=1e-9
    )
    cars = pd.read_csv(reference / "mtcars.csv")[["disp", "hp", "wt", "drat"]]
    expected = [8.20940183127, 2.89437323501, 5.09660071694, 2.27954715552]
    assert variance_inflation(cars).to_numpy() == pytest.approx(expected, rel=1e-9)


def test_vif_names_exact_collinearity(castle):
    data = castle[["l_police", "l_income"]].assign(both=castle["l_police"] + castle["l_income"])
    assert variance_inflation(data).isna().all()
    with pytest.raises(EstimationError, match="two variables"):
        variance_inflation(data[["both"]])


def test_h4_winsorising(reference):
    income = pd.read_csv(reference / "carData_Prestige.csv")["income"]
    five, one = winsorise(income, 0.05, 0.95), winsorise(income, 0.01, 0.99)
    assert (five.mean(), five.std(), five.min(), five.max()) == pytest.approx(
        (6534.25980392, 3144.71108917, 2455.3, 14156.45), rel=1e-9
    )
    assert (one.mean(), one.std(), one.min(), one.max()) == pytest.approx(
        (6794.27313725, 4211.01935756, 925.38, 25247.55), rel=1e-9
    )
    stata = [winsorise(income, low, 1 - low, 2) for low in (0.01, 0.05)]
    assert [s.min() for s in stata] + [s.max() for s in stata] == [918, 2448, 25308, 14163]


def test_winsorised_counts_what_it_changes(castle):
    panel, sentence = winsorised(castle, {"variables": ["l_homicide"], "lower": 0.1, "upper": 0.9})
    assert "l_homicide (110 values)" in sentence
    assert (panel["l_homicide"] != castle["l_homicide"]).sum() == 110
    with pytest.raises(EstimationError, match="0 <= lower < upper <= 1"):
        winsorise(castle["poverty"], 0.9, 0.1)


def test_groups_apart_equal_the_interacted_model(castle):
    groups = castle["south"].map({0: "Other", 1: "South"})
    pooled = by_group(castle, groups, "l_homicide", "castle", ["l_police"], ["unit", "year"], BY_UNIT, "reghdfe")
    for i, name in enumerate(("Other", "South")):
        alone = regress(castle[groups == name], "l_homicide", ["castle", "l_police"], ["unit", "year"], BY_UNIT).fit
        assert pooled.regression.fit.coef[i] == pytest.approx(alone.coef[0], rel=1e-9)
    b, V = pooled.regression.fit.coef, pooled.regression.fit.vcov
    z = (b[0] - b[1]) / np.sqrt(V[0, 0] + V[1, 1] - 2 * V[0, 1])
    assert pytest.approx(z**2, rel=1e-9) == pooled.equality().F


def test_a_unit_at_the_median_is_low():
    panel = pd.DataFrame({"unit": list("abc"), "year": 2000, "x": [1.0, 2.0, 3.0]})
    assert median_split(panel, "x").tolist() == ["Low", "Low", "High"]


def test_median_split_is_by_unit(castle):
    side = median_split(castle, "poverty")
    assert (side.groupby(castle["unit"]).nunique() == 1).all()
    assert side.groupby(castle["unit"]).first().value_counts().to_dict() == {"High": 25, "Low": 25}
    at_start = median_split(castle, "poverty", 2000)
    high = castle.loc[(castle["year"] == 2000) & (at_start == "High"), "poverty"]
    assert high.min() > castle.loc[castle["year"] == 2000, "poverty"].median()
    with pytest.raises(EstimationError, match="no year 1990"):
        median_split(castle, "poverty", 1990)
    with pytest.raises(EstimationError, match="one side"):
        median_split(castle.assign(poverty=1.0), "poverty")
    with pytest.raises(EstimationError, match="2 to 8 groups"):
        by_group(castle, castle["unit"], "l_homicide", "castle", [], ["unit", "year"], BY_UNIT, "reghdfe")
