"""Keyword share declared in a study file: provincial reports serve their cities, and a trace reaches the document."""

import copy
import hashlib
from functools import cache

import numpy as np
import pandas as pd
import pytest
from shidian.errors import PanelError, StudyError
from shidian.panel.build import build_panel
from shidian.panel.indicators import add_indicators
from shidian.panel.keyword_share import Texts, load_dictionary
from shidian.simulate.sources import source_files
from shidian.simulate.work_reports import DIGITAL, write_reports
from shidian.study.paths import dictionaries, text_cells, texts_joined
from shidian.study.plan import load_plan
from shidian.trace.value import describe, trace_value
from shidian.yearbook.extract import extract_files

from tests.study.own_data import SOURCE, STUDY, write_project

pytestmark = pytest.mark.usefixtures("own_raw_files")

CITIES = [("440100", "广州市"), ("440300", "深圳市"), ("510100", "成都市"), ("110000", "北京市")]
YEARS = range(2016, 2021)
DECLARED = {
    "digital_words": {
        "method": "keyword_share", "inputs": {"text": "sim_work_reports.work_report"}, "dictionary": "digital",
    },
    "ln_digital": {"method": "formula", "formula": "ln(digital_words * it_per_head)"},
}  # fmt: skip


def study():
    content = copy.deepcopy(STUDY)
    content |= {
        "unit": {"label": "city", "level": "city", "geography": 2016},
        "years": {"first": 2016, "last": 2020},
        "sources": {"my_panel": {"role": "frame"}, "sim_work_reports": {"join": "province"}},
        "variables": {"it_per_head": "wage_yuan / (people_wan * 1000000)", "ln_people": "ln(people_wan)"},
        "indicators": copy.deepcopy(DECLARED),
        "outcome": "ln_digital",
        "exhibits": [{"id": "summary", "kind": "descriptives", "variables": ["ln_digital"]}],
    }
    return content


@cache
def reports_source():
    return source_files()["sim_work_reports"]


def project(folder, content=None, words=DIGITAL):
    source = copy.deepcopy(SOURCE)
    source["simulated"] = True  # as the reports are: a study reads one kind or the other
    source["tables"][0]["unit"] = {"level": "city", "code": "town", "name": "town_name"}
    table = [[c, n, y, 3000 + i * 100 + y, 500 + i, int(y > 2017 and i == 0)]
             for i, (c, n) in enumerate(CITIES) for y in YEARS]  # fmt: skip
    write_project(folder, content or study(), source, table)
    (folder / "config" / "sources" / "sim_work_reports.yaml").write_text(reports_source(), encoding="utf-8")
    (folder / "config" / "dictionaries").mkdir(exist_ok=True)
    (folder / "config" / "dictionaries" / "digital.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return plan, panel, derived, cells and the key of a project on the simulated reports."""
    folder = project(tmp_path_factory.mktemp("texts"))
    from shidian.simulate.units import read_provinces

    key = write_reports(read_provinces(), 7, folder / "raw" / "simulated")
    plan = load_plan(folder)
    one = plan.studies["my_study"]
    found = {s: extract_files(x, range(1, len(x.files) + 1), plan.raw_root) for s, x in plan.sources.items()}
    panel = build_panel(one.panel, {s: x.records for s, x in found.items()}, {})
    cells = pd.concat([x.cells for x in found.values()]).set_index("cell_id")
    (path,) = dictionaries(plan, "my_study")
    texts = Texts(panel.long, cells, {"digital": load_dictionary(path)})
    return plan, panel, add_indicators(panel.frame, one.indicators, texts), cells, key


def test_cities_have_the_planted_share_of_their_province(made):
    _, _, derived, _, key = made
    share = key.set_index(["province_code", "year"])["share"]
    frame = derived.panel
    for row in frame[frame["year"] <= 2018].itertuples():
        assert row.digital_words == share[row.unit[:2] + "0000", row.year]
    first, second = (frame[frame["unit"] == c].set_index("year")["digital_words"] for c in ("440100", "440300"))
    pd.testing.assert_series_equal(first, second)


def test_years_without_a_report_are_missing_and_the_ledger_says_so(made):
    _, panel, derived, _, _ = made
    late = derived.panel["year"] > 2018
    assert derived.panel["digital_words"].isna().tolist() == late.tolist()
    assert derived.panel["ln_digital"].isna().tolist() == late.tolist()
    lines = {(x["subject"], x["reason"]): (x["units"], x["rows"]) for x in derived.ledger}
    assert lines["digital_words", "no text: left empty; no text at all in 2019-2020"] == (4, 8)
    assert [x["rows"] for x in derived.ledger if x["subject"] == "digital_words"] == [12, 8]
    (counted,) = [reason for _, reason in lines if reason.startswith("counted in")]
    assert counted.startswith("counted in 9 texts: ")
    joined = panel.ledger[panel.ledger["step"] == "join sim_work_reports"]
    serves = joined[joined["subject"] == "provinces"].iloc[0]
    assert (serves["units"], serves["rows"]) == (4, 12)
    assert serves["reason"] == "the value of each of 3 provinces serves all units in it"
    assert len(joined) == 1 + 28  # provinces without a city of the panel are named


def test_a_formula_uses_indicators_and_variables(made):
    frame = made[2].panel
    early = frame["year"] <= 2018
    np.testing.assert_array_equal(
        frame.loc[early, "ln_digital"], np.log(frame["digital_words"] * frame["it_per_head"])[early]
    )


def test_a_trace_reaches_the_document(made):
    plan, panel, derived, cells, _ = made
    one = plan.studies["my_study"]
    found = trace_value(one, derived.panel, panel.long, cells, "深圳市", 2017, "ln_digital")
    assert [t.variable for t in found] == ["ln_digital", "digital_words", "it_per_head"]
    (document,) = found[1].cells
    path = plan.raw_root / document.file
    assert document.file == "simulated/work_reports/sim_work_report_440000_2017.txt"
    assert document.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert document.raw_text == path.read_text(encoding="utf-8").split("\n", 1)[1]
    assert {c.indicator for c in found[2].cells} == {"my_panel.wage_yuan", "my_panel.people_wan"}
    text = describe(found)
    assert "keyword_share(text=sim_work_reports.work_report, dictionary=digital)" in text
    assert f"… ({len(document.raw_text):,} characters)" in text
    assert len(text) < 2000
    with pytest.raises(PanelError, match=r"no variable 'ln_digitl' \(did you mean 'ln_digital'"):
        trace_value(one, derived.panel, panel.long, cells, "深圳市", 2017, "ln_digitl")


def test_the_job_depends_on_texts_and_dictionary_only_where_they_are_read(made):
    plan = made[0]
    assert text_cells(plan, "my_study") == ["results/sources/sim_work_reports/1_465.cells.parquet"]
    assert texts_joined(plan, "my_study") == ["results/my_study/panel_long.parquet"]


def test_further_words_are_kept_whole(made):
    plan, panel, derived, cells, _ = made
    indicator = plan.studies["my_study"].indicators[0]
    joined = type(indicator)(indicator.name, indicator.method, indicator.inputs,
                             (*indicator.options, ("words", "more")))  # fmt: skip
    texts = Texts(panel.long, cells, {"digital": DIGITAL[:3], "more": ("发展", "改革、开放")})
    fewer = add_indicators(panel.frame, [joined], texts).panel["digital_words"]
    assert (fewer.dropna() < derived.panel["digital_words"].dropna()).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dictionary": "digitl"}, r"no config/dictionaries/digitl.txt \(did you mean 'digital'"),
        ({"dictionary": None}, "keyword_share needs the option 'dictionary'"),
        ({"inputs": {"text": "wage_yuan"}}, "'wage_yuan' is no text; the study's texts: sim_work_reports.work_report"),
        ({"inputs": {"text": "work_raport"}}, "no source of the study provides 'work_raport'"),
        ({"inputs": {"txt": "work_report"}}, "needs the input 'text'|input 'txt' is none"),
        ({"inputs": None}, "the key 'inputs' is missing"),
    ],
)
def test_what_cannot_be_counted_is_an_error_before_any_job(tmp_path, change, message):
    content = study()
    spec = {**content["indicators"]["digital_words"], **change}
    content["indicators"]["digital_words"] = {key: value for key, value in spec.items() if value is not None}
    with pytest.raises(StudyError, match=message):
        load_plan(project(tmp_path, content))


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("ln(digital_word)", r"'digital_word' is no variable of the panel above it \(did you mean 'digital_words'"),
        ("ln(ln_digital)", "'ln_digital' is no variable of the panel above it"),
        ("to(it_per_head, '元')", "'to' is for 'variables'"),
        ("it_per_head + digital_words", "joins"),
        ("ln(", "expected a name, a number"),
    ],
)
def test_a_formula_is_checked_when_the_study_is_read(tmp_path, formula, message):
    content = study()
    content["indicators"]["ln_digital"] = {"method": "formula", "formula": formula}
    with pytest.raises(StudyError, match=message):
        load_plan(project(tmp_path, content))


def test_a_text_is_no_number(tmp_path):
    content = study()
    content["variables"]["length"] = "work_report"
    with pytest.raises(StudyError, match="'work_report' is a text, not a number; count words in it"):
        load_plan(project(tmp_path, content))


@pytest.mark.parametrize(
    ("text", "message"),
    [("大数据\n大数据\n", "line 2: '大数据' stands in line 1 too"), ("# none\n", "holds no word"),
     ("big data\n", "'big data' holds a blank")],
)  # fmt: skip
def test_a_faulty_dictionary_is_named(tmp_path, text, message):
    (tmp_path / "d.txt").write_text(text, encoding="utf-8")
    with pytest.raises(PanelError, match=message):
        load_dictionary(tmp_path / "d.txt")


def test_a_province_source_says_how_it_can_join(tmp_path):
    content = study()
    content["sources"]["sim_work_reports"] = {}
    with pytest.raises(StudyError, match="declare 'join: province' to give every unit the value of its province"):
        load_plan(project(tmp_path, content))
