"""The provinces' study through Snakemake: simulated, read, graded; one seed the same bytes; labelled everywhere."""

import json
import os

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from shidian.code_digests import job_modules
from shidian.study.efficiency_models import score_models
from shidian.study.indicator_methods import methods
from shidian.study.kinds import kinds
from shidian.study.table_formats import format_modules
from shidian.warm_jobs import COLD

from .conftest import HOOK
from .project import Project

pytestmark = pytest.mark.workflow
FUTURE = "from __future__ import annotations\n"
STUDY = "productive_forces_provinces"
TARGETS = [
    f"results/{STUDY}/{name}"
    for name in ("panel.parquet", "grades/extraction_grade.json", "estimates/baseline.json",
                 "pseudo_true/baseline.json", "noise_free_panel.parquet")
]  # fmt: skip


def project(folder, seed):
    made = Project(folder / "project", (STUDY,))
    config = made.folder / "config" / "config.yaml"
    config.write_text(f"studies: [{STUDY}]\nsimulation: {{seed: {seed}}}\n", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    made = project(folder, 20240601)
    made.recorded = folder / "recorded"
    made.recorded.mkdir()
    (folder / "hook").mkdir()
    (folder / "hook" / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    path = f"{folder / 'hook'}{os.pathsep}{made.environment['PYTHONPATH']}"
    made.snakemake(*TARGETS, env={"PYTHONPATH": path, "SHIDIAN_RECORD": str(made.recorded), COLD: "1"})
    return made


def test_everything_planted_is_found(run):
    grade = json.loads((run.folder / TARGETS[1]).read_text(encoding="utf-8"))
    assert grade["notes"][0] == "Everything is right."
    assert grade["warnings"] == []


def test_a_second_run_gives_the_same_bytes_and_another_seed_others(run, tmp_path):
    again, other = project(tmp_path / "again", 20240601), project(tmp_path / "other", 7)
    again.snakemake(*TARGETS)
    assert again.digests() == run.digests()
    other.snakemake(TARGETS[0])
    first, second = run.digests(), other.digests()
    books = [name for name in first if name.endswith(".xlsx") and "yearbook" in name]
    assert len(books) == 12
    assert all(first[name] != second[name] for name in books)
    assert first[f"{STUDY}/panel.parquet"] != second[f"{STUDY}/panel.parquet"]


def test_nobody_can_mistake_it_for_real_data(run):
    for book in (run.folder / "results" / "simulated").rglob("*.xlsx"):
        assert book.name.startswith("sim_")
        workbook = CalamineWorkbook.from_path(book)
        for name in workbook.sheet_names:
            assert "SIMULATED" in str(workbook.get_sheet_by_name(name).to_python()[0][0]), (book.name, name)
    for panel in ("panel.parquet", "noise_free_panel.parquet"):
        assert pd.read_parquet(run.folder / "results" / STUDY / panel)["simulated"].all()
    for result in (TARGETS[1], TARGETS[2]):
        notes = json.loads((run.folder / result).read_text(encoding="utf-8"))["notes"]
        assert any("SIMULATED" in sentence for sentence in notes)


def test_the_digests_of_the_jobs_cover_what_they_load(run):
    jobs = [json.loads(p.read_text(encoding="utf-8")) for p in run.recorded.iterdir()]
    scripts = {job["script"] for job in jobs}
    assert {"simulate_yearbooks", "simulate_noise_free", "grade_extraction"} <= scripts
    for job in jobs:
        named = [(k.module,) for k in kinds().values()] if job["script"] == "estimate_exhibit" else [()]
        if job["script"] in ("compute_indicators", "simulate_noise_free"):
            named = [tuple(m.module for m in methods().values())]
        if job["script"] == "solve_efficiency_year":
            named = [tuple(m.module for m in score_models().values())]
        if job["script"] == "render_table":
            named = [format_modules()]
        left = [set(job["modules"]) - {"shidian", *job_modules(job["script"], *names)} for names in named]
        assert set() in left, (job["script"], min(left, key=len))


def test_regression_code_simulates_and_extracts_nothing_again(run):
    """Workbooks, records and panels of a simulated study do not hang on estimators, nor on their packages."""
    run.edit("workflow/shidian/did/within.py", FUTURE, f"{FUTURE}\nEDITED = True\n")
    try:
        stale = run.stale(*TARGETS)
    finally:
        run.edit("workflow/shidian/did/within.py", f"{FUTURE}\nEDITED = True\n", FUTURE)
    assert set(stale) == {"estimate_exhibit", "estimate_pseudo_true"}


def test_a_docstring_makes_no_job_of_a_simulated_study_stale(run):
    for module in ("did/within", "errors", "exhibits/notes", "simulate/cities", "indicators/location_quotient"):
        path = run.folder / "workflow" / "shidian" / f"{module}.py"
        code = path.read_text(encoding="utf-8")
        path.write_text(code.replace('"""', '""" ', 1), encoding="utf-8")
        try:
            assert run.stale(*TARGETS) == {}, module
        finally:
            path.write_text(code, encoding="utf-8")


def test_corrections_that_were_edited_are_made_again(run):
    source = "sim_province_yearbook"
    path = run.folder / "results" / "simulated" / "province" / "corrections.yaml"
    kept = path.read_text(encoding="utf-8")
    try:
        path.write_text(kept.replace("expected: '", "expected: '9", 1), encoding="utf-8")
        printed = run.snakemake(f"results/sources/{source}/1_12.records.parquet")
        assert "corrections.yaml is not what its job wrote" in printed
        assert path.read_text(encoding="utf-8") == kept
    finally:
        path.write_text(kept, encoding="utf-8")
