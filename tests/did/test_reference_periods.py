"""The base of an event study, second normalisations, anticipation: issue 16's cases through the exhibits' run."""

import numpy as np
import pandas as pd
import pytest
from shidian.exhibits.result import StudyInfo
from shidian.report.words import in_words

from tests.did.simulate import exact_panel
from tests.exhibits.exhibit_checks import check_exhibit, run_exhibit, value

INFO = StudyInfo("cases", "city", "d", {"d": "Pilot"}, seed=1)
DEFAULTS = {
    "outcome": "y", "controls": [], "fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
}  # fmt: skip
COLUMN = "event study"


def run(panel, kind="event_study", **declared):
    result = run_exhibit(kind, panel, declared, DEFAULTS, INFO)
    check_exhibit(kind, result, INFO)
    return result


def noisy(panel, sd=1e-3, seed=1):
    return panel.assign(y=panel["y"] + sd * np.random.default_rng(seed).normal(size=len(panel)))


def effects(result):
    """Return tau -> printed estimate, those of the figure."""
    points = result.figure.data["points"]
    return dict(zip(points["tau"], points["estimate"], strict=True))


def case(cases_folder, name):
    frame = pd.read_csv(cases_folder / "estimators" / name / "data.csv", dtype={"unit": str})
    return frame.assign(adoption_year=frame["adoption_year"].astype("Int64"), d=frame["did"])


@pytest.fixture
def cases_folder(shared):
    return shared / "cases"


def test_case_03_the_last_observed_period_is_the_base(cases_folder):
    result = run(case(cases_folder, "03_event_study_reference_unobserved"), window=[-4, 4])
    found = effects(result)
    assert [round(found[tau], 3) for tau in (0, 2, 4)] == [1.007, 1.0, 0.983]
    assert abs(found[-4]) < 0.02
    assert value(result, COLUMN, "joint pre-trend test (F)", "p") > 0.1


def two_yearly(noise=1e-3):
    starts = [2004] * 4 + [2006] * 4 + [None] * 6
    return noisy(exact_panel(starts, range(2000, 2012, 2)), noise)


def test_a_base_that_nobody_is_observed_at_is_replaced_and_said():
    result = run(two_yearly(), window=[-4, 4])
    found = effects(result)
    assert {tau: round(found[tau], 1) for tau in (-4, -2, 0, 2, 4)} == {-4: 0.0, -2: 0.0, 0: 1.0, 2: 1.0, 4: 1.0}
    points = result.figure.data["points"]
    assert points.loc[points["is_reference"], "tau"].tolist() == [-2]
    rows = {row.label: row.cells[0].text for row in result.table.rows}
    assert rows["τ = -2"] == "reference"
    assert rows["τ = -1"] == rows["τ = +1"] == "—"
    assert value(result, COLUMN, "tau-1", "reason") == "no treated unit is observed at this relative time"
    said = "No treated unit is observed at τ = -1, asked for as reference; the base is τ = -2."
    assert said in result.notes
    assert "观测不到处理组单元" in " ".join(in_words(result, "zh").notes)
    assert "no treated unit is observed at τ = -1: effects are relative to τ = -2" in result.warnings
    line = result.ledger[result.ledger["subject"] == "my_event_study base period"]
    assert line["reason"].tolist() == ["no treated unit at τ = -1: τ = -2 used"]
    assert any(n.startswith("Joint test of the 1 coefficients before adoption: F(1, ") for n in result.notes)


def test_case_15_a_lost_year(cases_folder):
    for panel in (
        case(cases_folder, "15_one_cohort_reference_year_missing"),
        noisy(exact_panel([2007] * 5 + [None] * 5, [2003, 2004, 2005, 2007, 2008, 2009]), 1e-6),
    ):
        found = effects(run(panel, window=[-4, 2]))
        assert [found[tau] for tau in (-4, -3, 0, 1, 2)] == pytest.approx([0, 0, 1, 1, 1], abs=1e-5)
        assert found[-2] == 0


def test_missing_outcomes_count_as_unobserved():
    """The rows of the base year are there, and their outcome is not."""
    panel = exact_panel([2005] * 4 + [None] * 4, range(2000, 2009), missing=[(i, 2004) for i in range(4)])
    found = effects(run(noisy(panel), window=[-4, 3]))
    assert [found[tau] for tau in (-4, -3, 0, 3)] == pytest.approx([0, 0, 1, 1], abs=0.01)


def test_the_binned_end_can_be_the_base():
    panel = exact_panel([2005] * 4 + [None] * 4, [2000, 2001, 2002, 2005, 2006, 2007])
    result = run(noisy(panel), window=[-2, 2])
    points = result.figure.data["points"].set_index("tau")
    assert points.index[points["is_reference"]].tolist() == [-2]
    assert points.loc[[0, 1, 2], "estimate"].tolist() == pytest.approx([1, 1, 1], abs=0.01)
    assert any("the base is τ ≤ -2." in note for note in result.notes)
    assert [row.cells[0].text for row in result.table.rows if row.label == "τ ≤ -2"] == ["reference"]


def test_nothing_before_adoption_is_refused():
    panel = exact_panel([2000] * 4 + [None] * 4, range(2000, 2006))
    for kind in ("event_study", "honest_did"):
        result = run_exhibit(kind, panel, {"window": [-3, 3]}, DEFAULTS, INFO)
        why = "no treated unit is observed before adoption: there is no period to compare with"
        assert result.estimates["reason"].tolist() == [why]
        assert why in result.warnings


def all_treated(noise=1e-3):
    starts = [2004] * 5 + [2006] * 5 + [2008] * 5
    return noisy(exact_panel(starts, range(2001, 2009), lambda tau: 2.0), noise)


def test_case_04_far_leads_are_the_second_normalisation(cases_folder):
    """Cohorts two years apart, none never treated: one direction is not identified at odd times, one at even times."""
    panel = case(cases_folder, "04_event_study_all_treated_full_window")
    result = run(panel, window=[-7, 4])
    by_hand = effects(run(panel, window=[-7, 4], reference=[-7, -6, -1]))
    found = effects(result)
    assert np.isnan([found[-7], found[-6]]).all()
    assert [found[t] for t in range(-5, 5)] == pytest.approx([by_hand[t] for t in range(-5, 5)], abs=1e-9)
    assert any(n.startswith("Joint test of the 4 coefficients before adoption") for n in result.notes)


def test_a_second_normalisation_is_a_dash_with_its_reason():
    result = run(all_treated(), window=[-7, 4])
    found = effects(result)
    assert [found[t] for t in range(5)] == pytest.approx([2] * 5, abs=0.02)
    assert [found[t] for t in (-5, -4, -3, -2)] == pytest.approx([0] * 4, abs=0.02)
    why = (
        "second normalisation: set to zero because it is collinear with the other relative times and the fixed effects"
    )
    for tau in (-7, -6):
        assert value(result, COLUMN, f"tau{tau}", "reason").startswith(why)
    (note,) = [n for n in result.notes if "second normalisation" in n]
    assert note.startswith("τ ≤ -7, τ = -6: second normalisation: set to zero")
    (warning,) = [w for w in result.warnings if "collinear" in w]
    assert warning.startswith("relative times are collinear: τ ≤ -7, τ = -6 set to zero beside the reference")
    assert any("第二个标准化" in n for n in in_words(result, "zh").notes)
    lines = result.ledger[result.ledger["reason"].str.startswith("second normalisation")]
    assert lines["subject"].tolist() == ["my_event_study tau-7", "my_event_study tau-6"]


def test_a_declared_second_reference_is_taken_as_it_is():
    result = run(all_treated(), window=[-7, 4], reference=[-1, -6, -7])
    points = result.figure.data["points"].set_index("tau")
    assert points.index[points["is_reference"]].tolist() == [-7, -6, -1]
    assert points.loc[0:4, "estimate"].tolist() == pytest.approx([2] * 5, abs=0.02)
    assert not any("collinear" in w for w in result.warnings)
    assert "reference τ = -7, τ = -6, τ = -1;" in result.notes[0].replace("τ ≤", "τ =")


@pytest.mark.parametrize("window", [[-5, 7], [-9, 9]])
def test_cohorts_that_are_never_observed_at_the_base_are_normalised_apart(window):
    """Two-yearly rounds: of the 2005 cohort odd relative times alone are observed, of the 2004 cohort even ones."""
    starts = [2004] * 4 + [2005] * 4 + [None] * 4
    result = run(noisy(exact_panel(starts, range(2000, 2012, 2))), window=window)
    found = effects(result)
    kept = {tau: b for tau, b in found.items() if not np.isnan(b)}
    assert {tau: round(b, 1) for tau, b in kept.items()} == {tau: float(tau >= 0) for tau in kept}
    assert all(tau in kept for tau in range(7))
    points = result.figure.data["points"]
    assert points.loc[points["is_reference"], "tau"].tolist() == [-1]
    (warning,) = [w for w in result.warnings if "collinear" in w]
    assert "τ = -4 set to zero" in warning


def test_effects_that_cannot_be_told_apart_are_refused_in_one_line():
    """Units treated from their first year, and one cohort: the dummies after adoption are unit and year effects."""
    panel = noisy(exact_panel([2000] * 3 + [2003] * 3, range(2000, 2006)))
    why = "the effects at τ = 0, τ = +1, τ = +2, τ = +3, τ = +4, τ = +5 cannot be told apart"
    for kind in ("event_study", "honest_did"):
        result = run_exhibit(kind, panel, {"window": [-6, 6]}, DEFAULTS, INFO)
        assert result.estimates["estimate"].isna().all()
        assert result.estimates["reason"].iloc[0].startswith(why)
        assert "\n" not in result.warnings[0]
    one = run_exhibit(
        "event_study", noisy(exact_panel([2004] * 8, range(2002, 2008))), {"window": [-2, 3]}, DEFAULTS, INFO
    )
    assert one.estimates["reason"].iloc[0].startswith("no regressor is left: 'tau+0' is absorbed by the fixed effects")


def test_anticipation_moves_the_base_and_the_test():
    starts = [2005] * 5 + [2006] * 4 + [None] * 6
    panel = noisy(exact_panel(starts, range(1999, 2010), lambda tau: 0.5 if tau < 0 else 2.0, anticipation=2))
    result = run(panel, window=[-5, 3], anticipation=2)
    found = effects(result)
    assert [found[tau] for tau in range(-5, 4)] == pytest.approx([0, 0, 0, 0.5, 0.5, 2, 2, 2, 2], abs=0.01)
    points = result.figure.data["points"]
    assert points.loc[points["is_reference"], "tau"].tolist() == [-3]
    said = "Anticipation of 2 years: the periods τ = -2 to -1 count as after adoption."
    assert said in result.notes
    assert "提前反应 2 年" in " ".join(in_words(result, "zh").notes)
    assert any(n.startswith("Joint test of the 2 coefficients before τ = -2: ") for n in result.notes)
    naive = effects(run(panel, window=[-5, 3]))
    assert naive[0] == pytest.approx(1.5, abs=0.01)


def test_a_reference_within_the_anticipation_is_a_contradiction():
    panel = two_yearly()
    refused = run_exhibit("event_study", panel, {"window": [-4, 4], "anticipation": 1, "reference": -1}, DEFAULTS, INFO)
    why = "the reference period τ = -1 lies within the 1 years of anticipation: the base is τ = -2 or earlier"
    assert refused.estimates["reason"].tolist() == [why]


def test_references_and_ends_that_hold_effects_are_warned_of():
    panel = noisy(exact_panel([2004] * 4 + [2006] * 4 + [None] * 6, range(2000, 2012)))
    late = run(panel, window=[-3, 3], reference=[-1, 2])
    assert "the reference τ = +2 lies after adoption: its effect is set to zero" in late.warnings
    omitted = run(panel, window=[-3, 3], ends="omit")
    assert "relative times after τ = 3 are part of the reference: their effects are set to zero" in omitted.warnings
    assert not any("set to zero" in w for w in run(panel, window=[-3, 3]).warnings)


HONEST = {"relative_magnitudes": [1], "smoothness": []}


def test_honest_did_counts_anticipated_periods_as_after():
    starts = [2005] * 5 + [2006] * 5 + [None] * 8
    panel = noisy(exact_panel(starts, range(1998, 2010), lambda tau: 0.5 if tau < 0 else 2.0, anticipation=1), 0.05)
    result = run(panel, "honest_did", window=[-5, 3], anticipation=1, **HONEST)
    assert value(result, "parallel trends", "parallel trends") == pytest.approx(2, abs=0.1)
    average = run(panel, "honest_did", window=[-5, 3], anticipation=1, target="average", **HONEST)
    event_study = effects(run(panel, window=[-5, 3], anticipation=1))
    mean = np.mean([event_study[tau] for tau in range(4)])
    assert value(average, "parallel trends", "parallel trends") == pytest.approx(mean, abs=1e-9)
    assert any("the mean effect over τ = 0 to 3" in note for note in average.notes)
    assert "Anticipation of 1 year: the period τ = -1 counts as after adoption." in result.notes


@pytest.mark.parametrize(
    ("panel", "declared", "why"),
    [
        ("two_yearly", {"window": [-4, 4]}, "HonestDiD wants consecutive periods: none is observed at τ = -1, "
                                            "and the base is τ = -2"),
        ("yearly", {"window": [-5, 3], "reference": [-1, -5]}, "HonestDiD wants an event study whose only reference "
                                                              "period is τ = -1, and here it is τ = -5, τ = -1"),
        ("yearly", {"window": [-5, 3], "reference": -2}, "only reference period is τ = -1, and here it is τ = -2; "
                                                         "anticipation: 1 makes that the last period before effects"),
        ("all_treated", {"window": [-7, 4]}, "HonestDiD wants every period of the window, and τ = -7 has no estimate"),
    ],
)  # fmt: skip
def test_honest_did_names_a_base_that_it_cannot_use(panel, declared, why):
    yearly = exact_panel([2005] * 5 + [2006] * 5 + [None] * 8, range(1998, 2010))
    panels = {"two_yearly": two_yearly(), "all_treated": all_treated(), "yearly": noisy(yearly)}
    result = run_exhibit("honest_did", panels[panel], {**declared, **HONEST}, DEFAULTS, INFO)
    assert why in result.estimates["reason"].iloc[0]
    assert result.estimates["estimate"].isna().all()
