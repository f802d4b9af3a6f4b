"""Braces in any text of a study reach the printed page as they are: Snakemake must not take them for wildcards."""

import copy

import pytest
from shidian.errors import ShidianError
from shidian.study.plan import load_plan

from tests.study.own_data import SOURCE, STUDY, write_project

from .project import Project

SHOWN = (
    "Wages and {x}",
    "Asks {study} {{ of {w.y}",
    "The {paper}",
    "Pay {0}",
    "ln {people}",
    "{town}",
    "Of {input}",
    "N{n}",
)
SHOWN += ("Table {t}", "Base {line} {", "By {hand}", "{who}", "Made {here}")


def with_braces():
    """Return a study and a source with braces in every text that a user writes."""
    study, source = copy.deepcopy(STUDY), copy.deepcopy(SOURCE)
    study |= {"title": "Wages and {x}", "description": "Asks {study} {{ of {w.y}", "paper": "The {paper}"}
    study["variables"]["ln_wage"] = {"formula": "ln(wage_yuan)", "label": "Pay {0}"}
    study["variables"]["ln_people"]["label"] = "ln {people}"
    study["unit"]["label"] = "{town}"
    study["treatment"] |= {"label": "Of {input}", "policy": "{policy}"}
    study["exhibits"] = [study["exhibits"][1]]
    study["exhibits"][0] |= {"number": "Table {t}", "title": "Base {line} {", "note": "By {hand}."}
    study["exhibits"][0]["row_labels"] = {"n_obs": "N{n}"}
    source |= {"title": "Wages {t}", "publisher": "{who}", "citation": "Made {here}", "licence": "{none}"}
    return study, source


@pytest.mark.workflow
def test_a_study_full_of_braces_runs_and_prints_them(tmp_path):
    project = Project(tmp_path / "project")
    write_project(project.folder, *with_braces())
    project.raw = project.folder / "raw"
    project.snakemake()
    page = (project.folder / "results" / "my_study" / "report.html").read_text(encoding="utf-8")
    assert [text for text in SHOWN if text not in page] == []
    assert "Wages and {x}" in (project.folder / "results" / "index.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("own_raw_files")
def test_the_name_of_a_raw_file_or_folder_may_not_hold_braces(tmp_path):
    study, source = with_braces()
    source["files"][0]["path"] = "my_{x}.csv"
    write_project(tmp_path / "a", study, source)
    with pytest.raises(ShidianError, match=r"my_panel.yaml: files\[1\]: 'my_\{x\}.csv' holds braces"):
        load_plan(tmp_path / "a")
    write_project(tmp_path / "b")
    with pytest.raises(ShidianError, match=r"the folder of the raw files, .*my_\{raw\}, holds braces"):
        load_plan(tmp_path / "b", str(tmp_path / "my_{raw}"))
