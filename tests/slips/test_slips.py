"""Slips of whole volumes: each kind that is planted is found, a panel without any is left alone."""

import numpy as np
import pandas as pd
import pytest
from shidian.slips.find import find_slips
from shidian.slips.finding import Finding
from shidian.slips.paths import paths_of
from shidian.slips.records import slips_of, unit_keys
from shidian.slips.shifted import best_run

from .more_plants import MORE_PLANTS
from .plants import PLANTS, Volumes, made_volumes

ALL = {**PLANTS, **MORE_PLANTS}
ONLY_WARNED = {
    "half of the units lost",
    "a third of the units lost", "three years added up", "two provinces exchanged",
}  # fmt: skip

NOT_SEEN = {"years labelled one early from a volume on"}
"""A year that is missing between two others looks as one of growth, which years differ in."""


def found_in(values: pd.DataFrame) -> list[Finding]:
    paths = paths_of(values, {})
    return find_slips(paths, np.array([unit[:2] for unit in paths[0].units]))


@pytest.mark.parametrize("seed", range(4))
def test_a_panel_without_slips_is_left_alone(seed: int) -> None:
    assert found_in(made_volumes(np.random.default_rng(seed), units=120, periods=9)) == []


@pytest.mark.parametrize("name", [name for name in ALL if name not in NOT_SEEN])
def test_planted_slips_are_found_where_they_are(name: str) -> None:
    rng = np.random.default_rng(7)
    values = made_volumes(rng, units=120, periods=9)
    order = tuple(str(s) for s in rng.permutation(values["series"].unique()) if s != "area")
    if name == "a sixth below zero":
        order = ("spending", *order)
    planted = ALL[name](Volumes(values, (*order, "people"), 2008, rng))
    found = found_in(planted.values)
    assert len(found) <= 6, "one finding a volume, not one a unit"
    near = [one for one in found if abs(one.period - planted.period) <= 1]
    hits = [one for one in near if set(one.series) & set(planted.series)]
    assert hits, f"{name}: found {near}"
    if name not in ONLY_WARNED | {"a province lost", "per head for totals"}:
        assert any(one.grade == "stop" for one in hits), hits


def test_findings_say_what_and_where() -> None:
    rng = np.random.default_rng(3)
    values = made_volumes(rng, units=120, periods=9)
    place = Volumes(values, ("gdp", "wages"), 2008, rng)
    (moved,) = found_in(PLANTS["a column a ten-thousandth"](place).values)
    assert moved.said == "gdp: 120 of 120 units are 1/10,000 of the periods before and after"
    (swapped,) = found_in(PLANTS["two columns exchanged"](place).values)
    assert (swapped.kind, swapped.period) == ("columns swapped", 2008)
    assert set(swapped.series) == {"gdp", "wages"}
    (one,) = found_in(PLANTS["a province ten times"](place).values)
    assert one.kind == "province moved"
    assert len({unit[:2] for unit in one.units}) == 1
    (shifted,) = found_in(PLANTS["30 rows one down"](place).values)
    assert shifted.kind == "rows shifted"
    assert "rows above" in shifted.said
    assert 25 <= len(shifted.units) <= 32


def test_order_of_rows_labels_and_sizes_do_not_matter() -> None:
    rng = np.random.default_rng(5)
    values = PLANTS["two columns exchanged"](
        Volumes(made_volumes(rng, units=120, periods=9), ("gdp", "wages"), 2008, rng)
    ).values
    first = [one.said for one in found_in(values)]
    assert first
    assert [one.said for one in found_in(values.sample(frac=1, random_state=1))] == first
    larger = values.assign(value=values["value"] * 1e6)
    assert [one.said for one in found_in(larger)] == first


def test_a_declared_change_of_measure_is_none() -> None:
    values = made_volumes(np.random.default_rng(2), units=120, periods=9)
    late = (values["series"] == "gdp") & (values["period"] >= 2009)
    values.loc[late, "value"] /= 1e4
    values["measure"] = np.where(late, "亿元", "万元")
    sizes = {"万元": (1e4, "yuan"), "亿元": (1e8, "yuan")}
    paths = paths_of(values, sizes)
    assert find_slips(paths, np.array([""] * len(paths[0].units))) == []
    (one,) = found_in(values.assign(measure="万元"))
    assert one.kind == "volume moved"
    assert one.period == 2009
    assert "from this period on" in one.said


def test_records_of_a_source() -> None:
    rng = np.random.default_rng(1)
    values = PLANTS["a column ten times"](Volumes(made_volumes(rng, 120, periods=9), ("gdp",), 2008, rng)).values
    records = values.rename(columns={"unit": "unit_code", "period": "year", "series": "indicator"}).assign(
        unit_name=None, province=None, cell_id=[f"s/1/S!C{row}" for row in values["row"]]
    )
    (slip,) = slips_of(records).to_dict("records")
    assert (slip["kind"], slip["grade"], slip["period"], slip["series"]) == ("volume moved", "stop", 2008, "gdp")
    named = records.assign(unit_name=records["unit_code"], province="p", unit_code=None)
    assert unit_keys(named)[0] == "p/110100"
    assert slips_of(named)["detail"].tolist() == [slip["detail"]]
    assert slips_of(records[records["year"] == 2008]).empty
    assert slips_of(records.iloc[:0]).empty


def test_the_best_run() -> None:
    assert best_run(np.array([-1.0, 2.0, -0.5, 3.0, -4.0, 1.0])) == (1, 4, 4.5)
