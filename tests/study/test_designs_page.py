"""docs/designs.md: each design's files as they stand, on made data, against the effect that was planted."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shidian.schema import read_yaml_text

from tests.study.built_study import built_study

PAGE = Path(__file__).parents[2] / "docs" / "designs.md"


def _firms(r):
    pilots = {f"{110100 + 100 * c}": year for c, year in zip(range(8), [2010, 2012] * 4, strict=True)}
    rows, year_of_industry, of_firm = [], r.normal(0, 0.2, (3, 8)), r.normal(0, 0.5, 120)
    for firm in range(120):
        city, industry, staff = f"{110100 + 100 * (firm % 20)}", firm % 3, 50 + 7 * (firm % 11)
        for t, year in enumerate(range(2007, 2015)):
            effect = 0.2 * (year >= pilots.get(city, 9999))
            ln_output = 4 + of_firm[firm] + effect + year_of_industry[industry, t] + r.normal(0, 0.1)
            rows.append((600000 + firm, f"Firm {firm}", ("C13", "C26", "D44")[industry], city, year,
                         np.exp(ln_output), staff))  # fmt: skip
    firms = pd.DataFrame(rows, columns=["stkcd", "firm", "indcode", "city_code", "year", "output", "employees"])
    listed = [(code, f"City {code}", year) for code, year in pilots.items()]
    return {"firms": firms, "pilots": pd.DataFrame(listed, columns=["city_code", "city", "pilot_year"])}


def _towns(r):
    quarters = [f"{year}Q{q}" for year in range(2013, 2017) for q in range(1, 5)]
    rows, of_town = [], r.normal(size=40)
    for town in range(40):
        first = (6, 9, None, None)[town % 4]
        for t, quarter in enumerate(quarters):
            price = of_town[town] + 0.1 * np.sin(t) + 0.3 * (first is not None and t >= first) + r.normal(0, 0.1)
            dated = quarters[first] if first is not None else ""
            rows.append((town + 1, f"Town {town + 1}", quarter, price, 1000 * (1 + town % 7), dated))
    return {"towns": pd.DataFrame(rows, columns=["id", "town", "quarter", "price", "pop", "first_treated"])}


def _people(r):
    policy = {f"County {c}": (2003, 2005)[c % 2] if c < 10 else None for c in range(20)}
    rows = []
    for year in range(2001, 2007):
        for n in range(300):
            county, low = f"County {n % 20}", r.random() < 0.4
            treated = policy[county] is not None and year >= policy[county]
            lnwage = 2 + 0.1 * (n % 20) - 0.4 * low + 0.1 * treated + 0.25 * treated * low + r.normal(0, 0.2)
            rows.append((county, year, "low" if low else "other", r.integers(20, 65), lnwage, r.uniform(0.5, 2)))
    people = pd.DataFrame(rows, columns=["county", "year", "income", "age", "lnwage", "w"])
    counties = pd.DataFrame([(name, "" if y is None else y) for name, y in policy.items()])
    return {"people": people, "counties": counties.set_axis(["county", "policy_year"], axis=1)}


def _provinces(r):
    rows = []
    for unit in range(60):
        first, level = (2006, 2010, 0)[unit % 3], r.normal(3, 0.5)
        for year in range(2000, 2015, 2):
            mean = np.exp(level + 0.03 * (year - 2000) + 0.3 * (0 < first <= year))
            rows.append((f"P{unit:03d}", year, r.poisson(mean), r.normal(), first))
    return {"provinces": pd.DataFrame(rows, columns=["prov", "year", "patents", "rd", "policy_year"])}


def _cities(r):
    rows = []
    for unit in range(60):
        on, level, x0 = 0, r.normal(), r.random()
        for t, year in enumerate(range(2003, 2013)):
            on = 1 - on if r.random() < 0.25 else on
            status, dose = on if unit % 2 else 0, max(0.0, r.normal(0.5, 0.3))
            gdp = np.exp(5 + 0.3 * level + 0.05 * t + r.normal(0, 0.1))
            y = level + 0.02 * (unit % 6) * t + 0.15 * status + 0.4 * dose + 0.05 * x0 * t + 0.1 * np.log(gdp)
            rd = "" if r.random() < 0.03 else r.normal()
            rows.append((1000 + unit, f"C{unit}", f"Prov {unit % 6}", year, gdp, 0.3 * gdp, y + r.normal(0, 0.1),
                         status, dose, x0, rd))  # fmt: skip
    names = ["code", "city", "province", "year", "gdp", "investment", "y", "policy_on", "dose", "x0", "rd"]
    return {"cities": pd.DataFrame(rows, columns=names)}


DESIGNS = {
    "firms_pilots": (_firms, {"did": 0.2}),
    "quarterly_policy": (_towns, {"did": 0.3}),
    "persons_policy": (_people, {"income_low × did": 0.25}),
    "patents_counts": (_provinces, {"did": 0.3}),
    "policy_and_dose": (_cities, {"policy": 0.15, "dose": 0.4}),
}
"""Study of the page -> its made data, and the effects planted in them."""


def _blocks():
    text = PAGE.read_text(encoding="utf-8")
    read = [read_yaml_text(block, PAGE.name) for block in re.findall(r"^```yaml\n(.*?)^```", text, re.S | re.M)]
    return {b["study"]: b for b in read if "study" in b}, {b["source"]: b for b in read if "source" in b}


def test_every_block_of_the_page_is_tried():
    studies, sources = _blocks()
    assert set(studies) == set(DESIGNS)
    assert {source for study in studies.values() for source in study["sources"]} == set(sources)


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_is_read_as_it_stands_and_finds_what_was_planted(tmp_path, name):
    studies, sources = _blocks()
    make, planted = DESIGNS[name]
    tables = make(np.random.default_rng(7))
    assert set(tables) == set(studies[name]["sources"])
    built = built_study(tmp_path, studies[name], [(sources[source], table) for source, table in tables.items()])
    estimates = built.result(studies[name]["exhibits"][0]["id"]).estimates
    for term, effect in planted.items():
        row = estimates[estimates["term"] == term].iloc[0]
        assert 0 < row["se"] < 0.1
        assert abs(row["estimate"] - effect) < 4 * row["se"]
    for exhibit in studies[name]["exhibits"][1:]:
        if (
            exhibit["kind"] != "staggered_did"
        ):  # seven estimators and a second engine take long; the load has checked it
            assert built.result(exhibit["id"]).estimates["estimate"].notna().any(), exhibit
