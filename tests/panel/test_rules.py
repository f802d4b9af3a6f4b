"""Declared rules between series: inequalities, sums, products and sums over the units of a province, by hand."""

import copy
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shidian.errors import PanelError, StudyError
from shidian.report.catalogue import in_language

from ..study.built_study import Built, built_study, flat_source
from ..study.own_data import STUDY

YEARS = range(2009, 2013)
PROVINCES = {"13": 6, "37": 4}
"""Cities of each province: 10 in all."""
INEQUALITY = "schools >= town_schools"
PRODUCT = "cities.gdp = per_head * people"
SUM = "provinces.gdp = sum(cities.gdp)"


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = []
    for province, count in PROVINCES.items():
        for k in range(1, count + 1):
            for year in YEARS:
                people, per_head = 100.0 * k, 2.0 + 0.1 * (year - 2009)  # 10,000 persons; 10,000 yuan a head
                rows.append((f"{province}{k:02d}00", year, people * per_head, per_head * 1e4, people, 50 * k, 20 * k,
                             int(k == 1 and province == "13" and year > 2010)))  # fmt: skip
    names = ["city", "year", "gdp", "per_head", "people", "schools", "town_schools", "policy"]
    cities = pd.DataFrame(rows, columns=names)
    sums = cities.groupby([cities["city"].str[:2], "year"])["gdp"].sum().reset_index()
    # the panel has nine tenths of the first province
    share = np.where(sums["city"] == "13", 0.9, 1.0)
    provinces = pd.DataFrame(
        {"province": sums["city"] + "0000", "year": sums["year"], "gdp": sums["gdp"] / share / 1e4}
    )
    return cities, provinces


def built(folder: Any, cities: pd.DataFrame, provinces: pd.DataFrame, **checks: Any) -> Built:
    study = copy.deepcopy(STUDY) | {
        "unit": {"level": "city", "geography": 2012, "label": "city"},
        "years": {"first": 2009, "last": 2012},
        "sources": {"cities": {"role": "frame"}, "provinces": {"join": "province"}},
        "treatment": {"name": "did", "status": "policy"}, "variables": {"y": "cities.gdp"}, "outcome": "y",
        "controls": [], "checks": {"jumps": [1000], **checks},
        "exhibits": [{"id": "summary", "kind": "descriptives", "variables": ["y"]}],
    }  # fmt: skip
    measures = {
        "gdp": "亿元", "per_head": "元/人", "people": "万人", "schools": "1", "town_schools": "1", "policy": "1"
    }  # fmt: skip
    city = flat_source("cities", {"level": "city", "code": "city"}, measures, "year")
    province = flat_source("provinces", {"level": "province", "code": "province"}, {"gdp": "10000 亿元"}, "year")
    return built_study(folder, study, [(city, cities), (province, provinces)])


RULES = [INEQUALITY, PRODUCT, SUM]


def test_rules_that_hold_say_nothing(tmp_path: Any) -> None:
    assert built(tmp_path, *tables(), rules=RULES).panel.findings.empty


def exchanged(cities: pd.DataFrame) -> pd.DataFrame:
    """Let 全市 and 市辖区 stand in each other's columns in one volume."""
    here = cities["year"] == 2010
    both = cities.loc[here, ["town_schools", "schools"]].to_numpy()
    cities.loc[here, ["schools", "town_schools"]] = both
    return cities


def test_a_volume_that_breaks_an_inequality_stops_and_is_named_once(tmp_path: Any) -> None:
    cities, provinces = tables()
    with pytest.raises(
        PanelError,
        match="1 slips of whole volumes in what the study reads:\n  cities, 2010: 'schools >= town_schools' does not "
        "hold in 10 of 10 units, in other periods in 0 of 30",
    ):
        built(tmp_path, exchanged(cities), provinces, rules=RULES)
    (found,) = built(tmp_path, cities, provinces, rules=RULES, strict=False).panel.findings.to_dict("records")
    assert (found["check"], found["indicator"], found["year"]) == ("parts above the whole", "cities.schools", 2010)
    said = in_language(found["detail"], "zh")
    assert said == "“schools >= town_schools”在 10 个单位（共 10 个）中不成立，其他时期 0 个（共 30 个）"


def test_an_accepted_volume_says_why_and_must_be_there(tmp_path: Any) -> None:
    cities, provinces = tables()
    accept = [{"series": "schools", "year": 2010, "reason": "districts count village schools"}]
    (found,) = built(
        tmp_path, exchanged(cities.copy()), provinces, rules=RULES, accept=accept
    ).panel.findings.to_dict("records")  # fmt: skip
    assert found["detail"].endswith("accepted: districts count village schools")
    with pytest.raises(PanelError, match=r"accept names a slip of 'cities.schools' in 2010, and no such slip is found"):
        built(tmp_path, cities, provinces, rules=RULES, accept=accept)


def test_a_product_in_other_sizes(tmp_path: Any) -> None:
    """万人 times 元 a head is 亿元 / 10,000: the volume that prints 万元 is 10,000 times too large."""
    cities, provinces = tables()
    cities.loc[cities["year"] == 2011, "gdp"] *= 1e4
    with pytest.raises(
        PanelError, match=r"cities, 2011: 'cities.gdp = per_head \* people' does not hold in 10 of 10 units"
    ):
        built(tmp_path, cities, provinces, rules=[PRODUCT])


def test_one_unit_is_reported_with_both_numbers(tmp_path: Any) -> None:
    cities, provinces = tables()
    one = (cities["city"] == "370200") & (cities["year"] == 2012)
    cities.loc[one, "gdp"] = 920.0
    (found,) = built(tmp_path, cities, provinces, rules=[PRODUCT]).panel.findings.to_dict("records")
    assert (found["unit"], found["year"], found["value"]) == ("370200", 2012, 920.0)
    assert found["compared_with"] == pytest.approx(460.0, rel=1e-12)
    assert found["detail"] == "'cities.gdp = per_head * people': 920 and 460"


def test_the_units_of_a_province(tmp_path: Any) -> None:
    """Six cities that are nine tenths of their province are none short; 1.5 times is above, and is its province's."""
    cities, provinces = tables()
    cities.loc[(cities["city"] < "2") & (cities["year"] == 2012), "gdp"] *= 1.5
    (found,) = built(tmp_path, cities, provinces, rules=[SUM]).panel.findings.to_dict("records")
    assert (found["check"], found["unit"], found["year"]) == ("sum of units and whole", "130100", 2012)
    assert found["compared_with"] / found["value"] == pytest.approx(1.35, rel=1e-9)
    missing = cities["city"] == "130200"
    cities["gdp"] = cities["gdp"].where(~(missing & (cities["year"] == 2012)))
    assert built(tmp_path, cities, provinces, rules=[SUM]).panel.findings.empty, "a sum with a gap tells nothing"


def test_order_of_rows_and_size_of_units_do_not_matter(tmp_path: Any) -> None:
    cities, provinces = tables()
    cities.loc[cities["city"] == "370200", "gdp"] *= 3
    first = built(tmp_path / "a", cities, provinces, rules=[PRODUCT]).panel.findings
    again = built(tmp_path / "b", cities.sample(frac=1, random_state=2), provinces, rules=[PRODUCT]).panel.findings
    assert len(first) == 4
    pd.testing.assert_frame_equal(first.drop(columns="cell_id"), again.drop(columns="cell_id"))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("schools", r"is no rule; write 'whole >= part \+ part'"),
        ("schools > town_schools", "is no rule"),
        ("gdp = per_head * people + schools", "is no rule"),
        ("gdp >= per_head * people", "an inequality has a sum of series on its right"),
        ("schools = town_schools", "is said under 'checks.agree'"),
        ("schools >= schools", "names a series twice"),
        ("gdp >= people", r"cities.gdp is in \[1e\+08 yuan\], cities.people in \[10000 person\]"),
        ("gdp = people * schools", r"the product in \[10000 person\]: they cannot be compared"),
        ("schools >= town_school", "did you mean 'town_schools'"),
    ],
)
def test_rules_that_are_none(tmp_path: Any, rule: str, said: str) -> None:
    cities, provinces = tables()
    rule = rule if "gdp" not in rule else rule.replace("gdp", "cities.gdp")
    with pytest.raises(StudyError, match=said):
        built(tmp_path, cities, provinces, rules=[rule])
