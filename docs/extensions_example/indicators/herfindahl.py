"""Herfindahl-Hirschman index of concentration."""

from __future__ import annotations

import pandas as pd
from shidian.indicators.checks import numeric_frame, require_not_negative
from shidian.indicators.inputs import Inputs

METHOD = {
    "label": {"en": "Herfindahl index", "zh": "赫芬达尔指数"},
    "formula": "Σ_j (x_j / Σ_k x_k)²",
    "source": "Herfindahl (1950), Hirschman (1964)",
    "takes": "list",
}


def compute(given: Inputs) -> pd.Series:
    """Return the sum of squared shares of the listed variables; missing where one is missing or all are zero."""
    frame = numeric_frame("herfindahl", given.columns)
    require_not_negative("herfindahl", frame)
    total = frame.sum(axis=1, skipna=False)
    return frame.div(total.where(total > 0), axis=0).pow(2).sum(axis=1, skipna=False)
