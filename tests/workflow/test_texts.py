"""A study whose indicator counts words in provincial reports, run by Snakemake and traced on the command line."""

import subprocess
import sys

import pandas as pd
import pytest

from tests.panel.test_texts import project as text_project

from .project import Project

pytestmark = pytest.mark.workflow
PANEL = "results/my_study/panel.parquet"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("texts") / "project")
    project.raw = text_project(project.folder) / "raw"
    project.snakemake(PANEL)
    key = pd.read_csv(project.folder / "results/simulated/work_reports/key.csv", dtype={"province_code": str})
    return project, key


def test_the_job_counts_the_words_of_the_reports(run):
    project, key = run
    panel = pd.read_parquet(project.folder / PANEL)
    share = key.set_index(["province_code", "year"])["share"]
    early = panel[panel["year"] <= 2018]
    assert early["digital_words"].tolist() == [
        share[u[:2] + "0000", y] for u, y in zip(early["unit"], early["year"], strict=True)
    ]
    assert panel.loc[panel["year"] > 2018, "digital_words"].isna().all()


def test_the_command_line_traces_to_the_document(run):
    project, _ = run
    code = "import sys; from shidian.cli import main; sys.exit(main(sys.argv[1:]))"
    call = [sys.executable, "-c", code, "trace", "my_study", "成都市", "2016", "ln_digital"]
    done = subprocess.run(call, cwd=project.folder, env=project.environment, capture_output=True, text=True, check=True)
    assert "in simulated/work_reports/sim_work_report_510000_2016.txt (sha256 " in done.stdout


def test_editing_the_dictionary_reruns_the_counting_and_not_the_panel(run):
    project, _ = run
    path = project.folder / "config" / "dictionaries" / "digital.txt"
    path.write_text(path.read_text(encoding="utf-8") + "发展\n", encoding="utf-8")
    printed = project.snakemake("--dry-run", PANEL)
    assert "compute_indicators" in printed
    assert "build_panel" not in printed
    assert "extract_workbooks" not in printed
