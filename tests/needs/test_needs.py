"""``shidian needs``: every series in words, who gives it, and a draft of the mapping that loads."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml
from shidian.code_digests import ROOT
from shidian.errors import StudyError
from shidian.needs.command import needs
from shidian.needs.definitions import definition
from shidian.simulate.truth import studies
from shidian.study.likely import likely
from shidian.study.read import read_study, read_written
from shidian.study.real_sources import RealSource
from shidian.study.stand_in import stand_in
from shidian.study.variables import SeriesInfo


def drafted(text: str, *, nulls: bool = False) -> dict:
    """Return the draft; with ``nulls`` what was not found is left out, as its comments offer."""
    draft = text[text.index("real_sources:") :]
    if nulls:
        draft = re.sub(r"^( +)# (\w+: null|provides:)", r"\1\2", draft, flags=re.M)
        open_ones = r"^( +)# (\w+): \S+  # (?:name the source|.*none of these is sure).*$"
        draft = re.sub(open_ones, r"\1\2: null", draft, flags=re.M)
    return yaml.safe_load(draft)["real_sources"]


def project(root: Path, study: str, real: dict) -> Path:
    shutil.copytree(ROOT / "config", root / "config")
    content = {"studies": [study], "real_sources": real}
    (root / "config" / "config.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return root


@pytest.mark.parametrize("study", studies())
def test_every_series_is_said_in_both_languages_with_its_unit_and_where_it_is_printed(study):
    text = needs(ROOT, study)
    found, sources, catalogue = read_written(ROOT, study)
    for qualified in found.panel.measures:
        source, _, series = qualified.partition(".")
        if not sources[source].simulated:
            continue
        words = definition(source, series, catalogue.info(qualified), sources[source].title)
        assert re.search(r"[一-鿿]", words.zh), qualified
        assert re.search(r"[A-Za-z]{3}", words.en), qualified
        assert words.where, qualified
        assert f"  {series} (" in text
        assert f"{words.zh} | {words.en}" in text


def test_the_draft_for_talent_agglomeration_loads_as_it_is(tmp_path):
    real = drafted(needs(ROOT, "talent_agglomeration"))
    assert real["sim_city_units"] == {"sources": ["city_yearbook_wan", "city_facts"]}
    assert real["sim_city_yearbook"]["provides"]["employed_research"] == "employees_research_wan"
    assert real["sim_pilots_talent_agglomeration"] == {"sources": ["innovative_cities"]}
    study, sources = read_study(project(tmp_path, "talent_agglomeration", real), "talent_agglomeration")
    assert set(sources) == {"city_yearbook_wan", "city_facts", "innovative_cities"}
    high_tech = next(v for v in study.panel.variables if v.name == "high_tech")
    assert list(high_tech.inputs.values()) == [
        "city_yearbook_wan.employees_research_wan", "city_yearbook_wan.employees_information_wan",
    ]  # fmt: skip
    assert study.panel.measures["city_yearbook_wan.employees_research_wan"] == "人"


def test_with_what_was_not_found_left_out_the_draft_loads_and_names_what_is_gone(tmp_path):
    real = drafted(needs(ROOT, "income_gap_cities"), nulls=True)
    assert real["sim_city_yearbook"]["provides"]["urban_income"] is None
    study, _ = read_study(project(tmp_path, "income_gap_cities", real), "income_gap_cities")
    assert "'theil' has no value: 'sim_city_yearbook.urban_income' is left out" in study.notice
    assert "exhibit 'event_study' is left out: it uses 'theil'" in study.notice
    kept = [exhibit["id"] for exhibit in study.exhibits]
    assert "baseline" in kept
    assert "event_study" not in kept


def test_what_real_sources_says_already_stands_in_the_draft(tmp_path):
    entry = {"sources": ["city_yearbook_wan"], "provides": {"employed": "private_employees"}, "accept": ["unknown"]}
    text = needs(project(tmp_path, "talent_agglomeration", {"sim_city_yearbook": entry}), "talent_agglomeration")
    assert "* city_yearbook_wan.private_employees, 人 (provides: 城镇私营和个体从业人员数人)" in text
    again = drafted(text)["sim_city_yearbook"]
    assert again["provides"]["employed"] == "private_employees"
    assert again["accept"] == ["unknown"]


def test_a_study_on_real_sources_needs_nothing():
    with pytest.raises(StudyError, match="reads no simulated source"):
        needs(ROOT, "castle_doctrine")


PEOPLE = SeriesInfo("人", True, title="科学研究、技术服务和地质勘查业 Scientific Research")


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"a": SeriesInfo("万人", True, title="科研技术服务和地质勘查业从业人员数万人"),
          "b": SeriesInfo("万人", True, title="制造业从业人员数万人")}, ["a"]),
        ({"employees_research_wan": SeriesInfo("万人", True, title="x"), "research": SeriesInfo("元", True)},
         ["employees_research_wan"]),
        ({"research": SeriesInfo("元", True, title="科学研究、技术服务和地质勘查业")}, []),
        ({"employed_mining": SeriesInfo("人", True, title="采矿业")}, []),
        ({"a": SeriesInfo("人", True, title="科学研究、技术服务和地质勘查业（市辖区）")}, []),
        ({"a": SeriesInfo("人", True, title="每万人科学研究、技术服务和地质勘查业")}, []),
    ],
)  # fmt: skip
def test_likely_is_what_name_header_and_unit_say(given, found):
    assert likely("employed_research", PEOPLE, given, {}) == found


@pytest.mark.parametrize(
    ("part", "total"), [("绿色专利申请量", "专利申请数"), ("建筑业从业人员数", "从业人员数"), ("城镇人口", "人口")]
)
def test_a_total_is_never_likely_for_a_part_nor_a_part_for_a_total(part, total):
    first, second = (SeriesInfo("件", True, title=title) for title in (part, total))
    assert likely("x", first, {"a": second}, {}) == likely("x", second, {"a": first}, {}) == []
    assert likely("x", first, {"a": first}, {}) == ["a"]


def test_per_head_and_total_and_what_is_opposed_are_never_likely():
    head = SeriesInfo("元", True, title="人均地区生产总值")
    assert likely("pgdp", head, {"gdp": SeriesInfo("万元", True, title="地区生产总值(万元)")}, {}) == []
    rural = SeriesInfo("元", True, title="农村居民人均可支配收入")
    employed = SeriesInfo("万人", True, title="从业人员合计 Persons employed")
    given = {"series_1": SeriesInfo("万人", True, title="建筑业从业人员数万人"),
             "series_2": SeriesInfo("万人", True, title="年末单位从业人员数万人")}  # fmt: skip
    assert likely("employed", employed, given, {}) == ["series_2"]
    assert likely("rural_income", rural, {"a": SeriesInfo("元", True, title="城镇居民人均可支配收入")}, {}) == []


def test_only_a_list_of_the_policy_is_certain_and_what_dates_it_is_never_left_out(tmp_path):
    root = project(tmp_path, "talent_agglomeration", {})
    listed = root / "config" / "sources" / "innovative_cities.yaml"
    text = listed.read_text(encoding="utf-8").replace("innovative_cities", "mine").replace("pilot_year:", "first_year:")
    listed.unlink()
    (root / "config" / "sources" / "mine.yaml").write_text(text, encoding="utf-8")
    said = needs(root, "talent_agglomeration")
    assert "* mine.first_year, year (list of this policy: 国家创新型城市名单" in said
    assert "? low_carbon_pilots_92.pilot_year, year (list: 低碳试点城市名单" in said
    assert drafted(said)["sim_pilots_talent_agglomeration"] == {
        "sources": ["mine"], "provides": {"pilot_year": "first_year"},
    }  # fmt: skip
    (root / "config" / "sources" / "mine.yaml").unlink()
    said = needs(root, "talent_agglomeration")
    assert "# sim_pilots_talent_agglomeration: SOURCE  # dates the treatment (国家创新型城市)" in said
    assert "sim_pilots_talent_agglomeration: null" not in said


def test_what_a_source_that_is_not_chosen_gives_is_never_said_to_be_not_found():
    said = needs(ROOT, "income_gap_cities")
    offered = re.findall(r"^  (\w+) \(.*\n.*usually in.*\n    [*?] ", said, flags=re.M)
    assert offered
    assert not [name for name in offered if f"# {name}: null" in said]


def test_a_series_of_another_kind_under_the_same_name_is_passed_over():
    numbers, names = SeriesInfo("1", False), SeriesInfo("category", True, is_category=True)
    given = {"yearbook": {"region": names}, "facts": {"region": numbers}}
    chosen = {"sim": RealSource(("yearbook", "facts"))}
    found = stand_in("study", {"sim.region": numbers}, chosen, given, {})
    assert found.home == {"sim.region": "facts"}
