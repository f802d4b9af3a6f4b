"""The small made study that every cell of the matrix starts from: 32 cities, eight years, what any kind wants."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from tests.kinds.example_panel import example_panel

BRANCHES = ("East", "North", "South", "西部")
"""Texts of the category in the order of their codes 1 to 4."""
INPUTS = ("capital", "labour", "gdp", "so2", "water", "power", "income", "gie")
NUMBERS = ("y", "x", "w", "z", *INPUTS, "pop", "dose", "longitude", "latitude")
MEASURES = {**dict.fromkeys((*NUMBERS, "code", "onoff"), "1"), "branch": "category"}
FIRST = (0, 0, 2004, 0, 2006, 0, 2005, 0)
"""Year of adoption of the cities in turn, 0 for never; cities of one remainder by eight lie in one zone."""
STUDY: dict[str, Any] = {
    "study": "matrix",
    "title": "Cities under a policy",
    "seed": 3,
    "unit": {"label": "city", "level": "city", "geography": 2020},
    "years": {"first": 2001, "last": 2008},
    "sources": {"towns": {"role": "frame"}},
    "treatment": {"name": "did", "adoption": "towns.adopted"},
    "variables": {**{name: f"towns.{name}" for name in MEASURES}, "home": "base(towns.branch, 2001)",
                  "home_code": "base(towns.code, 2001)", "zone": "towns.zone", "first_pop": "base(towns.pop, 2001)"},
    "indicators": {"living": {"method": "entropy_index", "inputs": ["water", "power"]}},
    "checks": {"jumps": [3]},
    "outcome": "y",
    "controls": ["x"],
    "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"},
    "ssc": "fixest",
}  # fmt: skip
SOURCE: dict[str, Any] = {
    "source": "towns", "title": "towns", "publisher": "made for the tests", "citation": "made for the tests",
    "licence": "none stated", "url": "", "accessed": "2026-01", "redistributable": True,
    "files": [{"path": "towns.csv", "what": "made for the tests"}],
    "tables": [{
        "layout": "flat", "unit": {"level": "city", "code": "unit", "name": "unit_name"}, "year": {"header": "year"},
        "columns": {
            **{name: {"header": name, "measure": measure, "missing": [""]} for name, measure in MEASURES.items()},
            "zone": {"header": "zone", "measure": "1"},
            "adopted": {"header": "adopted", "measure": "1", "missing": [""]},
        },
    }],
}  # fmt: skip


@cache
def _made() -> pd.DataFrame:
    panel = example_panel().drop(columns=["adoption_year", "did", "large", "living", "pair"])
    rng = np.random.default_rng(11)
    order = {unit: i for i, unit in enumerate(sorted(panel["unit"].unique()))}
    i = panel["unit"].map(order)
    panel["adopted"] = i.map(lambda n: FIRST[n % 8]).replace(0, np.nan).astype("Int64")
    panel["zone"] = 11 + i % 8
    panel["pop"] = 0.2 + rng.uniform(size=len(panel))
    panel["code"] = 1 + ((5 * i + i // 8) // 2 + (panel["year"] > 2004) * (i % 3 == 0)) % 4
    panel["branch"] = [BRANCHES[code - 1] for code in panel["code"]]
    panel["onoff"] = ((rng.uniform(size=len(panel)) < 0.4) & (i % 2 == 0)).astype(int)
    panel["dose"] = np.where(panel["onoff"] > 0, rng.uniform(0.2, 2.0, len(panel)), 0.0)
    panel[list(NUMBERS)] = panel[list(NUMBERS)].round(6)
    return panel.sort_values(["unit", "year"]).reset_index(drop=True)


def made() -> pd.DataFrame:
    """Return the rows of the study's file: units, years, numbers of six decimals, a category, years of adoption."""
    return _made().copy()


def treated(rows: pd.DataFrame, kind: str = "stays") -> pd.DataFrame:
    """Return the rows with the treatment ``did``, worked out from the file and not from the panel of the study."""
    stays = (rows["year"] >= rows["adopted"].astype(float)).astype(float)
    return rows.assign(did={"stays": stays, "switching": rows["onoff"] * 1.0, "continuous": rows["dose"]}[kind])
