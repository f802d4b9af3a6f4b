"""A variable on both sides of a regression is refused in every exhibit that takes controls."""

from copy import deepcopy as copy_of

import pytest
from shidian.errors import StudyError
from shidian.study.kinds import kinds
from shidian.study.plan import load_plan
from shidian.study.regressors import refuse_regressed_on_itself
from shidian.study.resolve import exhibit_schema

from .own_data import STUDY, write_project


@pytest.mark.parametrize(
    ("exhibit", "words"),
    [
        ({"outcome": "y", "controls": ["x", "y"]}, "at: 'y' stands under 'outcome' and under 'controls'"),
        ({"outcome": "y", "treatment": "y"}, "'y' stands under 'outcome' and under 'treatment'"),
        ({"outcome": "y", "controls": ["x"], "columns": [{}, {"outcome": "x"}]}, r"at, columns\[2\]: 'x' stands"),
        ({"outcome": "y", "columns": [{"add": ["y"]}]}, r"columns\[1\]: 'y' stands under 'outcome' and under 'add'"),
        ({"outcome": "y", "baseline": {"controls": ["y"]}, "print_baseline": True, "variations": [{}]}, "at: 'y'"),
        ({"outcome": "y", "mediators": ["m"], "controls": ["m"]}, "'m' stands under 'mediators' and under 'controls'"),
        ({"outcome": "y", "endogenous": ["y"]}, "'endogenous'"),
        ({"outcome": "y", "instruments": ["z", "y"]}, "'instruments'"),
    ],
)
def test_both_sides_are_named(exhibit, words):
    with pytest.raises(StudyError, match=words):
        refuse_regressed_on_itself(exhibit, "at")


@pytest.mark.parametrize(
    "exhibit",
    [
        {"outcome": "y", "controls": ["x"], "columns": [{}, {"outcome": "x", "controls": []}]},
        {"outcome": "y", "controls": ["y"], "columns": [{"controls": []}]},  # no regression has both
        {"outcome": "y", "instruments": [{"lag": "y"}], "controls": ["x"]},
        {"kind": "map"},
    ],
)
def test_what_no_regression_has_is_let_through(exhibit):
    refuse_regressed_on_itself(exhibit, "at")


WITH_CONTROLS = [kind for kind in kinds() if {"outcome", "controls"} <= set(exhibit_schema(kind)["properties"])]


@pytest.mark.parametrize("kind", WITH_CONTROLS)
def test_every_kind_that_takes_controls_refuses_its_outcome_among_them(tmp_path, kind):
    study = copy_of(STUDY)
    study["exhibits"] = [{"id": "one", "kind": kind, "outcome": "ln_wage", "controls": ["ln_people", "ln_wage"]}]
    with pytest.raises(
        StudyError, match=r"at 'exhibits\[1\]'.*: 'ln_wage' stands under 'outcome' and under 'controls'"
    ):
        load_plan(write_project(tmp_path, study))


@pytest.mark.parametrize(
    ("formula", "copy"),
    [("ln_wage", True), ("ln_wage * 2 + 1", True), ("-(3 - ln_wage)", True), ("ln(wage_yuan)", True),
     ("ln_wage ^ 2", False), ("lag(ln_wage)", False), ("1 / ln_wage", False), ("ln_wage - ln_people", False)],
)  # fmt: skip
def test_a_copy_of_the_outcome_is_the_outcome(tmp_path, formula, copy):
    study = copy_of(STUDY)
    study["variables"] |= {"other": {"formula": formula, "invalid": "missing"}, "again": "other"}
    study["controls"] = ["ln_people", "again"]
    write_project(tmp_path, study)
    if not copy:
        load_plan(tmp_path)
        return
    with pytest.raises(
        StudyError, match="'ln_wage' stands under 'outcome' and under 'controls' as 'again', which is the"
    ):
        load_plan(tmp_path)
