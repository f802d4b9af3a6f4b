"""Study files on simulated sources: they resolve, say what they are, and declare what the truth plants."""

import json
from pathlib import Path

import pytest
import yaml
from shidian.simulate.summary import truth_summary
from shidian.simulate.truth import load_truth, studies
from shidian.study.plan import load_plan
from shidian.study.read import read_study
from shidian.study.simulated import is_made

from .conftest import SEED

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", studies())
def test_the_study_resolves_on_simulated_sources(name):
    study, sources = read_study(ROOT, name)
    shipped = [s for s in sources.values() if all(file.path.startswith("package:shidian/") for file in s.files)]
    assert all(is_made(source) or source in shipped for source in sources.values())
    assert study.regressor == load_truth(name).baseline.regressor
    assert (study.panel.treatment is None) == (not load_truth(name).treatment.batches)


def test_all_five_run_and_say_that_their_data_are_simulated():
    plan = load_plan(ROOT, "no raw workbooks")
    assert set(studies()) <= set(plan.studies)
    meta = {name: json.loads(plan.report_meta(name)) for name in plan.studies}
    assert {name for name, words in meta.items() if "SIMULATED" in words["title"]} == set(studies())
    assert {name for name, words in meta.items() if words["simulated"]} == set(studies())
    assert {e["study"] for e in json.loads(plan.index_meta())["ran"] if "SIMULATED" in e["title"]} == set(studies())


@pytest.mark.parametrize("name", studies())
def test_baseline_years_and_sample_are_those_of_the_truth(name):
    truth = load_truth(name)
    raw = yaml.safe_load((ROOT / "config" / "studies" / f"{name}.yaml").read_text(encoding="utf-8"))
    assert raw["outcome"] == truth.baseline.outcome
    assert tuple(raw["controls"]) == truth.baseline.controls
    assert tuple(raw["fixed_effects"]) == truth.baseline.fixed_effects
    assert raw["years"] == {"first": truth.first, "last": truth.last}
    excluded = {unit for entry in raw.get("sample", {}).get("exclude", []) for unit in entry.get("units", [])}
    dissolved = {"341400"}  # 巢湖 is no unit of the studies' geography
    assert excluded == set(truth.excluded) - dissolved


def test_the_page_of_the_planted_truth_is_generated():
    page = (ROOT / "docs" / "simulated_truth.md").read_text(encoding="utf-8")
    assert page == truth_summary(SEED), "write it again with shidian.simulate.summary.truth_summary"
    for study in studies():
        assert all(text in page for text in load_truth(study).raw["deviations"])
