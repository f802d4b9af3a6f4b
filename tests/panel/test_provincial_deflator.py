"""Values of cities at constant prices by the index of their provinces, chained or of a fixed base, by hand."""

import copy

import pandas as pd
import pytest
from shidian.errors import ShidianError

from ..study.built_study import Built, built_study, flat_source
from ..study.own_data import STUDY

YEARS = [2009, 2010, 2011, 2012]
CHAINED = {"130000": [104.0, 110.0, 105.0, 90.0], "370000": [101.0, 102.0, 120.0, 100.0]}
"""The year before = 100."""
LEVELS = {"130000": [1.0, 1.1, 1.155, 1.0395], "370000": [1.0, 1.02, 1.224, 1.224]}
"""The same as levels, 2009 = 1: 1.1 * 1.05 = 1.155, 1.155 * 0.9 = 1.0395; 1.02 * 1.2 = 1.224."""
CITIES = ("130100", "130200", "370100")


def built(folder, formula: str, index: dict[str, list[float]], drop=()) -> Built:
    rows = [(c, y, 100.0 * (i + 1), int(c == "130100" and y > 2010)) for i, c in enumerate(CITIES) for y in YEARS]
    frame = pd.DataFrame(rows, columns=["city", "year", "gdp", "policy"])
    prices = pd.DataFrame([(p, y, v) for p, values in index.items() for y, v in zip(YEARS, values, strict=True)
                           if (p, y) not in drop], columns=["province", "year", "cpi"])  # fmt: skip
    study = copy.deepcopy(STUDY) | {
        "unit": {"level": "city", "geography": 2012, "label": "city"},
        "years": {"first": 2009, "last": 2012},
        "sources": {"cities": {"role": "frame"}, "prices": {"join": "province"}},
        "treatment": {"name": "did", "status": "policy"},
        "variables": {"real": formula},
        "outcome": "real",
        "controls": [],
        "exhibits": [{"id": "summary", "kind": "descriptives", "variables": ["real"]}],
    }
    cities = flat_source("cities", {"level": "city", "code": "city"}, {"gdp": "万元", "policy": "1"}, "year")
    provinces = flat_source("prices", {"level": "province", "code": "province"}, {"cpi": "1"}, "year")
    return built_study(folder, study, [(cities, frame), (provinces, prices)])


def real(one: Built) -> pd.Series:
    return one.panel.frame.set_index(["unit", "year"])["real"]


@pytest.mark.parametrize("base", [2009, 2011])
def test_a_fixed_base_and_a_chain_give_the_same_real_values(tmp_path, base):
    chained = real(built(tmp_path / "a", f"deflate(gdp, cpi, {base}, chained: 100)", CHAINED))
    fixed = real(built(tmp_path / "b", f"deflate(gdp, cpi, {base})", LEVELS))
    for number, city in enumerate(CITIES, start=1):
        level = LEVELS[city[:2] + "0000"]
        for year, index in zip(YEARS, level, strict=True):
            wanted = 100.0 * number * level[YEARS.index(base)] / index
            assert fixed[city, year] == pytest.approx(wanted, rel=1e-12)
            assert chained[city, year] == pytest.approx(wanted, rel=1e-12)
    assert fixed["130100", base] == 100.0


def test_real_values_have_the_measure_of_the_nominal_ones_and_a_trail(tmp_path):
    one = built(tmp_path, "deflate(gdp, cpi, 2010)", LEVELS)
    (trace,) = one.trace("130100", 2012, "real")
    assert trace.measure == "10000 yuan"
    assert {(cell.indicator, cell.year) for cell in trace.cells} == {
        ("cities.gdp", 2012), ("prices.cpi", 2012), ("prices.cpi", 2010)
    }  # fmt: skip
    ledger = one.panel.ledger
    assert "the value of each of 2 provinces serves all units in it" in ledger["reason"].tolist()


def test_a_province_without_its_base_year_leaves_its_cities_missing(tmp_path):
    values = real(built(tmp_path, "deflate(gdp, cpi, 2010)", LEVELS, drop=[("130000", 2010)]))
    assert values.loc[["130100", "130200"]].isna().all()
    assert values.loc["370100"].notna().all()
    chain = real(built(tmp_path / "b", "deflate(gdp, cpi, 2009, chained: 100)", CHAINED, drop=[("130000", 2011)]))
    assert chain.loc["130100"].isna().tolist() == [False, False, True, True]


def test_a_base_year_outside_the_study_is_refused(tmp_path):
    said = r"at 'variables.real': deflate\(…, 2001\): the base lies outside the study's years, 2009-2012, and years"
    with pytest.raises(ShidianError, match=said):
        built(tmp_path, "deflate(gdp, cpi, 2001)", LEVELS)
    with pytest.raises(ShidianError, match=r"base\(…, 2013\): the base lies outside"):
        built(tmp_path, "gdp / base(gdp, 2013)", LEVELS)
