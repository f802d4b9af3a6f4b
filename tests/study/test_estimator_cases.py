"""The cases of issue 16, each through a study file: the right value, or a refusal that says why."""

import numpy as np
import pandas as pd
import pytest

from tests.exhibits.exhibit_checks import value

from .run_study import csv_text, study_results

pytestmark = pytest.mark.usefixtures("own_raw_files")

ROBUST = ["callaway_santanna", "sun_abraham", "imputation", "two_stage", "lp_did", "stacked"]


@pytest.fixture
def case(shared, tmp_path):
    """Return a function: folder of a case, its exhibits, keys of the study -> results of the exhibits, one or all."""

    def run(name, *exhibits, **changed):
        frame = pd.read_csv(shared / "cases" / "estimators" / name / "data.csv").drop(columns="did")
        whole = frame.assign(adoption_year=frame["adoption_year"].astype("Int64"))
        measures = {"adoption_year": "year"} | {key: "1" for key in frame if key not in ("unit", "year")}
        source = {
            "source": "cases", "title": name, "publisher": "made here", "citation": "made here", "licence": "none",
            "url": "", "accessed": "2026-01", "redistributable": False, "files": [{"path": "case.csv", "what": name}],
            "tables": [{
                "layout": "flat", "unit": {"level": "other", "code": "unit", "code_kind": "plain"},
                "year": {"header": "year"},
                "columns": {f"raw_{key}": {"header": key, "measure": measures[key]} for key in measures},
            }],
        }  # fmt: skip
        years = {"first": int(frame["year"].min()), "last": int(frame["year"].max())}
        study = {
            "study": "a_case", "title": name, "unit": {"label": "city"}, "years": years,
            "sources": {"cases": {"role": "frame"}},
            "treatment": {"name": "did", "label": "Pilot", "adoption": "raw_adoption_year"},
            "variables": {key: f"raw_{key}" for key in measures if key != "adoption_year"},
            "outcome": "y", "controls": [], "fixed_effects": ["unit", "year"], "ssc": "reghdfe",
            "vcov": {"kind": "cluster", "by": "unit"},
            "exhibits": [{"id": f"the_{exhibit['kind']}_{n}", **exhibit} for n, exhibit in enumerate(exhibits)],
        } | changed  # fmt: skip
        found = list(study_results(tmp_path, study, source, csv_text(whole)).values())
        return found if len(found) > 1 else found[0]

    return run


def taus(result, *times):
    return [value(result, "event study", f"tau{tau:+d}") for tau in times]


def said(result, part):
    return [text for text in (*result.notes, *result.warnings) if part in text]


def test_case_02_sun_abraham_takes_the_last_year_before_adoption(case):
    found = case("02_sunab_reference_unobserved", {"kind": "staggered_did", "window": [-4, 3]})
    assert value(found, "Sun-Abraham", "ATT") == pytest.approx(1.9985, abs=5e-5)


def test_case_03_the_last_observed_period_is_the_base(case):
    found = case("03_event_study_reference_unobserved", {"kind": "event_study", "window": [-4, 4]})
    assert [round(x, 3) for x in taus(found, 0, 2, 4)] == [1.007, 1.0, 0.983]
    assert abs(taus(found, -4)[0]) < 0.02
    assert said(found, "τ = -2")


def test_case_04_no_effect_is_dropped_where_all_are_treated(case):
    study, robust = case(
        "04_event_study_all_treated_full_window",
        {"kind": "event_study", "window": [-7, 4]},
        {"kind": "staggered_did", "estimators": ["imputation"], "window": [-7, 4]},
    )
    feols = [1.110812, 1.822000, 0.614364, 1.596565, 0.378143]  # pyfixest with τ = -7, -6, -1 as references
    assert taus(study, *range(5)) == pytest.approx(feols, abs=1e-6)
    errors = [value(study, "event study", f"tau{tau:+d}", "se") for tau in range(5)]
    assert all(abs(effect - 2) < 2 * error for effect, error in zip(feols, errors, strict=True))  # the truth is 2
    assert np.isnan(taus(study, -7, -6)).all()
    assert said(study, "second normalisation")
    assert value(robust, "Imputation (BJS)", "ATT", "n_obs") == 315


def test_case_05_leads_that_are_not_identified_are_dashes(case):
    found = case(
        "05_imputation_leads_unidentified",
        {"kind": "staggered_did", "estimators": ["imputation"], "window": [-5, 2]},
    )
    assert said(found, "τ = -7, -6 taken as references too")


def test_case_06_units_treated_from_their_first_year(case):
    kept, left = case(
        "06_always_treated",
        *({"kind": "did_table", "columns": [{}], "always_treated": how} for how in ("keep", "leave_out")),
    )
    assert value(kept, "(1)", "did") == pytest.approx(0.858, abs=5e-4)
    assert said(kept, "15 cities are treated in every year observed")
    assert value(left, "(1)", "did") == pytest.approx(1.096, abs=5e-4)


def test_case_07_neighbours_that_run_out(case):
    found = case(
        "07_psm_neighbours_run_out",
        {"kind": "psm_did", "covariates": ["age", "ind"], "base": "base_year", "base_year": 2001, "neighbours": 3,
         "replacement": False},
    )  # fmt: skip
    assert "Treated rows with 3, 2 of the 3 neighbours asked for: 4, 14." in found.notes
    assert not said(found, "near enough")


def test_case_11_the_never_treated_are_there_and_left_out_for_gaps(case):
    found = case(
        "11_never_treated_left_out_for_gaps",
        {
            "kind": "staggered_did",
            "estimators": ["callaway_santanna"],
            "window": [-3, 3],
            "control_group": "never_treated",
        },
        controls=["x"],
    )
    reason = value(found, "Callaway-Sant'Anna", "ATT", "reason")
    assert "15" in reason
    assert "gaps" in reason


def test_case_12_the_missing_scores_are_the_best(case):
    model = {
        "inputs": ["k", "l"],
        "desirable": ["gdp"],
        "undesirable": ["co2"],
        "returns": "vrs",
        "orientation": "input",
    }
    found = case(
        "12_infeasible_super_efficiency", {"kind": "efficiency_scores", "model": "score"}, efficiency={"score": model}
    )
    (warning,) = said(found, "super-efficiency is infeasible")
    assert warning.startswith("26 of 180 scores are missing because super-efficiency is infeasible")
    assert "orientation: none" in warning


def test_case_15_a_cohort_without_its_reference_year(case):
    study, robust = case(
        "15_one_cohort_reference_year_missing",
        {"kind": "event_study", "window": [-3, 3]},
        {"kind": "staggered_did", "estimators": ROBUST, "window": [-3, 3]},
    )
    assert taus(study, -3, 0, 1, 2, 3) == pytest.approx([0, 1, 1, 1, 1], abs=1e-5)
    for column in robust.estimates["column"].unique():
        assert value(robust, column, "ATT") == pytest.approx(1, abs=1e-5), column


def test_case_16_gaps_move_no_estimator(case):
    found = case("16_stacked_with_gaps", {"kind": "staggered_did", "estimators": ["twfe", *ROBUST], "window": [-3, 3]})
    for column in found.estimates["column"].unique():
        assert value(found, column, "ATT") == pytest.approx(1, abs=1e-8), column


def test_case_17_a_small_outcome_has_the_same_effect(case):
    estimators = ["imputation", "two_stage"]
    exhibit = {"kind": "staggered_did", "estimators": estimators, "window": [-3, 3]}
    plain, small = case("17_small_outcome", exhibit, {**exhibit, "outcome": "y_small"})
    for column in plain.estimates["column"].unique():
        effect = value(plain, column, "ATT")
        assert effect == pytest.approx(0.95070, abs=5e-6), column
        assert 1e9 * value(small, column, "ATT") == pytest.approx(effect, rel=1e-9), column
