"""The gallery of published studies: each loads, and as many printed numbers come out as the README says."""

import json
import re
import shutil
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
import yaml
from shidian.code_digests import ROOT
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.truth.comparison import estimate as comparison
from shidian.exhibits.truth.printed import read_published
from shidian.panel.build import build_panel
from shidian.panel.leave_out import leave_out
from shidian.study.plan import Plan, load_plan
from shidian.yearbook.extract import extract_files

pytestmark = pytest.mark.usefixtures("own_raw_files")

GALLERY = ROOT / "replications"
STUDIES = yaml.safe_load((GALLERY / "config" / "config.yaml").read_text(encoding="utf-8"))["studies"]
QUICK = ("grunfeld_investment", "jtrain_grants", "mpdta_wages", "nsw_training", "organ_registrations", "traffic_laws")
"""Those that every run of the tests estimates; the others are among the slow tests."""
UNMET = {
    "mpdta_wages": [("tau+0", "standard error"), ("tau+2", "standard error")],
    "organ_registrations": [("quarter +1", "standard error")],
    "police_thefts": [
        ("Two-blocks police", "Same-block police"),
        ("Same-block police", "One-block police"),
        ("Same-block police", "One-block police"),
    ],
}
"""Rows of printed numbers that do not come out, each with the row above it; docs/replications.md says why."""


@pytest.fixture
def plan(study, request, tmp_path) -> Plan:
    """One study of the gallery, on packages and, where its data are in none, on the reference data."""
    for part in ("config", "resources"):
        shutil.copytree(GALLERY / part, tmp_path / part)
    (tmp_path / "config" / "config.yaml").write_text(f"studies: [{study}]\n", encoding="utf-8")
    raw = tmp_path / "raw"
    raw.mkdir()
    plan = load_plan(tmp_path, str(raw))
    if plan.skipped:
        shared = request.getfixturevalue("shared")
        for name in (Path(missing.path).name for missing in plan.skipped[0].missing):
            places = [*(shared / "cases" / "papers").glob(f"*/{name}"), shared / "reference" / "data" / name]
            found = next((place for place in places if place.is_file()), None)
            if found is None:
                pytest.skip(f"no {name} in {shared}")
            shutil.copy(found, raw / name)
        plan = load_plan(tmp_path, str(raw))
    return plan


def panel_of(plan: Plan, study: str) -> pd.DataFrame:
    spec = plan.studies[study].panel
    sources = {use.source: plan.sources[use.source] for use in spec.sources}
    found = {n: extract_files(one, range(1, len(one.files) + 1), plan.raw_root) for n, one in sources.items()}
    texts = {k: v for one in found.values() for k, v in zip(one.cells["cell_id"], one.cells["raw_text"], strict=True)}
    return leave_out(build_panel(spec, {name: one.records for name, one in found.items()}, {}, texts).frame)


def results_of(plan: Plan, study: str) -> dict[str, ExhibitResult]:
    panel, found = panel_of(plan, study), {}
    for exhibit in (e["id"] for e in plan.studies[study].exhibits if e["kind"] != "comparison"):
        info = StudyInfo(**json.loads(plan.info(study, exhibit)))
        kind = import_module(plan.kind(study, exhibit).module)
        found[exhibit] = estimate_exhibit(kind, panel, json.loads(plan.spec(study, exhibit)), info)
    return found


def in_readme(study: str) -> tuple[int, int]:
    """Return how many of the printed numbers the README says are met, and of how many."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{study}` \|.*\| (\d+) of (\d+) \|$", text, re.M)
    return int(row[0]), int(row[1])


@pytest.mark.parametrize(
    "study", [pytest.param(s, marks=[] if s in QUICK else [pytest.mark.slow], id=s) for s in STUDIES]
)
def test_printed_numbers_come_out_to_the_digit(plan, study):
    results = results_of(plan, study)
    published = read_published(GALLERY / "resources" / "published" / f"{study}.yaml")
    spec, info = json.loads(plan.spec(study, "published")), StudyInfo(**json.loads(plan.info(study, "published")))
    rows = [row for row in comparison.run(results, published, spec, info).table.rows if row.cells[-1].text]
    unmet = [n for n, row in enumerate(rows) if row.cells[-1].text != "yes"]
    assert [(rows[n - 1].label, rows[n].label) for n in unmet] == UNMET.get(study, [])
    assert (len(rows) - len(unmet), len(rows)) == in_readme(study)


def test_every_study_of_the_gallery_is_listed_and_loads(tmp_path):
    there = {p.stem for p in (GALLERY / "config" / "studies").glob("*.yaml")}
    assert set(STUDIES) == there == {p.stem for p in (GALLERY / "resources" / "published").glob("*.yaml")}
    plan = load_plan(GALLERY, str(tmp_path))
    assert {*plan.studies, *(skipped.study.study for skipped in plan.skipped)} == there
    assert len(plan.studies) >= 10  # their data come with packages
