"""Which numbers moved between two bundles, and what changed upstream of them."""

import json

import pandas as pd
import pytest
from shidian.audit.differences import compare
from shidian.cli import main
from shidian.errors import AuditError

from .small_bundle import SmallProject, members, reseal


@pytest.fixture
def first(tmp_path):
    return SmallProject(tmp_path / "first").bundle(tmp_path / "first.zip")


def second(tmp_path, edit=None, estimate=0.0693984):
    project = SmallProject(tmp_path / "second", estimate)
    for name, old, new in edit or ():
        path = project.folder / name
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new))
    return project.bundle(tmp_path / "second.zip")


def test_nothing_moved(tmp_path, first, capsys):
    assert main(["diff", str(first), str(second(tmp_path))]) == 0
    assert capsys.readouterr().out == "no number moved\n"


def test_a_move_in_standard_errors(tmp_path, first):
    out = tmp_path / "moved.csv"
    text = compare(first, second(tmp_path, estimate=0.0693984 + 0.5 * 0.0558596), out)
    assert "baseline: 1 numbers moved" in text
    assert "(+0.5 standard errors)" in text
    assert "upstream: nothing that is recorded" in text
    row = pd.read_csv(out).iloc[0]
    assert (row["exhibit"], row["column"], row["term"], row["field"]) == ("baseline", "(1)", "did", "estimate")
    assert row["difference"] == pytest.approx(0.0279298, abs=1e-12)
    assert row["in_standard_errors"] == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize(
    ("edit", "upstream"),
    [
        (("workflow/shidian/exhibits/did/did_table/estimate.py", b"1", b"2"),
         "code workflow/shidian/exhibits/did/did_table/estimate.py"),
        (("workflow/scripts/estimate_exhibit.py", b"code", b"other"), "code workflow/scripts/estimate_exhibit.py"),
        (("config/studies/towns.yaml", b"seed: 7", b"seed: 8"), "parameter seed: 7 -> 8"),
        (("config/studies/towns.yaml", b"did_table}", b"did_table, draws: 5}"),
         "parameter exhibits.baseline.draws: not there -> 5"),
        (("config/sources/open.yaml", b"made up", b"made up, twice"), "how sources are read config/sources/open.yaml"),
    ],
)  # fmt: skip
def test_what_changed_upstream(tmp_path, first, edit, upstream):
    text = compare(first, second(tmp_path, [edit], estimate=0.08))
    assert [line for line in text.splitlines() if "upstream" in line] == [f"  upstream: {upstream}"]


def test_a_package_and_an_input_upstream(tmp_path, first):
    path = second(tmp_path, estimate=0.08)
    content = members(path)
    lock = content["source/uv.lock"].decode()
    for name in ("numpy", "rocrate"):  # the crate's library is not behind the numbers
        lock = lock.replace(f'name = "{name}"\nversion = "', f'name = "{name}"\nversion = "9')
    content["source/uv.lock"] = lock.encode()
    digest = json.loads(content["manifest.json"])["files"]["data/raw/open/towns.csv"]["sha256"]
    content["audit/inputs.csv"] = content["audit/inputs.csv"].replace(digest.encode(), b"0" * 64)
    text = compare(first, reseal(path, content, manifest=True))
    upstream = [line for line in text.splitlines() if "upstream" in line]
    assert upstream[0] == "  upstream: input open: towns.csv"
    assert upstream[1].startswith("  upstream: package numpy ")
    assert len(upstream) == 2


def test_an_exhibit_on_one_side_only(tmp_path, first):
    path = second(tmp_path)
    content = members(path)
    facts = json.loads(content["audit/study.json"])
    content["audit/study.json"] = json.dumps({**facts, "exhibits": []}).encode()
    text = compare(first, reseal(path, content, manifest=True))
    assert "(1) did : there -> missing" in text


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: p / "none.zip", "neither a bundle nor a folder"),
        (lambda p: p, "expected a folder results/<study>"),
    ],
)
def test_bad_sides(tmp_path, first, make, words):
    with pytest.raises(AuditError, match=words):
        compare(first, make(tmp_path))


def test_two_studies(tmp_path, first):
    path = second(tmp_path)
    content = members(path)
    facts = json.loads(content["audit/study.json"])
    content["audit/study.json"] = json.dumps({**facts, "study": "counties"}).encode()
    content["source/config/studies/counties.yaml"] = content["source/config/studies/towns.yaml"]
    with pytest.raises(AuditError, match="two studies"):
        compare(first, reseal(path, content, manifest=True))
