"""One small made panel on which the example of every kind runs."""

import numpy as np
import pandas as pd
from shidian.exhibits.result import StudyInfo
from shidian.indicators.entropy_index import entropy_index
from shidian.regions.polygons import prefecture_outlines

YEARS = range(2001, 2009)
ADOPTED = (0, 0, 2004, 0, 2006, 0, 2005, 0)
"""Adoption years of the units in turn, 0 for never."""
INFO = StudyInfo("made", "city", "did", {"did": "Pilot"}, seed=3)


def example_panel(n: int = 32) -> pd.DataFrame:
    """Return a balanced panel of real cities with what any kind may want: an outcome, inputs, places, groups."""
    outlines = prefecture_outlines()
    codes = sorted(code for code in outlines if code[:2] in ("32", "33", "34"))[:n]
    middle = np.array([np.concatenate(outlines[code].rings).mean(axis=0) for code in codes])
    rng = np.random.default_rng(4)
    unit, year = np.repeat(np.arange(n), len(YEARS)), np.tile(list(YEARS), n)
    adopted = np.array([ADOPTED[i % len(ADOPTED)] for i in range(n)])[unit]
    frame = pd.DataFrame({
        "unit": [codes[i] for i in unit], "unit_name": [outlines[codes[i]].name for i in unit], "year": year,
        "longitude": middle[unit, 0], "latitude": middle[unit, 1],
        "adoption_year": pd.array(np.where(adopted > 0, adopted, 1), dtype="Int64"),
        "did": ((adopted > 0) & (year >= adopted)).astype(float), "large": np.where(unit < n // 2, "large", "small"),
        "pair": [f"pair {i % (n // 2)}" for i in unit],
    })  # fmt: skip
    frame["adoption_year"] = frame["adoption_year"].mask(adopted == 0)
    frame["z"], frame["x"], noise = rng.normal(size=(3, len(frame)))
    frame["w"] = frame["z"] + 0.5 * frame["x"] + rng.normal(size=len(frame))
    frame["y"] = 0.5 * frame["did"] + 0.4 * frame["w"] + 0.1 * unit + 0.05 * (year - 2000) + noise
    for name in ("capital", "labour", "gdp", "so2", "water", "power", "income", "gie"):
        frame[name] = np.exp(0.4 * rng.normal(size=len(frame)) + 0.2 * rng.normal(size=n)[unit])
    living = entropy_index(frame[["water", "power"]], {"water": "benefit", "power": "benefit"})
    return frame.assign(living=living.score)
