"""Entropy-weighted TOPSIS: closeness to the best values, indicators weighted by their entropy."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.entropy_index import entropy_index
from shidian.indicators.inputs import Computed, Inputs
from shidian.indicators.weighted_index import Complete, complete_rows
from shidian.ledger import ledger_row
from shidian.messages import say

METHOD = {
    "label": {"en": "Entropy-weighted TOPSIS", "zh": "熵权TOPSIS指数"},
    "formula": "v = w r; r = (x − min) / (max − min), reversed for a cost (minmax), or x / √Σ x² (vector, the best "
    "value of a cost its smallest); d⁺, d⁻ = Euclidean distances of v from best and worst; score = d⁻ / (d⁺ + d⁻); "
    "w as in entropy_index, all rows pooled",
    "source": "Hwang and Yoon (1981), Shannon (1948)",
    "takes": "list",
    "options": {
        "cost": {"description": "The inputs of which less is better.", "type": "array", "items": {"type": "string"},
                 "default": []},
        "epsilon": {"description": "Shift of the normalised values behind the entropy weights.", "type": "number",
                    "exclusiveMinimum": 0, "default": 0.0001},
        "missing": {"description": "What a missing input does: an error, or the row's score is left empty (drop).",
                    "enum": ["error", "drop"], "default": "error"},
        "distances_of": {"description": "Values whose distances are taken: minmax as Chinese papers do, vector as "
                         "Hwang and Yoon.", "enum": ["minmax", "vector"], "default": "minmax"},
    },
    "other_rows": "weights, best and worst values come from all unit-years",
}  # fmt: skip
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


def entropy_topsis(
    indicators: pd.DataFrame,
    cost: tuple[str, ...] = (),
    *,
    epsilon: float = 1e-4,
    missing: Literal["error", "drop"] = "error",
    distances_of: str = "minmax",
) -> tuple[pd.Series, pd.DataFrame]:
    """Return the relative closeness to the ideal (Hwang and Yoon 1981) and the table of entropy weights.

    Weights are those of ``entropy_index`` with the same ``epsilon``. Closeness lies between 0 (every indicator at its
    worst value of all rows) and 1 (every one at its best). With ``minmax`` it depends on neither units of measure nor
    zero points, with ``vector`` on zero points.

    Raises:
        EstimationError: what ``entropy_index`` raises.
    """
    given = complete_rows("entropy_topsis", indicators, cost, missing, 2)
    if given.constant.all():
        raise EstimationError(say("entropy_topsis: every indicator is constant, so none can be weighted"))
    polarity = {name: "cost" if name in cost else "benefit" for name in given.x.columns}
    table = entropy_index(given.x, polarity, epsilon=epsilon).weights
    score = closeness(given, table["weight"].to_numpy(dtype=float), distances_of)
    return given.scored(score), table


def closeness(given: Complete, weights: np.ndarray, distances_of: str = "minmax") -> np.ndarray:
    """Return (m,) d- / (d+ + d-) of weighted values from the best and the worst of each indicator."""
    if distances_of == "minmax":
        r = given.minmax()
        worst, best = r.min(axis=0), r.max(axis=0)
    else:
        x = given.x.to_numpy()
        scale = np.abs(x).max(axis=0)
        x = x / np.where(scale > 0, scale, 1.0)  # squares of very large or small numbers are not finite
        length = np.sqrt((x**2).sum(axis=0))
        r = x / np.where(length > 0, length, 1.0)
        low, high = r.min(axis=0), r.max(axis=0)
        worst, best = np.where(given.cost, high, low), np.where(given.cost, low, high)
    to_best = np.sqrt(((weights * (r - best)) ** 2).sum(axis=1))
    to_worst = np.sqrt(((weights * (r - worst)) ** 2).sum(axis=1))
    return np.asarray(to_worst / (to_best + to_worst))


def compute(given: Inputs) -> Computed:
    """Return the index of a study's panel with its weights, and the ledger's lines of constant indicators."""
    options = given.options
    score, table = entropy_topsis(
        given.panel[list(given.columns)], tuple(options["cost"]), epsilon=options["epsilon"],
        missing=options["missing"], distances_of=options["distances_of"],
    )  # fmt: skip
    constant = table.loc[table["constant"].astype(bool), "indicator"]
    why = say("constant over all rows: weight zero")
    lines = [ledger_row(say("indicators"), f"{given.name}: {name}", why) for name in constant]
    return Computed(score, tuple(lines), table.assign(index=given.name))
