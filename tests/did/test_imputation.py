"""Imputation and two-stage: own code against diff-diff, and against the truth where the data can tell it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from diff_diff import ImputationDiD, TwoStageDiD
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shidian.did.staggered import design, estimate
from shidian.errors import EstimationError

from tests.did.hard_panels import noise_free, shapes
from tests.did.simulate import staggered_panel

BOTH = ("imputation", "two_stage")
CLUSTERS = {"kind": "cluster", "by": "region"}


@pytest.fixture(scope="module")
def regions(castle):
    return castle.assign(region=castle["sid"] % 11)


def by_diff_diff(name, panel, outcome, controls, cluster):
    data = panel.assign(
        first=panel["adoption_year"].fillna(0).astype("int64"), code=pd.factorize(panel["unit"], sort=True)[0]
    )
    engine = {"imputation": ImputationDiD, "two_stage": TwoStageDiD}[name]
    fit = engine(cluster=cluster, pretrends=True).fit(
        data, outcome, "code", "year", "first", covariates=controls or None
    )
    table = fit.aggregate("event_study").to_dataframe()
    return fit, table[~table["is_reference"]].set_index("event_time")


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("controls", [[], ["l_police", "poverty"]])
@pytest.mark.parametrize("cluster", [None, "region"])
@pytest.mark.parametrize("share", [1.0, 0.8])
def test_every_number_is_diff_diffs_where_all_is_identified(regions, name, controls, cluster, share):
    panel = regions.sample(frac=share, random_state=3).sort_values(["unit", "year"])
    fit, table = by_diff_diff(name, panel, "l_homicide", controls, cluster)
    ours = estimate(name, design(panel, "l_homicide", controls, (-8, 3), CLUSTERS if cluster else "iid"))
    assert (ours.att, ours.att_se) == pytest.approx((fit.overall_att, fit.overall_se), rel=1e-8)
    event = ours.event[ours.event["reason"] == ""].set_index("tau")
    assert len(event) >= 10
    assert event["estimate"].to_numpy() == pytest.approx(table.loc[event.index, "att"].to_numpy(), abs=1e-9)
    assert event["se"].to_numpy() == pytest.approx(table.loc[event.index, "se"].to_numpy(), rel=1e-8)
    assert (ours.n_obs, ours.n_clusters) == (len(panel), panel[cluster or "unit"].nunique())


def test_castle_without_controls(castle):
    asked = design(castle, "l_homicide", [], (-4, 3))
    assert [estimate(name, asked).att for name in BOTH] == pytest.approx([0.066900] * 2, abs=5e-7)
    assert [estimate(name, asked).att_se for name in BOTH] == pytest.approx([0.056694, 0.057014], abs=5e-7)


def reachable(frame, controls):
    """Say of each row, by the rank of explicit dummies, whether untreated rows tell its untreated outcome."""
    dummies = pd.get_dummies(frame[["unit", "year"]].astype(str)).to_numpy(dtype=float)
    A = np.column_stack([dummies, frame[controls].to_numpy(dtype=float)])
    untreated = ~(frame["year"] >= frame["adoption_year"]).fillna(False).to_numpy(dtype=bool)
    _, size, rows = np.linalg.svd(A[untreated])
    basis = rows[: (size > 1e-9).sum()]
    return untreated, np.linalg.norm(A - A @ basis.T @ basis, axis=1) < 1e-9


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(shape=shapes(), controls=st.sampled_from([[], ["x"]]), name=st.sampled_from(BOTH))
def test_effects_are_the_truth_over_the_rows_that_can_be_told_and_no_others(shape, controls, name):
    panel = noise_free(shape).assign(y=lambda f: f["y"] - 0.5 * f["x"] * (not controls))
    try:
        asked = design(panel, "y", controls, (-5, 5))
    except EstimationError:
        return
    untreated, told = reachable(asked.panel, controls)
    if controls and reachable(asked.panel, [])[1].sum() > told.sum():
        return  # the control has no slope among untreated rows: it is left out, and the exhibit says so
    tau = (asked.panel["year"] - asked.panel["adoption_year"]).astype("Float64")
    found = told & ~untreated
    if not found.any():
        with pytest.raises(EstimationError, match=r"no effect is identified|nothing to impute"):
            estimate(name, asked)
        return
    effects = estimate(name, asked)
    assert effects.att == pytest.approx(asked_truth(panel, asked, found), abs=1e-8)
    assert effects.n_obs == (untreated | found).sum()
    assert sum(part.rows for part in effects.left_out) == (~untreated & ~found).sum()
    for row in effects.event.itertuples():
        at = (tau == row.tau).fillna(False).to_numpy(dtype=bool)
        if row.tau >= 0 and not (at & found).any():
            assert np.isnan(row.estimate)
            assert row.reason.startswith("not identified")
        elif row.tau >= 0:
            assert row.estimate == pytest.approx(asked_truth(panel, asked, at & found), abs=1e-8)
        elif not np.isnan(row.estimate):
            assert row.estimate == pytest.approx(0, abs=1e-8)
        assert not row.se <= 1e-11
        assert np.isfinite(row.se) or row.reason


def asked_truth(panel, asked, rows):
    """Return the mean true effect of rows of the design."""
    true = asked.panel.merge(panel[["unit", "year", "effect"]], on=["unit", "year"], validate="1:1")["effect"]
    return float(true[rows].mean())


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    shape=shapes(),
    power=st.integers(-12, 12),
    of_x=st.integers(-12, 12),
    name=st.sampled_from(BOTH),
    seed=st.integers(0, 99),
)
def test_units_order_and_names_do_not_matter(shape, power, of_x, name, seed):
    rng = np.random.default_rng(seed)
    panel = noise_free(shape)
    panel["y"] += rng.normal(size=len(panel))
    try:
        asked = design(panel, "y", ["x"], (-4, 4))
        first = estimate(name, asked)
    except EstimationError:
        return
    names = dict(zip(panel["unit"].unique(), rng.permutation(panel["unit"].unique()), strict=True))
    other = panel.assign(
        y=panel["y"] * 10.0**power, x=panel["x"] * 10.0**of_x + 3.0 * 10.0**of_x, unit=panel["unit"].map(names)
    )
    second = estimate(name, design(other.sample(frac=1, random_state=seed), "y", ["x"], (-4, 4)))
    assert (second.n_obs, second.n_units, list(second.omitted)) == (first.n_obs, first.n_units, list(first.omitted))
    numbers = [[e.att, e.att_se, *e.event["estimate"], *e.event["se"]] for e in (first, second)]
    assert np.array(numbers[1]) / 10.0**power == pytest.approx(np.array(numbers[0]), rel=1e-7, abs=1e-9, nan_ok=True)
    assert second.event["reason"].tolist() == first.event["reason"].tolist()


def test_a_small_outcome_has_the_same_effect():
    panel = staggered_panel(seed=1, effect=lambda tau: 1.0 + 0 * tau).sample(frac=0.9, random_state=0)
    for name in BOTH:
        plain = estimate(name, design(panel, "y", [], (-3, 3)))
        small = estimate(name, design(panel.assign(y=panel["y"] * 1e-9), "y", [], (-3, 3)))
        assert small.att * 1e9 == pytest.approx(plain.att, rel=1e-9)
        assert small.event["se"].to_numpy() * 1e9 == pytest.approx(plain.event["se"].to_numpy(), rel=1e-9)


def everybody_treated(seed=0, noise=1.0):
    """Return three cohorts and nobody else: in the last cohort's years nobody is left untreated."""
    rng = np.random.default_rng(seed)
    adopted = np.repeat([2004, 2006, 2008], 15)
    years = np.arange(2001, 2009)
    y = rng.normal(size=(45, 1)) + noise * rng.normal(size=(45, 8)) + 2 * (years >= adopted[:, None])
    return pd.DataFrame({
        "unit": np.repeat([f"u{i:02d}" for i in range(45)], 8), "year": np.tile(years, 45),
        "adoption_year": pd.array(np.repeat(adopted, 8), "Int64"), "y": y.ravel(),
    })  # fmt: skip


def test_where_everybody_is_treated_the_last_years_are_left_out_by_name():
    for name in BOTH:
        effects = estimate(name, design(everybody_treated(), "y", [], (-7, 4)))
        assert effects.n_obs == 315
        (part,) = effects.left_out
        assert (part.rows, part.units) == (45, 45)
        assert part.why == "45 treated rows of cohorts 2004, 2006, 2008 left out, no unit is untreated in 2008"
        assert part.why in effects.warnings
        assert "τ = 0, 2 average the other cohorts alone" in effects.remarks
        last = effects.event.set_index("tau").loc[4]
        assert np.isnan(last["estimate"])
        assert last["reason"] == "not identified: no unit is untreated then"


def test_leads_that_cannot_be_told_apart_have_named_references():
    effects = estimate("imputation", design(everybody_treated(), "y", [], (-7, 2)))
    said = "the leads cannot all be told apart: τ = -7, -6 taken as references too"
    assert said in effects.remarks
    assert said in effects.warnings
    event = effects.event.set_index("tau")
    assert (event.loc[[-7, -6], "reason"] == "a reference period").all()
    assert event.loc[[-7, -6], ["estimate", "se"]].isna().all(axis=None)
    exact = estimate("imputation", design(everybody_treated(noise=0.0), "y", [], (-7, 2))).event.set_index("tau")
    assert exact.loc[[-5, -4, -3, -2], "estimate"].to_numpy() == pytest.approx(0, abs=1e-12)
    assert exact.loc[[-5, -4, -3, -2], "se"].isna().all()


def test_a_lost_base_year_moves_the_reference_of_the_leads():
    panel = staggered_panel(seed=2, effect=lambda tau: 1.0 + 0 * tau, noise=0.1)
    one = panel[panel["adoption_year"].isna() | (panel["adoption_year"] == 6)]
    effects = estimate("imputation", design(one[one["year"] != 5], "y", [], (-3, 2)))
    assert "reference of the leads τ = -2" in effects.remarks
    assert effects.event.set_index("tau").loc[-2, "reason"] == "a reference period"
    assert effects.event.set_index("tau").loc[-3, "estimate"] == pytest.approx(0, abs=0.3)


def test_years_of_anticipation_are_imputed_and_not_part_of_the_overall_effect():
    panel = staggered_panel(seed=3, effect=lambda tau: 2.0 + 0 * tau, noise=0.0)
    soon = (panel["adoption_year"] - panel["year"]).isin([1]).to_numpy(dtype=bool)
    asked = replace(design(panel.assign(y=panel["y"] + 0.5 * soon), "y", [], (-4, 2)), anticipation=1)
    for name in BOTH:
        effects = estimate(name, asked)
        event = effects.event.set_index("tau")["estimate"]
        assert effects.att == pytest.approx(2, abs=1e-10)
        assert event[-1] == pytest.approx(0.5, abs=1e-10)
        assert -2 not in event.index
        assert event[[-4, -3]].to_numpy() == pytest.approx(0, abs=1e-10)


def test_units_that_no_untreated_row_ties_to_their_years_are_named():
    panel = staggered_panel(seed=4, effect=lambda tau: 1.0 + 0 * tau)
    four, never = panel["adoption_year"].eq(4).fillna(False), panel["adoption_year"].isna()
    apart = panel[four | (never & (panel["year"] >= 4))]  # cohort 4 is untreated in years 0 to 3 alone
    with pytest.raises(EstimationError, match=r"no effect is identified: .* no untreated row ties u000, u004"):
        estimate("imputation", design(apart, "y", [], (-2, 2)))
    others = estimate(
        "imputation", design(pd.concat([apart, panel[~four & ~never & (panel["year"] >= 4)]]), "y", [], (-2, 2))
    )
    assert others.left_out[0].why.startswith("90 treated rows of cohorts 4 left out, no untreated row ties u000")
    assert others.n_units == 60  # rows before treatment still count


def test_units_without_a_row_before_treatment_are_named():
    panel = staggered_panel(seed=4, effect=lambda tau: 1.0 + 0 * tau, noise=0.0)
    asked = design(panel, "y", [], (-3, 2))
    late = asked.panel[(asked.panel["unit"] != "u004") | (asked.panel["year"] >= 4)].reset_index(drop=True)
    effects = estimate("imputation", replace(asked, panel=late))
    assert effects.att == pytest.approx(1, abs=1e-10)
    assert effects.left_out[0].why == "6 treated rows of cohorts 4 left out, no row before treatment of u004"
    assert (effects.left_out[0].rows, effects.left_out[0].units, effects.n_units) == (6, 1, 59)
