"""Gini coefficient of town and country as two groups."""

from __future__ import annotations

import pandas as pd

from shidian.indicators.inputs import Inputs
from shidian.indicators.two_groups import incomes

METHOD = {
    "label": {"en": "Gini coefficient", "zh": "基尼系数"},
    "formula": "gini = m_r m_u |u_r − u_u| / u, m = population share, u_j = per-capita income, u = mean income",
    "source": "Gini (1912), two groups with equal incomes inside each",
    "roles": ("urban_income", "rural_income", "urban_population", "rural_population"),
    "of_one_size": (("urban_income", "rural_income"), ("urban_population", "rural_population")),
}
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


def gini_two_groups(
    urban_income: object, rural_income: object, urban_population: object, rural_population: object
) -> pd.Series:
    """Return the Gini coefficient of two groups with equal incomes inside each.

    gini = m_r m_u |u_r - u_u| / u, m = population share, u_j = per-capita income, u = mean income of all.
    """
    frame = incomes("gini_two_groups", urban_income, rural_income, urban_population, rural_population)
    m_u = frame["urban_population"] / (frame["urban_population"] + frame["rural_population"])
    m_r = 1.0 - m_u
    u = m_u * frame["urban_income"] + m_r * frame["rural_income"]
    gini = m_r * m_u * (frame["rural_income"] - frame["urban_income"]).abs() / u
    return gini.rename("gini")


def compute(given: Inputs) -> pd.Series:
    """Return the indicator of a study's panel."""
    return gini_two_groups(*given.columns.values())
