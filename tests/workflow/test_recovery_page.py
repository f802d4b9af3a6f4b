"""docs/simulated_recovery.md is what a full run of the five studies gives."""

import pytest
from shidian.simulate.recovery import recovery_page
from shidian.simulate.truth import studies

from .project import ROOT, Project


@pytest.mark.slow
def test_the_page_is_that_of_a_run_of_all_five(tmp_path):
    project = Project(tmp_path / "project", studies())
    project.snakemake(*(f"results/{study}/panel.parquet" for study in studies()))
    page = (ROOT / "docs" / "simulated_recovery.md").read_text(encoding="utf-8")
    assert page == recovery_page(project.folder / "results", 20240601), "write it again with recovery_page"
    assert "| NO |" not in page
