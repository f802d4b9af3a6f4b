"""Bundles: what is in them."""

import json
import os
import subprocess
import zipfile

import pytest
from shidian.audit.bundle.archive import file_digest, write_sealed
from shidian.audit.bundle.run_facts import run_times
from shidian.audit.bundle.source_tree import source_tree, tree_digest
from shidian.audit.bundle.write import write_bundle
from shidian.audit.verify.bundle import opened
from shidian.audit.verify.command import verify_bundle
from shidian.audit.verify.static import verify
from shidian.errors import AuditError
from shidian.written import WrittenError, write_records

from .small_bundle import CLOSED, RAW, SmallProject, members, sha


def test_a_whole_bundle_passes(bundle):
    verdict = verify(bundle)
    assert verdict.faults == ()
    assert len(verdict.passed) == 10
    text = verify_bundle(bundle, digest=file_digest(bundle))
    assert "inputs: 2, of which 1 included" in text
    assert "commit: none (no git checkout)" in text


def test_what_is_in_it(bundle):
    content = members(bundle)
    assert content["data/raw/open/towns.csv"] == RAW
    assert content["source/workflow/shidian/exhibits/did/did_table/estimate.py"] == b"VALUE = 1\n"
    assert "results/towns/exhibits/baseline.docx" in content
    manifest = json.loads(content["manifest.json"])
    assert set(manifest["files"]) == set(content) - {"manifest.json"}
    assert manifest["left_out"]["data/raw/closed/secret.csv"]["sha256"] == sha(CLOSED)
    assert set(manifest["left_out"]) == {
        "data/raw/closed/secret.csv", "results/sources/closed/1_1.cells.parquet", "results/towns/panel_long.parquet",
    }  # fmt: skip
    assert not any(CLOSED in part or b"values one by one" in part for part in content.values())
    assert str(bundle.parent).encode() not in content["audit/study.json"]


def test_readme_in_the_editors_template(bundle):
    text = members(bundle)["README.md"].decode()
    for heading in (
        "# README for", "## Overview", "## Data Availability and Provenance Statements", "### Statement about Rights",
        "### Summary of Availability", "### Details on each Data Source", "## Dataset list",
        "## Computational requirements", "### Software Requirements", "### Controlled Randomness",
        "### Memory, Runtime, Storage Requirements", "## Description of programs/code", "### License for Code",
        "## Instructions to Replicators", "## List of tables and programs", "## References",
    ):  # fmt: skip
        assert heading in text
    assert "- [x] Some data **cannot be** in this package." in text
    assert "- [ ] I certify" in text
    assert "set at line 2 of `source/config/studies/towns.yaml`: 7" in text
    assert "its licence does not let it be passed on" in text
    assert "| baseline | `shidian.exhibits.did.did_table.estimate` | 7 |" in text


def test_exhibit_map_goes_from_claim_to_output(bundle):
    with opened(bundle) as opened_bundle:
        rows = opened_bundle.table("audit/exhibit_map.csv").to_dict("records")
    assert [r["claim"] for r in rows] == ["Table 1 Baseline: Policy, (1)"] * 2
    assert [(r["printed"], r["value"]) for r in rows] == [("0.0694", "0.0693984"), ("(0.0559)", "0.0558596")]
    assert rows[0]["output_sha256"] == sha(members(bundle)[rows[0]["output"]])


def test_the_crate_opens_in_the_library(bundle, tmp_path):
    from rocrate.rocrate import ROCrate

    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path)
    crate = ROCrate(str(tmp_path))
    assert crate.mainEntity.id == "source/Snakefile"
    assert crate.dereference("data/raw/open/towns.csv")["license"] == "CC-BY"
    run = crate.dereference("#run")
    assert run.type == "CreateAction"
    assert {e.id for e in run["object"]} == {"data/raw/open/towns.csv"}


def test_the_same_run_gives_the_same_bytes(project, bundle, tmp_path):
    assert project.bundle(tmp_path / "again.zip").read_bytes() == bundle.read_bytes()


def test_another_run_differs_in_declared_run_facts_only(project, bundle, tmp_path):
    times = project.folder / "results/benchmarks/estimate_exhibit/towns_baseline.tsv"
    before = times.read_bytes()
    times.write_bytes(b"s\tcpu_time\tmax_rss\n9.5\t8.0\t999\n")
    again = members(project.bundle(tmp_path / "again.zip"))
    times.write_bytes(before)
    first = members(bundle)
    differing = {name for name in first if first[name] != again[name]} - {"manifest.json"}
    with opened(bundle) as opened_bundle:
        assert differing
        assert all(opened_bundle.is_run_fact(name) for name in differing)


def test_a_raw_file_that_changed_since_the_run_is_not_bundled(tmp_path):
    project = SmallProject(tmp_path / "p")
    (project.raw / "towns.csv").write_bytes(b"other")
    with pytest.raises(AuditError, match=r"towns.csv \(source 'open'\) is not the file declared"):
        project.bundle(tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_a_table_of_the_project_that_may_be_passed_on_is_raw_file_and_code(tmp_path):
    project = SmallProject(tmp_path / "p")
    places = {"open": "workflow/shidian/groups.csv", "closed": "workflow/shidian/closed.csv"}
    facts = project.facts()
    for source, content in (("open", RAW), ("closed", CLOSED)):
        place = project.folder / places[source]
        place.write_bytes(content)
        next(s for s in facts["sources"] if s["id"] == source)["files"][0]["on_disk"] = str(place)
    write_bundle(facts, project.folder, project.folder / "results", tmp_path / "b.zip")
    content = members(tmp_path / "b.zip")
    assert content["source/workflow/shidian/groups.csv"] == content["data/raw/open/towns.csv"] == RAW
    assert "source/workflow/shidian/closed.csv" not in content
    assert verify(tmp_path / "b.zip").faults == ()


def git(folder, *arguments):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    names = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True, env=environment)


def test_the_source_tree_of_a_checkout(tmp_path):
    for name in (
        "a.py",
        "resources/raw/secret.csv",
        "resources/raw/README.md",
        "results/x.json",
        "deep/b.py",
        "gone.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / "link").symlink_to("deep")
    (tmp_path / ".gitignore").write_text("results/\n", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "a.py", "deep", "link", "gone.py", ".gitignore")
    git(tmp_path, "commit", "-qm", "first")
    clean = tree_digest(tmp_path)
    (tmp_path / "gone.py").unlink()
    (tmp_path / "a.py").write_text("changed", encoding="utf-8")
    tree = source_tree(tmp_path)
    assert set(tree.files) == {".gitignore", "a.py", "deep/b.py", "link/b.py", "resources/raw/README.md"}
    assert len(tree.commit) == 40
    assert set(tree.changed) == {"a.py", "gone.py", "resources/"}
    assert tree_digest(tmp_path) != clean


def test_the_source_tree_of_an_unpacked_archive(tmp_path):
    for name in ("a.py", "results/x.json", ".venv/y.py", "w/__pycache__/z.pyc", "resources/raw/secret.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    tree = source_tree(tmp_path)
    assert (set(tree.files), tree.commit, tree.changed) == ({"a.py"}, "", ())


def test_sealed_zips_are_written_whole(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_sealed(tmp_path / "b.zip", {"a": b"x", "b": tmp_path / "not there"})
    assert list(tmp_path.iterdir()) == []


def test_run_times_name_the_simulation_that_wrote_the_sources(tmp_path):
    for name in ("simulate_cities", "simulate_counties", "build_panel/towns"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.tsv").write_text("s\tcpu_time\tmax_rss\n1.5\t1.0\t99\n", encoding="utf-8")
    times = run_times(tmp_path, "towns", ["sim_city_yearbook"], ["towns"])
    assert times["rule"].tolist() == ["build_panel", "simulate_cities"]
    assert times["cpu_seconds"].tolist() == [1.0, 1.0]


def test_a_result_that_is_not_what_its_job_wrote_is_not_bundled(tmp_path):
    project = SmallProject(tmp_path / "project")
    name = project.folder / "results" / "towns" / "panel.parquet"
    write_records([str(name)])
    project.bundle(tmp_path / "b.zip")
    name.write_bytes(name.read_bytes() + b"x")
    with pytest.raises(WrittenError, match=r"panel.parquet is not what its job wrote"):
        project.bundle(tmp_path / "c.zip")
    assert not (tmp_path / "c.zip").exists()
