"""A broken workbook stops the run with the named error, and no panel is written."""

import subprocess
import sys

import pytest

from tests.study.own_data import STUDY, write_project

from .project import Project

pytestmark = pytest.mark.workflow
PANEL = "results/my_study/panel.parquet"


def run_on(folder, old, new, *, check):
    """Run the user's own study up to its panel, one text of its raw file replaced by another."""
    project = Project(folder)
    write_project(project.folder, STUDY)
    project.raw = project.folder / "raw"
    raw = project.raw / "my_panel.csv"
    raw.write_text(raw.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    project.snakemake(PANEL, check=check)
    return project.folder / "results"


def test_the_panel_is_written_from_the_file_as_it_is(tmp_path):
    assert (run_on(tmp_path / "project", "", "", check=True) / "my_study" / "panel.parquet").exists()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [(",wage,", ",pay,", "wage"), pytest.param("2001,", "20l1,", "20l1", marks=pytest.mark.slow)],
)
def test_no_panel_is_written_from_a_broken_file(tmp_path, old, new, words):
    results = run_on(tmp_path / "project", old, new, check=False)
    log = (results / "logs/extract_workbooks/my_panel_1_1.log").read_text(encoding="utf-8")
    assert log.startswith("error: ")
    assert "my_panel.csv" in log
    assert words in log
    assert "Traceback" not in log
    assert list(results.rglob("*.parquet")) == []


def test_a_pipe_that_is_closed_early_is_no_error(tmp_path):
    code = "import sys; from shidian.cli import main; sys.exit(main(['check']))"
    writer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    writer.stdout.close()
    assert (writer.wait(), writer.stderr.read()) == (0, b"")
