"""The shipped studies on the real city panel: study files as they are, what the data need in ``real_sources``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shidian.code_digests import ROOT
from shidian.needs.command import needs
from shidian.panel.build import Panel, build_panel
from shidian.study.plan import Plan, load_plan
from shidian.yearbook.extract import extract_files

from tests.needs.test_needs import drafted, project

WAN = {"accept": ["unknown", "conflict"], "exclude": [{"units": ["三沙市"], "reason": "prints no employees"}]}
PILOTS = {"accept": ["unknown"], "undated": "leave_out"}


def panel_of(root: Path, study: str, real: dict, raw: Path) -> tuple[Plan, Panel]:
    plan = load_plan(project(root, study, real), str(raw))
    if not plan.studies:
        pytest.skip(plan.skipped[0].headline(raw))
    spec = plan.studies[study].panel
    found = {
        use.source: extract_files(source, range(1, len(source.files) + 1), plan.raw_root).records
        for use in spec.sources
        if (source := plan.sources[use.source])
    }
    return plan, build_panel(spec, found, {})


@pytest.fixture(scope="module")
def wan(shared) -> pd.DataFrame:
    path = shared / "china" / "city_panels" / "Wan_stage5_3372x199.csv"
    if not path.exists():
        pytest.skip(f"no real city panel: {path} is not there")
    return pd.read_csv(path, low_memory=False)


def test_talent_agglomeration_on_the_city_yearbook(tmp_path, shared, wan):
    real = drafted(needs(ROOT, "talent_agglomeration"))
    real["sim_city_units"] |= WAN
    real["sim_pilots_talent_agglomeration"] |= PILOTS
    plan, panel = panel_of(tmp_path, "talent_agglomeration", real, shared / "china")
    assert not plan.is_simulated("talent_agglomeration")
    frame = panel.frame
    mine = frame[(frame["unit"] == "320100") & (frame["year"] == 2015)].iloc[0]
    printed = wan[(wan["Cityid"] == 320100) & (wan["year"] == 2015)].iloc[0]
    names = ("科研技术服务和地质勘查业从业人员数万人", "信息传输计算机服务和软件业从业人员数万人")
    assert mine["high_tech"] == pytest.approx(1e4 * sum(printed[name] for name in names))
    assert mine["employees"] == pytest.approx(1e4 * printed["年末单位从业人员数万人"])
    assert frame.loc[frame["major"] == 1, "unit"].nunique() == 29
    assert "三沙市" not in set(frame["unit_name"])


def test_income_gap_cities_on_what_real_columns_exist(tmp_path, shared, wan):
    real = drafted(needs(ROOT, "income_gap_cities"), nulls=True)
    real["sim_city_units"] |= WAN
    real["sim_pilots_income_gap_cities"] |= PILOTS
    plan, panel = panel_of(tmp_path, "income_gap_cities", real, shared / "china")
    frame = panel.frame
    assert frame["talents"].mean() == pytest.approx(0.03, abs=0.005), "published 0.0273: a share, whatever the units"
    assert frame[["theil", "income_ratio"]].isna().all().all() if "theil" in frame else True
    assert "(no unit of these data: 371200)" in " ".join(panel.ledger["reason"].astype(str))
    assert plan.notices


def test_uncertain_units_say_which_key_leaves_them_out(tmp_path, shared, wan):
    real = drafted(needs(ROOT, "talent_agglomeration"))
    with pytest.raises(Exception, match=r"accept: \[[a-z, _]*other_level") as refused:
        panel_of(tmp_path, "talent_agglomeration", real, shared / "china")
    said = str(refused.value)
    assert "33 printed units are not certain" in said
    assert "and 13 more: " in said
    assert "under 'real_sources' in config/config.yaml" in said


PROVINCES = {
    "urban_income": "元", "rural_income": "元", "education_expenditure": "亿元", "patents_granted": "件",
    "population": "万人", "web_pages": "万个", "higher_education_population": "人", "high_tech_revenue": "万元",
    "rd_expenditure": "亿元", "green_land_share": "%", "trade": "亿美元", "rd_personnel": "人", "postgraduates": "人",
}  # fmt: skip


def test_productive_forces_provinces_on_two_sources_in_other_units(tmp_path):
    """人 for 万人: a share of people stays one (a mean of 110,534 per cent where sizes are not brought to one)."""
    from shidian.regions.table import load_level

    from tests.study.built_study import flat_source
    from tests.study.own_data import dump

    names = sorted({spells[-1].code: spells[-1].name for spells in load_level("province").units.values()
                    if spells[-1].code < "700000"}.items())  # fmt: skip
    rng = np.random.default_rng(5)
    rows = [{"code": code, "name": name, "year": year, **{series: 10 + 5 * rng.random() for series in PROVINCES}}
            for code, name in names for year in range(2011, 2023)]  # fmt: skip
    table = pd.DataFrame(rows)
    table["urban_income"] += 20000
    table["population"] = 5000.0
    table["higher_education_population"] = 6_000_000.0
    unit = {"level": "province", "code": "code", "name": "name"}
    half = list(PROVINCES)[:7]
    parts = {"first": {k: PROVINCES[k] for k in half}, "second": {k: v for k, v in PROVINCES.items() if k not in half}}
    real = {
        "sim_province_units": ["first", "province_facts"], "sim_province_yearbook": ["first", "second"],
        "sim_province_groups": "province_facts",
    }  # fmt: skip
    root = project(tmp_path, "productive_forces_provinces", real)
    (root / "raw").mkdir()
    for name, columns in parts.items():
        source = flat_source(name, unit, columns, "year")
        source["tables"][0]["columns"] = {
            s: {"header": s, "measure": m.replace("万个", "个")} for s, m in columns.items()
        }
        dump(root / "config" / "sources" / f"{name}.yaml", source)
        table[["code", "name", "year", *columns]].to_csv(root / "raw" / f"{name}.csv", index=False)
    plan = load_plan(root, str(root / "raw"))
    spec = plan.studies["productive_forces_provinces"].panel
    found = {use.source: extract_files(plan.sources[use.source], [1], plan.raw_root).records for use in spec.sources}
    frame = build_panel(spec, found, {}).frame
    assert len(frame) == 31 * 12
    assert np.allclose(frame["human_capital"], 100 * 600 / 5000), "per cent of 万人 in 万人"
    assert frame["directly_governed"].groupby(frame["unit"]).first().sum() == 4
    assert "shidian.simulate" not in plan.report_meta("productive_forces_provinces")
