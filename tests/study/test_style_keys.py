"""How a study, an exhibit and a run say how they are printed: what wins, what is refused, what is estimated for it."""

import copy
import json

import pytest
import yaml
from shidian.errors import ShidianError
from shidian.study.paths import result_file, stacked_results
from shidian.study.plan import load_plan

from .own_data import STUDY, write_project

pytestmark = pytest.mark.usefixtures("own_raw_files")
MINE = {"based_on": "qje", "decimals": {"se": 5}, "words": {"Observations": "Rows"}}


def project(folder, *, study=None, baseline=None, run=None, mine=None):
    content = copy.deepcopy(STUDY) | (study or {})
    content["exhibits"][1] |= baseline or {}
    write_project(folder, content)
    if run:
        with (folder / "config" / "config.yaml").open("a", encoding="utf-8") as file:
            file.write(yaml.safe_dump(run, allow_unicode=True))
    if mine is not None:
        (folder / "config" / "styles").mkdir()
        (folder / "config" / "styles" / "mine.yaml").write_text(yaml.safe_dump(mine, allow_unicode=True))
    return load_plan(folder)


def meta(plan, exhibit="baseline"):
    return json.loads(plan.meta("my_study", exhibit))


def spec(plan, exhibit="baseline"):
    return json.loads(plan.spec("my_study", exhibit))


def test_without_a_style_nothing_is_said_of_one(tmp_path):
    assert "printing" not in meta(project(tmp_path))


def test_a_shipped_style_says_how_and_which_statistics_stand_at_the_foot(tmp_path):
    plan = project(tmp_path, study={"style": "econometrica"})
    printing = meta(plan)["printing"]
    assert printing["style"]["stars"] == {}
    assert printing["style"]["decimals"]["coefficient"] == 3
    assert printing["estimated"] == {"digits": 4, "stars": {"*": 0.1, "**": 0.05, "***": 0.01}}
    assert spec(plan)["statistics"] == ["n_obs", "r2"]
    assert "style" not in spec(plan)
    assert "mean" in spec(plan, "summary")["statistics"]


def test_a_style_of_ones_own_stands_on_a_shipped_one(tmp_path):
    style = meta(project(tmp_path, study={"style": "config/styles/mine.yaml"}, mine=MINE))["printing"]["style"]
    assert style["decimals"]["se"] == 5
    assert style["decimals"]["coefficient"] == 3
    assert style["words"] == {"Observations": "Rows"}
    assert style["brackets"] == "square"


def test_an_exhibit_wins_over_the_run_and_the_run_over_the_study(tmp_path):
    plan = project(
        tmp_path, study={"style": "aer", "digits": 2}, baseline={"stars": {"+": 0.1}, "layout": {"drop": ["x"]}},
        run={"style": "qje"},
    )  # fmt: skip
    style = meta(plan)["printing"]["style"]
    assert style["stars"] == {"+": 0.1}
    assert style["brackets"] == "square"
    assert style["decimals"]["coefficient"] == 3  # the run's style, over the study's digits
    assert meta(plan)["printing"]["layout"] == {"drop": ["x"]}
    assert "layout" not in spec(plan)


def test_keys_of_the_study_win_over_its_own_style(tmp_path):
    plan = project(tmp_path, study={"style": "aer", "digits": 2, "statistics": ["r2"]})
    assert meta(plan)["printing"]["style"]["decimals"] == {}
    assert meta(plan)["printing"]["style"]["foot"] == ["other", "controls", "effects", "r2"]


def test_the_language_of_a_style_is_that_of_the_report_where_the_run_says_none(tmp_path):
    plan = project(tmp_path / "a", study={"style": "jingji_yanjiu"})
    assert meta(plan)["lang"] == "zh"
    assert json.loads(plan.report_meta("my_study"))["lang"] == "zh"
    plan = project(tmp_path / "b", study={"style": "jingji_yanjiu"}, run={"language": "en"})
    assert meta(plan)["lang"] == "en"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"study": {"style": "aerr"}}, "config/studies/my_study.yaml: at 'style': there is no style 'aerr' (did you"),
        ({"run": {"style": "config/styles/my.yaml"}}, "config/config.yaml: at 'style': there is no file config/"),
        ({"baseline": {"style": "nature"}}, "exhibit 'baseline': at 'style': there is no style 'nature'"),
        ({"baseline": {"layout": {"keep": ["("]}}}, "at 'layout.keep': '(' is no regular expression"),
        ({"baseline": {"layout": {"kep": ["x"]}}}, "unknown key 'kep' (did you mean 'keep'?)"),
        ({"study": {"style": "config/styles/mine.yaml"}, "mine": {"brakets": "round"}}, "(did you mean 'brackets'?)"),
        ({"study": {"style": "config/styles/mine.yaml"}, "mine": {"based_on": "aer2"}}, "no shipped style 'aer2'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_before_any_job_runs(tmp_path, keys, said):
    with pytest.raises(ShidianError) as found:
        project(tmp_path, **keys)
    assert said in str(found.value)
    assert len(str(found.value).splitlines()) == 1


PANELS = {"id": "both", "kind": "panels", "panels": [{"exhibit": "baseline"}, {"exhibit": "dynamics"}]}


def test_panels_are_made_of_the_results_that_they_name_and_know_their_form(tmp_path):
    exhibits = [*copy.deepcopy(STUDY["exhibits"]), PANELS]
    exhibits[1]["digits"] = 2
    plan = project(tmp_path, study={"style": "qje", "exhibits": exhibits})
    assert meta(plan, "both")["printing"]["estimated"]["digits"] == [2, 4]
    assert stacked_results(plan, "my_study", "both") == [
        "results/my_study/estimates/baseline.json", "results/my_study/estimates/dynamics.json",
    ]  # fmt: skip
    assert result_file(plan, "my_study", "both") == "results/my_study/stacked/both.json"


@pytest.mark.parametrize(
    ("panels", "said"),
    [
        ([{"exhibit": "baseline"}, {"exhibit": "both"}], "'both' is made of panels itself"),
        ([{"exhibit": "baseline"}, {"exhibit": "baseline"}], "'baseline' stands twice"),
        ([{"exhibit": "baseline"}, {"exhibit": "basline"}], "'basline'"),
        ([{"exhibit": "baseline"}], "panels"),
    ],
)
def test_panels_of_what_cannot_be_one_are_refused(tmp_path, panels, said):
    with pytest.raises(ShidianError) as found:
        project(tmp_path, study={"exhibits": [*copy.deepcopy(STUDY["exhibits"]), {**PANELS, "panels": panels}]})
    assert said in str(found.value)
