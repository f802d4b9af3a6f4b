"""Weights of a regression's rows: analytic, frequency or probability, as Stata names them.

Rows enter sums as their weight says; least squares on weighted rows is least squares on rows multiplied by the root of
the weight. Analytic weights (precision: means of cells of different size) and probability weights (inverse sampling
probabilities) are brought to mean one, which changes no estimate; N is the number of rows. A frequency weight of f
stands for f equal rows, and N is their sum. [U] 20.24 of Stata, "Weighted estimation".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.messages import say

Kind = Literal["analytic", "frequency", "probability"]
WORDS: Mapping[str, str] = {
    "analytic": say("analytic weights"), "frequency": say("frequency weights"),
    "probability": say("probability weights"),
}  # fmt: skip
"""Kind -> what a note calls it."""

WeightingLike: TypeAlias = "Weighting | str | Mapping[str, Any] | None"


@dataclass(frozen=True)
class Weighting:
    """The variable that weights the rows, and what its numbers mean."""

    variable: str
    kind: Kind = "analytic"

    @staticmethod
    def parse(declared: WeightingLike) -> Weighting | None:
        """Read what a study file holds: a variable, ``{variable: ..., kind: ...}``, or nothing."""
        if declared is None or isinstance(declared, Weighting):
            return declared
        if isinstance(declared, str):
            return Weighting(declared)
        return Weighting(str(declared["variable"]), declared.get("kind", "analytic"))

    @property
    def counts(self) -> bool:
        """Whether a weight is a number of equal rows."""
        return self.kind == "frequency"


def weights_of(settings: Mapping[str, Any]) -> Weighting | None:
    """Return the weighting of a column's settings; ``weights`` of a spatial model, between units, are none."""
    declared = settings.get("weights")
    between_units = isinstance(declared, Mapping) and "variable" not in declared
    return None if between_units else Weighting.parse(declared)


def row_weights(frame: pd.DataFrame, weighting: Weighting) -> np.ndarray:
    """Return the (n,) weights of rows as they stand in the panel, zeros among them.

    Raises:
        EstimationError: a weight that is missing, negative, infinite or no number, or a frequency that is no whole
            number; names the unit and year.
    """
    name = weighting.variable
    try:
        values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise EstimationError(say("the weights '{name}' are no numbers", name=name)) from None
    problems = (
        (np.isnan(values), say("is missing")), (values < 0, say("is negative")), (np.isinf(values), say("is infinite")),
        (weighting.counts & (values != np.round(values)), say("is no whole number, as a frequency is")),
    )  # fmt: skip
    for wrong, what in problems:
        if wrong.any():
            raise EstimationError(_refusal(frame, name, wrong, values, what))
    if not (values > 0).any():
        raise EstimationError(say("every weight '{name}' is zero", name=name))
    return values


def _refusal(frame: pd.DataFrame, name: str, wrong: np.ndarray, values: np.ndarray, what: str) -> str:
    at, others = int(np.argmax(wrong)), int(wrong.sum()) - 1
    row = frame.iloc[at]
    place = say("row {row}", row=str(frame.index[at]))
    if {"unit", "year"} <= set(frame.columns):
        place = say("unit {unit} in {year}", unit=str(row["unit"]), year=int(row["year"]))
    more = say(" (and of {n} more rows)", n=others) if others else ""
    shown = "" if np.isnan(values[at]) else f" ({values[at]:g})"
    return say(
        "the weight '{name}' of {place}{more} {what}{shown}: give it a number of zero or more, or leave the row out",
        name=name, place=place, more=more, what=what, shown=shown,
    )  # fmt: skip


def normalised(values: np.ndarray, weighting: Weighting) -> np.ndarray:
    """Return positive weights as they enter sums: frequencies as they are, others with mean one."""
    return values if weighting.counts else values / values.mean()


def no_frequency(weighting: Weighting | None, what: str) -> Weighting | None:
    """Return the weighting; refuse frequencies where ``what`` follows one row a unit and year.

    Raises:
        EstimationError: the weights are frequencies, which say that a row is several.
    """
    if weighting and weighting.counts:
        raise EstimationError(
            say(
                "the frequency weight '{name}' says that a row is several, and {what} follows one row a unit and year: "
                "declare it analytic, which gives the same estimates",
                name=weighting.variable, what=what,
            )
        )  # fmt: skip
    return weighting


def require_robust(weighting: Weighting | None, errors: str) -> None:
    """Refuse conventional errors (kind ``iid``) of rows weighted by sampling probabilities, as Stata does."""
    if weighting and weighting.kind == "probability" and errors == "iid":
        raise EstimationError(
            say("probability weights want errors that allow for them: vcov hetero or cluster, not iid")
        )
