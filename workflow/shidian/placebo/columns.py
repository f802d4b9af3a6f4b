"""The columns of a placebo panel read for its design, with what is refused in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.messages import say

UNIT, YEAR, ADOPTION = "unit", "year", "adoption_year"
NEVER = -1


def weights_of(frame: pd.DataFrame, name: str) -> np.ndarray:
    """Return the (N,) regression weights, ones without a name."""
    return frame[name].to_numpy(float) if name else np.ones(len(frame))


def require_finite(frame: pd.DataFrame, names: Sequence[str], assign_by: str) -> None:
    """Refuse infinite values of the columns."""
    for name in names:
        infinite = ~np.isfinite(frame[name].to_numpy(float))
        if infinite.any():
            raise EstimationError(
                say(
                    "'{name}' must be finite; {where}: a logarithm of zero, or a division by zero",
                    name=name,
                    where=_first(frame, infinite, name, assign_by),
                )
            )


def _first(frame: pd.DataFrame, wrong: np.ndarray, name: str, assign_by: str) -> str:
    """Name the first wrong row and its value in the column ``name``."""
    row = frame.iloc[int(wrong.argmax())]
    return say(
        "{unit} {name} in {year} has {value}",
        unit=assign_by,
        name=str(row[assign_by]),
        year=str(row[YEAR]),
        value=str(row[name]),
    )


def cohorts_of(
    frame: pd.DataFrame, unit: np.ndarray, names: np.ndarray, years: np.ndarray, assign_by: str
) -> np.ndarray:
    """Return each unit's true adoption year as a position in ``years``."""
    adoption = frame[ADOPTION].astype("float64").to_numpy()
    first = np.full(len(names), np.nan)
    first[unit[::-1]] = adoption[::-1]
    differs = ~((adoption == first[unit]) | (np.isnan(adoption) & np.isnan(first[unit])))
    if differs.any():
        name = names[unit[differs.argmax()]]
        raise EstimationError(
            say(
                "{unit} {name} has rows with different adoption years; units of assignment are treated "
                "together. Set `assign_by` to the column at which the policy was decided",
                unit=assign_by,
                name=name,
            )
        )
    treated = ~np.isnan(first)
    outside = treated & ~np.isin(first, years)
    if outside.any():
        at = int(outside.argmax())
        raise EstimationError(
            say(
                "{unit} {name} adopts in {year}, {why}",
                unit=assign_by,
                name=names[at],
                year=int(first[at]),
                why=_no_position(first[at], years),
            )
        )
    cohort = np.full(len(names), NEVER, dtype=np.int64)
    cohort[treated] = np.searchsorted(years, first[treated])
    return cohort


def _no_position(year: float, years: np.ndarray) -> str:
    """Say why an adoption year cannot be handed out, and what to do."""
    if year < years[0]:
        return say(
            "before the sample's first year {first}; `always_treated: leave_out` leaves out such units, or leave the "
            "unit out by `exclude`, in the study's sample or under `real_sources` in config/config.yaml",
            first=years[0],
        )
    if year > years[-1]:
        return say(
            "which is outside the sample's years {first}-{last}; leave the unit out of the sample, or set its adoption "
            "year to missing if it is untreated throughout",
            first=years[0],
            last=years[-1],
        )
    return say(
        "a year that is not in the sample, and placebo draws assign years that are: set its adoption year to the first "
        "year observed under the policy, or leave the unit out of the sample"
    )
