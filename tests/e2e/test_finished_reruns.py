"""In a finished run an edited efficiency input makes stale what hangs on it, and nothing else."""

import os
import shutil

import pytest
import yaml
from shidian.code_digests import ROOT
from shidian.study.plan import load_plan

from tests.e2e.test_finished_reports import REPORTS, RESULTS
from tests.workflow.project import Project

STUDY = "green_innovation_cities"
BEFORE = {"simulate_cities", "simulate_counties", "simulate_provinces", "simulate_work_reports", "extract_workbooks"}
"""Rules that come before a study's variables."""

pytestmark = pytest.mark.skipif(
    STUDY not in REPORTS or not (RESULTS.parent / ".snakemake" / "metadata").is_dir(),
    reason=f"no finished run of {STUDY} with Snakemake's records in {RESULTS.parent}: `make run`",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project over hard links to the finished results and Snakemake's records of them."""
    there = RESULTS.parent
    plan = load_plan(ROOT)  # raw files beside a project have other paths in a copy of it: simulated studies alone
    studies = [name for name in plan.studies if name in REPORTS and plan.is_simulated(name)]
    copy = Project(tmp_path_factory.mktemp("finished") / "project", studies)
    if raw := os.environ.get("SHIDIAN_RAW"):
        copy.raw = raw
    for part in ("results", ".snakemake/metadata"):
        shutil.copytree(there / part, copy.folder / part, copy_function=os.link)
    return copy


def test_an_edited_efficiency_input_reruns_its_study_alone(project):
    if project.stale().keys() - {"render_index"}:  # the index of fewer studies
        pytest.skip("the finished run is older than the code: `make run`")
    old = "labour: {formula: employed_research"
    project.edit(f"config/studies/{STUDY}.yaml", old, old.replace("employed", "1 * employed"))
    jobs = project.stale_jobs()
    assert {w.get("study", STUDY) for _, w in jobs} == {STUDY}
    rules = {rule for rule, _ in jobs}
    assert {"build_panel", "solve_efficiency_year", "compute_productivity", "render_report", "render_index"} <= rules
    assert not rules & BEFORE
    content = yaml.safe_load((project.folder / f"config/studies/{STUDY}.yaml").read_text(encoding="utf-8"))
    parts = {wildcards["part"] for rule, wildcards in jobs if rule == "solve_efficiency_year"}
    assert parts == {str(year) for year in range(content["years"]["first"], content["years"]["last"] + 1)}
