"""A study's sample is that of every exhibit without one of its own; an exhibit's own replaces it."""

import copy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from shidian.errors import StudyError
from shidian.exhibits.sample_rules import declared_samples
from shidian.study.kinds import kinds
from shidian.study.plan import load_plan
from shidian.study.resolve import exhibit_schema
from shidian.study.sample_default import study_sample, with_study_sample

from .firms_in_cities import nested
from .own_data import STUDY, write_project

SAMPLE = {"complete": ["ln_people"], "min_periods": 3}
WITHOUT = ("data_checks", "index_weights", "comparison", "extraction_grade", "panels")
"""Kinds that describe raw data, an index of all units, printed numbers or other exhibits, and take no sample."""


def exhibits(folder: Path, **changes: Any) -> dict[str, Any]:
    study = copy.deepcopy(STUDY) | changes
    write_project(folder, study)
    return {e["id"]: e for e in load_plan(folder).studies["my_study"].exhibits}


def test_every_exhibit_without_a_sample_has_the_studys(tmp_path):
    variation = {"id": "varied", "kind": "variations", "variations": [{"sample": {}}, {"controls": []}]}
    found = exhibits(
        tmp_path,
        sample={**SAMPLE, "exclude": [{"years": [2001], "reason": "no"}]},
        exhibits=[
            *STUDY["exhibits"], variation, {"id": "own", "kind": "goodman_bacon", "sample": {"last_year": 2007}},
            {"id": "whole", "kind": "descriptives", "variables": ["ln_wage"], "sample": {}},
        ],
    )  # fmt: skip
    assert found["summary"]["sample"] == SAMPLE
    assert [column["sample"] for column in found["baseline"]["columns"]] == [SAMPLE, SAMPLE]
    assert found["placebo"]["sample"] == SAMPLE
    assert found["varied"]["baseline"] == {"sample": SAMPLE}
    assert found["varied"]["variations"][0] == {"sample": {}}
    assert found["own"]["sample"] == {"last_year": 2007}
    assert found["whole"]["sample"] == {}
    assert [label for label, _ in declared_samples(found["varied"])] == ["Baseline"]


def test_without_one_nothing_changes(tmp_path):
    found = exhibits(tmp_path, sample={"exclude": [{"years": [2001], "reason": "no"}]})
    assert all("sample" not in exhibit for exhibit in found.values())
    assert study_sample({}) == {}


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_each_kind_takes_it_or_has_none_to_take(kind):
    takes = exhibit_schema(kind)["properties"]
    exhibit = {"id": "x", "kind": kind}
    if kind == "efficiency_recovery":
        with pytest.raises(StudyError, match="exhibit 'x': the kind efficiency_recovery takes no 'sample'"):
            with_study_sample(exhibit, takes, SAMPLE)
        return
    found = str(with_study_sample(exhibit, takes, SAMPLE))
    assert ("'min_periods': 3" in found) == (kind not in WITHOUT)


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        (
            {"complete": ["ln_poeple"]},
            "at 'sample.complete[1]': 'ln_poeple' is no panel column (did you mean 'ln_people'",
        ),
        ({"balance": True}, "at 'sample': unknown key 'balance' (did you mean 'balanced'?)"),
        ({"first_year": 20}, "at 'sample.first_year'"),
    ],
)
def test_a_mistake_in_it_is_named(tmp_path, sample, words):
    with pytest.raises(StudyError) as caught:
        exhibits(tmp_path, sample=sample)
    assert words in str(caught.value)


def test_numbers_notes_and_ledger_are_those_of_the_exhibits_own_sample(tmp_path):
    rule = {"first_year": 2002, "complete_years": [2003, 2004], "keep": {"town": [1, 2, 3]}}
    changes = {"variables": {"yy": "y", "town": "city"}}
    study = nested(tmp_path / "a", sample=rule, **changes).results["base"]
    own = nested(
        tmp_path / "b", exhibits=[{"id": "base", "kind": "did_table", "columns": [{"sample": rule}]}], **changes
    ).results["base"]
    pd.testing.assert_frame_equal(study.estimates, own.estimates)
    pd.testing.assert_frame_equal(study.ledger, own.ledger)
    assert study.notes == own.notes
    assert any("years 2002–2006" in note for note in study.notes)
    assert study.used == own.used
    assert int(study.estimates["n_obs"].iloc[0]) == 15 * 5
