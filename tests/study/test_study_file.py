"""What is wrong in a study file is an error before any job runs: which file, which key, the nearest valid name."""

import copy
import json

import pytest
from shidian.code_digests import ROOT
from shidian.errors import ShidianError
from shidian.study.plan import load_plan

from .own_data import SOURCE, STUDY, dump, write_project

pytestmark = pytest.mark.usefixtures("own_raw_files")


def changed(path, value, base=STUDY):
    """Return a copy of the study with the value at a dotted path replaced."""
    study = copy.deepcopy(base)
    place = study
    *parents, last = path.split(".")
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place[key]
    if value is None:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return study


def problem(tmp_path, study, source=None):
    write_project(tmp_path, study, source)
    with pytest.raises(ShidianError) as found:
        load_plan(tmp_path)
    return str(found.value)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("controlls", ["x"], ["unknown key 'controlls'", "did you mean 'controls'?"]),
        ("unit.lable", "x", ["at 'unit'", "unknown key 'lable'", "did you mean 'label'?"]),
        ("exhibits.1.colums", [{}], ["exhibit 'baseline'", "unknown key 'colums'", "did you mean 'columns'?"]),
        ("exhibits.0.kind", "descriptive", ["'descriptive' is no exhibit kind", "did you mean 'descriptives'?"]),
        ("exhibits.0.variables", ["ln_wages"], ["exhibit 'summary'", "'ln_wages'", "did you mean 'ln_wage'?"]),
        ("outcome", "ln_wagge", ["at 'outcome'", "did you mean 'ln_wage'?"]),
        ("fixed_effects", ["unit", "yaer"], ["'yaer' is no panel column", "did you mean 'year'?"]),
        ("variables.ln_wage", "ln(wage_yuann)", ["variables.ln_wage", "'wage_yuann'", "did you mean 'wage_yuan'?"]),
        ("variables.ln_wage", "ln(wage_yuan", ["variables.ln_wage", "expected ')'"]),
        ("variables.ln_wage", "wage_yuan + people_wan", ["variables.ln_wage", "convert one with to"]),
        ("variables.ln_wage", {"formula": "wage_yuan", "measure": "人"}, ["measure different things"]),
        ("variables.unit", "wage_yuan", ["variables.unit", "taken by a column"]),
        ("years", {"first": 2008, "last": 2001}, ["at 'years'", "2008 is after"]),
        ("years", {"first": 201, "last": 2001}, ["at 'years.first'", "201"]),
        ("sample", {"exclude": [{"years": [1999], "reason": "x"}]}, ["1999 lies outside", "2001-2008"]),
        ("sample", {"exclude": [{"reason": "x"}]}, ["name the 'units' or the 'years'"]),
        ("sources", {"my_panle": {"role": "frame"}}, ["no config/sources/my_panle.yaml", "did you mean 'my_panel'?"]),
        ("sources", {"my_panel": {}}, ["one source must have 'role: frame'"]),
        ("sources.my_panel", {"role": "frame", "join": "region"}, ["needs 'unit.level' and 'unit.geography'"]),
        ("sources.my_panel", {"role": "frame", "accept": ["unknown"]}, ["'accept' goes with 'join: region'"]),
        ("unit", {"label": "city", "level": "city", "geography": 2019}, ["units are of level other"]),
        ("unit", {"label": "city", "level": "city"}, ["at 'unit'", "geography"]),
        (
            "indicators",
            {"t": {"method": "theil", "inputs": {"urban_incme": "ln_wage"}}},
            ["did you mean 'urban_income'?"],
        ),
        ("indicators", {"t": {"method": "winsorise", "inputs": {"values": "ln_wagee"}}}, ["did you mean 'ln_wage'?"]),
        ("efficiency", {"e": {"inputs": ["ln_peeple"], "desirable": ["ln_wage"]}}, ["did you mean 'ln_people'?"]),
        ("efficiency", {"e": {"input": ["ln_people"], "desirable": ["ln_wage"]}}, ["did you mean 'inputs'?"]),
        (
            "efficiency",
            {"e": {"inputs": ["ln_people"], "desirable": ["ln_wage"], "years": {"frst": 2012}}},
            ["at 'efficiency.e'", "did you mean 'first'?"],
        ),
        (
            "efficiency",
            {"e": {"inputs": ["ln_people"], "desirable": ["ln_wage"], "years": [2012, 2013]}},
            ["at 'efficiency.e", "years"],
        ),
        ("treatment", {"name": "did", "adoption": "onn"}, ["treatment.adoption", "did you mean 'on'?"]),
        ("treatment", {"name": "did", "adoption": "on", "kind": "switching"}, ["treatment.kind", "needs 'status'"]),
        ("treatment", {"name": "did", "status": "on", "never": [0]}, ["treatment.never", "a status has 0 and 1"]),
        ("treatment", {"name": "did", "status": "on", "kind": "doses"}, ["stays, switching, continuous"]),
        (
            "treatment",
            {"name": "did", "status": "on", "kind": "switching", "starts": "next_year"},
            ["treatment.starts", "lag(x, 1)"],
        ),
        ("sources.my_panel.join", {"on": "on"}, ["a frame gives the panel its units"]),
        ("treatment", {"name": "did"}, ["at 'treatment'"]),
        ("treatment", {"name": "did", "status": "onn"}, ["treatment.status", "did you mean 'on'?"]),
        ("study", "other", ["differs from the file's name 'my_study'"]),
        ("exhibits.1.id", "summary", ["the id 'summary' is given twice"]),
        ("exhibits", None, ["the key 'exhibits' is missing"]),
        ("vcov", {"kind": "clustered", "by": "unit"}, ["'clustered' is not one of iid, hetero, cluster"]),
        ("exhibits.3.draws", 0, ["exhibit 'placebo'", "draws"]),
    ],
)
def test_each_mistake_is_named(tmp_path, path, value, words):
    text = problem(tmp_path, changed(path, value))
    assert "my_study.yaml" in text
    for word in words:
        assert word in text


def test_a_key_given_twice_and_broken_yaml_are_named_with_their_line(tmp_path):
    write_project(tmp_path)
    file = tmp_path / "config" / "studies" / "my_study.yaml"
    good = file.read_text(encoding="utf-8")
    file.write_text(good + "outcome: ln_people\n", encoding="utf-8")
    with pytest.raises(ShidianError, match="the key 'outcome' is given twice"):
        load_plan(tmp_path)
    file.write_text(good + "outcome: [\n", encoding="utf-8")
    with pytest.raises(ShidianError, match=r"my_study.yaml: not valid YAML.*line"):
        load_plan(tmp_path)


def test_a_series_of_two_sources_must_be_qualified(tmp_path):
    study = changed("sources", {"my_panel": {"role": "frame"}, "again": {}})
    study["treatment"]["status"] = "my_panel.on"
    write_project(tmp_path, study)
    dump(tmp_path / "config" / "sources" / "again.yaml", {**SOURCE, "source": "again"})
    with pytest.raises(ShidianError, match=r"provided by 2 sources; write my_panel.wage_yuan or again.wage_yuan"):
        load_plan(tmp_path)


def with_series(name):
    """Return the user's source with a further series."""
    source = copy.deepcopy(SOURCE)
    source["tables"][0]["columns"][name] = {"header": "bonus", "measure": "1"}
    return source


@pytest.mark.parametrize("name", ["year", "unit", "unit_name"])
def test_no_series_of_a_source_stands_behind_a_column_of_the_panel(tmp_path, name):
    text = problem(tmp_path, STUDY, with_series(name))
    assert f"gives a series the name '{name}'" in text
    assert "config/sources/my_panel.yaml" in text


@pytest.mark.parametrize("name", ["adoption_year", "did", "simulated", "left_out"])
def test_a_series_named_like_a_column_of_the_panel_is_written_with_its_source(tmp_path, name):
    text = problem(tmp_path / "a", changed("variables.x", f"2 * {name}"), with_series(name))
    assert f"'{name}' is both a column that the panel has and a series; write my_panel.{name}" in text
    write_project(tmp_path / "b", changed("variables.x", f"2 * my_panel.{name}"), with_series(name))
    (x,) = (v for v in load_plan(tmp_path / "b").studies["my_study"].panel.variables if v.name == "x")
    assert x.inputs == {f"my_panel.{name}": f"my_panel.{name}"}


def test_a_status_that_the_treatment_is_named_after_may_stand_in_formulas(tmp_path):
    study = changed("treatment.name", "on")
    study["exhibits"] = study["exhibits"][1:2]
    study["variables"]["x"] = "on * people_wan"
    write_project(tmp_path / "a", study)
    assert load_plan(tmp_path / "a").studies
    text = problem(tmp_path / "b", changed("treatment.starts", "next_year", study))
    assert "'on' is both a column" in text


@pytest.mark.parametrize("name", ["unit", "year", "simulated", "left_out"])
def test_neither_variables_nor_the_treatment_take_the_name_of_a_column_of_the_panel(tmp_path, name):
    assert "taken by a column" in problem(tmp_path / "a", changed("treatment.name", name))
    assert "taken by a column" in problem(tmp_path / "b", changed(f"variables.{name}", "wage_yuan"))


@pytest.mark.parametrize(
    "spec",
    [
        {"method": "winsorise", "inputs": {"values": "year"}},
        {"method": "winsorise", "inputs": {"values": "unit"}},
        {"method": "formula", "formula": "2 * unit"},
        {"method": "formula", "formula": "2 * unit_name"},
    ],
)
def test_indicators_do_not_count_with_names_of_rows(tmp_path, spec):
    assert "says which row of the panel it is" in problem(tmp_path, changed("indicators", {"x": spec}))


def test_a_study_that_is_not_there_and_one_whose_workbooks_are_missing(tmp_path):
    write_project(tmp_path)
    (tmp_path / "raw" / "my_panel.csv").unlink()
    plan = load_plan(tmp_path)
    assert not plan.studies
    (skipped,) = plan.skipped
    assert "my_panel.csv" in skipped.headline(plan.raw_root)
    assert "made for the tests" in skipped.files()[0]
    (tmp_path / "config" / "config.yaml").write_text("studies: [my_stduy]\n", encoding="utf-8")
    with pytest.raises(ShidianError, match=r"there is no config/studies/my_stduy.yaml \(did you mean 'my_study'"):
        load_plan(tmp_path)


def test_defaults_reach_the_exhibits_that_take_them(tmp_path):
    write_project(tmp_path)
    study = load_plan(tmp_path).studies["my_study"]
    baseline = study.exhibit("baseline")
    assert baseline["outcome"] == "ln_wage"
    assert baseline["controls"] == ["ln_people"]
    assert "vcov" not in study.exhibit("summary")
    assert study.exhibit("placebo")["draws"] == 50


@pytest.mark.parametrize(("orientation", "lacking"), [("input", True), ("none", False)])
def test_exhibits_know_of_scores_that_the_best_may_lack(tmp_path, orientation, lacking):
    study = changed("variables.people", "people_wan")
    study["variables"]["wage"] = "wage_yuan"
    model = {"inputs": ["people"], "desirable": ["wage"], "returns": "vrs", "orientation": orientation}
    study["efficiency"] = {"score": model}
    study["exhibits"][1]["outcome"] = "score"
    write_project(tmp_path, study)
    plan = load_plan(tmp_path)
    facts = {"score": {"variables": ["people", "wage"], "years": [2001, 2008], "returns": "vrs"}}
    assert json.loads(plan.info("my_study", "baseline")).get("lacking_best") == (facts if lacking else None)
    assert "lacking_best" not in json.loads(plan.info("my_study", "dynamics"))


def test_the_projects_own_files_are_sound():
    plan = load_plan(ROOT)
    ran = {*plan.studies, *(s.study.study for s in plan.skipped)}
    assert {"castle_doctrine", "low_carbon_cities"} <= ran


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("exhibits.0.id", "baseline_estimates", "the ids 'baseline' and 'baseline_estimates' would both be printed as"),
        ("exhibits.0.id", "summary\n", "at 'exhibits[1].id': 'summary\\n' is no name"),
        ("exhibits.0.id", "x" * 300, "at 'exhibits[1].id'"),
        ("exhibits.2.window", [-(10**9), 10**9], "is less than the minimum of -200"),
        ("exhibits.3.draws", 999.0, "at 'draws': 999.0 is no whole number as it is written; write 999"),
        ("exhibits.3.draws", 10**12, "is greater than the maximum"),
        ("seed", 1e5, "at 'seed': 100000.0 is no whole number as it is written; write 100000"),
        ("exhibits.1.columns.1", {"outcome": "ln_people"}, "'ln_people' stands under 'outcome' and under 'controls'"),
        ("outcome", "did", "at 'outcome': 'did' is no variable"),
        ("checks", {"jumps": [float("nan")]}, "at 'checks.jumps[1]': '.nan' is not a finite number"),
        ("checks", {"agree": [{"first": "a", "second": "b", "tolerance": float("inf")}]}, "'.inf' is not a finite"),
        ("study", "sources", "is a folder of 'results/' that no study may write into"),
    ],
)
def test_what_a_run_would_have_stumbled_over_is_said_before(tmp_path, path, value, words):
    study = changed(path, value)
    write_project(tmp_path, study)
    if path == "study":
        (tmp_path / "config" / "studies" / "my_study.yaml").rename(tmp_path / "config" / "studies" / f"{value}.yaml")
        (tmp_path / "config" / "config.yaml").write_text(f"studies: [{value}]\nraw_data: raw\n", encoding="utf-8")
    with pytest.raises(ShidianError) as found:
        load_plan(tmp_path)
    assert words in str(found.value)


@pytest.mark.parametrize("written", ["010", "1:30", "0b11", "yes", "1_000"])
def test_a_number_in_another_base_is_refused_with_its_key(tmp_path, written):
    folder = write_project(tmp_path)
    path = folder / "config" / "studies" / "my_study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + f"seed: {written}\n", encoding="utf-8")
    with pytest.raises(ShidianError, match=f"my_study.yaml: at 'seed': '{written}' is not of type 'integer'"):
        load_plan(tmp_path)


def test_a_code_with_a_leading_zero_leaves_out_that_code_and_no_other(tmp_path):
    folder = write_project(tmp_path)
    path = folder / "config" / "studies" / "my_study.yaml"
    sample = "sample: {exclude: [{units: [0101, 101], reason: r}]}\n"
    path.write_text(path.read_text(encoding="utf-8") + sample, encoding="utf-8")
    (left_out,) = load_plan(tmp_path).studies["my_study"].panel.exclusions
    assert left_out.units == ("0101", "101")


def test_a_project_below_a_folder_with_braces_is_refused(tmp_path):
    folder = tmp_path / "a{b}"
    folder.mkdir()
    with pytest.raises(ShidianError, match=r"the project's folder, .*a\{b\}, holds braces"):
        load_plan(write_project(folder))
