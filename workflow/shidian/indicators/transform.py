"""Winsorising and deflation, with what was changed counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, nearest
from shidian.indicators.checks import describe, numeric_frame, require_positive

QUANTILES = {"type7": "linear", "type2": "averaged_inverted_cdf"}
"""Quantile conventions: type 7 of Hyndman & Fan (1996) is the default of R and NumPy, type 2 that of Stata."""


@dataclass(frozen=True)
class Winsorised:
    """A winsorised variable: its values, the two limits, and how many values each limit replaced."""

    values: pd.Series
    low: float
    high: float
    n_low: int
    n_high: int


def winsorise(values: object, lower: float = 0.01, upper: float = 0.99, quantiles: str = "type7") -> Winsorised:
    """Set values below the ``lower`` and above the ``upper`` quantile of the pooled sample to these quantiles.

    Missing values stay missing. ``quantiles`` is the convention, ``type7`` (R, NumPy) or ``type2`` (Stata).
    Raises EstimationError for limits outside 0 <= lower < upper <= 1 and for a variable without values.
    """
    if not 0 <= lower < upper <= 1:
        raise EstimationError(f"winsorise: limits must satisfy 0 <= lower < upper <= 1, not {lower} and {upper}")
    if quantiles not in QUANTILES:
        raise EstimationError(
            f"winsorise: quantiles '{quantiles}' is not one of {', '.join(QUANTILES)}{nearest(quantiles, QUANTILES)}"
        )
    x = numeric_frame("winsorise", {"values": values})["values"]
    known = x.dropna().to_numpy()
    if len(known) == 0:
        raise EstimationError("winsorise: the variable has no value")
    low, high = (float(q) for q in np.quantile(known, [lower, upper], method=QUANTILES[quantiles]))  # type: ignore[call-overload]
    name = str(values.name) if isinstance(values, pd.Series) else None
    return Winsorised(x.clip(low, high).rename(name), low, high, int((known < low).sum()), int((known > high).sum()))


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
        raise EstimationError(f"chain_index: unit {unit} has no row for the base year {base_year}")
    apart = np.diff(years) != 1
    if apart.any():
        raise EstimationError(
            f"chain_index: the years of unit {unit} have a gap or repeat after {years[:-1][apart][0]}"
        )
    absent = np.isnan(growth[1:])
    if absent.any():
        raise EstimationError(
            f"chain_index: unit {unit}, year {years[1:][absent][0]}: the index is missing inside the chain"
        )
    level = np.cumprod(np.concatenate([[1.0], growth[1:]]))
    return level / level[years == base_year]


def deflate(nominal: object, price_index: object) -> pd.Series:
    """Return real values: nominal / price index, the index 1 in the base year.

    Raises EstimationError that names the rows with an index of zero or less; a missing index makes the value missing.
    """
    frame = numeric_frame("deflate", {"nominal": nominal, "price_index": price_index})
    require_positive("deflate", frame[["price_index"]])
    hundred = frame["price_index"].median()
    if hundred > 50:
        where = describe(frame.index[0], frame.index.names)
        raise EstimationError(
            f"deflate: the price index is about {hundred:.0f} ({where}); divide it by 100 so that the base year is 1"
        )
    return (frame["nominal"] / frame["price_index"]).rename("real")
