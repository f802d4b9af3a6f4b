"""Functions of formulas in whole studies: quarters, steps, categories, nested regions, traces, a published stock."""

import copy
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shidian.errors import ShidianError
from shidian.panel.indicators import add_indicators
from shidian.period import written
from shidian.trace.cells import CellIndex
from shidian.trace.lineage import origins
from shidian.trace.value import describe

from .built_study import built_study, flat_source
from .own_data import SOURCE, STUDY, rows

pytestmark = pytest.mark.usefixtures("own_raw_files")
TABLE = pd.DataFrame(rows(), columns=["town", "town_name", "year", "wage", "people", "policy"])
TABLE["branch"] = np.where(TABLE["town"] % 3 == 0, "C39 电子", "F51")
FORMULAS = {
    "industry": "branch", "before": "lag(wage_yuan, 2)", "ahead": "lead(wage_yuan)", "step": "diff(ln_wage)",
    "rate": "growth(wage_yuan)", "sum": "cumulate(wage_yuan)", "peers": "group_mean(wage_yuan, industry, year)",
    "place": "rank(wage_yuan, year)", "quartile": "quantile_group(wage_yuan, 4, year)", "score": "standardise(ln_wage)",
    "stock": "perpetual_inventory(wage_yuan, 0.1, initial: growth, years: 3)",
}  # fmt: skip


def study_of(tmp_path, table=TABLE, period=None, years=None, **variables):
    source, study = copy.deepcopy(SOURCE), copy.deepcopy(STUDY)
    source["tables"][0]["columns"]["branch"] = {"header": "branch", "measure": "category"}
    source["tables"][0]["year"] |= {"kind": period["kind"]} if period else {}
    study |= {"variables": {**STUDY["variables"], **(variables or FORMULAS)}, "exhibits": STUDY["exhibits"][:2]}
    study |= {"years": years or {"first": 2001, "last": 2008}} | ({"period": period} if period else {})
    return built_study(tmp_path, study, [(source, table)])


def numbers_of(built):
    return built.panel.frame.drop(columns=["year", "adoption_year"])


def test_quarters_and_every_second_year_are_as_years(tmp_path):
    plain = study_of(tmp_path / "years")
    quarters = TABLE.assign(year=[written("quarter", 8043 + year - 2001) for year in TABLE["year"]])
    span = {"first": "2010Q4", "last": "2012Q3"}
    found = study_of(tmp_path / "quarters", quarters, {"kind": "quarter"}, span)
    pd.testing.assert_frame_equal(numbers_of(found), numbers_of(plain))
    second = TABLE.assign(year=2 * TABLE["year"] - 2001)
    no_stock = {name: formula for name, formula in FORMULAS.items() if name != "stock"}
    span, step = {"first": 2001, "last": 2015}, {"kind": "year", "step": 2}
    found = study_of(tmp_path / "second", second, step, span, **no_stock)
    pd.testing.assert_frame_equal(numbers_of(found), numbers_of(plain).drop(columns="stock"))
    with pytest.raises(ShidianError, match=r"at 'variables.stock': perpetual_inventory\(…\) needs the investment of e"):
        study_of(tmp_path / "refused", second, step, span)
    gaps = study_of(tmp_path / "gaps", second, None, span)  # without a step every second year is missing
    assert gaps.panel.frame["stock"].isna().all()
    assert "after a year without a value" in " ".join(gaps.panel.ledger["reason"])


def test_the_ledger_says_quarter_for_year(tmp_path):
    quarters = TABLE.assign(year=[written("quarter", 8043 + year - 2001) for year in TABLE["year"]]).drop(index=3)
    span = {"first": "2010Q4", "last": "2012Q3"}
    found = study_of(tmp_path, quarters, {"kind": "quarter"}, span, sum="cumulate(wage_yuan)")
    (line,) = found.panel.ledger[found.panel.ledger["subject"] == "sum"].to_dict("records")
    assert (line["units"], line["rows"]) == (1, 4)
    assert line["reason"] == "after a quarter without a value, and what is added up needs every quarter"


def test_a_trace_shows_the_cells_of_other_years_and_says_the_group(tmp_path):
    built = study_of(tmp_path, big="if(branch == 'F51', wage_yuan, 0)", own="group_mean(wage_yuan, unit)", **FORMULAS)

    def read(name, year=2004):
        trace = built.trace("101", year, name)
        return sorted(cell.year for one in trace for cell in one.cells if cell.indicator.endswith("wage_yuan")), trace

    assert read("before")[0] == [2002]
    assert read("ahead")[0] == [2005]
    assert read("step")[0] == [2003, 2004]
    assert read("rate")[0] == [2003, 2004]
    assert read("sum")[0] == [2001, 2002, 2003, 2004]
    assert read("stock", 2008)[0] == list(range(2001, 2009))
    assert read("own")[0] == list(range(2001, 2009))
    assert read("big")[0] == [2004]  # what is chosen, not only what the condition looks at
    years, trace = read("peers")
    assert years == [2004]
    assert trace[0].beyond == "group_mean: the values of all rows with the same industry, year enter too"
    assert "industry of 101 Town 1 in 2004 = 'F51' category" in describe(trace)
    assert read("score")[1][0].beyond == "standardise: the values of all rows of the panel enter too"
    index = CellIndex(built.panel.frame, built.panel.long, origins(built.plan.studies["my_study"]))
    assert len(index.codes("sum", np.array([3]))) == 4
    assert len(index.codes("big", np.array([3]))) == 2


def test_real_values_by_the_index_of_the_region(tmp_path):
    """A town's own price index where it has every year, that of its region throughout where it has not."""
    own = pd.DataFrame({"town": np.repeat([101, 102], 8), "year": list(range(2001, 2009)) * 2, "cpi": 100.0})
    own["cpi"] += 2.0 * (own["year"] - 2001)
    own = own.drop(index=9)  # town 102 in 2002
    region = pd.DataFrame({"region": np.repeat(["east", "west"], 8), "year": list(range(2001, 2009)) * 2})
    region["index"] = np.where(region["region"] == "east", 1.03, 1.05) ** (region["year"] - 2001)
    source, study = copy.deepcopy(SOURCE), copy.deepcopy(STUDY)
    source["tables"][0]["columns"]["region"] = {"header": "region", "measure": "text"}
    table = TABLE.drop(columns="branch").assign(region=np.where(TABLE["town"] < 107, "east", "west"))
    town = {"level": "other", "code": "town", "code_kind": "plain"}
    sources = [
        (source, table), (flat_source("prices", town, {"cpi": "1"}, "year"), own),
        (flat_source("regions", {"level": "other", "name": "region"}, {"index": "1"}, "year"), region),
    ]  # fmt: skip
    study["sources"] |= {"prices": {}, "regions": {"join": {"on": "region"}}}
    formula = "deflate(wage_yuan, cpi, 2004, regions.index)"
    study |= {"variables": {**STUDY["variables"], "real": formula}, "exhibits": STUDY["exhibits"][:1]}
    built = built_study(tmp_path, study, sources)
    growth = np.where(table["town"] < 107, 1.03, 1.05) ** (table["year"] - 2004)
    level = np.where(table["town"] == 101, (100 + 2.0 * (table["year"] - 2001)) / 106, growth)
    np.testing.assert_allclose(built.panel.frame["real"], table["wage"] / level, rtol=1e-12)
    (line,) = built.panel.ledger[built.panel.ledger["subject"] == "real"].to_dict("records")
    assert (line["units"], line["rows"]) == (11, 88)


def test_indicators_take_the_same_functions(tmp_path):
    """Formulas among indicators compute on the panel as it stands; texts are grouped by among variables only."""
    formula = "standardise(ln_wage, year) + quantile_group(lag(ln_people), 3, year) + base(ln_wage, '2010Q4')"
    study = copy.deepcopy(STUDY) | {"indicators": {"z": {"method": "formula", "formula": formula}}}
    study |= {"period": {"kind": "quarter"}, "years": {"first": "2010Q4", "last": "2012Q3"}}
    source, table = copy.deepcopy(SOURCE), TABLE.drop(columns="branch")
    source["tables"][0]["year"] |= {"kind": "quarter"}
    quarters = table.assign(year=[written("quarter", 8043 + year - 2001) for year in table["year"]])
    built = built_study(tmp_path / "quarters", study, [(source, quarters)])
    found = add_indicators(built.panel.frame, built.plan.studies["my_study"].indicators)
    x = built.panel.frame.assign(z=found.panel["z"])
    by_year = x.groupby("year")["ln_wage"]
    third = 1 + (x["unit"].astype(int) - 101) // 4  # people rise with the town's number
    expected = (x["ln_wage"] - by_year.transform("mean")) / by_year.transform("std") + third
    expected += x.groupby("unit")["ln_wage"].transform("first")
    np.testing.assert_allclose(x["z"], expected.mask(x["year"] == 8043), rtol=1e-12)

    study["indicators"]["z"]["formula"] = "ln_wage / base(ln_wage, '2010')"
    with pytest.raises(ShidianError, match=r"at 'indicators.z': .*no quarter; write it as 2013Q4"):
        built_study(tmp_path / "year", study, [(source, quarters)])
    by_text = STUDY | {"indicators": {"z": {"method": "formula", "formula": "group_mean(ln_wage, industry)"}}}
    by_text |= {"variables": {**STUDY["variables"], "industry": "branch"}}
    source = copy.deepcopy(SOURCE)
    source["tables"][0]["columns"]["branch"] = {"header": "branch", "measure": "category"}
    with pytest.raises(ShidianError, match=r"at 'indicators.z': 'industry' is a category, not a number: group by it"):
        built_study(tmp_path / "text", by_text, [(source, TABLE)])


REN = Path(os.environ.get("SHIDIAN_SHARED", "../shared")) / "cases" / "papers" / "ren" / "spatial_data.dta"
BEIJING = pd.DataFrame({
    "year": range(2008, 2018),
    "investment": [3814.73, 4616.92, 5402.95, 5578.93, 6112.37, 6847.06, 6924.20, 7495.99, 7943.89, 8370.44],
    "gdp": [12167.600483, 13335.700951, 15420.205903, 17653.299758, 19568.296302, 21745.997574, 23577.496548,
            26034.087083, 28438.695091, 31325.915337],
    "labour": [570.3 + 441.52, 619.3 + 478.40, 646.6 + 525.98, 685.9 + 558.81, 717.4 + 592.33, 742.3 + 640.28,
               755.9 + 828.60, 777.3 + 951.73, 791.5 + 1046.74, 812.9 + 1141.38],
})  # fmt: skip
"""Beijing in `panel_with_broad_tax.csv` of RenJiyi163/panel_data_analysis_for_thesis."""


def test_the_stock_of_a_published_do_file(tmp_path):
    """master_all.do of the case ``ren``: delta .096, g .161, K of 2007 from the investment of 2008; TFP by halves."""
    if not REN.exists():
        pytest.skip(f"{REN} is not there")
    printed = pd.read_stata(REN).query("id == 1").set_index("year")["ln_tfp"]
    table = pd.concat([BEIJING.assign(id=n) for n in (1, 2)])
    columns = {"investment": "亿元", "gdp": "亿元", "labour": "万人"}
    source = flat_source("towns", {"level": "other", "code": "id", "code_kind": "plain"}, columns, "year")
    variables = {
        "capital": "perpetual_inventory(investment, 0.096, initial: growth, growth: 0.161, start: year_before)",
        "ln_tfp": "ln(gdp) - 0.5 * ln(capital) - 0.5 * ln(labour)",
    }
    study = {
        "study": "ren", "title": "TFP", "unit": {"label": "province"}, "years": {"first": 2008, "last": 2017},
        "sources": {"towns": {"role": "frame"}}, "regressor": "capital", "variables": variables, "outcome": "ln_tfp",
        "fixed_effects": ["unit"], "vcov": {"kind": "iid"}, "ssc": "reghdfe",
        "exhibits": [{"id": "summary", "kind": "descriptives", "variables": ["ln_tfp"]}],
    }  # fmt: skip
    found = built_study(tmp_path, study, [(source, table)]).panel.frame.query("unit == '1'").set_index("year")
    assert len(printed) == 7
    np.testing.assert_allclose(found["ln_tfp"].loc[printed.index], printed, atol=2e-6)
