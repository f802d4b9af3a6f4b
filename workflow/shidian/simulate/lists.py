"""Flat workbooks beside the volumes: the list of units by year, and the pilot lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from shidian.simulate.catalogue import SIMULATED
from shidian.simulate.layout import Cell, Sheet
from shidian.simulate.treat import NEVER
from shidian.simulate.truth import load_truth
from shidian.simulate.units import read_provinces
from shidian.simulate.workbook import write_workbook
from shidian.simulate.world import Panel, World

LEVEL_NAMES = {"city": "地级及以上城市", "county": "县级单位", "province": "省级单位"}
NATIONAL = {
    "gdp_deflator": ("国内生产总值平减指数（2000=100）", 1, "1"),
    "usd_exchange_rate": ("美元年平均汇率（元）", 3, "元/美元"),
}
"""National series, the same in every row of a year: item -> header, decimals, unit of measure."""
FACTS = {"region": "东中西部（1东2中3西）", "major_city": "主要城市（1是0否）"}
"""Facts of a unit, the same in every year: series -> header; ``major_city`` for cities only."""
REGIONS = {"east": 1, "central": 2, "west": 3}


def flat_sheet(name: str, title: str, table: pd.DataFrame) -> Sheet:
    """Return a sheet with a title row, one header row and the table as text; missing values are blank."""
    cells = [Cell(0, 0, f"{title} {SIMULATED}")]
    cells += [Cell(1, j, str(header)) for j, header in enumerate(table.columns)]
    for i, row in enumerate(table.itertuples(index=False)):
        cells += [Cell(i + 2, j, str(value)) for j, value in enumerate(row)]
    return Sheet(name, cells)


def frame_columns(level: str) -> dict[str, tuple[str, str]]:
    """Return what the list of units of a level gives: series -> header, unit of measure."""
    facts = FACTS if level == "city" else {"region": FACTS["region"]}
    columns = {item: (header, "1") for item, header in facts.items()}
    if level == "city":
        columns |= {item: (header, measure) for item, (header, _, measure) in NATIONAL.items()}
    return columns


def frame_rows(world: World) -> pd.DataFrame:
    """Return the units by year: code, present name, province, year, and the series of ``frame_columns``."""
    rows = []
    major = load_truth("talent_agglomeration").only
    provinces = read_provinces()
    short = dict(zip(provinces["code"], provinces["short_name"], strict=True))
    full = dict(zip(provinces["code"], provinces["name"], strict=True))
    wanted = list(frame_columns(world.level))
    for i, unit in enumerate(world.units.itertuples()):
        for t, year in enumerate(world.years.tolist()):
            if not unit.first_year <= year <= unit.last_year:
                continue
            name = short[str(unit.code)] if world.level == "province" else unit.name
            known: dict[str, Any] = {"region": REGIONS[str(unit.region)], "major_city": int(unit.code in major)}
            known |= {item: f"{world.items[item][i, t]:.{NATIONAL[item][1]}f}" for item in NATIONAL if item in wanted}
            rows.append((unit.code, name, full[str(unit.province_code)], year, *(known[item] for item in wanted)))
    return pd.DataFrame(rows, columns=["code", "name", "province", "year", *wanted])


def write_frame(world: World, folder: Path) -> str:
    """Write the list of units by year."""
    headers = ["区划代码", "名称", "省份", "年份", *(header for header, _ in frame_columns(world.level).values())]
    table = frame_rows(world).set_axis(headers, axis=1)
    file = f"units/sim_{world.level}_units.xlsx"
    (folder / "units").mkdir(parents=True, exist_ok=True)
    title = f"{LEVEL_NAMES[world.level]}名录"
    write_workbook(folder / file, title, [flat_sheet("名录", title, table)], extras=False)
    return file


def write_pilots(panel: Panel, folder: Path) -> str:
    """Write the pilots of a study: code, name, year, and whether the year is real or simulated."""
    treated = panel.assignment[panel.assignment["first_year"] < NEVER]
    kinds = {"real": "真实", "simulated": "模拟 simulated dates"}
    table = pd.DataFrame(
        {
            "区划代码": treated["code"],
            "名称": treated["name"],
            "批准年份": treated["first_year"],
            "年份来源": treated["dates"].map(kinds),
        }
    )
    file = f"pilots/sim_pilots_{panel.truth.study}.xlsx"
    (folder / "pilots").mkdir(parents=True, exist_ok=True)
    title = f"试点名单 {panel.truth.treatment.policy}"
    write_workbook(folder / file, title, [flat_sheet("试点名单", title, table)], extras=False)
    return file
