"""The worked example of docs/extensions.md in a real run: printed, rerun where it is edited, bundled, run again."""

import shutil
from copy import deepcopy

import pytest
from shidian.audit.verify.command import RerunOptions, verify_bundle
from shidian.extensions import using

from ..audit.small_bundle import members
from ..study.own_data import STUDY, write_project
from .project import ROOT, Project

pytestmark = pytest.mark.workflow
EXAMPLE = ROOT / "docs" / "extensions_example"
ZIP = "results/audit/my_study.zip"
REPORT = {"render_report": {"all"}, "render_index": {"all"}}
FOUND = {"assemble_ledger": {"all"}, "trace_exhibits": {"all"}, **REPORT}
MEANS = {rule: {"means"} for rule in ("estimate_exhibit", "render_table", "render_figure")}
EVERY = {"compute_indicators": {"all"}, "assemble_panel": {"all"}, "estimate_exhibit": {"means", "summary"}}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A finished study, in Chinese, with the example's kind and indicator; the example lies outside the project."""
    folder = tmp_path_factory.mktemp("extensions")
    shutil.copytree(EXAMPLE, folder / "mine", ignore=shutil.ignore_patterns("__pycache__"))
    project = Project(folder / "project", raw=folder / "project" / "raw")
    study = deepcopy(STUDY)
    study["indicators"] = {"hhi": {"method": "herfindahl", "inputs": ["ln_wage", "ln_people"]}}
    means = {"id": "means", "kind": "group_means", "by": "did", "variables": ["ln_wage", "hhi"]}
    study["exhibits"] = [means, {"id": "summary", "kind": "descriptives", "variables": ["ln_wage", "did"]}]
    write_project(project.folder, study)
    config = "studies: [my_study]\nraw_data: raw\nlanguage: zh\nextensions: ../mine\n"
    (project.folder / "config" / "config.yaml").write_text(config, encoding="utf-8")
    project.snakemake("all", ZIP)
    with using(()):
        yield project


@pytest.fixture
def project(ran):
    """The finished project, its extension put back after the test's edit."""
    mine = ran.folder.parent / "mine"
    kept = {path: path.read_bytes() for path in mine.rglob("*.*") if path.suffix != ".pyc"}
    yield ran
    for path, content in kept.items():
        if path.read_bytes() != content:
            path.write_bytes(content)


def test_kind_indicator_and_format_are_printed_in_the_language_of_the_report(project):
    exhibits = project.folder / "results" / "my_study" / "exhibits"
    text = (exhibits / "means.rst").read_text(encoding="utf-8")
    assert "按did分组的均值" in text
    assert "   * - hhi\n     - 0.6318\n     - 0.6470\n" in text
    assert (exhibits / "means.png").stat().st_size > 1000
    assert (exhibits / "summary.rst").exists()
    report = (project.folder / "results" / "my_study" / "report.html").read_text(encoding="utf-8")
    assert "按did分组的均值" in report
    assert "exhibits/means.rst" in report


@pytest.mark.parametrize(
    ("file", "old", "new", "stale"),
    [
        ("kinds/group_means/estimate.py", "sort=True", "sort=bool(1)",
         {**MEANS, **FOUND}),
        ("kinds/group_means/draw_group_means.py", "x=0.3", "x=0.2", {"render_figure": {"means"}, **REPORT}),
        ("kinds/group_means/estimate.py", '"""Means', '"""The means', {}),
        ("indicators/herfindahl.py", '"takes": "list"', '"takes": "list", "other_rows": ""',
         {**FOUND, **EVERY, "render_table": {"means", "summary"}, "render_figure": {"means"}}),
        ("formats/rst.py", "{_escaped(meta", "{str(meta", {"render_table": {"means", "summary"}, **REPORT}),
        ("estimators/mean_difference.py", "np.inf", "1e9", {}),
    ],
    ids=["estimate", "drawing", "docstring", "indicator", "format", "estimator that no study names"],
)  # fmt: skip
def test_an_edit_reruns_what_uses_the_file(project, file, old, new, stale):
    path = project.folder.parent / "mine" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert project.stale() == stale


def test_a_broken_extension_stops_the_run_before_any_job(project):
    path = project.folder.parent / "mine" / "kinds" / "group_means" / "estimate.py"
    path.write_text("def run(:\n", encoding="utf-8")
    printed = project.snakemake("--dry-run", check=False)
    assert f"{path}, line 1: no valid Python" in printed
    assert "Traceback" not in printed


@pytest.mark.slow
def test_the_bundle_holds_the_extension_and_runs_again_with_it(project, tmp_path, monkeypatch):
    monkeypatch.delenv("SHIDIAN_RAW", raising=False)
    bundle = project.folder / ZIP
    content = members(bundle)
    name = "source/extensions/mine/kinds/group_means/estimate.py"
    assert content[name] == (EXAMPLE / "kinds" / "group_means" / "estimate.py").read_bytes()
    assert str(project.folder.parent).encode() not in content["audit/study.json"]
    assert b"shidian_extensions.indicators.herfindahl" in content["audit/study.json"]
    assert not any(name.endswith(".pyc") for name in content)
    text = verify_bundle(bundle, again=RerunOptions(tmp_path / "again", None, 2, 0.0, False))
    assert "rerun" in text
    config = (tmp_path / "again" / "source" / "config" / "config.yaml").read_text(encoding="utf-8")
    assert "extensions/mine" in config
