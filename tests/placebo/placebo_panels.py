"""Small panels for the placebo tests."""

import numpy as np
import pandas as pd
from shidian.exhibits.result import StudyInfo

INFO = StudyInfo("study", "city", "policy", seed=7)
BASE = {
    "id": "placebo", "kind": "placebo", "outcome": "y", "controls": ["x1", "x2"], "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"}, "ssc": "reghdfe", "draws": 200, "chunk": 100,
}  # fmt: skip


def make_panel(balanced: bool = True, n: int = 40, years: int = 8, seed: int = 1) -> pd.DataFrame:
    """Units c000..., years from 2001; 40% treated in four cohorts; provinces of 8 units; weights; a province x year."""
    rng = np.random.default_rng(seed)
    unit, year = np.repeat(np.arange(n), years), np.tile(np.arange(2001, 2001 + years), n)
    adoption = np.full(n, np.nan)
    treated = rng.permutation(n)[: int(0.4 * n)]
    adoption[treated] = rng.choice([2004, 2005, 2006, 2007], len(treated))
    frame = pd.DataFrame({"unit": [f"c{u:03d}" for u in unit], "unit_name": [f"City {u}" for u in unit], "year": year})
    frame["adoption_year"] = pd.array(adoption[unit], dtype="Float64").astype("Int64")
    frame["policy"] = (year >= np.nan_to_num(adoption[unit], nan=9999)).astype("int64")
    frame["province"] = [f"p{u % 5}" for u in unit]
    frame["province_year"] = frame["province"] + "_" + frame["year"].astype(str)
    for name in ("x1", "x2"):
        frame[name] = 3 * rng.normal(size=n)[unit] + rng.normal(size=n * years)
    frame["weight"] = rng.uniform(0.5, 2.0, n * years)
    frame["y"] = rng.normal(size=n)[unit] + 0.1 * year + 0.3 * frame["x1"] + rng.normal(size=n * years)
    if not balanced:
        frame = frame.loc[rng.random(len(frame)) > 0.12].reset_index(drop=True)
    return frame
