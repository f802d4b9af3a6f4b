"""The five studies with every simulated source replaced by a real one: real throughout, or refused by name."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from shidian.code_digests import ROOT
from shidian.errors import StudyError
from shidian.simulate.truth import studies
from shidian.study import paths
from shidian.study.plan import load_plan
from shidian.study.simulated import COMPARED
from shidian.yearbook.source import load_source

SIMULATED = sorted(
    path.stem for path in (ROOT / "config" / "sources").glob("*.yaml") if load_source(path).simulated
)  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """The project with a real twin of each simulated source, declared as a user would, on files of the raw folder."""
    root = tmp_path_factory.mktemp("real")
    shutil.copytree(ROOT / "config", root / "config")
    for name in SIMULATED:
        place = root / "config" / "sources" / f"{name}.yaml"
        content = yaml.safe_load(place.read_text(encoding="utf-8"))
        del content["simulated"]
        content |= {
            "source": real(name),
            "title": "Yearbook",
            "citation": "Yearbook",
            "note": "",
            "publisher": "An office",
        }
        for file in content["files"]:
            file["path"] = file["path"].replace("package:shidian/simulate/", "").replace("simulated/", "")
        (place.parent / f"{real(name)}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        for file in load_source(place.parent / f"{real(name)}.yaml").files:
            raw = root / "raw" / file.path
            raw.parent.mkdir(parents=True, exist_ok=True)
            raw.touch()
    return root


def real(name: str) -> str:
    return name.removeprefix("sim_")


def planned(project: Path, mapped: list[str], wanted: list[str]):
    config = {"studies": wanted, "real_sources": {name: real(name) for name in mapped}}
    (project / "config" / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return load_plan(project, str(project / "raw"))


def test_with_every_source_real_the_studies_are_real_throughout(project):
    plan = planned(project, SIMULATED, studies())
    assert set(plan.studies) == set(studies())
    for name, study in plan.studies.items():
        assert not plan.is_simulated(name)
        assert not plan.has_truth(name)
        said = plan.report_meta(name) + plan.index_meta() + "".join(plan.info(name, e["id"]) for e in study.exhibits)
        assert "simulated" not in said.lower().replace('"simulated": false', "").replace("sim_province_groups", "")
        assert not {"extraction_grade", "efficiency_recovery"} & {e["kind"] for e in study.exhibits}
        compared = next(e["id"] for e in study.exhibits if e["kind"] == "comparison")
        assert json.loads(plan.meta(name, compared))["title"] == COMPARED[False]["en"]
        assert paths.pseudo_true_results(plan, name, compared) == paths.truth_file(plan, name) == []
        raw = [file for use in study.panel.sources for file in paths.raw_files(plan, use.source, 1, 1)]
        assert not [file for file in raw if "simulated" in file]


@pytest.mark.parametrize("name", studies())
def test_a_study_that_mixes_real_and_simulated_data_is_refused(project, name):
    used = [use.source for use in load_plan(ROOT, "no raw workbooks").studies[name].panel.sources]
    left = [source for source in used if source in SIMULATED]
    first = next(source for source in left if source.endswith("_yearbook"))
    rest = [source for source in left if source != first]
    with pytest.raises(StudyError, match="would mix real data") as refused:
        planned(project, [first], [name])
    assert all(source in str(refused.value) for source in rest)
    assert f"name a real source for each of {', '.join(rest)} too" in str(refused.value)
    last = rest[-1]
    with pytest.raises(StudyError, match=f"name a real source for each of {last} too, under 'real_sources'"):
        planned(project, [source for source in left if source != last], [name])


def test_what_is_simulated_says_so_and_what_was_planted():
    plan = load_plan(ROOT, "no raw workbooks")
    for name in studies():
        meta = json.loads(plan.report_meta(name))
        assert "simulated" in meta["description"]
        assert meta["description"].endswith("nothing here is a statement about real places.")
        assert COMPARED[True]["en"] in [exhibit["title"] for exhibit in meta["exhibits"]]
