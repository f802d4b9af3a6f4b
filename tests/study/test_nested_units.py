"""Nested units: a list of cities treats the firms in them, and units of another kind are refused."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import PanelError, ShidianError, StudyError

from .firms_in_cities import PILOTS, YEARS, firm_source, firms, nested, of, pilot_source


def test_firms_of_the_pilot_cities_are_treated_and_no_others(tmp_path):
    built = nested(tmp_path)
    frame = built.panel.frame
    starts = frame.groupby("unit")["adoption_year"].first().dropna().astype(int).to_dict()
    assert starts == {str(f): {1: 2003, 2: 2004}[f % 4 + 1] for f in range(1, 21) if f % 4 + 1 in (1, 2)}
    line = built.panel.ledger.set_index("step").loc["join pilots"]
    assert line["units"] == 10
    assert "2 of the 2 units of the list are values of 'city'; 10 of the panel's 20 units lie in them" in line["reason"]
    result = built.results["base"]
    assert of(result) == pytest.approx(2.0, abs=0.01)
    assert any("assigned by city and errors are clustered by unit" in w for w in result.warnings)


def test_a_trace_names_the_list_and_the_column_that_says_in_which_city_a_firm_lies(tmp_path):
    cells = {(c.indicator, c.cell) for t in nested(tmp_path).trace("4", 2005, "did") for c in t.cells}
    assert ("pilots.first", "2:first") in cells
    assert ("firms.city", "24:city") in cells


def test_clusters_of_the_assignments_level_are_not_warned_of(tmp_path):
    changes = {"variables": {"yy": "y", "town": "city"}, "vcov": {"kind": "cluster", "by": "town"}}
    assert not any("assigned by" in w for w in nested(tmp_path, **changes).results["base"].warnings)


@pytest.mark.parametrize(
    ("source", "join", "words"),
    [
        (pilot_source(), None, "stand under 'city', which is a column of the frame 'firms'"),
        (pilot_source(), "code", "Write 'sources.pilots.join: {on: city}'"),
        (pilot_source(code="place"), None, "stand under 'place', those of the frame 'firms' under 'firm'"),
        (pilot_source(code="firm", level="city"), None, ""),
        (pilot_source(code="place", level="city"), None, "of level city, those of the frame 'firms' of level other"),
    ],
)
def test_units_of_another_kind_are_refused_by_check(tmp_path, source, join, words):
    pilots = PILOTS.rename(columns={"city": source["tables"][0]["unit"]["code"]})
    sources = {"firms": {"role": "frame"}, "pilots": {"join": join} if join else {}}
    if not words:
        assert nested(tmp_path, source=source, pilots=pilots, sources=sources).panel.frame["did"].sum() > 0
        return
    with pytest.raises(StudyError) as problem:
        nested(tmp_path, source=source, pilots=pilots, sources=sources)
    assert words in str(problem.value)


def test_few_matches_stop_the_run_and_a_key_lets_them_pass(tmp_path):
    pilots = pd.DataFrame({"firm": [7, *range(1000, 1040)], "first": 2003})
    sources = {"firms": {"role": "frame"}, "pilots": {}}
    with pytest.raises(PanelError) as problem:
        nested(tmp_path / "a", source=pilot_source(code="firm"), pilots=pilots, sources=sources)
    assert "1 of its 41 units are units of the panel, 1 of the panel's 20" in str(problem.value)
    assert "'sources.pilots.join: {on: <column of the panel>}'" in str(problem.value)
    sources["pilots"] = {"least_matched": 0}
    built = nested(tmp_path / "b", source=pilot_source(code="firm"), pilots=pilots, sources=sources)
    assert built.panel.frame.groupby("unit")["did"].max().sum() == 1
    assert "1 of its 41 units are units of the panel, which has 20" in set(built.panel.ledger["reason"])


def test_listed_units_without_a_year_are_named_not_the_firms_in_them(tmp_path):
    pilots = pd.DataFrame({"city": [1, 2, 3], "first": [2003, "", ""]})
    words = r"'pilots.first' names 2 units without a year \((2, 3|3, 2), ...\), in which 10 units of the panel lie: "
    with pytest.raises(PanelError, match=words):
        nested(tmp_path, pilots=pilots)


def test_a_column_that_matches_nothing_is_named_with_its_values(tmp_path):
    with pytest.raises(PanelError, match=r"none of its 2 units \(91, 92\) is a value of 'city' \(2, 3, 4, 1\)"):
        nested(tmp_path, pilots=PILOTS.assign(city=[91, 92]))


def test_names_join_as_codes_do(tmp_path):
    by_code = nested(tmp_path / "a")
    pilots = pd.DataFrame({"city": ["Aba", "Bel"], "first": [2003, 2004]})
    source = pilot_source(code=None, code_kind=None, name="city")
    by_name = nested(tmp_path / "b", table=firms(text=True), pilots=pilots, source=source, firm=firm_source(text=True))
    pd.testing.assert_frame_equal(by_code.panel.frame, by_name.panel.frame)


def test_values_of_a_citys_year_serve_its_firms_and_gaps_are_filled_by_city(tmp_path):
    gdp = pd.DataFrame(
        [[c, y, 100.0 * c + y - 2000] for c in range(1, 5) for y in YEARS], columns=["city", "year", "gdp"]
    )
    gdp.loc[(gdp["city"] == 3) & (gdp["year"] == 2004), "gdp"] = np.nan
    source = pilot_source({"gdp": "1"}, year="year")
    changes = {
        "treatment": {"name": "did", "status": "(city <= 2) * (year >= 2003)", "kind": "switching"},
        "variables": {"yy": "y", "g": "gdp", "before": "lag(gdp)"},
        "fill": [{"series": "gdp", "max_gap": 1}],
    }
    built = nested(tmp_path, table=firms(moves=[(2, 2004, 1)]), source=source, pilots=gdp, **changes)
    frame = built.panel.frame.set_index(["unit", "year"])
    assert frame.loc["2", "g"].tolist() == [301, 302, 303, 104, 105, 106], "firm 2 moves from city 3 to 1 in 2004"
    assert frame.loc["6", "g"].tolist() == [301, 302, 303, 304, 305, 306], "the gap of city 3 is filled in the city"
    assert frame.loc["2", "before"].tolist()[1:] == [301, 302, 303, 104, 105]
    assert any("move between units of 'pilots'" in reason for reason in built.panel.ledger["reason"])


def test_a_move_does_not_switch_the_treatment_without_a_word(tmp_path):
    table = firms(moves=[(1, 2005, 3)])
    with pytest.raises(PanelError) as problem:
        nested(tmp_path / "a", table=table)
    for words in ("of unit 1 is 2004 in 2001-2004, none in 2005-2006", "'city' is 2 in 2001-2004, 3 in 2005-2006",
                  "join: {on: city, moves: first_year}"):  # fmt: skip
        assert words in str(problem.value)
    sources = {"firms": {"role": "frame"}, "pilots": {"join": {"on": "city", "moves": "first_year"}}}
    stayed = nested(tmp_path / "b", table=table, sources=sources).panel.frame
    assert stayed["did"].tolist() == nested(tmp_path / "c").panel.frame["did"].tolist()
    harmless = nested(tmp_path / "d", table=firms(moves=[(2, 2005, 4)])).panel.frame
    assert harmless.loc[harmless["unit"] == "2", "did"].sum() == 0, "neither city is on the list"


def test_a_firm_without_a_city_is_neither_treated_nor_a_control(tmp_path):
    table = firms().astype({"city": "Int64"})
    table.loc[table["firm"] == 5, "city"] = pd.NA
    with pytest.raises(PanelError, match=r"'city' does not say in which unit of 'pilots' 1 units of .* lie \(5\)"):
        nested(tmp_path, table=table)


def test_rows_in_any_order_and_units_under_other_codes_give_the_same_treatment(tmp_path):
    plain = nested(tmp_path / "a")
    table = firms().sample(frac=1, random_state=5)
    shuffled = nested(tmp_path / "b", table=table, pilots=PILOTS.iloc[::-1])
    pd.testing.assert_frame_equal(plain.panel.frame, shuffled.panel.frame)
    renamed = firms().assign(city=lambda t: t["city"] * 1000 + 7)
    other = nested(tmp_path / "c", table=renamed, pilots=PILOTS.assign(city=PILOTS["city"] * 1000 + 7))
    pd.testing.assert_frame_equal(plain.panel.frame, other.panel.frame)


@pytest.mark.parametrize("on", ["town", "place - 100"])
def test_a_variable_or_a_formula_may_say_where_a_unit_lies(tmp_path, on):
    firm = firm_source()
    changes = {
        "variables": {"yy": "y", "place": "firms.city + 100", "town": "place - 100"},
        "sources": {"firms": {"role": "frame"}, "pilots": {"join": {"on": on}}},
    }
    found = nested(tmp_path / "a", firm=firm, **changes).panel.frame
    assert found["did"].tolist() == nested(tmp_path / "b").panel.frame["did"].tolist()


@pytest.mark.parametrize(
    ("join", "words"),
    [
        ({"on": "cty"}, "no source of the study provides 'cty' and no variable has this name (did you mean 'city'?)"),
        ({"on": "first"}, "is read from 'pilots', which joins by a column itself"),
        ({"on": "city", "level": "city"}, "regions need 'unit.geography'"),
        ({"on": "city", "move": "first_year"}, "move"),
        ({"on": "y"}, "which is no code of a unit"),
    ],
)
def test_a_column_that_cannot_be_joined_on_is_named(tmp_path, join, words):
    with pytest.raises(ShidianError) as problem:
        nested(tmp_path, sources={"firms": {"role": "frame"}, "pilots": {"join": join}})
    assert words in str(problem.value)


def test_regions_are_resolved_in_the_studys_geography(tmp_path):
    codes = {1: 420600, 2: 330100, 3: 110100, 4: 310100}
    table = firms().assign(city=lambda t: t["city"].map(codes))
    table.loc[table["city"] == 110100, "city"] = 370100
    table.loc[table["city"] == 310100, "city"] = 370200
    pilots = pd.DataFrame({"name": ["襄樊市", "杭州市"], "first": [2003, 2004]})
    source = pilot_source(level="city", code=None, code_kind=None, name="name")
    built = nested(tmp_path, table=table, pilots=pilots, source=source, unit={"label": "firm", "geography": 2009})
    assert built.panel.frame["did"].tolist() == nested(tmp_path / "b").panel.frame["did"].tolist()
