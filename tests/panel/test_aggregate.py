"""Counties summed to cities in one geography, by hand: Laiwu, which Jinan took in, and a district that was founded."""

import copy

import numpy as np
import pandas as pd
import pytest
from shidian.errors import ShidianError
from shidian.regions.inside import inside, members
from shidian.regions.table import load_level

from ..study.built_study import built_study, flat_source
from ..study.own_data import STUDY

YEARS = [2016, 2017, 2018, 2019, 2020, 2021]


def counties(drop=(), years=YEARS):
    """Return the counties' table: codes as in each year; values are powers of two, ten thousand times the year's."""
    members_of = {year: sorted(u for u in members("county", "city", 2019, year)["370100"]) for year in years}
    parts = []
    for year in years:
        for n, unit in enumerate(members_of[year]):
            if (unit, year) not in drop:
                parts.append((code_of(unit, year), year, 2.0**n + year, n))
    return pd.DataFrame(parts, columns=["code", "year", "people", "rate"])


def code_of(unit, year):
    return next(s.code for s in load_level("county").units[unit] if s.covers(year))


def cities():
    """Return the frame: three cities of Shandong, with a policy."""
    rows = [(code, year, 1.0, int(code == "370200" and year >= 2019)) for code in ("370100", "370200", "370300")
            for year in YEARS]  # fmt: skip
    return pd.DataFrame(rows, columns=["city", "year", "x", "policy"])


def project(folder, aggregate, table, fill=(), variables=None):
    study = copy.deepcopy(STUDY)
    study |= {
        "unit": {"level": "city", "geography": 2019, "label": "city"},
        "years": {"first": 2016, "last": 2021},
        "sources": {"cities": {"role": "frame"}, "counties": {"aggregate": aggregate}},
        "treatment": {"name": "did", "status": "policy"},
        "variables": {"x": "x"} | (variables or {"people": "people"}),
        "outcome": "x",
        "controls": [],
        "exhibits": [{"id": "summary", "kind": "descriptives", "variables": ["x"]}],
    }
    if fill:
        study["fill"] = list(fill)
    frame = flat_source("cities", {"level": "city", "code": "city"}, {"x": "1", "policy": "1"}, "year")
    lower = flat_source("counties", {"level": "county", "code": "code"}, {"people": "人", "rate": "%"}, "year")
    return built_study(folder, study, [(frame, cities()), (lower, table)])


def values(built, city="370100", name="people"):
    return built.panel.frame.set_index(["unit", "year"])[name][city].to_dict()


def by_hand(table):
    return table.groupby("year")["people"].sum().to_dict()


def test_what_a_city_held_in_each_year_is_summed_in_one_geography(tmp_path):
    """Laiwu's two districts count for Jinan in all years, under both of their codes."""
    table = counties()
    assert {"371202", "370116"} <= set(table["code"])
    built = project(tmp_path, {"to": "city"}, table)
    assert values(built) == pytest.approx(by_hand(table), rel=1e-12)
    assert all(np.isnan(v) for v in values(built, "370200").values())
    (line,) = built.panel.ledger.query("subject == 'counties.people'").to_dict("records")
    assert (line["units"], line["rows"]) == (1, 6)
    assert line["reason"] == "sum of the counties in each unit as of 2019"
    (trace,) = built.trace("370100", 2016, "people")
    assert len(trace.cells) == (table["year"] == 2016).sum()
    assert {cell.flag for cell in trace.cells} == {"aggregated"}
    assert sum(float(cell.raw_text) for cell in trace.cells) == trace.value


def test_means_by_series(tmp_path):
    table = counties()
    built = project(tmp_path, {"to": "city", "how": {"rate": "mean"}}, table, variables={"p": "people", "r": "rate"})
    assert values(built, name="r") == pytest.approx(table.groupby("year")["rate"].mean().to_dict(), rel=1e-12)
    assert values(built, name="p") == pytest.approx(by_hand(table), rel=1e-12)


def test_a_county_without_a_value_leaves_the_sum_missing(tmp_path):
    """370102 has no row in 2018: it is named; with least 0.9 the sum is of the others, counted."""
    table = counties(drop=[("370102", 2018)])
    strict = project(tmp_path / "a", {"to": "city"}, table)
    assert np.isnan(values(strict)[2018])
    assert values(strict)[2017] == pytest.approx(by_hand(table)[2017])
    lines = strict.panel.ledger.query("subject == 'counties.people'")["reason"].tolist()
    assert "left missing: some of its counties have no value, such as 370102 历下区" in lines
    loose = project(tmp_path / "b", {"to": "city", "least": 0.9}, table)
    assert values(loose) == pytest.approx(by_hand(table), rel=1e-12)
    lines = loose.panel.ledger.query("subject == 'counties.people'")[["rows", "reason"]].values.tolist()
    assert [1, "taken though some of its counties have no value, such as 370102 历下区"] in lines


def test_counties_that_the_source_never_has_may_be_left_out_of_account(tmp_path):
    """Without districts throughout every sum is missing; with members source it is of those that the source has."""
    table = counties(drop=[(unit, year) for unit in ("370102", "370103") for year in YEARS])
    said = "no unit has a value of 'people' of all its counties; lacking are, for one, 370102 历下区, 370103 市中区"
    with pytest.raises(ShidianError, match=said):
        project(tmp_path / "a", {"to": "city"}, table)
    built = project(tmp_path / "b", {"to": "city", "members": "source"}, table)
    assert values(built) == pytest.approx(by_hand(table), rel=1e-12)


def test_gaps_of_counties_are_filled_before_they_are_summed(tmp_path):
    table = counties(drop=[("370102", 2018)])
    built = project(tmp_path, {"to": "city"}, table, fill=[{"series": "people", "max_gap": 1}])
    between = table[(table["code"] == "370102") & table["year"].isin([2017, 2019])]["people"].mean()
    assert values(built)[2018] == pytest.approx(by_hand(table)[2018] + between, rel=1e-12)


def test_counties_of_no_city_of_the_panel_are_counted(tmp_path):
    other = pd.DataFrame({"code": "130102", "year": YEARS, "people": 1.0, "rate": 0})
    built = project(tmp_path, {"to": "city"}, pd.concat([counties(), other]))
    (line,) = built.panel.ledger.query("subject == 'counties'").to_dict("records")
    assert (line["units"], line["rows"], line["reason"]) == (1, 6, "counties that lie in no unit of the panel")


@pytest.mark.parametrize(
    ("aggregate", "said"),
    [
        ({"to": "province"}, "aggregate.to': the panel's units are of level city; write 'to: city' and give"),
        ({"to": "city", "how": {"peopel": "mean"}}, r"no series 'peopel' \(did you mean 'people'"),
        ({"to": "city", "least": 0}, "'sources.counties.aggregate.least'"),
        ({"to": "county"}, "'county' is not one of city, province"),
        ({"to": "city", "how": "median"}, "'median' is not one of sum, mean"),
    ],
)  # fmt: skip
def test_aggregations_that_cannot_be_are_refused(tmp_path, aggregate, said):
    with pytest.raises(ShidianError, match=said):
        project(tmp_path, aggregate, counties())


def test_shares_have_no_sum(tmp_path):
    with pytest.raises(ShidianError, match=r"'rate' is in %, of which there is no sum: write 'how: \{rate: mean\}'"):
        project(tmp_path, {"to": "city"}, counties(), variables={"r": "rate"})


def test_areas_follow_their_counties():
    """Laiwu lies in Jinan as of 2019 and is a city of its own as of 2018; a split county may lie nowhere for sure."""
    assert inside("county", "city", 2019)("370116", 2010) == "370100"
    assert inside("county", "city", 2017)("370116", 2010) == "371200"
    assert inside("county", "province", 2019)("370116", 2010) == "370000"
    assert inside("county", "city", 2019)("110101", 2015) == "110000"
    assert inside("city", "province", 2019)("371200", 2010) == "370000"


def test_sums_of_two_sources_of_counties_take_precedence_in_one_unit_of_measure(tmp_path):
    """The first lacks a county in 2018, the second prints 万人 and other numbers in 2017: the first counts there."""
    first, second = counties(drop=[("370102", 2018)]), counties()
    second["people"] *= np.where(second["year"] == 2017, 1.1, 1.0) / 1e4
    level = {"level": "county", "code": "code"}
    frame = flat_source("cities", {"level": "city", "code": "city"}, {"x": "1", "policy": "1"}, "year")
    made = flat_source("sim_counties", level, {"people": "人"}, "year")
    made |= {"simulated": True, "files": [{"path": "simulated/counties.csv", "what": "made"}]}
    own = [(flat_source("first", level, {"people": "人"}, "year"), first[["code", "year", "people"]]),
           (flat_source("second", level, {"people": "万人"}, "year"), second[["code", "year", "people"]])]  # fmt: skip
    study = copy.deepcopy(STUDY) | {
        "unit": {"level": "city", "geography": 2019, "label": "city"},
        "years": {"first": 2016, "last": 2021},
        "sources": {"cities": {"role": "frame"}, "sim_counties": {"aggregate": {"to": "city"}}},
        "treatment": {"name": "did", "status": "policy"},
        "variables": {"x": "x", "people": "people"},
        "outcome": "x",
        "controls": [],
        "exhibits": [{"id": "summary", "kind": "descriptives", "variables": ["x"]}],
    }
    real = {"sim_counties": {"sources": ["first", "second"], "prefer": ["first", "second"]}}
    built = built_study(tmp_path, study, [(frame, cities()), (made, ""), *own], real)
    assert values(built) == pytest.approx(by_hand(counties()), rel=1e-12)
    said = " ".join(built.panel.ledger.query("subject == 'first.people'")["reason"])
    assert "both give 5 values, 1 differ, by 9.1% of the larger in the median" in said
    assert "taken from 'second.people', where 'first.people' has no value" in said
    (trace,) = built.trace("370100", 2018, "people")
    assert {cell.file for cell in trace.cells} == {"second.csv"}
