"""Paths of raw files: what braces stand for, and that none leads out of its folder."""

import sys

import pytest
from shidian.errors import SourceError
from shidian.yearbook.raw_paths import MOST_FILES, expand, refuse_outside
from shidian.yearbook.source import SourceFile, load_source, resolve_file
from test_source_file import broken, write

OUTSIDE = (
    "../secret/castle.dta", "a/../../castle.dta", "/etc/passwd", "a//b.csv", "./a.csv", "a/./b.csv", "..", "C:/a.csv",
    "C:a.csv", "..\\a.csv", "a\\..\\b.csv", "package:causaldata/../../x.csv", "package:causaldata//etc/passwd",
    "package:../x", "package:antigravity.x/y", "package:causaldata", "package:/x", "x" * 300, "a/" * 600 + "b",
)  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path[:20])
def test_a_path_that_leads_elsewhere_is_refused_where_it_is_read(tmp_path, path):
    for make in (refuse_outside, lambda p: SourceFile(1, p, "w")):
        with pytest.raises(SourceError, match="path '"):
            make(path)
    file = write(tmp_path, broken(lambda d: d["files"][0].update(path=path)))
    with pytest.raises(SourceError, match=r"demo.yaml: (files\[1\]: path '|at 'files\[1\].path')"):
        load_source(file)


@pytest.mark.parametrize("path", ["a.csv", "b/c d/年鉴.xlsx", "..a/b..csv", "package:causaldata/castle/castle.dta"])
def test_plain_paths_are_let_through(path):
    refuse_outside(path)


def test_braces_that_climb_are_refused_too(tmp_path):
    path = write(tmp_path, broken(lambda d: d["files"][0].update(path="{a,..}/b.csv")))
    with pytest.raises(SourceError, match=r"files\[1\]: path '\.\./b.csv': write it from the raw-data folder on"):
        load_source(path)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("x_{1..1000000000}.csv", "stand for 1,000,000,000 files; at most 20,000 are read"),
        ("{1..3000}{1..3000}{1..3000}.csv", "stand for 27,000,000,000 files; at most 20,000"),
        ("{2005..2004}.csv", "stand for no file"),
    ],
)
def test_braces_without_end_are_refused_before_they_are_written_out(tmp_path, path, words):
    with pytest.raises(SourceError, match=words):
        expand(path)
    with pytest.raises(SourceError, match=rf"demo.yaml: files\[1\]: .*{words}"):
        load_source(write(tmp_path, broken(lambda d: d["files"][0].update(path=path))))


def test_braces_keep_zeros_and_stand_for_as_many_as_are_read():
    assert list(expand("{08..11}_{a, b}.csv"))[:3] == ["08_a.csv", "08_b.csv", "09_a.csv"]
    assert len(list(expand(f"{{1..{MOST_FILES}}}.csv"))) == MOST_FILES


def test_no_package_is_imported_to_find_its_file():
    assert "antigravity" not in sys.modules
    assert "not installed" in str(resolve_file(SourceFile(1, "package:antigravity/y", "w"), "raw"))
    assert "not installed" in str(resolve_file(SourceFile(1, "package:__main__/y", "w"), "raw"))
    assert "antigravity" not in sys.modules
