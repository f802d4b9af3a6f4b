"""Study files on simulated sources: they resolve, say what they are, and declare what the truth plants."""

from pathlib import Path

import pytest
import yaml
from shidian.simulate.summary import truth_summary
from shidian.simulate.truth import load_truth, studies
from shidian.study.read import read_study

from .conftest import SEED

ROOT = Path(__file__).resolve().parents[2]
DRAFTED = [s for s in studies() if (ROOT / "config" / "studies" / f"{s}.yaml").exists()]


def test_four_studies_are_drafted():
    assert set(studies()) - set(DRAFTED) == {"productive_forces_provinces"}, "it has no treatment"


@pytest.mark.parametrize("name", DRAFTED)
def test_the_study_resolves_and_says_that_its_data_are_simulated(name):
    study, sources = read_study(ROOT, name)
    raw = yaml.safe_load((ROOT / "config" / "studies" / f"{name}.yaml").read_text(encoding="utf-8"))
    assert "SIMULATED" in raw["title"]["en"]
    assert "模拟" in raw["title"]["zh"]
    assert all(source.simulated for source in sources.values())
    assert study.panel.treatment.name == "did"


@pytest.mark.parametrize("name", DRAFTED)
def test_baseline_years_and_sample_are_those_of_the_truth(name):
    truth = load_truth(name)
    raw = yaml.safe_load((ROOT / "config" / "studies" / f"{name}.yaml").read_text(encoding="utf-8"))
    assert raw["outcome"] == truth.baseline.outcome
    assert tuple(raw["controls"]) == truth.baseline.controls
    assert tuple(raw["fixed_effects"]) == truth.baseline.fixed_effects
    assert raw["years"] == {"first": truth.first, "last": truth.last}
    excluded = {unit for entry in raw.get("sample", {}).get("exclude", []) for unit in entry["units"]}
    dissolved = {"341400"}  # 巢湖 is no unit of the studies' geography
    assert excluded == set(truth.excluded) - dissolved


def test_the_page_of_the_planted_truth_is_generated():
    page = (ROOT / "docs" / "simulated_truth.md").read_text(encoding="utf-8")
    assert page == truth_summary(SEED), "write it again with shidian.simulate.summary.truth_summary"
    for study in studies():
        assert all(text in page for text in load_truth(study).raw["deviations"])
