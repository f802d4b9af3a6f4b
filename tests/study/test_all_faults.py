"""``shidian check`` says all that is wrong in one go: of every exhibit, every variable, every study and source file."""

import pytest
import yaml
from shidian.errors import Faults, SourceError, StudyError
from shidian.study.plan import load_plan
from shidian.study.resolve import resolve_exhibits

from .firms_in_cities import STUDY, firm_source
from .own_data import dump

EXHIBITS = [
    {"id": "one", "kind": "did_table", "columns": [{"controls": ["profit"]}]},
    {"id": "two", "kind": "did_table", "columns": [{}], "digit": 3},
    {"id": "three", "kind": "event_study"},
    {"id": "four", "kind": "did_table", "columns": [{}]},
]


def project(folder, *studies):
    (folder / "config" / "studies").mkdir(parents=True)
    for name, text in (("config", {"studies": [s["study"] for s in studies]}), ("corrections", {"corrections": []})):
        (folder / "config" / f"{name}.yaml").write_text(yaml.safe_dump(text), encoding="utf-8")
    for study in studies:
        dump(folder / "config" / "studies" / f"{study['study']}.yaml", study)
    return folder


def said(folder, error=StudyError):
    with pytest.raises(error) as caught:
        load_plan(folder)
    return str(caught.value).splitlines()


def test_each_exhibit_says_its_first_fault():
    defaults = {
        "treatment": {"name": "did"},
        "outcome": "y",
        "fixed_effects": ["unit", "year"],
        "vcov": {"kind": "iid"},
    }
    with pytest.raises(StudyError) as caught:
        resolve_exhibits({**defaults, "exhibits": EXHIBITS}, {"panel-column": ["unit", "year", "y", "did", "x"]})
    lines = str(caught.value).splitlines()
    assert [line[: len("at 'exhibits[1]'")] for line in lines] == [f"at 'exhibits[{n}]'" for n in (1, 2, 3)]
    assert ["'profit'" in lines[0], "'digit'" in lines[1], "'window'" in lines[2]] == [True] * 3


def test_an_exhibit_that_the_treatment_forbids_is_one_of_them():
    study = {"treatment": {"name": "did", "kind": "switching"}, "outcome": "y", "vcov": {"kind": "iid"}}
    exhibits = [{"id": "a", "kind": "goodman_bacon"}, {"id": "b", "kind": "vif", "variables": ["x", "z"]}]
    with pytest.raises(StudyError) as caught:
        resolve_exhibits({**study, "exhibits": exhibits}, {"panel-column": ["unit", "year", "y", "did", "x"]})
    first, second, *more = str(caught.value).splitlines()
    assert more == []
    assert first.startswith("exhibit 'a': the kind goodman_bacon needs a treatment that stays")
    assert "'z'" in second


def test_variables_and_exhibits_are_said_together_and_what_follows_from_a_fault_is_not(tmp_path):
    (tmp_path / "config" / "sources").mkdir(parents=True)
    dump(tmp_path / "config" / "sources" / "firms.yaml", firm_source())
    variables = {"y": "outcome_", "a": "ln(", "b": "ln(y) + a", "c": "ln(b)", "d": "nobody"}
    study = STUDY | {"sources": {"firms": {"role": "frame"}}, "variables": variables, "outcome": "y"}
    study["exhibits"] = EXHIBITS[1:3]
    study["treatment"] = {"name": "did", "adoption": "firms.city"}
    lines = said(project(tmp_path, study))
    keys = [line.partition(": at '")[2].partition("'")[0] for line in lines]
    assert keys == ["variables.y", "variables.a", "variables.d", "exhibits[1]", "exhibits[2]"]


def test_each_study_and_each_source_file_says_its_own(tmp_path):
    first = STUDY | {"study": "first", "sources": {"none": {"role": "frame"}, "neither": {}}}
    second = STUDY | {"study": "second", "sources": {"another": {"role": "frame"}}}
    text = "\n".join(said(project(tmp_path, first, second)))
    for word in (
        "config/sources/none.yaml",
        "config/sources/neither.yaml",
        "first.yaml: ",
        "second.yaml: at 'sources': there is no config/sources/another.yaml",
    ):
        assert word in text


def test_faults_are_of_the_class_of_the_first_and_lines_stand_once():
    faults = Faults()
    faults.raise_all()
    for problem in (SourceError("a\nb"), StudyError("b\nc")):
        with faults.kept():
            raise problem
    with pytest.raises(SourceError, match=r"^a\nb\nc$"):
        faults.raise_all()
