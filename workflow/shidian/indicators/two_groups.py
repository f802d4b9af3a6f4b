"""Town and country as two groups with equal incomes inside each: what their indicators read."""

from __future__ import annotations

import pandas as pd

from shidian.indicators.checks import numeric_frame, require_positive


def incomes(
    indicator: str,
    urban_income: object,
    rural_income: object,
    urban_population: object,
    rural_population: object,
) -> pd.DataFrame:
    """Return per-capita incomes (one unit of account) and populations (one unit of measure), all positive.

    Raises EstimationError that names the row of a value of zero or less; a missing one stays missing.
    """
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
