"""Firms in pilot cities, and towns whose column gives the year of adoption: the panels of tests."""

import copy

import numpy as np
import pandas as pd

from .built_study import Built, built_study, flat_source

YEARS = range(2001, 2007)


def firms(moves=(), text=False):
    """Return 20 firms in cities 1 to 4 (firm f in city f % 4 + 1) over six years; ``moves`` has (firm, year, city)."""
    rng = np.random.default_rng(3)
    names = {1: "Aba", 2: "Bel", 3: "Cor", 4: "Dun"}
    table = []
    for firm in range(1, 21):
        for year in YEARS:
            city = firm % 4 + 1
            for who, since, where in moves:
                city = where if who == firm and year >= since else city
            on = (city == 1 and year >= 2003) or (city == 2 and year >= 2004)
            y = 0.3 * firm + 0.1 * year + 2.0 * on + 0.01 * rng.normal()
            table.append([firm, names[city] if text else city, year, round(float(y), 6)])
    return pd.DataFrame(table, columns=["firm", "city", "year", "y"])


def firm_source(text=False):
    columns = {"city": "text" if text else "1", "y": "1"}
    return flat_source("firms", {"level": "other", "code": "firm", "code_kind": "plain"}, columns, year="year")


def pilot_source(columns=None, year="", **unit):
    given = {"level": "other", "code": "city", "code_kind": "plain"} | unit
    return flat_source("pilots", {k: v for k, v in given.items() if v}, columns or {"first": "1"}, year=year)


STUDY = {
    "study": "firms_study",
    "title": "Firms in pilot cities",
    "unit": {"label": "firm"},
    "years": {"first": 2001, "last": 2006},
    "sources": {"firms": {"role": "frame"}, "pilots": {"join": {"on": "city"}}},
    "treatment": {"name": "did", "adoption": "pilots.first"},
    "variables": {"yy": "y"},
    "outcome": "yy",
    "controls": [],
    "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "reghdfe",
    "exhibits": [{"id": "base", "kind": "did_table", "columns": [{}]}],
}


PILOTS = pd.DataFrame({"city": [1, 2], "first": [2003, 2004]})


def nested(folder, *, table=None, pilots=PILOTS, source=None, firm=None, **changes) -> Built:
    study = copy.deepcopy(STUDY) | changes
    table = firms() if table is None else table
    return built_study(folder, study, [(firm or firm_source(), table), (source or pilot_source(), pilots)])


def of(result, field="estimate", term="did", n=0):
    rows = result.estimates
    return float(rows[rows["term"] == term][field].iloc[n])


def demeaned(frame, name, unit="unit"):
    """Return a column of a balanced panel without the means of units and years."""
    by_unit, by_year = (frame.groupby(key)[name].transform("mean") for key in (unit, "year"))
    return frame[name] - by_unit - by_year + frame[name].mean()


def column_study(folder, first, **treatment):
    """Run a panel whose column ``first`` gives the year of adoption, {town: entries by year or one for all}."""
    rows = []
    rng = np.random.default_rng(1)
    for town in range(1, 9):
        for year in YEARS:
            entry = first.get(town, "")
            entry = entry[year - 2001] if isinstance(entry, list) else entry
            rows.append([town, year, entry, round(float(rng.normal()), 6), int(year >= 2004), int(town <= 4)])
    table = pd.DataFrame(rows, columns=["town", "year", "first", "y", "post", "pilot"])
    columns = {"first": "1", "y": "1", "post": "1", "pilot": "1"}
    source = flat_source("towns", {"level": "other", "code": "town", "code_kind": "plain"}, columns, year="year")
    declared = {"name": "did", "adoption": "first"} | treatment
    study = copy.deepcopy(STUDY) | {
        "study": "towns_study", "sources": {"towns": {"role": "frame"}},
        "treatment": {k: v for k, v in declared.items() if v != ""},
    }  # fmt: skip
    return built_study(folder, study, [(source, table)])


def starts_of(built):
    return built.panel.frame.groupby("unit")["adoption_year"].first().dropna().astype(int).to_dict()
