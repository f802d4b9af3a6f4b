"""Filled gaps from study file to trace: refusals, and the factor of each cell where volumes print other units."""

import copy

import pandas as pd
import pytest
from shidian.errors import ShidianError

from ..study.built_study import built_study, flat_source
from ..study.own_data import STUDY

CITIES = ("130100", "130200", "370100")
YEARS = [2010, 2011, 2012]


def built(folder, fill, drop=(), **unit):
    """GDP in 万元 until 2011, in 亿元 from 2012 on: 10,000 (i + 1) and, in 2012, four times as much."""
    rows = [(c, y, 1e4 * (i + 1), 4.0 * (i + 1), "a", int(c == "130100" and y > 2010)) for i, c in enumerate(CITIES)
            for y in YEARS if (c, y) not in drop]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["city", "year", "early", "late", "kind", "policy"])
    frame["early"] = frame["early"].where(frame["year"] < 2012)
    frame["late"] = frame["late"].where(frame["year"] == 2012)
    values = flat_source("volumes", {"level": "city", "code": "city"}, {"kind": "category"}, "year")
    first = values["tables"][0] | {"name": "early"}
    second = copy.deepcopy(first) | {"name": "late", "columns": {}}
    first["columns"]["gdp"] = {"header": "early", "measure": "万元", "valid_to": 2011}
    second["columns"]["gdp"] = {"header": "late", "measure": "亿元", "valid_from": 2012}
    first["ignore"], second["ignore"] = ["late", "policy"], ["early", "kind", "policy"]
    values["tables"] = [first, second]
    full = pd.DataFrame([(c, y, int(c == "130100" and y > 2010)) for c in CITIES for y in YEARS],
                        columns=["city", "year", "policy"])  # fmt: skip
    study = copy.deepcopy(STUDY) | {
        "unit": {"label": "city", **(unit or {"level": "city", "geography": 2012})},
        "years": {"first": 2010, "last": 2012},
        "sources": {"cities": {"role": "frame"}, "volumes": {}},
        "treatment": {"name": "did", "status": "policy"},
        "variables": {"gdp": "to(gdp, '万元')", "kind": "kind"},
        "outcome": "gdp",
        "controls": [],
        "exhibits": [{"id": "summary", "kind": "descriptives", "variables": ["gdp"]}],
        "fill": [fill],
    }
    cities = flat_source("cities", {"level": "city", "code": "city"}, {"policy": "1"}, "year")
    return built_study(folder, study, [(cities, full), (values, frame)])


@pytest.mark.parametrize(("how", "value"), [("linear", 25_000.0), ("geometric", 20_000.0), ("nearest", 10_000.0)])
def test_each_cell_behind_a_filled_value_has_its_own_factor(tmp_path, how, value):
    """10,000 万元 in 2010 and 4 亿元 in 2012: 25,000 between them, 20,000 at one growth rate."""
    one = built(tmp_path, {"series": "gdp", "max_gap": 1, "how": how}, drop=[("130100", 2011)])
    (trace,) = one.trace("130100", 2011, "gdp")
    assert trace.value == pytest.approx(value, rel=1e-12)
    said = {(cell.raw_text, cell.factor * float(cell.raw_text)) for cell in trace.cells}
    factor = one.panel.long.set_index(["unit", "year", "indicator"])["factor"]
    wanted = {("10000.0", 1e4 * factor["130100", 2010, "gdp"])}
    wanted |= {("4.0", 4.0 * factor["130100", 2012, "gdp"])} if how != "nearest" else set()
    assert {text: pytest.approx(number) for text, number in said} == dict(wanted)
    line = one.panel.ledger.query("step == 'fill'").iloc[0]
    assert (line["subject"], line["units"], line["rows"]) == ("volumes.gdp", 1, 1)


def test_the_mean_of_the_province_shows_the_other_citys_cells(tmp_path):
    one = built(tmp_path, {"series": "gdp", "max_gap": 1, "how": "province_mean"}, drop=[("130100", 2011)])
    (trace,) = one.trace("130100", 2011, "gdp")
    assert trace.value == pytest.approx(20_000.0, rel=1e-12)
    assert [(cell.raw_text, cell.flag) for cell in trace.cells] == [("20000.0", "province_mean")]


@pytest.mark.parametrize(
    ("fill", "unit", "said"),
    [
        ({"series": "kind", "max_gap": 1}, {}, "'kind' is a category, not a number"),
        ({"series": "gdp", "max_gap": 1, "how": "province_mean"}, {"label": "town"},
         r"fill\[1\].how': province_mean is the mean over a province's cities or counties"),
        ({"series": "gdp", "max_gap": 1, "how": "spline"}, {}, "'spline' is not one of linear, geometric"),
        ({"series": "gdp", "max_gap": 0, "how": "nearest"}, {}, "0 is less than the minimum of 1"),
    ],
)  # fmt: skip
def test_fillings_that_cannot_be_are_refused(tmp_path, fill, unit, said):
    with pytest.raises(ShidianError, match=said):
        built(tmp_path, fill, **unit)
