"""Winsorising over the pooled sample or year by year, with what was changed counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, nearest
from shidian.indicators.checks import numeric_frame
from shidian.indicators.inputs import Computed, Inputs
from shidian.ledger import ledger_row
from shidian.messages import say

METHOD = {
    "label": {"en": "Winsorised variable", "zh": "缩尾处理"},
    "formula": "values below the lower and above the upper quantile of the pooled sample, or of each "
    "year, are set to these quantiles",
    "source": "quantiles of type 7 of Hyndman & Fan (1996)",
    "roles": ("values",),
    "options": {
        "lower": {"description": "Lower quantile.", "type": "number", "minimum": 0, "maximum": 1, "default": 0.01},
        "upper": {"description": "Upper quantile.", "type": "number", "minimum": 0, "maximum": 1, "default": 0.99},
        "by": {
            "description": "Whose quantiles: pooled = of all unit-years, year = of each year alone.",
            "enum": ["pooled", "year"],
            "default": "pooled",
        },
    },
    "other_rows": "the quantiles come from all unit-years",
    "keeps_measure": "values",
}
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


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
        raise EstimationError(
            say(
                "winsorise: limits must satisfy 0 <= lower < upper <= 1, not {lower} and {upper}",
                lower=lower,
                upper=upper,
            )
        )
    if quantiles not in QUANTILES:
        raise EstimationError(
            say(
                "winsorise: quantiles '{given}' is not one of {known}{near}",
                given=quantiles,
                known=list(QUANTILES),
                near=nearest(quantiles, QUANTILES),
            )
        )
    x = numeric_frame("winsorise", {"values": values})["values"]
    known = x.dropna().to_numpy()
    if len(known) == 0:
        raise EstimationError(say("winsorise: the variable has no value"))
    low, high = (float(q) for q in np.quantile(known, [lower, upper], method=QUANTILES[quantiles]))  # type: ignore[call-overload]
    name = str(values.name) if isinstance(values, pd.Series) else None
    return Winsorised(x.clip(low, high).rename(name), low, high, int((known < low).sum()), int((known > high).sum()))


def compute(given: Inputs) -> Computed:
    """Return the variable of a study's panel, and the ledger's line of what was set to the quantiles."""
    lower, upper = given.options["lower"], given.options["upper"]
    if given.options["by"] == "year":
        return _by_year(given, lower, upper)
    result = winsorise(given["values"], lower, upper)
    reason = say(
        "set to the quantiles {lower:g} ({low:g}) and {upper:g} ({high:g})",
        lower=lower,
        low=result.low,
        upper=upper,
        high=result.high,
    )
    line = ledger_row(say("indicators"), given.name, reason, rows=result.n_low + result.n_high)
    return Computed(result.values, (line,))


def _by_year(given: Inputs, lower: float, upper: float) -> Computed:
    """Return the variable winsorised at the quantiles of each year; a year without values has none to set."""
    years = given["values"].groupby(given.years.to_numpy())
    parts = [winsorise(part, lower, upper) for _, part in years if part.notna().any()]
    if not parts:
        raise EstimationError(say("winsorise: the variable has no value"))
    values = pd.concat([part.values for part in parts]).reindex(given["values"].index)
    reason = say("set to the quantiles {lower:g} and {upper:g} of their year", lower=lower, upper=upper)
    line = ledger_row(say("indicators"), given.name, reason, rows=sum(part.n_low + part.n_high for part in parts))
    return Computed(values, (line,))
