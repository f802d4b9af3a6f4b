"""Logarithm of the urban-rural income gap."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.indicators.checks import numeric_frame, refuse, require_positive
from shidian.indicators.inputs import Inputs

METHOD = {
    "label": {"en": "Log income gap", "zh": "城乡收入差距对数"},
    "formula": "ln(urban − rural per-capita income)",
    "source": "usual in the literature on the urban-rural gap",
    "roles": ("urban_income", "rural_income"),
    "of_one_size": (("urban_income", "rural_income"),),
}
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


def log_income_gap(urban_income: object, rural_income: object) -> pd.Series:
    """Return ln(urban - rural) per-capita income; it depends on the unit of account, which the study declares.

    Raises EstimationError that names the rows where urban income does not exceed rural income.
    """
    frame = numeric_frame("log_income_gap", {"urban_income": urban_income, "rural_income": rural_income})
    require_positive("log_income_gap", frame)
    gap = (frame["urban_income"] - frame["rural_income"]).to_frame("urban minus rural income")
    refuse("log_income_gap", gap, gap.to_numpy() <= 0, "greater than zero")
    return pd.Series(np.log(gap.iloc[:, 0]), name="log_income_gap")


def compute(given: Inputs) -> pd.Series:
    """Return the indicator of a study's panel."""
    return log_income_gap(*given.columns.values())
