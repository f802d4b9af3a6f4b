"""Price index from the yearbooks' indices "preceding year = 100"."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.checks import numeric_frame, require_positive
from shidian.indicators.inputs import Inputs
from shidian.messages import say

METHOD = {
    "label": {"en": "Price index", "zh": "定基价格指数"},
    "formula": "P_t = P_{t−1} × index_t / 100, 1 in the base year, unit by unit",
    "source": "chaining of indices",
    "roles": ("previous_year_100",),
    "options": {
        "base_year": {
            "description": "The year that is 1.",
            "type": "integer",
            "minimum": 1900,
            "maximum": 2100,
            "format": "year-or-period",
        }
    },
    "required": ("base_year",),
    "other_rows": "the unit's indices between the year and the base year enter too",
}
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


def chain_index(previous_year_100: object, unit: object, year: object, base_year: int) -> pd.Series:
    """Return a price index with ``base_year`` = 1 from the yearbooks' indices "preceding year = 100".

    P_t = P_{t-1} x index_t / 100, forwards and backwards from the base year, unit by unit. The index of a unit's
    first year is not needed and may be missing.

    Raises EstimationError for a unit without the base year, a gap in its years, and a missing index inside them.
    """
    frame = numeric_frame("chain_index", {"index": previous_year_100})
    require_positive("chain_index", frame)
    level = np.full(len(frame), np.nan)
    years, growth = np.asarray(year), frame["index"].to_numpy() / 100.0
    for name, rows in pd.Series(np.arange(len(frame))).groupby(np.asarray(unit), sort=False):
        order = rows.to_numpy()[np.argsort(years[rows], kind="stable")]
        level[order] = _chained(str(name), years[order], growth[order], base_year)
    return pd.Series(level, index=frame.index, name="price_index")


def _chained(unit: str, years: np.ndarray, growth: np.ndarray, base_year: int) -> np.ndarray:
    """Return one unit's index in the order of its years."""
    if base_year not in years:
        raise EstimationError(
            say("chain_index: unit {unit} has no row for the base year {year}", unit=unit, year=base_year)
        )
    apart = np.diff(years) != 1
    if apart.any():
        raise EstimationError(
            say(
                "chain_index: the years of unit {unit} have a gap or repeat after {year}",
                unit=unit,
                year=years[:-1][apart][0],
            )
        )
    absent = np.isnan(growth[1:])
    if absent.any():
        raise EstimationError(
            say(
                "chain_index: unit {unit}, year {year}: the index is missing inside the chain",
                unit=unit,
                year=years[1:][absent][0],
            )
        )
    level = np.cumprod(np.concatenate([[1.0], growth[1:]]))
    return level / level[years == base_year]


def compute(given: Inputs) -> pd.Series:
    """Return the indicator of a study's panel."""
    return chain_index(given["previous_year_100"], given.units, given.years, given.options["base_year"])
