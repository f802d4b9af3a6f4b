"""The replication package of the finished castle_doctrine: R re-estimates its tables, and the command says so."""

import json
import re
import shutil

import pytest
from shidian.audit.replication.compare import compare, run_r
from shidian.audit.replication.package import write_replication
from shidian.cli import main
from shidian.errors import StudyError
from shidian.study.plan import load_plan

pytestmark = pytest.mark.workflow
STUDY = "castle_doctrine"


def test_r_agrees_on_every_regression_table_of_castle_doctrine(r_with_packages, finished, tmp_path):
    plan = load_plan(finished.folder)
    files = write_replication(plan, STUDY, finished.folder / "results", tmp_path / "package")
    assert {"twfe.R", "event_study.R", "twfe.do", "event_study.do", "panel.dta", "codebook.csv"} <= {
        path.name for path in files
    }
    run_r(tmp_path / "package")
    table = compare(tmp_path / "package")
    assert table["agrees"].all(), table[~table["agrees"]].to_string()
    law = table[(table["exhibit"] == "twfe") & (table["column"] == "(1)")].iloc[0]
    assert (round(law["estimate_r"], 7), round(law["se_r"], 7)) == (0.0693984, 0.0558596)  # as published
    readme = (tmp_path / "package" / "README.md").read_text(encoding="utf-8")
    assert "SIMULATED" not in readme
    assert "- `placebo`: random draws" in readme


def test_a_study_that_has_not_run_is_named(finished, tmp_path, monkeypatch, capsys):
    plan = load_plan(finished.folder)
    with pytest.raises(StudyError, match=r"twfe\.json is not there: run the study first"):
        write_replication(plan, STUDY, tmp_path, tmp_path / "package")
    with pytest.raises(StudyError, match="no study 'castle' that could run; there are castle_doctrine"):
        write_replication(plan, "castle", tmp_path, tmp_path / "package")
    monkeypatch.chdir(tmp_path)
    assert main(["audit-r"]) == 1
    assert "no study has run" in capsys.readouterr().err
    assert not any(tmp_path.rglob("*.csv"))


def test_the_command_prints_the_table(r_with_packages, finished, tmp_path, monkeypatch, capsys):
    for part in ("config", "resources", "workflow"):
        (tmp_path / part).symlink_to(finished.folder / part)
    shutil.copytree(finished.folder / "results", tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    assert main(["audit-r", STUDY]) == 0
    assert re.search(r"all \d+ terms agree", capsys.readouterr().out)
    result = tmp_path / "results" / STUDY / "estimates" / "twfe.json"
    content = json.loads(result.read_text(encoding="utf-8"))
    content["estimates"]["values"]["se"][0] *= 1 + 1e-5
    result.write_text(json.dumps(content), encoding="utf-8")
    assert main(["audit-r", STUDY]) == 1
    assert "DIFFERS: post" in capsys.readouterr().err
