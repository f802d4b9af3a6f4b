"""Quantities of one kind that sources print in different sizes: one size in variables and in indicators, no factor."""

import copy

import numpy as np
import pytest
from shidian.errors import ShidianError
from shidian.panel.build import build_panel
from shidian.panel.indicators import add_indicators
from shidian.study.plan import load_plan
from shidian.yearbook.extract import extract_file

from .own_data import SOURCE, STUDY, rows, write_project

pytestmark = pytest.mark.usefixtures("own_raw_files")
WAGE, PEOPLE = (np.array([row[column] for row in rows()], dtype=float) for column in (3, 4))
INCOMES = {"urban_income": "city_pay", "rural_income": "farm_pay"}
PEOPLES = {"urban_population": "in_town", "rural_population": "in_country"}


def computed(folder, measures, variables, indicators=None):
    """Return the panel of a study whose columns ``wage`` and ``people`` are printed in ``measures``."""
    source, study = copy.deepcopy(SOURCE), copy.deepcopy(STUDY)
    columns = source["tables"][0]["columns"]
    columns["wage_yuan"]["measure"], columns["people_wan"]["measure"] = measures
    study["variables"] |= {"ln_wage": "ln(wage_yuan)", **variables}
    study["indicators"] = indicators or {}
    write_project(folder, study, source)
    plan = load_plan(folder)
    read = plan.studies["my_study"]
    records = {"my_panel": extract_file(plan.sources["my_panel"], 1, plan.raw_root).records}
    return add_indicators(build_panel(read.panel, records, {}).frame, read.indicators).panel


def problem(folder, *arguments):
    with pytest.raises(ShidianError) as found:
        computed(folder, *arguments)
    return str(found.value)


def test_a_share_of_persons_in_ten_thousands_is_a_share(tmp_path):
    panel = computed(
        tmp_path,
        ("人", "万人"),
        {
            "talents": "wage_yuan / people_wan",
            "per_cent": "100 * talents",
            "half": {"formula": "talents", "measure": "%"},
        },
        {"twice": {"method": "formula", "formula": "2 * talents"}},
    )
    np.testing.assert_allclose(panel["talents"], WAGE / (PEOPLE * 1e4), rtol=1e-14)
    np.testing.assert_allclose(panel["per_cent"], 100 * WAGE / (PEOPLE * 1e4), rtol=1e-14)
    np.testing.assert_allclose(panel["half"], 100 * WAGE / (PEOPLE * 1e4), rtol=1e-14)
    np.testing.assert_allclose(panel["twice"], 2 * WAGE / (PEOPLE * 1e4), rtol=1e-14)


@pytest.mark.parametrize(
    ("variables", "indicators"),
    [
        ({"x": "wage_yuan / (people_wan * 10000)"}, {}),
        ({"persons": "people_wan * 10000", "x": "wage_yuan / persons"}, {}),
        ({"x": {"formula": "100 * wage_yuan / people_wan", "measure": "%"}}, {}),
        ({"persons": "people_wan * 10000", "w": "wage_yuan"}, {"x": {"method": "formula", "formula": "w / persons"}}),
    ],
)
def test_a_conversion_by_hand_is_not_made_twice(tmp_path, variables, indicators):
    told = problem(tmp_path, ("人", "万人"), variables, indicators)
    assert "at '" in told
    assert ".x'" in told
    assert "leave that number out" in told


def test_indicators_take_incomes_and_populations_in_one_size(tmp_path):
    pay = {"city_pay": "wage_yuan", "farm_pay": "people_wan"}
    ratio = {"gap": {"method": "income_ratio", "inputs": INCOMES}}
    panel = computed(tmp_path / "a", ("元", "万元"), pay, ratio)
    np.testing.assert_allclose(panel["gap"], WAGE / (PEOPLE * 1e4), rtol=1e-14)
    told = problem(tmp_path / "b", ("元", "万人"), pay, ratio)
    assert "indicators.gap" in told
    assert "measure different things" in told


@pytest.mark.parametrize("method", ["theil", "gini"])
def test_inequality_does_not_depend_on_the_size_of_a_population(tmp_path, method):
    variables = {"city_pay": "ln(wage_yuan)", "farm_pay": "1 + 0 * city_pay", "in_town": "wage_yuan"}
    index = {"index": {"method": method, "inputs": INCOMES | PEOPLES}}
    wan = computed(tmp_path / "a", ("人", "万人"), variables | {"in_country": "people_wan"}, index)
    persons = computed(tmp_path / "b", ("人", "万人"), variables | {"in_country": "to(people_wan, '人')"}, index)
    np.testing.assert_allclose(wan["index"], persons["index"], rtol=1e-12)


def test_a_winsorised_quantity_keeps_its_unit_in_formulas_below(tmp_path):
    indicators = {
        "trimmed": {"method": "winsorise", "inputs": {"values": "w"}, "lower": 0.0, "upper": 1.0},
        "share": {"method": "formula", "formula": "trimmed / p"},
    }
    panel = computed(tmp_path, ("人", "万人"), {"w": "wage_yuan", "p": "people_wan"}, indicators)
    np.testing.assert_allclose(panel["share"], WAGE / (PEOPLE * 1e4), rtol=1e-14)
