"""Published examples of directional distances and of the epsilon-based measure: data and printed values.

``provinces``: 30 Chinese provinces, 2013-2015, capital, labour, GDP and CO2, and what Wang, Du & Zhang (2022, Stata
Journal, "Measuring technical efficiency and total factor productivity change with undesirable outputs") print for them:
tables of ``teddf`` (radial with all variables or outputs moved, non-radial with weights 1, 1, 1, 1 and 0.5, 0.5, 1, 1:
distance and steps) and of ``gtfpch, global`` (index, efficiency and technical change), each to four decimals.

``HOSPITALS``: Tone & Tsutsui (2010), Table 9, and the scores and theta of Table 13.
"""

from functools import cache
from pathlib import Path

import pandas as pd
from shidian.efficiency import build_technology

VARIABLES = ["capital", "labour", "gdp", "co2"]
PRINTED = 5.1e-5
"""Half a unit of the fourth decimal, and the rounding of the data, which are printed in single precision."""
HOSPITALS = pd.DataFrame({
    "unit": list("ABCDEFGHIJKL"), "doctors": [20, 19, 25, 27, 22, 55, 33, 31, 30, 50, 53, 38],
    "nurses": [151, 131, 160, 168, 158, 255, 235, 206, 244, 268, 306, 284],
    "outpatients": [100, 150, 160, 180, 94, 230, 220, 152, 190, 250, 260, 250],
    "inpatients": [90, 50, 55, 72, 66, 90, 88, 80, 100, 100, 147, 120],
    "score": [1, 1, 0.868, 0.986, 0.761, 0.771, 0.898, 0.788, 0.931, 0.829, 0.912, 0.946],
    "theta": [1, 1, 0.885, 1.016, 0.766, 0.846, 0.902, 0.804, 0.960, 0.885, 0.964, 0.958],
})  # fmt: skip


@cache
def provinces():
    """Return the provinces, sorted, with the printed values."""
    return pd.read_csv(Path(__file__).with_name("provinces_2013_2015.csv"))


def province_technology():
    """Return the technology of the provinces."""
    return build_technology(["capital", "labour"], "gdp", "co2", data=provinces(), unit="province", year="year")


def hospital_technology():
    """Return the technology of the hospitals."""
    return build_technology(["doctors", "nurses"], ["outpatients", "inpatients"], data=HOSPITALS, unit="unit")
