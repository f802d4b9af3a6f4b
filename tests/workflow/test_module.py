"""The smallest project, `.test`: another workflow that takes shidian as a `module:`, and Snakemake's own report."""

import shutil

import pytest

from .project import ROOT, Project

pytestmark = pytest.mark.workflow
TABLE, FIGURE = (f"results/town_wages/exhibits/{name}" for name in ("baseline.csv", "event_study.png"))


@pytest.fixture(scope="module")
def importer(tmp_path_factory):
    """The importing project, beside a copy of shidian that it names as its module."""
    shidian = Project(tmp_path_factory.mktemp("module") / "shidian")
    kept = shutil.ignore_patterns("results", ".snakemake")
    shutil.copytree(ROOT / ".test", shidian.folder / ".test", ignore=kept)
    importer = Project.__new__(Project)
    importer.folder, importer.raw = shidian.folder / ".test", shidian.folder / ".test/resources/raw"
    importer.snakemake(TABLE, FIGURE, env={"PYTHONPATH": str(shidian.folder / "workflow")})
    return importer, {"PYTHONPATH": str(shidian.folder / "workflow")}


def test_rules_of_a_module_run_in_the_folder_of_their_importer(importer):
    project, _ = importer
    assert "0.2" in (project.folder / TABLE).read_text(encoding="utf-8-sig")
    assert (project.folder / FIGURE).read_bytes().startswith(b"\x89PNG")
    assert not (project.folder.parent / "results").exists()


def test_all_of_a_module_asks_for_reports_and_index(importer):
    project, env = importer
    printed = project.snakemake("--dry-run", env=env)
    assert "rule shidian_render_report:" in printed
    assert "rule shidian_render_index:" in printed


def test_snakemakes_own_report_holds_the_exhibits(importer, tmp_path):
    project, env = importer
    project.snakemake("--report", str(tmp_path / "report.html"), TABLE, FIGURE, env=env)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert all(name in page for name in ("town_wages", "figures", "tables", "event_study"))
