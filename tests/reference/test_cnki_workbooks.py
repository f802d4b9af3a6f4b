"""The four encrypted .xls samples: cells keyed by hand from the printed sheets, and the printed totals."""

from pathlib import Path

import pandas as pd
import pytest
from shidian.yearbook.extract import Extraction, extract_files
from shidian.yearbook.numbers import parse_number
from shidian.yearbook.source import Source, load_source

SOURCES = Path(__file__).resolve().parents[2] / "config" / "sources"
REAL = sorted(path for path in SOURCES.glob("*.yaml") if not load_source(path).simulated)
"""Simulated sources have no files of their own to read here; the simulator's tests write and read theirs."""

TECH = """
2013 北京 rd_expenditure_wan_yuan 11850469
2013 北京 rd_labour_wan_yuan 3222578
2013 天津 rd_routine_wan_yuan 3428356
2013 河北 rd_equipment_wan_yuan 353694
2013 内蒙古 rd_assets_wan_yuan 138539
2013 黑龙江 rd_expenditure_wan_yuan 1647838
2013 上海 rd_labour_wan_yuan 2389533
2013 江苏 rd_routine_wan_yuan 12703099
2013 福建 rd_equipment_wan_yuan 464009
2013 河南 rd_assets_wan_yuan 517075
2013 广东 rd_labour_wan_yuan 5545608
2013 海南 rd_expenditure_wan_yuan 148357
2013 西藏 rd_equipment_wan_yuan 3189
2013 青海 rd_routine_wan_yuan 91522
2013 新疆 rd_assets_wan_yuan 65898
2023 北京 rd_labour_wan_yuan 12202462
2023 天津 rd_assets_wan_yuan 494390
2023 山西 rd_expenditure_wan_yuan 2981763
2023 辽宁 rd_equipment_wan_yuan 421687
2023 吉林 rd_routine_wan_yuan 1901660
2023 浙江 rd_equipment_wan_yuan 1939480
2023 江西 rd_labour_wan_yuan 1488710
2023 湖南 rd_equipment_wan_yuan 797792
2023 海南 rd_assets_wan_yuan 352905
2023 重庆 rd_routine_wan_yuan 6821526
2023 西藏 rd_expenditure_wan_yuan 71560
2023 陕西 rd_labour_wan_yuan 2729581
2023 新疆 rd_equipment_wan_yuan 71709
"""
RURAL = """
2018 北京 machinery_power_wan_kw 125.7
2019 北京 machinery_power_wan_kw 122.8
2018 内蒙古 large_tractors_wan 31.6
2019 黑龙江 large_tractors_wan 57.8
2019 河南 machinery_power_wan_kw 10357.0
2018 江西 large_implements_wan 3.3
2019 山东 small_tractors_wan 199.1
2018 甘肃 large_implements_wan 6.6
2019 新疆 small_tractors_wan 39.2
2018 吉林 farm_pumps_wan 60.5
2019 广东 farm_pumps_wan 76.8
2018 安徽 combine_harvesters_wan 21.5
2019 西藏 combine_harvesters_wan 0.5
2018 上海 threshers_wan 0.0
2018 吉林 threshers_wan 6.0
2019 吉林 threshers_wan 16.2
2018 山东 water_saving_irrigation_wan 53.3
2019 新疆 water_saving_irrigation_wan 6.4
2018 天津 ploughed_by_machine_kha 308.4
2019 江西 sown_by_machine_kha 1508.8
2019 海南 sown_by_machine_kha 23.2
2018 重庆 harvested_by_machine_kha 588.0
2019 新疆 harvested_by_machine_kha 3992.4
"""
AGRI = """
2010 北京 service_organisations 895
2010 天津 service_organisation_persons 3194
2010 河北 service_organisation_persons_200k_500k 9126
2010 新疆 service_organisations_200k_500k 97
2010 北京 service_organisations_500k 206
2010 河北 machinery_households 3757422
2010 上海 cooperative_persons 1409
2010 江苏 machinery_household_persons_200k_500k 71330
2010 西藏 intermediaries 0
2010 贵州 specialised_household_persons 233819
2010 北京 repair_shops 495
2010 天津 repair_shops_class1 0
2010 西藏 repair_shops_special 0
2010 云南 dealer_outlet_persons 3884
2010 江西 fuel_stations 10
2010 河南 tractor_drivers 2719566
2010 西藏 certified_mechanics 0
2010 重庆 village_machinery_persons 909562
"""


def read(shared: Path, name: str) -> pd.DataFrame:
    source = load_source(SOURCES / f"{name}.yaml")
    records = extract_files(source, [file.number for file in source.files], shared / "china").records
    assert not records.duplicated(["unit_name", "year", "indicator"]).any()
    assert records["unit_name"].nunique() == 31
    return records


@pytest.mark.parametrize(
    ("name", "keyed", "n_records", "n_missing"),
    [
        ("cnki_tech_rd", TECH, 2 * 31 * 5, 0),
        ("cnki_rural_machinery", RURAL, 2 * 31 * 11, 7),
        ("cnki_agrimachine", AGRI, 31 * 44, 0),
    ],
)
def test_cells_keyed_by_hand(shared: Path, name: str, keyed: str, n_records: int, n_missing: int) -> None:
    records = read(shared, name)
    assert len(records) == n_records
    assert records["value"].isna().sum() == n_missing
    assert set(records.loc[records["value"].isna(), "flag"]) <= {"blank"}
    values = records.set_index(["year", "unit_name", "indicator"])["value"]
    for line in keyed.strip().splitlines():
        year, unit, indicator, value = line.split()
        assert values[int(year), unit, indicator] == float(value), line


def test_enough_cells_are_keyed() -> None:
    assert sum(len(text.strip().splitlines()) for text in (TECH, RURAL, AGRI)) >= 60


def test_provinces_add_to_the_printed_country_total(shared: Path) -> None:
    """Printed: 118465980 (2013), 333570688 (2023), in 万元; the parts are rounded to units."""
    records = read(shared, "cnki_tech_rd")
    total = records[records["indicator"] == "rd_expenditure_wan_yuan"].groupby("year")["value"].sum()
    assert total[2013] == pytest.approx(118465980, abs=16)
    assert total[2023] == pytest.approx(333570688, abs=16)


def test_same_name_in_two_printings_is_one_name(shared: Path) -> None:
    """'北 京' and '上海' stand in one column; raw texts stay as printed."""
    source = load_source(SOURCES / "cnki_rural_machinery.yaml")
    found = extract_files(source, [1], shared / "china")
    names = found.cells[found.cells["column_label"] == "地 区"].set_index("cell")["raw_text"]
    assert names["A5"].tolist() == ["北 京", "北 京"]  # the cell A5 of both sheets
    assert "北京" in set(found.records["unit_name"])


def extracted(source: Source, shared: Path) -> Extraction:
    """Read all files of a source: Chinese raw files, or those of a published study."""
    roots = (shared / "china", shared / "reference")
    root = next((root for root in roots if (root / source.files[0].path).exists()), roots[0])
    return extract_files(source, [file.number for file in source.files], root)


@pytest.mark.parametrize("path", REAL, ids=lambda p: p.stem)
def test_every_real_workbook_is_read_through_its_source_file(shared: Path, path: Path) -> None:
    source = load_source(path)
    found = extracted(source, shared)
    assert set(found.records["indicator"]) == set(source.series)
    assert set(found.records["cell_id"]) <= set(found.cells["cell_id"])
    assert found.cells["cell_id"].is_unique
    printed = found.records["flag"] == "as_printed"
    assert found.records["value"].notna().eq(printed).all()
    assert found.records[["source_id", "indicator", "measure", "flag", "cell_id"]].notna().all().all()


@pytest.mark.parametrize("path", REAL, ids=lambda p: p.stem)
def test_raw_texts_read_back_as_the_values(shared: Path, path: Path) -> None:
    """Two hundred records drawn from each source: the text of the cell, read again, is the value."""
    source = load_source(path)
    found = extracted(source, shared)
    drawn = found.records[(found.records["flag"] == "as_printed") & (found.records["measure"] != "category")]
    drawn = drawn.sample(n=min(200, len(drawn)), random_state=20261123)
    raw = found.cells.set_index("cell_id")["raw_text"]
    assert [parse_number(raw[cell]) for cell in drawn["cell_id"]] == drawn["value"].tolist()
