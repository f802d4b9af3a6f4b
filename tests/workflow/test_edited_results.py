"""A result edited by hand reaches nothing: a run makes it again, trace and audit refuse it."""

import os
from contextlib import contextmanager

import pandas as pd
import pytest
from shidian.cli import main

from .project import Project

pytestmark = pytest.mark.workflow
STUDY = "results/castle_doctrine"
WORDS = "is not what its job wrote"


@contextmanager
def edited(project: Project, name: str, content: bytes | None = None):
    """Edit a file and give it its old date; put it back afterwards."""
    path = project.folder / name
    before, stat = path.read_bytes(), path.stat()
    path.write_bytes(before + b"\n" if content is None else content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    try:
        yield path
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("results/sources/castle_causaldata/1_1.cells.parquet", "extract_workbooks"),
        ("results/sources/castle_causaldata/1_1.records.parquet", "extract_workbooks"),
        (f"{STUDY}/variables.parquet", "build_panel"),
        (f"{STUDY}/panel.parquet", "assemble_panel"),
        (f"{STUDY}/estimates/twfe.json", "estimate_exhibit"),
        (f"{STUDY}/placebo/placebo.json", "gather_placebo"),
        (f"{STUDY}/comparisons/published.json", "compare_published"),
        (f"{STUDY}/traces.json", "trace_exhibits"),
        (f"{STUDY}/exhibits/twfe_estimates.csv", "render_table"),
        (f"{STUDY}/exhibits/event_study.png", "render_figure"),
        (f"{STUDY}/report.pdf", "render_report"),
        ("results/index.html", "render_index"),
    ],
)
def test_an_edited_result_with_its_old_date_is_made_again(finished, name, rule):
    with edited(finished, name):
        printed = finished.snakemake("--dry-run", "--workflow-profile", "none")
    assert f"{name} {WORDS}" in printed
    assert f"rule {rule}:" in printed


def test_edited_draws_of_a_placebo_are_drawn_again(finished):
    chunk = sorted((finished.folder / STUDY / "placebo" / "placebo").glob("draws_*.parquet"))[-1]
    with edited(finished, chunk.relative_to(finished.folder).as_posix()):
        jobs = [wildcards for rule, wildcards in finished.stale_jobs() if rule == "draw_placebo_chunk"]
        assert [w["first"] for w in jobs] == [chunk.stem.split("_")[1]]


def test_only_what_was_asked_for_is_made_again(finished):
    with edited(finished, f"{STUDY}/exhibits/twfe.csv"):
        assert finished.stale(f"{STUDY}/panel.parquet") == {}
    assert finished.stale() == {}


def test_a_run_puts_an_edited_table_back(finished):
    before = finished.digests()
    path = finished.folder / STUDY / "exhibits" / "twfe.csv"
    path.write_bytes(path.read_bytes().replace(b"0.0694", b"0.5694"))
    assert finished.digests() != before
    assert f"{STUDY}/exhibits/twfe.csv {WORDS}" in finished.snakemake()
    assert finished.digests() == before


def test_trace_and_audit_refuse_an_edited_panel_and_name_it(finished, monkeypatch, capsys):
    name = f"{STUDY}/panel.parquet"
    panel = pd.read_parquet(finished.folder / name)
    panel["ln_homicide"] += 0.5 * panel["post"]
    made = finished.folder / "edited.parquet"
    panel.to_parquet(made, index=False)
    content = made.read_bytes()
    made.unlink()
    monkeypatch.chdir(finished.folder)
    with edited(finished, name, content):
        for words in (["10", "2006", "ln_homicide"], ["twfe", "(1)"]):
            assert main(["trace", "castle_doctrine", *words]) == 1
            assert f"error: {name} {WORDS}" in capsys.readouterr().err
        assert f"{name} {WORDS}" in finished.snakemake("audit", check=False)
    assert not (finished.folder / "results" / "audit").exists()
