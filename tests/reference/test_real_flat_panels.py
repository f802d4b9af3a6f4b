"""Real files read through their source files; single values looked up by hand in the workbooks."""

from pathlib import Path

import pandas as pd
import pytest
from shidian.yearbook.extract import CELL_COLUMNS, RECORD_COLUMNS, extract_file
from shidian.yearbook.source import load_source

SOURCES = Path(__file__).resolve().parents[2] / "config" / "sources"


def extract(name: str, raw: Path | str = "nowhere"):  # type: ignore[no-untyped-def]
    return extract_file(load_source(SOURCES / f"{name}.yaml"), 1, raw)


def test_castle_equals_pandas() -> None:
    found = extract("castle_causaldata")
    frame = pd.read_stata(__import__("causaldata").__path__[0] + "/castle/castle.dta")
    assert tuple(found.records.columns) == RECORD_COLUMNS
    assert tuple(found.cells.columns) == CELL_COLUMNS
    assert len(found.records) == 550 * 25
    for indicator in ("l_homicide", "post", "l_police", "popwt"):
        records = found.records[found.records["indicator"] == indicator]
        merged = records.assign(sid=records["unit_code"].astype(int)).merge(frame, on=["sid", "year"])
        assert len(merged) == 550
        assert (merged["value"] == merged[indicator].astype("float64")).all()
    gaps = found.records[found.records["flag"] != "as_printed"]
    assert set(gaps["indicator"]) == {"robbery_gun_r"}
    assert len(gaps) == 6


@pytest.mark.parametrize(
    ("source", "indicator", "unit", "year", "value", "cell", "n_units", "n_missing"),
    [
        ("edgar_city_co2", "co2_t", "650500", 2023, 49331768.0, "Sheet1!G7081", 295, 0),
        ("city_loans_deposits", "loans_wan_yuan", "110000", 2004, 135774452.0, "Sheet1!H3", 300, 186),
        ("city_loans_deposits", "deposits_wan_yuan", "650500", 2023, 11928764.0, "Sheet1!I6301", 300, 182),
        ("city_population_density", "area_km2", "110000", 1998, 16808.0, "面板数据!F2", 298, 0),
        ("city_sector_structure", "gdp_yi_yuan", "110000", 2023, 43760.7, "面板数据2000-2023!F25", 341, 0),
        ("city_sector_structure", "secondary_value_added_yi_yuan", "120000", 2023, 5982.6,
         "面板数据2000-2023!H49", 341, 3),
        ("ceads_city_co2", "co2_mt", "新疆阿克苏", 2019, 20.746533044052402, "emission vector!D3930", 285, 0),
        ("low_carbon_pilots_113", "pilot_year", "昌吉市", None, 2017.0, "Sheet1!B114", 113, 0),
    ],
)  # fmt: skip
def test_low_carbon_cities_sources(  # type: ignore[no-untyped-def]
    shared: Path, source, indicator, unit, year, value, cell, n_units, n_missing
) -> None:
    found = extract(source, shared / "china")
    records = found.records[found.records["indicator"] == indicator]
    column = "unit_code" if unit.isdigit() else "unit_name"
    assert records[column].nunique() == n_units
    assert records["value"].isna().sum() == n_missing
    mine = records[(records[column] == unit) & (records["year"].isna() if year is None else records["year"] == year)]
    assert mine["value"].tolist() == [value]
    assert mine["cell_id"].tolist() == [f"{source}/1/{cell}"]
    raw = found.cells.set_index("cell_id")["raw_text"]
    assert raw.index.is_unique
    assert float(raw[f"{source}/1/{cell}"]) == value
    assert set(found.records["cell_id"]) <= set(raw.index)
