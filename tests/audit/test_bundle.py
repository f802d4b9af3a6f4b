"""Bundles: what is in them, and that every fault is found and named."""

import json
import os
import random
import stat
import struct
import subprocess
import zipfile

import pytest
from shidian.audit.bundle.archive import SEAL, file_digest, unsafe_name, write_sealed
from shidian.audit.bundle.run_facts import run_times
from shidian.audit.bundle.source_tree import source_tree, tree_digest
from shidian.audit.bundle.write import write_bundle
from shidian.audit.verify.bundle import opened
from shidian.audit.verify.command import RerunOptions, verify_bundle
from shidian.audit.verify.results import BundleResults, FolderResults, differences
from shidian.audit.verify.static import verify
from shidian.cli import main
from shidian.errors import AuditError
from shidian.provenance import lock_versions

from .small_bundle import CLOSED, RAW, SmallProject, members, reseal, sha


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> SmallProject:
    return SmallProject(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def bundle(project, tmp_path_factory):
    return project.bundle(tmp_path_factory.mktemp("bundle") / "towns.zip")


def faults(path, **options) -> str:
    """Return all faults that a verification names, whether it can read the zip or not."""
    try:
        return "\n".join(map(str, verify(path, **options).faults))
    except AuditError as problem:
        return str(problem)


# --- contents


def test_a_whole_bundle_passes(bundle):
    verdict = verify(bundle)
    assert verdict.faults == ()
    assert len(verdict.passed) == 7
    text = verify_bundle(bundle, digest=file_digest(bundle))
    assert "inputs: 2, of which 1 included" in text
    assert "commit: none (no git checkout)" in text


def test_what_is_in_it(bundle):
    content = members(bundle)
    assert content["data/raw/open/towns.csv"] == RAW
    assert content["source/workflow/shidian/exhibits/did_table.py"] == b"VALUE = 1\n"
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
    assert "| baseline | `shidian.exhibits.did_table` | 7 |" in text


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


# --- one changed byte, anywhere


def test_two_hundred_random_bytes(bundle, tmp_path):
    whole, rng = bundle.read_bytes(), random.Random(20240601)
    path = tmp_path / "broken.zip"
    for _ in range(200):
        at = rng.randrange(len(whole))
        broken = bytearray(whole)
        broken[at] ^= rng.randrange(1, 256)
        path.write_bytes(broken)
        assert "changed byte" in faults(path), at


def test_every_byte_of_the_zip_s_own_headers(bundle, tmp_path):
    """Local header, central directory and end record of the first members: bytes that no member's checksum covers."""
    whole = bundle.read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        directory = archive.start_dir
        second = sorted(info.header_offset for info in archive.infolist())[1]
    places = [*range(40), *range(second, second + 40), *range(directory, directory + 60)]
    places += range(len(whole) - len(SEAL) - 64 - 22, len(whole))
    path = tmp_path / "broken.zip"
    for at in places:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert "changed byte" in faults(path), at


@pytest.mark.parametrize("cut", [0, 1, 100, 5000])
def test_a_file_that_ends_early_or_goes_on(bundle, tmp_path, cut):
    whole, path = bundle.read_bytes(), tmp_path / "broken.zip"
    path.write_bytes(whole[: len(whole) - 1 - cut])
    assert "changed byte" in faults(path)
    path.write_bytes(whole + b"\0" * (cut + 1))
    assert "changed byte" in faults(path)


def test_a_changed_byte_is_named_by_its_file(bundle, tmp_path):
    whole = bundle.read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        info = archive.getinfo("results/towns/report.html")
    at = info.header_offset + 30 + len(info.filename) + 3
    path = tmp_path / "broken.zip"
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 8]) + whole[at + 1 :])
    assert "results/towns/report.html" in faults(path)


def test_a_bundle_of_another_digest(bundle):
    assert "another bundle" in faults(bundle, digest="0" * 64)
    assert faults(bundle, digest=file_digest(bundle).upper()) == ""


# --- files missing, extra, contradicting: a forger can make seal and manifest anew


def test_missing_and_extra_files(bundle, tmp_path):
    content = members(bundle)
    del content["results/towns/report.pdf"]
    content["results/towns/extra.txt"] = b"?"
    found = faults(reseal(tmp_path / "b.zip", content, manifest=False))
    assert "missing file: results/towns/report.pdf" in found
    assert "extra file: results/towns/extra.txt" in found


@pytest.mark.parametrize(
    "name",
    ["README.md", "source/uv.lock", "results/towns/ledger.csv", "results/towns/estimates/baseline.json",
     "source/config/studies/towns.yaml", "results/towns/exhibits/baseline.xlsx", "manifest.json", "audit/study.json",
     "audit/made.json", "audit/inputs.csv", "audit/exhibit_map.csv", "ro-crate-metadata.json", "run/run_times.csv",
     "source/config/sources/closed.yaml", "data/raw/open/towns.csv"],
)  # fmt: skip
def test_no_needed_file_can_be_left_out_by_a_forger(bundle, tmp_path, name):
    content = members(bundle)
    del content[name]
    path = reseal(tmp_path / "b.zip", content, manifest=name != "manifest.json")
    assert name.rsplit("/", 1)[-1] in faults(path)


WHY = b"its licence does not let it be passed on (source 'closed': CC-BY)"


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("results/towns/estimates/baseline.json", b"0.0693984", b"0.0793984", "the estimate is 0.0793984"),
        ("results/towns/estimates/baseline.json", b'"0.0694"', b'"0.0794"', "the result '0.0794'"),
        ("results/towns/exhibits/baseline.csv", b"0.0694", b"0.0794", "the table '0.0794'"),
        ("audit/exhibit_map.csv", b"0.0693984", b"0.0793984", "map has 0.0793984"),
        ("audit/exhibit_map.csv", b"estimate_exhibit.py", b"something_else.py", "not those of the exhibit"),
        ("data/raw/open/towns.csv", b"3.5", b"3.6", "a raw file differs: open: towns.csv"),
        ("audit/inputs.csv", sha(CLOSED).encode(), b"0" * 64, "a raw file differs: closed: secret.csv"),
        ("audit/inputs.csv", WHY, b"", "no reason given"),
        ("source/config/sources/open.yaml", sha(RAW).encode(), b"f" * 64, "declared: ffff"),
        ("source/config/sources/open.yaml", b"path: towns.csv", b'path: "to{wns,}.csv"', "open: to.csv: not in audit"),
        ("results/sources/open/1_1.files.json", sha(RAW).encode(), b"0" * 64, "read by the run: 0000"),
        ("source/uv.lock", b'name = "numpy"\nversion = "2', b'name = "numpy"\nversion = "1', "another lock"),
        ("audit/made.json", b'"commit": ""', b'"commit": "abc"', "commit 'no git checkout'"),
        ("ro-crate-metadata.json", b"results/towns/report.pdf", b"results/towns/report.odt", "not described in"),
        ("audit/study.json", b'"study": "towns"', b'"study": "town"', "study 'town', manifest 'towns'"),
        ("audit/study.json", b'"study": "towns"', b'"study" "towns"', "is no JSON"),
        ("audit/study.json", b'"sources"', b'"wells"', "not of the expected form"),
    ],
)  # fmt: skip
def test_contradictions_inside_a_resealed_bundle(bundle, tmp_path, name, old, new, words):
    content = members(bundle)
    assert old in content[name]
    content[name] = content[name].replace(old, new)
    assert words in faults(reseal(tmp_path / "b.zip", content, manifest=True))


@pytest.mark.parametrize(
    "text", [b"{}", b"[1]", b'{"format": "other", "study": 1, "files": {}, "left_out": {}, "run_facts": []}']
)
def test_a_manifest_of_another_form(bundle, tmp_path, text):
    content = members(bundle) | {"manifest.json": text}
    assert "manifest.json lacks" in faults(reseal(tmp_path / "b.zip", content, manifest=False)) or b"other" in text
    assert faults(tmp_path / "b.zip")


# --- zips that must not be unpacked


def hostile(path, entries, comment=b""):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content, mode in entries:
            info = zipfile.ZipInfo("placeholder")
            info.filename = info.orig_filename = name
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            with pytest.warns(UserWarning, match="Duplicate") if name in archive.namelist() else nothing():
                archive.writestr(info, content)
        archive.comment = comment
    return path


class nothing:  # noqa: N801
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


REGULAR = stat.S_IFREG | 0o644


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([("../evil", b"x", REGULAR)], "'../evil': climbs out"),
        ([("source/../../evil", b"x", REGULAR)], "climbs out"),
        ([("/tmp/evil", b"x", REGULAR)], "'/tmp/evil': an absolute path"),
        ([("C:/evil", b"x", REGULAR)], "an absolute path"),
        ([("a\\..\\evil", b"x", REGULAR)], "a backslash"),
        ([("a//b", b"x", REGULAR)], "an empty part"),
        ([("./a", b"x", REGULAR)], "an empty part, or '.'"),
        ([("folder/", b"", REGULAR)], "an empty part"),
        ([("a\nb", b"x", REGULAR)], "a control character"),
        ([("link", b"/etc/passwd", stat.S_IFLNK | 0o777)], "link: is a symbolic link"),
        ([("pipe", b"", stat.S_IFIFO | 0o644)], "pipe: is no regular file"),
        ([("a", b"x", REGULAR), ("a", b"y", REGULAR)], "twice in the zip: a"),
        ([("a", b"x", REGULAR), ("A", b"y", REGULAR)], "twice in the zip: A"),
        ([("a", b"x", REGULAR), ("a/b", b"y", REGULAR)], "'a' is a file, not a folder"),
    ],
)
def test_hostile_members_are_named_and_nothing_is_written(tmp_path, entries, words):
    inside = tmp_path / "inside"
    inside.mkdir()
    path = hostile(tmp_path / "hostile.zip", entries)
    before = sorted(p.name for p in tmp_path.rglob("*"))
    with pytest.raises(AuditError, match="fault") as problem:
        verify_bundle(path, again=RerunOptions(inside / "run", None, 1, 0.0, True))
    assert words in str(problem.value)
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


def test_a_null_byte_in_a_name(tmp_path):
    path = hostile(tmp_path / "h.zip", [("abcdef", b"x", REGULAR)])
    path.write_bytes(path.read_bytes().replace(b"abcdef", b"abc\0ef"))
    assert "unsafe path" in faults(path)


def test_declared_sizes_that_no_honest_zip_has(tmp_path):
    path = hostile(tmp_path / "h.zip", [("bomb", b"\0" * 10_000_000, REGULAR)])
    assert "too large" in faults(path, most_bytes=1_000_000)
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"PK\1\2")
    raw[at + 24 : at + 28] = struct.pack("<I", 2**31)
    path.write_bytes(raw)
    assert "too large: bomb: declares 2,147,483,648 bytes" in faults(path)


def test_a_member_that_unpacks_to_more_than_it_declares(bundle, tmp_path):
    raw = bytearray(bundle.read_bytes())
    at = raw.index(b"results/towns/estimates/baseline.json", raw.rindex(b"PK\1\2") - 20000) - 46
    while raw[at : at + 4] != b"PK\1\2":
        at = raw.index(b"results/towns/estimates/baseline.json", at + 47) - 46
    raw[at + 24 : at + 28] = struct.pack("<I", 10)
    path = tmp_path / "b.zip"
    path.write_bytes(raw)
    assert "results/towns/estimates/baseline.json" in faults(path)


def test_overlapping_and_encrypted_members(tmp_path):
    path = hostile(tmp_path / "h.zip", [("one", b"x" * 50, REGULAR), ("two", b"y" * 50, REGULAR)])
    raw = bytearray(path.read_bytes())
    first = raw.index(b"PK\1\2")
    second = raw.index(b"PK\1\2", first + 4)
    overlapping = bytearray(raw)
    overlapping[second + 42 : second + 46] = struct.pack("<I", 5)
    path.write_bytes(overlapping)
    assert "overlap: one: shares bytes with 'two'" in faults(path)
    raw[first + 8] |= 1
    path.write_bytes(raw)
    assert "one: is encrypted" in faults(path)


def test_no_zip_and_no_file(tmp_path, capsys):
    path = tmp_path / "b.zip"
    path.write_bytes(b"no zip at all")
    assert "cannot be read as a zip" in faults(path)
    assert main(["verify", str(tmp_path / "none.zip")]) == 1
    assert "there is no such file; `make audit` writes bundles" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a/b.csv", "a b/ü.csv", "城市/全市.xlsx", "a..b", "..a/b"])
def test_honest_names_are_safe(name):
    assert unsafe_name(name) == ""


# --- before a rerun


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


# --- comparing


def test_results_compared_file_by_file_and_number_by_number(bundle, tmp_path):
    other = SmallProject(tmp_path / "other", estimate=0.0693984 * (1 + 1e-9))
    ours = FolderResults(other.folder, "towns", ("open", "closed"))
    with opened(bundle) as opened_bundle:
        theirs = BundleResults(opened_bundle)
        found = differences(theirs, ours)
        numbers = [d for d in found if d.is_number]
        assert [d.place for d in numbers] == ["estimates.values.estimate[0]"]
        assert numbers[0].size == pytest.approx(1e-9, rel=1e-6)
        assert "results/towns/exhibits/baseline_estimates.csv" in {d.file for d in found}
        assert differences(theirs, ours, tolerance=1e-8) == []
        assert len(differences(theirs, ours, tolerance=1e-10)) == 1
        (other.folder / "results/towns/report.pdf").unlink()
        (other.folder / "results/towns/new.json").write_text("{}", encoding="utf-8")
        places = {(d.file, d.second) for d in differences(theirs, ours, tolerance=1e-8)}
        assert places == {("results/towns/report.pdf", "missing"), ("results/towns/new.json", "there")}


def test_left_out_results_are_compared_by_digest(bundle, tmp_path):
    other = SmallProject(tmp_path / "other")
    ours = FolderResults(other.folder, "towns", ("open", "closed"))
    with opened(bundle) as opened_bundle:
        assert differences(BundleResults(opened_bundle), ours) == []
        (other.folder / "results/towns/panel_long.parquet").write_bytes(b"other values")
        found = differences(BundleResults(opened_bundle), ours)
    assert [d.file for d in found] == ["results/towns/panel_long.parquet"]


# --- the source tree


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
