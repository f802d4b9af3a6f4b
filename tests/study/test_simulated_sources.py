"""Studies without a policy, and real sources in the place of simulated ones."""

import copy

import pytest
import yaml
from shidian.errors import SourceError, StudyError
from shidian.panel.build import build_panel
from shidian.study import paths
from shidian.study.plan import load_plan
from shidian.study.simulated import is_made
from shidian.yearbook.corrections import gather_corrections
from shidian.yearbook.extract import extract_files

from .own_data import SOURCE, STUDY, dump, write_project

pytestmark = pytest.mark.usefixtures("own_raw_files")


def without_policy(**more):
    content = {k: v for k, v in copy.deepcopy(STUDY).items() if k != "treatment"}
    content |= {"regressor": "ln_people", "controls": []}
    content["exhibits"] = [{"id": "baseline", "kind": "did_table", "columns": [{}]}]
    return content | more


def test_a_study_without_a_policy_has_a_regressor_and_no_treatment(tmp_path):
    plan = load_plan(write_project(tmp_path, without_policy()))
    study, source = plan.studies["my_study"], plan.sources["my_panel"]
    assert study.panel.treatment is None
    assert study.regressor == "ln_people"
    assert '"treatment": "ln_people"' in plan.info("my_study", "baseline")
    panel = build_panel(study.panel, {"my_panel": extract_files(source, [1], plan.raw_root).records}, {}).frame
    assert list(panel.columns) == ["unit", "unit_name", "year", "adoption_year", "ln_wage", "ln_people"]
    assert panel["adoption_year"].isna().all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"exhibits": [{"id": "dynamics", "kind": "event_study", "window": [-3, 3]}]},
         "the kind event_study needs a treatment with adoption years, which the study does not declare"),
        ({"regressor": "people"}, "'people' is no variable"),
        ({"treatment": STUDY["treatment"]}, "needs one of: treatment, regressor"),
        ({"variables": {**STUDY["variables"], "simulated": "ln(wage_yuan)"}}, "the name is taken by a column"),
    ],
)  # fmt: skip
def test_what_does_not_go_without_a_policy_is_named(tmp_path, change, words):
    with pytest.raises(StudyError, match=words):
        load_plan(write_project(tmp_path, without_policy(**change)))


@pytest.fixture
def on_simulated(tmp_path):
    """A study on a source that the simulator would make, and the user's own source beside it."""
    study = copy.deepcopy(STUDY)
    study["sources"] = {"sim_panel": {"role": "frame"}}
    study["treatment"] = {"name": "did", "status": "sim_panel.on"}
    study["exhibits"] = [*study["exhibits"], {"id": "grade", "kind": "extraction_grade"}]
    folder = write_project(tmp_path, study)
    made = {**copy.deepcopy(SOURCE), "source": "sim_panel", "simulated": True}
    made["files"] = [{"path": "simulated/units/sim_panel.csv", "what": "made by the simulator"}]
    dump(folder / "config" / "sources" / "sim_panel.yaml", made)
    return folder


def test_a_made_source_is_a_result_and_never_missing(on_simulated):
    plan = load_plan(on_simulated)
    assert plan.skipped == ()
    assert is_made(plan.sources["sim_panel"])
    assert paths.raw_files(plan, "sim_panel", 1, 1) == ["results/simulated/units/sim_panel.csv"]
    assert plan.is_simulated("my_study")
    assert "SIMULATED" in plan.title(plan.studies["my_study"])
    assert [e["id"] for e in plan.studies["my_study"].exhibits][-1] == "grade"


def test_pointing_at_a_real_source_changes_nothing_else(on_simulated):
    config = on_simulated / "config" / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + "real_sources: {sim_panel: my_panel}\n", encoding="utf-8")
    plan = load_plan(on_simulated)
    study = plan.studies["my_study"]
    assert set(plan.sources) == {"my_panel"}
    assert study.panel.treatment.series == "my_panel.on"
    assert not plan.is_simulated("my_study")
    assert "SIMULATED" not in plan.title(study)
    assert paths.raw_files(plan, "my_panel", 1, 1) == [str(on_simulated / "raw" / "my_panel.csv")]
    assert "grade" not in [e["id"] for e in study.exhibits], "there is no planted truth to grade against"


def test_a_real_source_that_is_not_there_is_named(on_simulated):
    config = on_simulated / "config" / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + "real_sources: {sim_panel: my_panels}\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"there is no config/sources/my_panels.yaml.*my_panel"):
        load_plan(on_simulated)


def test_one_cell_is_corrected_in_one_file_only(tmp_path):
    entry = {"cell_id": "a/1/s!B2", "expected": "1", "corrected": "2", "reason": "a slip of the printer"}
    for name in ("first", "second"):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump({"corrections": [entry]}), encoding="utf-8")
    assert len(gather_corrections([tmp_path / "first.yaml"])) == 1
    with pytest.raises(SourceError, match=r"second.yaml: a/1/s!B2 is corrected in .*first.yaml too"):
        gather_corrections([tmp_path / "first.yaml", tmp_path / "second.yaml"])
