"""low_carbon_cities on the real workbooks, against a computation of its own that shares no code with the workflow."""

import csv

import numpy as np
import pandas as pd
import pytest
from shidian.code_digests import PACKAGE

from tests.workflow.project import Project

from .by_hand import least_squares

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

FOLLOWED = ["540600", "650500"]
"""那曲 and 哈密 were prefectures (地区) with other codes before 2018 and 2016; their rows are carried into 2019."""
CONTROLS = ["ln_pgdp", "fin", "ln_density", "secondary"]


@pytest.fixture(scope="module")
def run(shared, tmp_path_factory):
    """A finished run of the study where the raw workbooks lie."""
    project = Project(tmp_path_factory.mktemp("real") / "project", ("low_carbon_cities",), shared / "china")
    project.snakemake()
    return project.folder / "results" / "low_carbon_cities"


@pytest.fixture(scope="module")
def by_hand(shared):
    """The panel read with pandas and openpyxl, column by column, as the study's description says."""
    folder = shared / "china" / "city_panels"
    excel = {"engine": "openpyxl"}
    co2 = pd.read_excel(folder / "地级市碳排放强度.xlsx", **excel)
    co2 = co2.rename(columns={"年份": "year", "城市代码": "unit", "城市": "name", "碳排放量_吨": "co2"})
    money = pd.read_excel(folder / "金融发展水平（2003-2023）236缺失.xlsx", **excel)
    money.columns = ["year", "province", "name", "pcode", "unit", "area", "gdp", "loans", "deposits", "fin_printed"]
    people = pd.read_excel(folder / "298个地级市人口密度1998-2024年无缺失.xlsx", sheet_name="面板数据", **excel)
    people = people.iloc[:, :9]
    people.columns = ["year", "province", "name", "pcode", "unit", "km2", "people", "filled", "density"]
    sectors = pd.read_excel(folder / "2000-2023地级市产业结构 .xlsx", sheet_name="面板数据2000-2023", **excel)
    sectors = sectors.rename(columns={"年度标识": "year", "城市代码": "unit", "第二产业占GDP比重": "secondary"})
    pilots = pd.read_excel(shared / "china" / "pilot_lists" / "GP_lowcarbon_113.xlsx", **excel)
    panel = co2[co2["year"].between(2003, 2019)][["unit", "name", "year", "co2"]]
    for frame, columns in (
        (money, ["gdp", "loans", "deposits"]),
        (people, ["people", "density"]),
        (sectors, ["secondary"]),
    ):
        part = frame[["unit", "year", *columns]].apply(pd.to_numeric, errors="coerce").dropna(subset=["unit", "year"])
        panel = panel.merge(part, on=["unit", "year"], how="left", validate="1:1")
    panel["ln_co2"] = np.log(panel["co2"])
    panel["ln_pgdp"] = np.log(panel["gdp"] / panel["people"])
    panel["fin"] = (panel["loans"] + panel["deposits"]) / panel["gdp"]
    panel["ln_density"] = np.log(panel["density"])
    start = panel["name"].map(pilots.set_index("city_name")["pilot_year"])
    panel["did"] = (panel["year"] >= start).astype(float)
    return panel


@pytest.mark.parametrize(("column", "controls"), [("(1)", []), ("(2)", CONTROLS)])
def test_the_table_equals_a_computation_by_hand(run, by_hand, column, controls):
    estimates = pd.read_csv(run / "exhibits" / "baseline_estimates.csv", encoding="utf-8-sig")
    ours = estimates[(estimates["column"] == column) & (estimates["term"] == "did")].iloc[0]
    coef, se, n = least_squares(by_hand, "ln_co2", ["did", *controls])
    assert ours["n_obs"] == n
    assert ours["estimate"] == pytest.approx(coef, rel=1e-8)
    assert ours["se"] == pytest.approx(se, rel=1e-8)
    assert ours["df"] == ours["n_clusters"] - 1


def test_the_panel_equals_the_one_by_hand(run, by_hand):
    """Letter by letter equal, but for units that the sector workbook prints under the code of their time."""
    ours = pd.read_parquet(run / "panel.parquet").sort_values(["unit", "year"]).set_index(["unit", "year"])
    theirs = by_hand.assign(unit=by_hand["unit"].astype(int).astype(str)).set_index(["unit", "year"]).sort_index()
    assert len(ours) == len(theirs) == 295 * 17
    followed = ours["secondary"].notna() & theirs["secondary"].isna()
    assert sorted(followed[followed].index.get_level_values("unit").unique()) == FOLLOWED
    for name in ("ln_co2", "did", *CONTROLS):
        values = ours[name].where(~followed) if name == "secondary" else ours[name]
        np.testing.assert_allclose(values, theirs[name].astype(float), rtol=1e-14, err_msg=name)


def test_pilots_that_are_no_unit_of_the_panel_are_named(run):
    ledger = pd.read_csv(run / "ledger.csv", keep_default_na=False)
    joined = ledger[ledger["step"] == "join low_carbon_pilots_113"]
    whole = joined["subject"] == "low_carbon_pilots_113"  # how much of the list is matched
    assert whole.sum() == 1
    named = joined[~whole]
    assert set(named["subject"]) == {
        "共青城市", "大兴安岭地区", "敦煌市", "昌吉市", "普洱市思茅区", "济源市", "琼中黎族苗族自治县", "逊克县",
    }  # fmt: skip
    assert (named["reason"] == "not among the units of the panel").all()
    gone = ledger[ledger["subject"] == "371200 莱芜市"]
    assert gone["reason"].str.contains("it is a part of 济南市").all()


def shown_in_workbook(file, sheet, cells, raw):
    from openpyxl import load_workbook

    book = load_workbook(raw / file, read_only=False, data_only=True)
    return [book[sheet][cell].value for cell in cells]


def shown_in_csv(file, sheet, cells, raw):
    """Return what stands at ``<row number>:<column name>`` of a text file, that of the project among them."""
    package = file.removeprefix("package:shidian/")
    path = raw / file if package == file else PACKAGE / package
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    places = [cell.split(":", 1) for cell in cells]
    return [rows[int(row) - 1][rows[0].index(column)] for row, column in places]


def test_a_thousand_random_values_lead_back_to_their_cells(run, shared):
    """Each sampled value is read again from the cell that it names, with another reader of workbooks."""
    long = pd.read_parquet(run / "panel_long.parquet")
    long = long[long["value"].notna()].sample(1000, random_state=20240601)
    cells = pd.concat(pd.read_parquet(p) for p in sorted((run.parent / "sources").glob("*/*.cells.parquet")))
    traced = long.merge(cells, on="cell_id", how="left", validate="m:1")
    assert traced["cell"].notna().all()
    assert traced["source_id_x"].nunique() >= 5
    for (file, sheet), part in traced.groupby(["file", "sheet"]):
        read = shown_in_csv if file.endswith(".csv") else shown_in_workbook
        shown = read(file, sheet, part["cell"], shared / "china")
        np.testing.assert_array_equal([float(v) for v in shown], part["value"])
        assert [float(text) for text in part["raw_text"]] == part["value"].tolist()


def test_trace_prints_the_formula_and_every_cell_behind_it(run):
    from shidian.code_digests import ROOT
    from shidian.study.read import read_study
    from shidian.trace.value import describe, trace_value

    study, _ = read_study(ROOT, "low_carbon_cities")
    cells = pd.concat(pd.read_parquet(p) for p in sorted((run.parent / "sources").glob("*/*.cells.parquet")))
    frame, long = pd.read_parquet(run / "panel.parquet"), pd.read_parquet(run / "panel_long.parquet")
    traces = trace_value(study, frame, long, cells.set_index("cell_id"), "深圳市", 2012, "fin")
    text = describe(traces)
    loans, deposits, gdp = traces[0].cells
    assert traces[0].value == (loans.value + deposits.value) / gdp.value
    assert "formula: (loans_wan_yuan + deposits_wan_yuan) / gdp_wan_yuan" in text
    assert "cell Sheet1!H4001 shows '173054700'" in text
    assert loans.measure == "万元"
