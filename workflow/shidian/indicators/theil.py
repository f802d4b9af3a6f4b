"""Theil index of the income gap between town and country."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.indicators.inputs import Inputs
from shidian.indicators.two_groups import incomes

METHOD = {
    "label": {"en": "Theil index", "zh": "泰尔指数"},
    "formula": "theil = Σ_j (I_j / I) ln[(I_j / I) / (P_j / P)], j = urban, rural; I_j = income per head × people",
    "source": "Theil (1967)",
    "roles": ("urban_income", "rural_income", "urban_population", "rural_population"),
    "of_one_size": (("urban_income", "rural_income"), ("urban_population", "rural_population")),
}
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


def theil_urban_rural(
    urban_income: object, rural_income: object, urban_population: object, rural_population: object
) -> pd.Series:
    """Return the Theil index between town and country (Theil 1967).

    theil = sum_j (I_j / I) ln[(I_j / I) / (P_j / P)], j in {urban, rural}, I_j = per-capita income x population.
    Zero where per-capita incomes are equal, positive otherwise.
    """
    frame = incomes("theil_urban_rural", urban_income, rural_income, urban_population, rural_population)
    urban = frame["urban_income"] * frame["urban_population"]
    rural = frame["rural_income"] * frame["rural_population"]
    population = frame["urban_population"] + frame["rural_population"]
    theil = pd.Series(0.0, index=frame.index, name="theil")
    for income, people in ((urban, frame["urban_population"]), (rural, frame["rural_population"])):
        share = income / (urban + rural)
        theil += share * np.log(share / (people / population))
    return theil.clip(lower=0.0)  # equal incomes give -1e-17 by rounding


def compute(given: Inputs) -> pd.Series:
    """Return the indicator of a study's panel."""
    return theil_urban_rural(*given.columns.values())
