"""The cases in which imputation and two-stage went wrong, through the exhibit: what is printed, noted, warned."""

import numpy as np
import pandas as pd
import pytest
from shidian.exhibits.result import StudyInfo

from tests.did.simulate import staggered_panel
from tests.did.test_imputation import everybody_treated
from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit, value

INFO = StudyInfo("case", "city", "did")
STUDY = {
    "outcome": "y", "controls": [], "fixed_effects": ["unit", "year"], "ssc": "reghdfe",
    "vcov": {"kind": "cluster", "by": "unit"},
}  # fmt: skip
NAMES = ("Imputation (BJS)", "Two-stage (Gardner)")


def run(panel, window, **changes):
    declared = {"window": window, "estimators": ["imputation", "two_stage"], **changes}
    result = run_exhibit("staggered_did", panel.assign(unit_name=panel["unit"]), declared, STUDY, INFO)
    check_exhibit("staggered_did", result, INFO)
    assert "np.int64" not in "".join([*result.notes, *result.warnings])
    return result


def case(shared, name):
    file = shared / "cases" / "estimators" / name / "data.csv"
    if not file.exists():
        pytest.skip(f"{file} is not there")
    frame = pd.read_csv(file)
    return frame.assign(adoption_year=frame["adoption_year"].astype("Int64"))


def test_all_treated_prints_the_rows_used_and_what_it_left_out():
    """As case 04: everybody treated sooner or later, the full window; true effect 2."""
    result = run(everybody_treated(seed=3, noise=0.3), [-7, 4])
    for name in NAMES:
        assert value(result, name, "ATT", "n_obs") == 315
        assert value(result, name, "ATT") == pytest.approx(2, abs=0.3)
        assert np.isnan(value(result, name, "tau+4"))
        assert value(result, name, "tau+4", "reason") == "not identified: no unit is untreated then"
        left = "45 treated rows of cohorts 2004, 2006, 2008 left out, no unit is untreated in 2008"
        assert f"{name}: {left}" in result.warnings
        (sentence,) = (note for note in result.notes if note.startswith(f"{name}: mean effect"))
        assert f"315 of 360 rows used; {left}; τ = 0, 2 average the other cohorts alone" in sentence
        lines = result.ledger[result.ledger["reason"] == left]
        assert lines["rows"].eq(45).all()
        assert lines["units"].eq(45).all()
    observations = next(row for row in result.table.rows if row.label == "Observations")
    assert [cell.text for cell in observations.cells] == ["315", "315"]


def test_leads_without_a_second_reference_are_dashes_and_the_reference_is_said():
    """As case 05: rank deficiency 2; without noise the leads that are printed are 0."""
    result = run(everybody_treated(noise=0.0), [-7, 2], estimators=["imputation"])
    for tau in (-7, -6):
        assert np.isnan(value(result, NAMES[0], f"tau{tau}"))
        assert value(result, NAMES[0], f"tau{tau}", "reason") == "a reference period"
    said = "the leads cannot all be told apart: τ = -7, -6 taken as references too"
    assert f"{NAMES[0]}: {said}" in result.warnings
    assert any(said in note for note in result.notes)
    printed = result.estimates["estimate"].dropna()
    assert ((printed.abs() < 1e-10) | ((printed - 2).abs() < 1e-10)).all()


@pytest.mark.parametrize("power", [-12, -9, 6])
def test_a_small_outcome_has_the_same_effect_error_and_stars(power):
    """As case 17: y and y times 1e-9."""
    panel = staggered_panel(seed=11, effect=lambda tau: 1 + 0 * tau).sample(frac=0.9, random_state=2)
    plain, small = run(panel, [-3, 3]), run(panel.assign(y=panel["y"] * 10.0**power), [-3, 3])
    for field, unit in (("estimate", 10.0**power), ("se", 10.0**power), ("p", 1.0)):
        assert small.estimates[field].to_numpy() / unit == pytest.approx(
            plain.estimates[field].to_numpy(), rel=1e-8, nan_ok=True
        )
    assert all(any(name in note and "same overall effect" in note for note in small.notes) for name in NAMES)


def test_a_fifth_of_the_rows_missing_moves_nothing_and_is_checked():
    """As case 16: gaps and hardly any noise."""
    panel = staggered_panel(seed=12, effect=lambda tau: 1 + 0 * tau, noise=1e-6).sample(frac=0.8, random_state=5)
    result = run(panel, [-3, 3])
    for name in NAMES:
        assert value(result, name, "ATT") == pytest.approx(1, abs=1e-5)
        assert value(result, name, "ATT", "n_obs") == len(panel)
    assert sum("same overall effect" in note for note in result.notes) == 2


def test_the_given_cases(shared):
    """Cases 04, 05, 15, 16, 17: effects by own regressions with dummies, and the true values."""
    late = run(case(shared, "04_event_study_all_treated_full_window"), [-7, 4])
    assert value(late, NAMES[0], "ATT", "n_obs") == 315
    assert value(late, NAMES[0], "ATT") == pytest.approx(1.902405, abs=1e-6)
    leads = run(case(shared, "05_imputation_leads_unidentified"), [-5, 2])
    assert any("τ = -7, -6 taken as references too" in note for note in leads.notes)
    lost = run(case(shared, "15_one_cohort_reference_year_missing"), [-3, 3])
    gaps = run(case(shared, "16_stacked_with_gaps"), [-3, 3])
    for name in NAMES:
        assert value(lost, name, "ATT") == pytest.approx(1, abs=1e-5)
        assert value(gaps, name, "ATT") == pytest.approx(1, abs=1e-8)
    data = case(shared, "17_small_outcome")
    for panel, unit in ((data, 1), (data.assign(y=data["y_small"]), 1e9)):
        result = run(panel, [-3, 3])
        assert [unit * value(result, name, "ATT") for name in NAMES] == pytest.approx([0.950696] * 2, abs=1e-6)
