"""Deflation: nominal values at constant prices."""

from __future__ import annotations

import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.checks import describe, numeric_frame, require_positive
from shidian.indicators.inputs import Inputs
from shidian.messages import say

METHOD = {
    "label": {"en": "Real value", "zh": "不变价"},
    "formula": "nominal / price index, the index 1 in the base year",
    "source": "national accounts",
    "roles": ("nominal", "price_index"),
    "keeps_measure": "nominal",
}
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


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
            say(
                "deflate: the price index is about {level:.0f} ({where}); divide it by 100 so that the base year is 1",
                level=hundred,
                where=where,
            )
        )
    return (frame["nominal"] / frame["price_index"]).rename("real")


def compute(given: Inputs) -> pd.Series:
    """Return the indicator of a study's panel."""
    return deflate(given["nominal"], given["price_index"])
