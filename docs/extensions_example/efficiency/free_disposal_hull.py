"""Free disposal hull: input efficiency against the observed units alone, no combination of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from shidian.efficiency.declared import Measured, cleaned_rows
from shidian.errors import EstimationError
from shidian.messages import say

MODEL = {
    "about": "free disposal hull, input-oriented (Deprins, Simar and Tulkens 1984), without undesirable outputs",
}


def measure(panel: pd.DataFrame, model: Mapping[str, Any]) -> Measured:
    """Return theta_o = min over units j that make as much of each output of max over inputs i of x_ij / x_io.

    Raises:
        EstimationError: undesirable outputs, which the model has not.
    """
    (inputs, outputs, undesirable), cleaned = cleaned_rows(panel, model)
    if undesirable:
        raise EstimationError(say("a free disposal hull takes no undesirable outputs: make them inputs, or leave them"))
    rows = cleaned.frame
    x, y = rows[inputs].to_numpy(dtype=float), rows[outputs].to_numpy(dtype=float)
    scores = np.empty(len(rows))
    for o in range(len(rows)):
        dominating = (y >= y[o]).all(axis=1)
        scores[o] = (x[dominating] / x[o]).max(axis=1).min()
    return Measured(rows[["unit", "year"]].assign(score=scores), cleaned.ledger)
