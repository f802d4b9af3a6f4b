"""Real facts shipped as sources: those of the simulated lists and groups, which are real, and no other."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from shidian import regions, simulate
from shidian.checksums import sha256_of
from shidian.code_digests import ROOT
from shidian.simulate.truth import load_truth
from shidian.simulate.units import read_units
from shidian.yearbook.source import load_source

REGIONS = {"east": "1", "central": "2", "west": "3"}
REAL = {"city": ["rank", "central_city", "low_carbon_year", "broadband_year"], "province": ["region4", "municipality"]}


def facts(level: str) -> pd.DataFrame:
    path = Path(str(regions.__file__)).parent / f"{level}_facts.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False).set_index("code")


@pytest.mark.parametrize("level", ["city", "province"])
def test_facts_are_those_of_the_lists(level):
    table, units = facts(level), read_units(level).set_index("code")
    groups = pd.read_csv(Path(str(simulate.__file__)).parent / "groups" / f"{level}.csv", dtype=str).set_index("code")
    assert table.index.is_unique
    assert (table.loc[units.index, "region"] == units["region"].map(REGIONS)).all()
    for column in REAL[level]:
        assert (table.loc[groups.index, column] == groups[column]).all()
    source = load_source(ROOT / "config" / "sources" / f"{level}_facts.yaml")
    assert source.files[0].sha256 == sha256_of(Path(str(regions.__file__)).parent / f"{level}_facts.csv")


def test_units_beyond_the_lists_have_a_region_and_nothing_that_nobody_checked():
    table, units = facts("city"), read_units("city")
    further = table[~table.index.isin(units["code"])]
    provinces = facts("province")["region"]
    assert (further["region"] == [provinces[code[:2] + "0000"] for code in further.index]).all()
    assert (further[REAL["city"]] == "").all().all()


def test_the_29_major_cities_are_those_of_the_study():
    table = facts("city")
    assert set(table.index[table["major_city"] == "1"]) == set(load_truth("talent_agglomeration").only)
