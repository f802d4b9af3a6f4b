"""Only stale steps rerun, and all of them do."""

import os

import pytest
import yaml

from ..study.own_data import write_project
from .project import Project

pytestmark = pytest.mark.workflow

FUTURE = "from __future__ import annotations\n"
EDITED = f"{FUTURE}\nEDITED = True\n"
REPORT = {"assemble_ledger": {"all"}, "render_report": {"all"}, "render_index": {"all"}}


@pytest.fixture
def project(finished):
    """The finished project, put back after the test's edit."""
    kept = {
        p: p.read_bytes()
        for part in ("config", "resources", "workflow")
        for p in (finished.folder / part).rglob("*.*")
        if p.is_file()
    }
    kept[finished.folder / "uv.lock"] = (finished.folder / "uv.lock").read_bytes()
    yield finished
    for path, content in kept.items():
        if path.read_bytes() != content:
            path.write_bytes(content)


def test_a_second_run_has_nothing_to_do(project):
    assert "Nothing to be done" in project.snakemake()
    assert project.stale() == {}


def test_an_edited_exhibit_reruns_alone(project):
    project.edit("config/studies/castle_doctrine.yaml", "window: [-6, 4]", "window: [-5, 4]")
    alone = {key: {"event_study"} for key in ["estimate_exhibit", "render_table", "render_figure"]}
    assert project.stale() == {**alone, **REPORT, "trace_exhibits": {"all"}}


def test_an_edited_title_reruns_no_estimate(project):
    project.edit("config/studies/castle_doctrine.yaml", "{en: Event study,", "{en: Before and after,")
    assert "estimate_exhibit" not in project.stale()
    assert project.stale()["render_report"] == {"all"}


def test_an_edited_variable_reruns_the_panel_and_what_hangs_on_it(project):
    project.edit("config/studies/castle_doctrine.yaml", "formula: l_larceny", "formula: l_larceny + 0")
    stale = project.stale()
    assert "extract_workbooks" not in stale
    assert stale["build_panel"] == {"all"}
    content = yaml.safe_load((project.folder / "config/studies/castle_doctrine.yaml").read_text(encoding="utf-8"))
    elsewhere = ("placebo", "comparison", "data_checks")
    assert stale["estimate_exhibit"] == {e["id"] for e in content["exhibits"] if e["kind"] not in elsewhere}


def test_an_edited_function_reruns_what_uses_it(project):
    project.edit("workflow/shidian/did/bacon.py", FUTURE, EDITED)
    assert project.stale()["estimate_exhibit"] == {"bacon"}


def test_an_edited_module_used_from_afar_reruns_its_users_too(project):
    project.edit("workflow/shidian/did/within.py", FUTURE, EDITED)
    stale = project.stale()
    assert {"twfe", "event_study"} <= stale["estimate_exhibit"]
    assert not {"descriptives", "timing"} & stale["estimate_exhibit"]
    assert "build_panel" not in stale


def test_an_edited_estimator_reruns_the_placebo_that_names_it(project):
    project.edit("workflow/shidian/did/callaway_santanna.py", FUTURE, EDITED)
    stale = project.stale()
    assert stale["draw_placebo_chunk"] == stale["gather_placebo"] == {"placebo_robust"}
    assert "robust" in stale["estimate_exhibit"]
    assert "twfe" not in stale["estimate_exhibit"]


def test_an_edited_figure_module_redraws_and_estimates_nothing(project):
    project.edit("workflow/shidian/exhibits/did/goodman_bacon/draw_bacon.py", FUTURE, EDITED)
    assert not {"estimate_exhibit", "build_panel", "render_table"} & set(project.stale())


def test_an_upgraded_package_reruns_what_imports_it(project):
    lock = (project.folder / "uv.lock").read_text(encoding="utf-8")
    version = lock.split('name = "pyfixest"\nversion = "')[1].split('"')[0]
    project.edit("uv.lock", f'name = "pyfixest"\nversion = "{version}"', 'name = "pyfixest"\nversion = "9.9.9"')
    stale = project.stale()
    assert {"twfe", "event_study"} <= stale["estimate_exhibit"]
    assert "descriptives" not in stale["estimate_exhibit"]
    assert not {"extract_workbooks", "build_panel", "render_figure"} & set(stale) - {"render_figure"}


def test_a_described_source_reruns_no_extraction(project):
    project.edit("config/sources/castle_causaldata.yaml", "licence: MIT", "licence: the MIT licence, MIT")
    assert set(project.stale()) == {"render_report", "render_index"}


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("did/within", "Partialling fixed effects out"),
        ("errors", '"""'),
        ("exhibits/notes", "The words of an exhibit"),
        ("indicators/location_quotient", '"""'),
    ],
)
def test_a_docstring_and_a_comment_rerun_nothing(project, module, text):
    path = project.folder / "workflow" / "shidian" / f"{module}.py"
    code = path.read_text(encoding="utf-8")
    path.write_text(code.replace(text, f"{text} ", 1).replace(FUTURE, f"# a comment\n{FUTURE}\n\n"), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != code
    assert project.stale() == {}


def test_an_edited_table_of_the_project_reruns_what_reads_it(project):
    outlines = project.folder / "resources" / "geo" / "prefectures.json"
    outlines.write_text(outlines.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    stale = project.stale()  # draws of a placebo may be of a spatial estimator
    assert not {"extract_workbooks", "build_panel", "estimate_exhibit"} & set(stale)
    changes = project.folder / "resources" / "regions" / "changes.csv"
    changes.write_text(changes.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    stale = project.stale()
    assert "build_panel" in stale
    assert "extract_workbooks" not in stale


@pytest.mark.parametrize(
    ("file", "rule"),
    [("exhibits/twfe.csv", "render_table"), ("exhibits/event_study.png", "render_figure"),
     ("panel.parquet", "assemble_panel"), ("panel_long.parquet", "build_panel"), ("ledger.csv", "assemble_ledger")],
)  # fmt: skip
def test_a_deleted_result_is_made_again(project, file, rule):
    path = project.folder / "results" / "castle_doctrine" / file
    content, stat = path.read_bytes(), path.stat()
    path.unlink()
    try:
        assert rule in project.stale()
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_a_raw_file_replaced_by_an_older_one_is_read_again(tmp_path):
    project = Project(tmp_path / "project", raw=tmp_path / "project" / "raw")
    raw = write_project(project.folder) / "raw" / "my_panel.csv"
    records = "results/sources/my_panel/1_1.records.parquet"
    project.snakemake(records)
    assert "extract_workbooks" not in project.stale(records)
    text = raw.read_text(encoding="utf-8")
    digit = text.rindex("1")
    raw.write_text(f"{text[:digit]}2{text[digit + 1 :]}", encoding="utf-8")
    os.utime(raw, (1_000_000_000, 1_000_000_000))
    assert "extract_workbooks" in project.stale(records)
