"""What a rerun asks for before it starts, and how its results are compared."""

import json

import pytest
from shidian.audit.verify.bundle import opened
from shidian.audit.verify.command import RerunOptions, verify_bundle
from shidian.audit.verify.results import BundleResults, FolderResults, compare_results
from shidian.code_digests import lock_versions
from shidian.errors import AuditError

from .small_bundle import SmallProject, members, reseal, sha


def options(tmp_path, raw=None, *, any_environment=False):
    return RerunOptions(tmp_path / "run", raw, 1, 0.0, any_environment)


def test_a_rerun_needs_the_locked_versions(bundle, tmp_path):
    content = members(bundle)
    lock = content["source/uv.lock"].decode()
    at = lock.index('name = "numpy"\nversion = "') + len('name = "numpy"\nversion = "')
    content["source/uv.lock"] = (lock[:at] + "9" + lock[at:]).encode()
    made = json.loads(content["audit/made.json"])
    made["lock"], made["packages"] = sha(content["source/uv.lock"]), lock_versions(content["source/uv.lock"].decode())
    content["audit/made.json"] = json.dumps(made).encode()
    crate = json.loads(content["ro-crate-metadata.json"])
    for entity in crate["@graph"]:
        if entity["@id"] in content and entity["@id"].startswith(("source/uv.lock", "audit/made.json")):
            entity["sha256"] = sha(content[entity["@id"]])
    content["ro-crate-metadata.json"] = json.dumps(crate).encode()
    path = reseal(tmp_path / "b.zip", content, manifest=True)
    assert "note: another lock than here (bundle -> here): numpy " in verify_bundle(path)
    with pytest.raises(AuditError, match=r"other package versions .* numpy .*92.* -> "):
        verify_bundle(path, again=options(tmp_path))
    assert not (tmp_path / "run").exists()


def test_raw_files_that_are_missing_or_differ_are_named_before_the_run(bundle, tmp_path):
    with pytest.raises(AuditError, match=r"secret.csv: not in the bundle .* SHIDIAN_RAW"):
        verify_bundle(bundle, again=options(tmp_path))
    with pytest.raises(AuditError, match=r"secret.csv: not found at"):
        verify_bundle(bundle, again=options(tmp_path, tmp_path))
    (tmp_path / "secret.csv").write_bytes(b"another file")
    with pytest.raises(AuditError, match=rf"secret.csv: a raw file differs: sha256 {sha(b'another file')}"):
        verify_bundle(bundle, again=options(tmp_path, tmp_path))
    assert not (tmp_path / "run").exists()


def test_a_rerun_starts_in_an_empty_folder(bundle, project, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(AuditError, match="is not empty"):
        verify_bundle(bundle, again=options(tmp_path, project.raw))
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["mine.txt"]


def test_a_rerun_that_fails_shows_its_log(bundle, project, tmp_path):
    """The small project is no workflow: its rerun must stop, and say where the log is."""
    with pytest.raises(AuditError, match=r"the rerun failed; its log is .*rerun.log"):
        verify_bundle(bundle, again=options(tmp_path, project.raw))


def test_results_compared_file_by_file_and_number_by_number(bundle, tmp_path):
    other = SmallProject(tmp_path / "other", estimate=0.0693984 * (1 + 1e-9))
    ours = FolderResults(other.folder, "towns", ("open", "closed"))
    with opened(bundle) as opened_bundle:
        theirs = BundleResults(opened_bundle)
        found = compare_results(theirs, ours).differences
        numbers = [d for d in found if d.is_number]
        assert [d.place for d in numbers] == ["estimates.values.estimate[0]"]
        assert numbers[0].size == pytest.approx(1e-9, rel=1e-6)
        assert "results/towns/exhibits/baseline_estimates.csv" in {d.file for d in found}
        assert compare_results(theirs, ours, tolerance=1e-8).differences == []
        assert len(compare_results(theirs, ours, tolerance=1e-10).differences) == 1
        (other.folder / "results/towns/report.pdf").unlink()
        (other.folder / "results/towns/new.json").write_text("{}", encoding="utf-8")
        places = {(d.file, d.second) for d in compare_results(theirs, ours, tolerance=1e-8).differences}
        assert places == {("results/towns/report.pdf", "missing"), ("results/towns/new.json", "there")}


def test_left_out_results_are_compared_by_digest(bundle, tmp_path):
    other = SmallProject(tmp_path / "other")
    ours = FolderResults(other.folder, "towns", ("open", "closed"))
    with opened(bundle) as opened_bundle:
        assert compare_results(BundleResults(opened_bundle), ours).differences == []
        (other.folder / "results/towns/panel_long.parquet").write_bytes(b"other values")
        found = compare_results(BundleResults(opened_bundle), ours).differences
    assert [d.file for d in found] == ["results/towns/panel_long.parquet"]
