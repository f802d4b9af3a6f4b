"""Old names of keys: read for one release with a notice, rewritten by ``shidian migrate``, all else untouched."""

import copy
from dataclasses import replace

import pytest
import yaml
from shidian.audit.differences import _folder
from shidian.cli import main
from shidian.code_digests import ROOT
from shidian.errors import StudyError
from shidian.schema import read_yaml_text
from shidian.study import migrate, renamed
from shidian.study.migrate import migrated
from shidian.study.plan import load_plan
from shidian.study.renamed import RENAMED, Renamed, notice, with_new_names

from .own_data import STUDY, write_project

pytestmark = pytest.mark.usefixtures("own_raw_files")

TODAY = {
    **STUDY,
    "measures": {"万园": "10000 元"},
    "fill": [{"series": "wage_yuan", "max_gap": 2}],
    "variables": {**STUDY["variables"], "wage": {"formula": "wage_yuan", "measure": "万园"}, "unit_wage": "wage_yuan"},
    "exhibits": [*STUDY["exhibits"], {"id": "yearly", "kind": "trend", "variable": "wage"}],
}
OLD_TEXT = """\
# A study of last year.
study: my_study   # its name
title: 'units: a title that says score_trend'
units: {a: 元}  # the user's own: units
"variables" :
    wage:
        # unit: a comment
        formula: "to(wage_yuan, 'a')"
        'unit': "a"
    other: {formula: wage, unit   : 元}
fill:
- { indicator: wage_yuan, max_gap: 2 }
-   ? indicator
    : people_wan
    max_gap: 1
sample:
  exclude: [{units: [1], reason: unit}]
exhibits:
  - {id: score_trend, kind: score_trend, units: "not of this kind"}
  - id: roles
    units: {x: 元}
    kind: "efficiency_variables"
"""
NEW_TEXT = """\
# A study of last year.
study: my_study   # its name
title: 'units: a title that says score_trend'
measures: {a: 元}  # the user's own: units
"variables" :
    wage:
        # unit: a comment
        formula: "to(wage_yuan, 'a')"
        'measure': "a"
    other: {formula: wage, measure   : 元}
fill:
- { series: wage_yuan, max_gap: 2 }
-   ? series
    : people_wan
    max_gap: 1
sample:
  exclude: [{units: [1], reason: unit}]
exhibits:
  - {id: score_trend, kind: trend, units: "not of this kind"}
  - id: roles
    measures: {x: 元}
    kind: "efficiency_variables"
"""


def old(study):
    """Return the content of a study file under the old names."""
    study = copy.deepcopy(study)
    study["units"] = study.pop("measures")
    study["fill"][0]["indicator"] = study["fill"][0].pop("series")
    study["variables"]["wage"]["unit"] = study["variables"]["wage"].pop("measure")
    study["exhibits"][-1]["kind"] = "score_trend"
    return study


def backwards():
    """Return the renames the other way round, which put the old names into a file of today."""
    return tuple(replace(one, old=one.new, new=one.old) for one in RENAMED)


def test_an_old_study_file_is_the_study_of_today_with_a_notice(tmp_path):
    today, before = (load_plan(write_project(tmp_path / name, content)).studies["my_study"]
                     for name, content in (("new", TODAY), ("old", old(TODAY))))  # fmt: skip
    assert before == today
    assert repr(before.panel) == repr(today.panel)
    assert [str(e) for e in before.exhibits] == [str(e) for e in today.exhibits]
    assert today.notice == ""
    file = tmp_path / "old" / "config" / "studies" / "my_study.yaml"
    assert before.notice == (
        f"{file}: old names, read for this release alone: 'units' -> 'measures', 'variables[].unit' -> 'measure', "
        f"'fill[].indicator' -> 'series', 'exhibits[].kind: score_trend' -> 'trend'; rewrite the file by "
        f"`shidian migrate {file}`"
    )


def test_the_notice_is_said_once_a_file_and_goes_when_the_file_is_rewritten(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(write_project(tmp_path, old(TODAY)))
    assert main(["check"]) == 0
    said = capsys.readouterr()
    assert said.err.count("shidian migrate") == 1
    assert said.out == "my_study: 5 exhibits\n"
    assert main(["migrate", "config/studies/my_study.yaml", "config/sources/my_panel.yaml"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "config/sources/my_panel.yaml: nothing to rename"
    assert main(["check"]) == 0
    assert capsys.readouterr().err == ""
    assert yaml.safe_load((tmp_path / "config" / "studies" / "my_study.yaml").read_text(encoding="utf-8")) == TODAY


@pytest.mark.parametrize(
    ("place", "change", "said"),
    [
        ("measures", {"units": {}}, "'units' is the old name of 'measures', and both are given: keep one"),
        ("fill", {"fill": [{"series": "wage_yuan", "indicator": "on", "max_gap": 1}]}, "at 'fill[1]': 'indicator' is"),
        ("variables", {"variables": {"x": {"formula": "on", "unit": "1", "measure": "1"}}}, "at 'variables.x': 'unit'"),
    ],
)
def test_old_and_new_name_at_once_are_an_error_of_the_file(tmp_path, place, change, said):
    folder = write_project(tmp_path, {**TODAY, **change})
    file = folder / "config" / "studies" / "my_study.yaml"
    with pytest.raises(StudyError) as problem:
        load_plan(folder)
    assert str(problem.value).startswith(f"{file}: {said}"), place
    before = file.read_bytes()
    with pytest.raises(StudyError) as problem:
        migrate.migrate_files([file])
    assert str(problem.value).startswith(f"{file}: {said}")
    assert file.read_bytes() == before


def test_words_alone_change_comments_order_and_quotes_stay():
    text, changes = migrated(OLD_TEXT, "f.yaml")
    assert text == NEW_TEXT
    assert [(c.line, c.old) for c in changes] == [
        (4, "units"), (9, "'unit'"), (10, "unit"), (12, "indicator"), (13, "indicator"), (19, "score_trend"),
        (21, "units"),
    ]  # fmt: skip
    assert migrated(text, "f.yaml") == (text, ())


@pytest.mark.parametrize("change", [lambda t: t.replace("\n", "\r\n"), lambda t: "\ufeff" + t, lambda t: t.rstrip()])
def test_line_ends_and_marks_of_the_file_stay(change, tmp_path):
    file = tmp_path / "f.yaml"
    file.write_bytes(change(OLD_TEXT).encode("utf-8"))
    file.chmod(0o640)
    migrate.migrate_files([file])
    assert file.read_bytes() == change(NEW_TEXT).encode("utf-8")
    assert file.stat().st_mode & 0o777 == 0o640


SHARED = "study: s\nvariables:\n  a: &a {formula: x, unit: 元}\n  b: *a\n  c: {<<: *a, formula: y}\n"


def test_a_part_that_stands_in_several_places_changes_once():
    text, changes = migrated(SHARED, "f.yaml")
    assert text == SHARED.replace("unit", "measure")
    assert len(changes) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("study: s\n? &u units\n: {a: 元}\ntitle: *u\n", "f.yaml: line 2: rename 'units' -> 'measures' by hand"),
        ("study: s\ntitle: &u units\n*u : {a: 元}\n", "f.yaml: line 2: rename 'units' -> 'measures' by hand"),
        (
            "study: s\nunit: &a {formula: x, unit: y}\nvariables: {a: *a}\n",
            "f.yaml: rename 'variables[].unit' -> 'measure' by hand",
        ),
        ("a: 1\n", "f.yaml: this is no study file: it has no key 'study'"),
        ("[1]\n", "f.yaml: this is no study file"),
    ],
)
def test_what_cannot_be_renamed_word_by_word_is_left_to_the_user(text, said):
    with pytest.raises(StudyError) as problem:
        migrated(text, "f.yaml")
    assert said in str(problem.value)


def test_all_files_are_rewritten_or_none(tmp_path):
    good, bad, dry = (tmp_path / name for name in ("good.yaml", "bad.yaml", "dry.yaml"))
    for path in (good, dry):
        path.write_text(OLD_TEXT, encoding="utf-8")
    bad.write_bytes(b"study: \xff\n")
    with pytest.raises(StudyError, match=r"bad.yaml: not UTF-8 text \(byte 7\)"):
        migrate.migrate_files([good, bad])
    with pytest.raises(StudyError, match=r"there.yaml: cannot be read: No such file"):
        migrate.migrate_files([good, tmp_path / "there.yaml"])
    assert migrate.migrate_files([dry], dry_run=True).startswith(
        f"{dry}: would be rewritten: line 4: units -> measures"
    )
    assert {path.read_text(encoding="utf-8") for path in (good, dry)} == {OLD_TEXT}


@pytest.mark.parametrize("path", sorted((ROOT / "config" / "studies").glob("*.yaml")), ids=lambda p: p.stem)
def test_shipped_studies_have_the_names_of_today_and_come_back_from_the_old_ones(path, monkeypatch):
    text = path.read_bytes().decode("utf-8")
    assert migrated(text, path.name) == (text, ())
    with monkeypatch.context() as patch:
        patch.setattr(renamed, "RENAMED", backwards())
        before, changes = migrated(text, path.name)
    again, back = migrated(before, path.name)
    assert again == text
    assert len(back) == len(changes)
    assert with_new_names(read_yaml_text(before, path.name))[0] == read_yaml_text(text, path.name)


def test_some_shipped_study_has_each_renamed_word_but_fill():
    texts = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "config" / "studies").glob("*.yaml"))]
    used = set()
    for content in map(yaml.safe_load, texts):
        used |= {one for one in backwards() if renamed._with(content, one.place, one, ()) != content}
    assert {one.new for one in used} == {one.old for one in RENAMED} - {"indicator"}


def test_results_of_last_release_are_compared_under_the_names_of_today(tmp_path):
    folder = write_project(tmp_path, old(TODAY))
    (folder / "uv.lock").write_text("package = []\n", encoding="utf-8")
    (folder / "results" / "my_study").mkdir(parents=True)
    side = _folder(folder / "results" / "my_study")
    assert side.study["exhibits"][-1]["kind"] == "trend"
    assert side.study["measures"] == TODAY["measures"]


def test_a_notice_names_each_rename_as_a_path():
    assert notice("f", ()) == ""
    assert str(Renamed((), "units", "measures")) == "'units' -> 'measures'"
