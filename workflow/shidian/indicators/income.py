"""The urban-rural income gap: Theil index, two-group Gini, ratio, logarithm of the difference.

Inputs are Series on the rows of a panel: per-capita incomes (one unit of account) and populations (one unit of
measure). A missing input makes the result missing; zero or less is an error that names the row.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.indicators.checks import numeric_frame, refuse, require_positive


def theil_urban_rural(
    urban_income: object, rural_income: object, urban_population: object, rural_population: object
) -> pd.Series:
    """Return the Theil index between town and country (Theil 1967).

    theil = sum_j (I_j / I) ln[(I_j / I) / (P_j / P)], j in {urban, rural}, I_j = per-capita income x population.
    Zero where per-capita incomes are equal, positive otherwise.
    """
    frame = _incomes("theil_urban_rural", urban_income, rural_income, urban_population, rural_population)
    urban = frame["urban_income"] * frame["urban_population"]
    rural = frame["rural_income"] * frame["rural_population"]
    population = frame["urban_population"] + frame["rural_population"]
    theil = pd.Series(0.0, index=frame.index, name="theil")
    for income, people in ((urban, frame["urban_population"]), (rural, frame["rural_population"])):
        share = income / (urban + rural)
        theil += share * np.log(share / (people / population))
    return theil.clip(lower=0.0)  # equal incomes give -1e-17 by rounding


def gini_two_groups(
    urban_income: object, rural_income: object, urban_population: object, rural_population: object
) -> pd.Series:
    """Return the Gini coefficient of two groups with equal incomes inside each.

    gini = m_r m_u |u_r - u_u| / u, m = population share, u_j = per-capita income, u = mean income of all.
    """
    frame = _incomes("gini_two_groups", urban_income, rural_income, urban_population, rural_population)
    m_u = frame["urban_population"] / (frame["urban_population"] + frame["rural_population"])
    m_r = 1.0 - m_u
    u = m_u * frame["urban_income"] + m_r * frame["rural_income"]
    gini = m_r * m_u * (frame["rural_income"] - frame["urban_income"]).abs() / u
    return gini.rename("gini")


def income_ratio(urban_income: object, rural_income: object) -> pd.Series:
    """Return urban over rural per-capita income.

    The yearbooks changed from rural net to disposable income about 2013: a series across that year has a break.
    """
    frame = numeric_frame("income_ratio", {"urban_income": urban_income, "rural_income": rural_income})
    require_positive("income_ratio", frame)
    return (frame["urban_income"] / frame["rural_income"]).rename("income_ratio")


def log_income_gap(urban_income: object, rural_income: object) -> pd.Series:
    """Return ln(urban - rural) per-capita income; it depends on the unit of account, which the study declares.

    Raises EstimationError that names the rows where urban income does not exceed rural income.
    """
    frame = numeric_frame("log_income_gap", {"urban_income": urban_income, "rural_income": rural_income})
    require_positive("log_income_gap", frame)
    gap = (frame["urban_income"] - frame["rural_income"]).to_frame("urban minus rural income")
    refuse("log_income_gap", gap, gap.to_numpy() <= 0, "greater than zero")
    return pd.Series(np.log(gap.iloc[:, 0]), name="log_income_gap")


def _incomes(
    indicator: str,
    urban_income: object,
    rural_income: object,
    urban_population: object,
    rural_population: object,
) -> pd.DataFrame:
    frame = numeric_frame(
        indicator,
        {
            "urban_income": urban_income,
            "rural_income": rural_income,
            "urban_population": urban_population,
            "rural_population": rural_population,
        },
    )
    require_positive(indicator, frame)
    return frame
