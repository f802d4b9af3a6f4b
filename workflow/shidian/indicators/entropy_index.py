"""The entropy-weighted index: weights from how much each indicator tells units apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, nearest
from shidian.indicators.checks import describe, numeric_frame, require_positive
from shidian.indicators.inputs import Computed, Inputs
from shidian.ledger import ledger_row
from shidian.messages import say

METHOD = {
    "label": {"en": "Entropy-weighted index", "zh": "熵权指数"},
    "formula": "z = (x − min) / (max − min) + ε, reversed for a cost; p = z / Σ z; e = −Σ p ln p / ln N; "
    "w = (1 − e) / Σ (1 − e); score = Σ w z, all rows pooled",
    "source": "Shannon (1948), Zeleny (1982)",
    "takes": "list",
    "options": {
        "cost": {"description": "The inputs of which less is better.", "type": "array", "items": {"type": "string"},
                 "default": []},
        "epsilon": {"description": "Shift of the normalised values.", "type": "number", "exclusiveMinimum": 0,
                    "default": 0.0001},
        "missing": {"description": "What a missing input does: an error, or the row's score is left empty (drop).",
                    "enum": ["error", "drop"], "default": "error"},
    },
    "other_rows": "weights and ranges come from all unit-years",
}  # fmt: skip
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""

Polarity = Literal["benefit", "cost"]
POLARITIES: tuple[Polarity, ...] = ("benefit", "cost")
NORMALISATIONS = ("minmax", "sum")


@dataclass(frozen=True)
class EntropyIndex:
    """An entropy-weighted index.

    Attributes:
        score: the index, on the rows of the input; missing where an indicator is missing.
        weights: one row an indicator: polarity, minimum, maximum, entropy e, divergence d = 1 - e, weight, constant.
        n_obs: rows pooled; n_missing: rows left out because an indicator was missing.
        epsilon: shift of the normalised values.
    """

    score: pd.Series
    weights: pd.DataFrame
    n_obs: int
    n_missing: int
    epsilon: float


def entropy_index(
    indicators: pd.DataFrame,
    polarity: Mapping[str, str],
    *,
    epsilon: float = 1e-4,
    normalisation: str = "minmax",
    missing: Literal["error", "drop"] = "error",
) -> EntropyIndex:
    """Return the entropy-weighted index over all rows pooled (Shannon 1948; weights: Zeleny 1982).

    z = (x - min) / (max - min) for a benefit indicator, reversed for a cost indicator, plus ``epsilon`` so that
    logarithms exist; p = z / sum z; e = -(1 / ln N) sum p ln p; d = 1 - e; w = d / sum d; score = sum w z with
    the shifted z. ``epsilon`` moves the scores, and efficiency scores computed from them: report it. With
    ``normalisation="sum"`` p = x / sum x of positive benefit indicators, no shift, and score = sum w p.

    A constant indicator has weight zero and is marked in ``weights``.

    Raises:
        EstimationError: for an indicator without polarity, fewer than two rows, a missing value (unless ``missing``
            is ``drop``), values the normalisation does not allow, and when every indicator is constant.
    """
    frame = numeric_frame("entropy_index", {str(name): indicators[name] for name in indicators.columns})
    signs = _polarities(frame, polarity)
    complete = frame.notna().all(axis=1)
    if missing == "error" and not complete.all():
        row = frame.index[~complete][0]
        absent = [name for name in frame.columns if np.isnan(frame.loc[row, name])]
        raise EstimationError(
            say(
                "entropy_index: {where}: {names} missing, and {n} rows have a missing value; supply it or declare "
                "missing: drop",
                where=describe(row, frame.index.names),
                names=absent,
                n=int((~complete).sum()),
            )
        )
    x = frame[complete]
    if len(x) < 2:
        raise EstimationError(say("entropy_index: entropy needs at least two rows; {n} have all indicators", n=len(x)))
    z, shift = _normalised(x, signs, normalisation, epsilon)
    constant = (x.max() == x.min()).to_numpy()
    if constant.all():
        raise EstimationError(say("entropy_index: every indicator is constant, so none can be weighted"))
    p = z / z.sum(axis=0)
    e = np.where(constant, 1.0, -(p * np.log(p)).sum(axis=0) / np.log(len(x)))
    d = 1.0 - e
    w = d / d.sum()
    table = pd.DataFrame({
        "indicator": frame.columns, "polarity": [signs[name] for name in frame.columns],
        "minimum": x.min().to_numpy(), "maximum": x.max().to_numpy(), "entropy": e, "divergence": d, "weight": w,
        "constant": constant,
    })  # fmt: skip
    scored = z @ w if normalisation == "minmax" else p @ w
    score = np.full(len(frame), np.nan)
    score[complete.to_numpy()] = scored
    named = pd.Series(score, index=frame.index, name="score")
    return EntropyIndex(named, table, len(x), int((~complete).sum()), shift)


def _polarities(frame: pd.DataFrame, polarity: Mapping[str, str]) -> dict[str, str]:
    for name, value in polarity.items():
        if name not in frame.columns:
            raise EstimationError(
                say(
                    "entropy_index: polarity is declared for '{name}', no indicator{near}",
                    name=name,
                    near=nearest(name, frame.columns),
                )
            )
        if value not in POLARITIES:
            raise EstimationError(
                say(
                    "entropy_index: the polarity of '{name}' is '{value}', not benefit or cost{near}",
                    name=name,
                    value=value,
                    near=nearest(value, POLARITIES),
                )
            )
    absent = [name for name in frame.columns if name not in polarity]
    if absent:
        raise EstimationError(say("entropy_index: '{name}' has no polarity; declare benefit or cost", name=absent[0]))
    return {name: polarity[name] for name in frame.columns}


def _normalised(
    x: pd.DataFrame, signs: Mapping[str, str], normalisation: str, epsilon: float
) -> tuple[np.ndarray, float]:
    """Return the normalised values and the shift applied."""
    if normalisation == "sum":
        if "cost" in signs.values():
            raise EstimationError(say("entropy_index: sum normalisation knows no cost indicators; use minmax"))
        require_positive("entropy_index", x)
        return (x / x.sum()).to_numpy(), 0.0
    if normalisation != "minmax":
        raise EstimationError(
            say(
                "entropy_index: normalisation '{given}' is not one of {known}",
                given=normalisation,
                known=list(NORMALISATIONS),
            )
        )
    if not (np.isfinite(epsilon) and epsilon > 0):
        raise EstimationError(
            say("entropy_index: epsilon must be positive so that logarithms exist, not {epsilon}", epsilon=epsilon)
        )
    span = (x.max() - x.min()).replace(0.0, 1.0)
    z = (x - x.min()) / span
    for name, sign in signs.items():
        if sign == "cost":
            z[name] = (x[name].max() - x[name]) / span[name]
    return z.to_numpy() + epsilon, epsilon


def compute(given: Inputs) -> Computed:
    """Return the index of a study's panel with its weights, and the ledger's lines of constant indicators."""
    cost = given.options["cost"]
    strangers = [name for name in cost if name not in given.columns]
    if strangers:
        raise EstimationError(say("'{name}' under 'cost' is none of its inputs", name=strangers[0]))
    polarity = {name: "cost" if name in cost else "benefit" for name in given.columns}
    index = entropy_index(
        given.panel[list(given.columns)], polarity, epsilon=given.options["epsilon"], missing=given.options["missing"]
    )
    table = index.weights.assign(index=given.name)
    constant = table.loc[table["constant"].astype(bool), "indicator"]
    why = say("constant over all rows: weight zero")
    lines = [ledger_row(say("indicators"), f"{given.name}: {name}", why) for name in constant]
    return Computed(index.score, tuple(lines), table)
