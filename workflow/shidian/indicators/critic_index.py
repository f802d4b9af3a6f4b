"""The CRITIC-weighted index: indicators weighted by their contrast and by their conflict with the others."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.inputs import Computed, Inputs
from shidian.indicators.weighted_index import complete_rows
from shidian.messages import say

METHOD = {
    "label": {"en": "CRITIC-weighted index", "zh": "CRITIC赋权指数"},
    "formula": "z = (x − min) / (max − min), reversed for a cost; C_j = σ_j Σ_k (1 − r_jk), σ = standard deviation and "
    "r = correlation of z; w = C / Σ C; score = Σ w z, all rows pooled",
    "source": "Diakoulaki, Mavrotas and Papayannakis (1995)",
    "takes": "list",
    "options": {
        "cost": {"description": "The inputs of which less is better.", "type": "array", "items": {"type": "string"},
                 "default": []},
        "missing": {"description": "What a missing input does: an error, or the row's score is left empty (drop).",
                    "enum": ["error", "drop"], "default": "error"},
    },
    "other_rows": "weights and ranges come from all unit-years",
}  # fmt: skip
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


def critic_index(
    indicators: pd.DataFrame, cost: tuple[str, ...] = (), *, missing: Literal["error", "drop"] = "error"
) -> tuple[pd.Series, pd.DataFrame]:
    """Return the CRITIC-weighted index and its weights (Diakoulaki, Mavrotas and Papayannakis 1995).

    The table has one row an indicator: indicator, polarity, minimum, maximum, weight, constant.

    Raises:
        EstimationError: a constant indicator, which has no correlation; indicators that all say the same; fewer than
            three rows; what ``complete_rows`` raises.
    """
    given = complete_rows("critic_index", indicators, cost, missing, 3)
    if given.constant.any():
        name = given.x.columns[given.constant][0]
        raise EstimationError(
            say(
                "critic_index: '{name}' is constant over all {n} rows and correlates with nothing; take it out of "
                "'inputs'",
                name=name, n=len(given.x),
            )
        )  # fmt: skip
    z = given.minmax()
    conflict = (1.0 - np.corrcoef(z, rowvar=False)).clip(min=0.0).sum(axis=1)
    content = z.std(axis=0, ddof=1) * conflict
    if not content.sum() > 1e-12:
        raise EstimationError(
            say("critic_index: its inputs are one indicator in several units, so none says more; take one of them")
        )
    weights = content / content.sum()
    table = pd.DataFrame({
        "indicator": given.x.columns, "polarity": np.where(given.cost, "cost", "benefit"),
        "minimum": given.x.min().to_numpy(), "maximum": given.x.max().to_numpy(), "weight": weights, "constant": False,
    })  # fmt: skip
    return given.scored(z @ weights), table


def compute(given: Inputs) -> Computed:
    """Return the index of a study's panel with its weights."""
    score, table = critic_index(
        given.panel[list(given.columns)], tuple(given.options["cost"]), missing=given.options["missing"]
    )
    return Computed(score, weights=table.assign(index=given.name))
