"""A PSM exhibit says how many treated rows found how many of the neighbours asked for, and who found none."""

import re

import numpy as np
import pandas as pd
import pytest
from shidian.exhibits.result import StudyInfo
from shidian.report.catalogue import in_language

from tests.exhibits.exhibit_checks import run_exhibit

INFO = StudyInfo("demo", "city", "did", {"age": "Age"})
STUDY = {"outcome": "y", "controls": [], "fixed_effects": ["unit", "year"], "vcov": {"kind": "cluster", "by": "unit"}}
TREATED, YEARS = 6, range(2001, 2007)


def panel(controls: int) -> pd.DataFrame:
    """Six treated units among controls whose ages lie around theirs; the policy starts in 2004."""
    rng = np.random.default_rng(5)
    n = TREATED + controls
    age = np.concatenate([np.linspace(0.3, 0.8, TREATED), np.linspace(0, 1, controls)])
    units = [f"t{i}" for i in range(TREATED)] + [f"c{i:02d}" for i in range(controls)]
    frame = pd.DataFrame([(u, y, a) for u, a in zip(units, age, strict=True) for y in YEARS],
                         columns=["unit", "year", "age"])  # fmt: skip
    frame["did"] = (frame["unit"].str.startswith("t") & (frame["year"] >= 2004)).astype(float)
    return frame.assign(y=frame["did"] + rng.normal(size=n * len(YEARS)))


def run(frame, kind="psm_did", **declared):
    spec = {"covariates": ["age"], "base": "base_year", "base_year": 2001, "neighbours": 3, "replacement": False,
            "support": "none", **declared}  # fmt: skip
    return run_exhibit(kind, frame, spec, STUDY, INFO)


def lines(result) -> dict[str, tuple[int, int]]:
    part = result.ledger[result.ledger["step"] == "matching"]
    return {r["reason"]: (r["units"], r["rows"]) for r in part.to_dict("records")}


def note(result) -> str:
    return " ".join(result.notes)


@pytest.mark.parametrize("kind", ["psm_did", "psm_scores"])
def test_controls_run_out(kind):
    """Ten controls for six treated units, three asked for: all get one, the first four in the queue a second."""
    result = run(panel(10), kind)
    assert "Treated rows with 2, 1 of the 3 neighbours asked for: 4, 2." in result.notes
    assert "near enough" not in note(result)
    assert lines(result)["treated row with 2 of the 3 neighbours asked for"] == (4, 4)
    assert lines(result)["treated row with 1 of the 3 neighbours asked for"] == (2, 2)
    few = "6 of 6 treated rows found fewer than the 3 neighbours asked for: the controls ran out; "
    assert few + "match with replacement or ask for fewer neighbours" in result.warnings


def test_treated_units_that_no_control_is_left_for_are_named():
    """Four controls for six treated units: the two last in the queue, those with the lowest scores, find none."""
    result = run(panel(4), order="largest")
    assert "Treated rows with 1, 0 of the 3 neighbours asked for: 4, 2." in result.notes
    (named,) = [n for n in result.notes if "without a control left" in n]
    assert re.fullmatch(r"2 treated rows without a control left: t\d, t\d\.", named)
    assert lines(result)["treated row without a control left"] == (2, 2)
    assert "near enough" not in note(result)
    assert any(w.startswith("only 4 of 6 treated rows are matched") for w in result.warnings)


def test_near_enough_is_said_of_a_caliper():
    wide = run(panel(30), caliper=5.0, neighbours=1)
    assert "No treated rows without a control near enough." in wide.notes
    assert "Treated rows with 1 of the 1 neighbours asked for: 6." in wide.notes
    assert not any("found fewer" in w for w in wide.warnings)
    far = panel(30)
    far.loc[far["unit"] == "t5", "age"] = 1.6
    narrow = run(far, caliper=0.2, neighbours=1, replacement=True)
    assert "1 treated row without a control near enough: t5." in narrow.notes
    assert lines(narrow)["treated row without a control near enough"] == (1, 1)
    assert "1 of 6 treated rows found fewer than the 1 neighbours asked for: no other control was near enough; " \
           "widen the caliper or ask for fewer neighbours" in narrow.warnings  # fmt: skip


def test_fewer_controls_than_neighbours_with_replacement():
    result = run(panel(4), neighbours=5, replacement=True)
    assert "Treated rows with 4 of the 5 neighbours asked for: 6." in result.notes
    assert any("there are no more controls" in w for w in result.warnings)


def test_rows_that_take_no_part_are_counted_with_their_units():
    """No zero stands in the ledger: missing covariates, no base year, a year that cannot be matched."""
    frame = panel(20)
    frame.loc[(frame["unit"] == "c03") & (frame["year"] == 2001), "age"] = np.nan
    gone = frame[~((frame["unit"] == "t2") & (frame["year"] == 2001))]
    result = run(gone, neighbours=1)
    assert lines(result)["missing covariate"] == (1, 1)
    assert lines(result)["no row in the base year 2001"] == (1, 5)
    assert "Left out for having no row in 2001: t2." in result.notes
    flat = frame.assign(age=np.where(frame["year"] == 2003, 1.0, frame["age"]))
    by_year = run(flat, base="by_year", neighbours=1)
    failed = by_year.ledger[by_year.ledger["subject"].str.endswith(" 2003")].iloc[0]
    assert (failed["units"], failed["rows"]) == (26, 26)
    assert (result.ledger[["units", "rows"]] > 0).all(axis=None)
    assert (by_year.ledger[["units", "rows"]] > 0).all(axis=None)


def test_of_many_unmatched_rows_the_first_are_named():
    result = run(panel(2), "psm_scores", base="pooled", neighbours=1)
    (named,) = [n for n in result.notes if "without a control left" in n]
    assert named.startswith("24 treated rows without a control left: t")
    assert named.endswith(" and 14 others.")


@pytest.mark.parametrize("declared", [{}, {"caliper": 5.0}, {"caliper": 0.1}, {"replacement": True, "neighbours": 15}])
def test_every_sentence_has_its_chinese(declared):
    result = run(panel(10), **declared)
    said = ("Off the common support", "Treated rows with", "treated rows without", "No treated rows", "found fewer")
    sentences = [n for n in (*result.notes, *result.warnings) if any(part in n for part in said)]
    assert len(sentences) >= 2
    for text in sentences:
        assert re.search(r"[\u4e00-\u9fff]", in_language(text, "zh")), text
        assert not re.search(r"[A-Za-z]{4}", in_language(text, "zh")), text


def test_the_case_of_neighbours_that_run_out(shared):
    """Case 07: 1:3 without replacement in 2001; 14 of the 18 treated units on the support got two."""
    frame = pd.read_csv(shared / "cases" / "estimators" / "07_psm_neighbours_run_out" / "data.csv")
    spec = {"covariates": ["age", "ind"], "base": "base_year", "base_year": 2001, "neighbours": 3, "replacement": False}
    result = run_exhibit("psm_did", frame, spec, STUDY, StudyInfo("case", "unit", "did"))
    assert "Treated rows with 3, 2 of the 3 neighbours asked for: 4, 14." in result.notes
    assert "near enough" not in note(result)
    assert lines(result)["treated row with 2 of the 3 neighbours asked for"] == (14, 14)
