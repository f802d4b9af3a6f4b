"""What the exhibits of the DID family say of samples that carry little: no variation, one treated unit, lost rows."""

import numpy as np
import pandas as pd
import pytest
from shidian.did.bacon import decompose
from shidian.did.event_study import Window, fit_event_study
from shidian.did.lp_did import fit_lp_did
from shidian.did.staggered import ESTIMATORS, design, estimate
from shidian.did.twfe_weights import twfe_weights
from shidian.errors import EstimationError
from shidian.exhibits.cohorts import Cohorts, cohort_warnings, cohorts_of
from shidian.exhibits.result import StudyInfo

from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit, value

INFO = StudyInfo("castle_doctrine", "state", "castle", {"castle": "Castle law"}, seed=1)
DEFAULTS = {
    "outcome": "l_homicide", "controls": [], "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"}, "ssc": "reghdfe",
}  # fmt: skip
SPECS = {
    "did_table": {"columns": [{}]},
    "variations": {"variations": [{"label": "Other", "controls": ["poverty"]}]},
    "heterogeneity": {"splits": [{"variable": "south"}]},
    "event_study": {"window": [-6, 4]},
    "honest_did": {"window": [-4, 2], "relative_magnitudes": [], "smoothness": []},
    "goodman_bacon": {},
    "twfe_weights": {"estimators": ["fe", "fd"]},
    "staggered_did": {"window": [-5, 3], "second_engine": False},
}
FLORIDA = 10
ONE = "one treated unit alone: "
NEVER = "no never-treated units: every comparison is between units treated at different times"


def run(kind, panel, **changes):
    return run_exhibit(kind, panel, {**SPECS[kind], **changes}, DEFAULTS, INFO)


def florida(castle):
    return castle[castle["adoption_year"].isna() | (castle["sid"] == FLORIDA)]


def test_cohorts_are_counted_within_the_sample(castle):
    assert cohorts_of(castle) == Cohorts({2006: 1, 2007: 13, 2008: 4, 2009: 2, 2010: 1}, 0, 29)
    assert cohorts_of(castle[castle["year"] < 2008]) == Cohorts({2006: 1, 2007: 13}, 0, 36)
    assert cohorts_of(castle[castle["year"] >= 2007]) == Cohorts({2008: 4, 2009: 2, 2010: 1}, 14, 29)
    assert cohorts_of(castle.assign(adoption_year=pd.array([pd.NA] * 550, "Int64"))) == Cohorts({}, 0, 50)


def test_one_warning_a_problem(castle):
    (cohorts,) = cohort_warnings(castle)
    assert cohorts == "cohorts of a single unit: 2006, 2010; their errors are understated"
    assert cohort_warnings(castle, by_cohort=False) == []
    (one,) = cohort_warnings(florida(castle))
    assert one == ONE + "standard errors are far too small; report a placebo p-value"
    assert cohort_warnings(castle[castle["adoption_year"] == 2007]) == [NEVER]
    assert cohort_warnings(castle[castle["adoption_year"].isna()]) == []


@pytest.mark.parametrize("kind", SPECS)
def test_an_outcome_constant_within_units_is_na_with_a_reason(castle, kind):
    result = run(kind, castle.assign(l_homicide=castle["sid"] * 1.0))
    assert result.estimates["estimate"].isna().all()
    assert result.estimates["reason"].str.contains("'l_homicide' does not vary within").all()
    assert result.ledger["reason"].str.contains("does not vary within").any()
    assert any("does not vary within" in w for w in result.warnings)


@pytest.mark.parametrize("outcome", ["flat", "trend", "both"])
def test_the_estimators_refuse_what_the_effects_explain(castle, outcome):
    trend = (castle["year"] - 2000) * 0.1
    panel = castle.assign(flat=castle["sid"] / 3, trend=trend, both=castle["sid"] / 3 + trend)
    told = f"the outcome '{outcome}' does not vary within unit and year: nothing to explain in 550 rows"
    for estimated in (
        lambda: design(panel, outcome, [], (-4, 3)),
        lambda: decompose(panel, outcome),
        lambda: twfe_weights(panel, outcome, "castle"),
        lambda: twfe_weights(panel, outcome, "castle", (), "fd"),
    ):
        with pytest.raises(EstimationError, match=told):
            estimated()


def test_local_projections_name_the_outcome(castle):
    """The outcome varies, but not in the differences that the horizons take."""
    panel = castle.assign(flat=castle["sid"] * 1.0)
    with pytest.raises(EstimationError, match="'change in flat' does not vary"):
        fit_lp_did(panel, "flat", [], -3, 2)


@pytest.mark.parametrize("kind", ["did_table", "variations", "event_study", "honest_did", "goodman_bacon",
                                  "twfe_weights", "staggered_did"])  # fmt: skip
def test_one_treated_unit_and_no_never_treated_units_are_said_once(castle, kind):
    one = run(kind, florida(castle))
    said = [w for w in one.warnings if "one treated unit" in w or "single unit" in w]
    assert len(said) == 1
    assert said[0].startswith(ONE)
    assert NEVER not in one.warnings
    treated = run(kind, castle[castle["adoption_year"].notna()])
    assert treated.warnings.count(NEVER) == 1
    assert not any(ONE in w for w in treated.warnings)
    assert NEVER not in run(kind, castle).warnings


def test_another_treatment_than_the_policy_has_no_cohorts(castle):
    panel = florida(castle)
    result = run("did_table", panel, columns=[{"treatment": "other"}, {"label": "B"}])
    assert [w for w in result.warnings if ONE in w] == ["Column B: " + ONE + "standard errors are far too small; "
                                                       "report a placebo p-value"]  # fmt: skip
    graded = panel.assign(castle=panel["castle"] * 0.5)
    assert not any(ONE in w for w in run("did_table", graded).warnings)


def test_thin_coefficients_reach_the_ledger(castle):
    for kind, window in (("event_study", [-6, 4]), ("honest_did", [-4, 4])):
        result = run(kind, castle, window=window)
        assert "the coefficient at τ = 4 rests on one treated unit" in result.warnings
        (line,) = result.ledger.to_dict("records")
        assert line["subject"] == f"my_{kind} tau+4"
        assert line["reason"] == "rests on one treated unit"
    staggered = run("staggered_did", castle, window=[-5, 4], estimators=list(ESTIMATORS))
    check_exhibit("staggered_did", staggered, INFO)
    thin = staggered.ledger[staggered.ledger["reason"].str.startswith("one treated unit")]
    stacked = thin["subject"].str.contains("Stacked")
    assert set(thin.loc[~stacked, "subject"].str.rpartition(": ")[2]) == {"tau+4"}
    assert len(thin) == len(ESTIMATORS)  # TWFE too: its last bin holds Florida alone
    assert thin.loc[stacked, "subject"].iloc[0].endswith("tau-2, tau+0, tau+1, tau+2, tau+3, tau+4")  # the only stack
    assert any(w.startswith("Stacked: one treated unit at a time is behind its overall") for w in staggered.warnings)


def test_a_bin_counts_units_not_rows(castle):
    """Florida alone is treated for three years by 2009 once the 2007 cohort is gone."""
    panel = castle[castle["adoption_year"].isna() | castle["adoption_year"].isin([2006, 2009])]
    effects = fit_event_study(panel, "l_homicide", [], ["unit", "year"], Window(-3, 2)).effects.set_index("tau")
    assert effects["n_treated"].to_dict() == {-3: 3, -2: 3, -1: 3, 0: 3, 1: 3, 2: 1}
    staggered = run("staggered_did", panel, window=[-3, 2], estimators=["twfe"])
    assert value(staggered, "TWFE", "tau+2", "reason").startswith("one treated unit only")
    assert pd.notna(value(staggered, "TWFE", "tau-3"))


@pytest.mark.parametrize("kind", ["honest_did", "twfe_weights", "staggered_did", "event_study", "did_table"])
def test_absorbed_controls_and_lost_rows_are_reported(castle, kind):
    panel = castle.assign(area=castle["sid"] * 1.5)
    absorbed = run(kind, panel, controls=["area"])
    assert any("area not estimated: absorbed by the fixed effects (unit, year)" in note for note in absorbed.notes)
    assert absorbed.ledger["reason"].str.contains("absorbed by the fixed effects").any()
    check_exhibit(kind, absorbed, INFO)
    holed = panel.copy()
    holed.loc[holed["year"].isin([2001, 2002]) & (holed["sid"] < 6), "l_homicide"] = np.nan
    lost = run(kind, holed)
    lines = lost.ledger[lost.ledger["reason"] == "missing value"]
    assert (lines["rows"] == 10).all()
    assert (lines["units"] == 5).all()
    assert len(lines) == (2 if kind == "twfe_weights" else 1)
    assert any("10 rows left out for missing values" in note for note in lost.notes)


def test_each_robust_estimator_says_what_it_could_not_use(castle):
    """A trait of the unit is a covariate of Callaway-Sant'Anna and of local projections, and none elsewhere."""
    panel = castle.assign(area=castle["sid"] * 1.5, twice=castle["l_police"] * 2)
    asked = design(panel, "l_homicide", ["area"], (-3, 2))
    found = {name: estimate(name, asked) for name in ESTIMATORS if name != "stacked"}
    plain = design(panel, "l_homicide", [], (-3, 2))
    for name in ("twfe", "sun_abraham", "imputation", "two_stage"):
        assert set(found[name].omitted) == {"area"}, name
        assert found[name].att == pytest.approx(estimate(name, plain).att, abs=1e-9)
    for name in ("callaway_santanna", "lp_did"):
        assert found[name].omitted == {}
        assert abs(found[name].att - estimate(name, plain).att) > 1e-4
    collinear = design(panel, "l_homicide", ["l_police", "twice"], (-3, 2))
    for name in ("twfe", "sun_abraham", "lp_did"):
        assert estimate(name, collinear).omitted.keys() == {"twice"}, name


def test_absorbed_controls_leave_the_weights_as_they_are(castle):
    panel = castle.assign(area=castle["sid"] / 7, twice=castle["l_police"] * 2)
    for estimator in ("fe", "fd"):
        plain = twfe_weights(panel, "l_homicide", "castle", ["l_police"], estimator)
        more = twfe_weights(panel, "l_homicide", "castle", ["area", "l_police", "twice"], estimator)
        assert set(more.omitted) == {"area", "twice"}
        assert more.beta == pytest.approx(plain.beta, rel=1e-12)
        assert more.cells["weight"].to_numpy() == pytest.approx(plain.cells["weight"].to_numpy(), rel=1e-12)


@pytest.mark.parametrize("kind", ["honest_did", "twfe_weights", "staggered_did"])
def test_controls_that_the_policy_moves_are_a_warning(castle, kind):
    said = "controls that move with Castle law (p < 0.05): l_police. Controlling for what Castle law changes"
    moved = castle.assign(l_police=castle["l_police"] + 0.5 * castle["castle"])
    assert sum(w.startswith(said) for w in run(kind, moved, controls=["l_police"]).warnings) == 1
    for panel, controls in ((castle, ["l_police"]), (moved, [])):
        assert not any("controls that" in w for w in run(kind, panel, controls=controls).warnings)


def test_what_is_not_identified_is_said_in_note_and_ledger(castle):
    treated = run("staggered_did", castle[castle["adoption_year"].notna()], estimators=["lp_did", "stacked"])
    why = "18 rows of the stacks cannot estimate 18 parameters"
    assert f"Stacked: not estimated, {why}." in treated.notes
    assert why in treated.ledger["reason"].tolist()
    lost = next(n for n in treated.notes if "Cohorts and years without an estimate" in n)
    assert "2007 in 2010, 2008 in 2010, 2009 in 2010 and 5 more (no clean control is observed in both years)" in lost
