"""Zips that must not be unpacked are named, and nothing is written."""

import stat
import struct
import zipfile
from contextlib import nullcontext

import pytest
from shidian.audit.bundle.archive import unsafe_name
from shidian.audit.verify.command import RerunOptions, verify_bundle
from shidian.cli import main
from shidian.errors import AuditError

from .small_bundle import faults


def hostile(path, entries, comment=b""):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content, mode in entries:
            info = zipfile.ZipInfo("placeholder")
            info.filename = info.orig_filename = name
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            with pytest.warns(UserWarning, match="Duplicate") if name in archive.namelist() else nullcontext():
                archive.writestr(info, content)
        archive.comment = comment
    return path


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
