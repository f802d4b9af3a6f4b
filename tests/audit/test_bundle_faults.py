"""Every fault of a bundle is found and named: changed bytes, missing files, facts that contradict each other."""

import random
import zipfile

import pytest
from shidian.audit.bundle.archive import SEAL, file_digest

from .small_bundle import CLOSED, RAW, faults, members, reseal, sha


@pytest.mark.parametrize("flips", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_random_bytes(bundle, tmp_path, flips):
    whole, rng = bundle.read_bytes(), random.Random(20240601)
    path = tmp_path / "broken.zip"
    for _ in range(flips):
        at = rng.randrange(len(whole))
        broken = bytearray(whole)
        broken[at] ^= rng.randrange(1, 256)
        path.write_bytes(broken)
        assert "changed byte" in faults(path), at


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_bytes_of_the_zip_s_own_headers(bundle, tmp_path, step):
    """Local header, central directory and end record of the first members: bytes that no member's checksum covers."""
    whole = bundle.read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        directory = archive.start_dir
        second = sorted(info.header_offset for info in archive.infolist())[1]
    places = [*range(40), *range(second, second + 40), *range(directory, directory + 60)]
    places += range(len(whole) - len(SEAL) - 64 - 22, len(whole))
    path = tmp_path / "broken.zip"
    for at in places[::step]:
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
