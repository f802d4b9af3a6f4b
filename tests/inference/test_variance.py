"""A variance that gives no standard error: the estimate stands, its error, test and interval do not."""

import numpy as np
import pandas as pd
import pytest
from shidian.did.twfe import regress
from shidian.did.wald import wald_test
from shidian.errors import EstimationError
from shidian.estimates import Fit
from shidian.exhibits.missing_errors import with_missing_errors
from shidian.exhibits.regression_table import Style, TableColumn, regression_table
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.variance import usable_error, variance_reasons

ERRORS = ["se", "statistic", "p", "ci_low", "ci_high"]
TWO_WAYS = {"kind": "cluster", "by": ["unit", "year"]}


def fit(variance, coef=-0.1671, **more):
    return Fit(("did",), np.array([coef]), np.array([[variance]]), 14.0, 465, 31, 15, **more)


@pytest.mark.parametrize(
    ("variance", "why"),
    [
        (-9.97e-3, "no standard error: its variance is negative (-0.00997)"),
        (0.0, "no standard error: its variance is zero but for rounding error"),
        (1e-24, "no standard error: its variance is zero but for rounding error"),
        (-1e-24, "no standard error: its variance is zero but for rounding error"),
        (np.nan, "no standard error: its variance is not a finite number"),
        (np.inf, "no standard error: its variance is not a finite number"),
    ],
)
def test_the_estimate_is_kept_and_its_error_is_not(variance, why):
    row = fit(variance).long("s", "e", "(1)").iloc[0]
    assert row["estimate"] == -0.1671
    assert row[ERRORS].isna().all()
    assert row["reason"] == why


def test_a_usable_variance_has_no_reason():
    row = fit(0.04).long("s", "e", "(1)").iloc[0]
    assert row["se"] == pytest.approx(0.2)
    assert row["reason"] == ""
    assert usable_error(1.0, 0.04) == pytest.approx(0.2)
    assert np.isnan(usable_error(1.0, -0.04))


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_the_rule_knows_no_unit_of_measure(unit):
    b, v = np.array([2.0, 2.0, 0.0]) * unit, np.array([0.01, 1e-30, -0.2]) * unit**2
    words = [reason[:40] for reason in variance_reasons(b, v)]
    assert words == ["", "no standard error: its variance is zero ", "no standard error: its variance is negat"]
    floor = np.full(3, 1e-12) * unit
    assert variance_reasons(np.zeros(3), np.array([1e-26, 1e-20, 1.0]) * unit**2, floor)[0] != ""
    assert variance_reasons(np.zeros(3), np.array([1e-26, 1e-20, 1.0]) * unit**2, floor)[1:] == ("", "")


def test_a_missing_estimate_keeps_its_own_reason():
    assert variance_reasons(np.array([np.nan]), np.array([np.nan])) == ("",)


def test_the_table_prints_no_star_and_a_dash_that_leads_to_the_reason():
    rows = fit(-9.97e-3).long("s", "e", "(1)")
    table = regression_table([TableColumn("(1)", "(1)", rows)], {"did": "Pilot"}, Style())
    assert [row.cells[0].text for row in table.rows[:2]] == ["-0.1671", "—"]
    assert [row.cells[0].ref for row in table.rows[:2]] == [("(1)", "did", "estimate"), ("(1)", "did", "reason")]
    said = with_missing_errors(
        ExhibitResult(rows, table, notes=("Sample.", "* p < 0.1, ** p < 0.05.")), StudyInfo("s", "city", "did")
    )
    sentence = "No standard error of Pilot (column (1)): its variance is negative (-0.00997)."
    assert said.notes == ("Sample.", sentence, "* p < 0.1, ** p < 0.05.")
    assert said.ledger[["subject", "reason"]].values.tolist() == [
        ["e (1): did", "no standard error: its variance is negative (-0.00997)"]
    ]


def two_way_panel(seed, controls=0):
    """Return 31 units x 15 years of noise correlated so that the two ways cancel, and a treatment without effect."""
    rng = np.random.default_rng(seed)
    unit, year = np.repeat(np.arange(31), 15), np.tile(np.arange(2001, 2016), 31)
    frame = pd.DataFrame({"unit": [f"u{i:02d}" for i in unit], "year": year})
    frame["did"] = ((year >= 2008) & (unit < 15)).astype(float)
    frame["y"] = rng.normal(size=len(frame))
    for k in range(controls):
        frame[f"x{k}"] = rng.normal(size=len(frame))
    return frame


def own_variances(panel, controls=()):
    """Return the two-way variances by hand: by unit plus by year less heteroskedastic, one factor for all."""
    found = regress(panel, "y", ["did", *controls], ["unit", "year"], TWO_WAYS)
    X, e = found.X, found.residuals
    scores, frame = X * e[:, None], found.sample.frame

    def meat(key):
        sums = np.array([scores[(frame[key] == k).to_numpy()].sum(axis=0) for k in frame[key].unique()])
        return sums.T @ sums

    G, N, K = 15, len(frame), int(found.fit.extra["n_parameters"])
    bread = np.linalg.inv(X.T @ X)
    V = bread @ (meat("unit") + meat("year") - scores.T @ scores) @ bread
    return found, V * (N - 1) / (N - K) * G / (G - 1)


def test_a_negative_two_way_variance_is_named_by_its_own_value():
    signs = set()
    for seed in range(60):
        found, V = own_variances(two_way_panel(seed))
        signs.add(bool(V[0, 0] > 0))
        if V[0, 0] > 0:
            assert found.fit.se[0] == pytest.approx(np.sqrt(V[0, 0]), rel=1e-9)
            assert found.fit.vcov_kind == "clustered by unit and year (CRV1)"
        else:
            row = found.fit.long("s", "e", "(1)").iloc[0]
            assert row["reason"] == f"no standard error: its variance is negative ({V[0, 0]:.3g})"
            assert row[ERRORS].isna().all()
    assert signs == {True, False}, "no panel of both kinds was drawn"


def test_an_adjusted_covariance_says_so_and_gives_no_joint_test():
    kinds = set()
    for seed in range(60):
        controls = ["x0", "x1", "x2"]
        found, V = own_variances(two_way_panel(seed, 3), controls)
        least = np.linalg.eigvalsh(V / np.sqrt(np.outer(*[np.diag(np.linalg.inv(found.X.T @ found.X))] * 2))).min()
        own = np.diag(V) > 0
        assert np.isnan(found.fit.se).tolist() == (~own).tolist()
        kinds.add((bool(least < 0), bool(own.all())))
        assert ("not positive semi-definite" in found.fit.vcov_kind) == (least < 0)
        if least < 0:
            with pytest.raises(EstimationError, match="4 coefficients cannot be tested jointly"):
                wald_test(found.fit, ["did", *controls])
        else:
            np.testing.assert_allclose(found.fit.vcov, V, rtol=1e-9, atol=1e-15)
    assert {(True, True), (True, False), (False, True)} <= kinds, "some kind of matrix was not drawn"


def test_an_adjusted_covariance_does_not_hang_on_units_of_measure():
    for seed in range(60):
        panel = two_way_panel(seed, 3)
        plain = regress(panel, "y", ["did", "x0", "x1", "x2"], ["unit", "year"], TWO_WAYS).fit
        if plain.unadjusted is not None:
            scaled = panel.assign(y=panel["y"] * 1e-9, x0=panel["x0"] * 1e8, x1=panel["x1"] * 1e-6)
            again = regress(scaled, "y", ["did", "x0", "x1", "x2"], ["unit", "year"], TWO_WAYS).fit
            np.testing.assert_allclose(again.coef / again.se, plain.coef / plain.se, rtol=1e-6)


def test_a_perfect_fit_has_estimates_and_no_errors():
    panel = two_way_panel(1)
    exact = panel.assign(y=panel["did"] + panel["year"] * 0.1 + panel["unit"].str[1:].astype(float))
    for unit in (1e-9, 1.0, 1e9):
        for errors in ("iid", "hetero", {"kind": "cluster", "by": "unit"}, TWO_WAYS):
            scaled = exact.assign(y=exact["y"] * unit)
            row = regress(scaled, "y", ["did"], ["unit", "year"], errors).fit.long("", "", "").iloc[0]
            assert row["estimate"] == pytest.approx(unit, rel=1e-9)
            assert row[ERRORS].isna().all()
            assert row["reason"] == "no standard error: its variance is zero but for rounding error"
    placebo = exact.assign(fake=((exact["year"] >= 2004) & (exact["unit"] < "u07")).astype(float))
    fit_ = regress(placebo, "y", ["did", "fake"], ["unit", "year"], {"kind": "cluster", "by": "unit"}).fit
    assert abs(fit_.coef[1]) < 1e-9
    assert np.isnan(fit_.se).all(), "an estimate of zero without noise has no error to be judged by"


def test_small_noise_is_not_a_perfect_fit():
    panel = two_way_panel(1)
    noisy = panel.assign(y=panel["did"] + panel["year"] * 0.1 + 1e-6 * panel["y"])
    found = regress(noisy, "y", ["did"], ["unit", "year"], {"kind": "cluster", "by": "unit"}).fit
    assert found.reasons == ("",)
    assert 0 < found.se[0] < 1e-5
