"""The two real variants on the real workbooks: YAML alone, and equal to computations that share no code with them."""

import numpy as np
import pandas as pd
import pytest

from tests.workflow.project import Project

from .by_hand import least_squares

pytestmark = pytest.mark.workflow
FOLLOWED = {"542400": "540600", "652100": "650400", "652200": "650500"}
"""那曲, 吐鲁番 and 哈密 were prefectures (地区) with other codes; the workbook prints their sectors under these."""
STUDIES = ("talent_agglomeration_real", "innovative_city_structure_real")


@pytest.fixture(scope="module")
def results(shared, tmp_path_factory):
    """The results of both studies, run where the raw workbooks lie: tables and ledgers, no reports."""
    project = Project(tmp_path_factory.mktemp("real") / "project", STUDIES, shared / "china")
    wanted = [f"results/{s}/{f}" for s in STUDIES for f in ("exhibits/baseline_estimates.csv", "panel.parquet")]
    project.snakemake(*wanted)
    return project.folder / "results"


@pytest.fixture(scope="module")
def members(shared):
    """Code -> first year of every member of the rosters, missing where it is not sourced."""
    rosters = pd.read_csv(shared / "china" / "pilot_lists" / "innovative_city.csv", dtype={"adcode": str})
    return rosters.set_index("adcode")["first_year"]


@pytest.fixture(scope="module")
def talent(shared, members):
    """Location quotients from the panel of 199 columns, all cities in the national sums but Sansha."""
    raw = pd.read_csv(shared / "china" / "city_panels" / "Wan_stage5_3372x199.csv").dropna(subset=["Cityid"]).copy()
    frame = pd.DataFrame({
        "unit": raw["Cityid"].astype(int).astype(str), "year": raw["year"],
        "part": raw["科研技术服务和地质勘查业从业人员数万人"] + raw["信息传输计算机服务和软件业从业人员数万人"],
        "whole": raw["年末单位从业人员数万人"],
    })  # fmt: skip
    frame = frame[frame["year"].between(2013, 2019) & frame["unit"].str.endswith("00") & (frame["unit"] != "460300")]
    national = frame.dropna().groupby("year")[["part", "whole"]].sum()
    frame["lq"] = frame["part"] / frame["whole"] / frame["year"].map(national["part"] / national["whole"])
    start = frame["unit"].map(members)
    frame["did"] = ((start == 2018) & (frame["year"] >= 2018)).astype(float)
    return frame[~frame["unit"].isin(members.index) | (start == 2018)]


@pytest.fixture(scope="module")
def structure(shared, members):
    """Industrial upgrading from the workbook of sectors, in the cities of the workbook of loans and deposits."""
    folder = shared / "china" / "city_panels"
    money = pd.read_excel(folder / "金融发展水平（2003-2023）236缺失.xlsx", engine="openpyxl")
    money.columns = ["year", "province", "name", "pcode", "unit", "area", "gdp", "loans", "deposits", "fin_printed"]
    sectors = pd.read_excel(
        folder / "2000-2023地级市产业结构 .xlsx", sheet_name="面板数据2000-2023", engine="openpyxl"
    ).rename(columns={
        "年度标识": "year", "城市代码": "unit", "第一产业增加值（亿元人民币）": "y1", "第二产业增加值": "y2",
        "第三产业增加值": "y3",
    })  # fmt: skip
    values = sectors[["unit", "year", "y1", "y2", "y3"]].apply(pd.to_numeric, errors="coerce").dropna()
    values["unit"] = values["unit"].astype(int).astype(str).replace(FOLLOWED)
    rows = money.loc[money["year"].between(2003, 2019), ["unit", "year"]].astype(int).astype({"unit": str})
    frame = rows.merge(values, on=["unit", "year"], how="inner", validate="1:1")
    frame["stru"] = (frame["y1"] + 2 * frame["y2"] + 3 * frame["y3"]) / (frame["y1"] + frame["y2"] + frame["y3"])
    start = frame["unit"].map(members)
    frame["did"] = (frame["year"] >= start).astype(float)
    undated = frame["unit"].isin(members.index) & start.isna()
    return frame[~undated & ~frame["unit"].isin(["110000", "120000", "310000", "500000", "341400", "371200"])]


@pytest.mark.parametrize(("study", "outcome"), [(STUDIES[0], "lq"), (STUDIES[1], "stru")])
def test_the_baseline_equals_a_computation_by_hand(results, request, study, outcome):
    by_hand = request.getfixturevalue("talent" if outcome == "lq" else "structure")
    coef, se, n = least_squares(by_hand, outcome, ["did"])
    table = pd.read_csv(results / study / "exhibits" / "baseline_estimates.csv", encoding="utf-8-sig")
    ours = table[(table["column"] == "(1)") & (table["term"] == "did")].iloc[0]
    assert ours["n_obs"] == n
    assert ours["estimate"] == pytest.approx(coef, rel=1e-10)
    assert ours["se"] == pytest.approx(se, rel=1e-10)


def test_cities_listed_without_a_year_are_neither_treated_nor_controls(results, members):
    undated = set(members.index[members.isna()])
    for study in STUDIES:
        panel = pd.read_parquet(results / study / "panel.parquet")
        assert not undated & set(panel["unit"])
        ledger = pd.read_csv(results / study / "panel_ledger.csv", keep_default_na=False)
        line = ledger[ledger["reason"].str.contains("without a year")].iloc[0]
        assert line["units"] == 35, "the other two are county-level cities"
        assert "石家庄市" in line["subject"]


def test_the_earlier_batches_count_in_the_quotients_alone(results, members):
    before = pd.read_parquet(results / STUDIES[0] / "indicators.parquet")
    after = pd.read_parquet(results / STUDIES[0] / "panel.parquet")
    gone = set(before["unit"]) - set(after["unit"])
    assert len(gone) == 55, "of 61, four are districts and two county-level cities"
    assert gone <= set(members.index)
    assert after.groupby("unit")["did"].max().sum() == 17
    weighted = before.dropna(subset=["lq"]).assign(w=lambda f: f["employees"])
    mean = weighted.groupby("year")[["lq", "w"]].apply(lambda f: float(np.average(f["lq"], weights=f["w"])))
    np.testing.assert_allclose(mean, 1.0, rtol=1e-12)
