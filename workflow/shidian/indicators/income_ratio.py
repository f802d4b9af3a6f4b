"""Ratio of urban to rural income."""

from __future__ import annotations

import pandas as pd

from shidian.indicators.checks import numeric_frame, require_positive
from shidian.indicators.inputs import Inputs

METHOD = {
    "label": {"en": "Urban-rural income ratio", "zh": "城乡收入比"},
    "formula": "urban / rural per-capita income",
    "source": "usual in the literature on the urban-rural gap",
    "roles": ("urban_income", "rural_income"),
    "of_one_size": (("urban_income", "rural_income"),),
}
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


def income_ratio(urban_income: object, rural_income: object) -> pd.Series:
    """Return urban over rural per-capita income.

    The yearbooks changed from rural net to disposable income about 2013: a series across that year has a break.
    """
    frame = numeric_frame("income_ratio", {"urban_income": urban_income, "rural_income": rural_income})
    require_positive("income_ratio", frame)
    return (frame["urban_income"] / frame["rural_income"]).rename("income_ratio")


def compute(given: Inputs) -> pd.Series:
    """Return the indicator of a study's panel."""
    return income_ratio(*given.columns.values())
