"""What outcomes a model allows: 0 and 1 for logit, probit and the linear probability model, no negative for Poisson."""

from __future__ import annotations

import pandas as pd

from shidian.did.within import numbers
from shidian.errors import EstimationError
from shidian.messages import say

BINARY = ("logit", "probit", "lpm")


def require_outcome(frame: pd.DataFrame, outcome: str, model: str) -> None:
    """Refuse an outcome that the model does not allow.

    Raises:
        EstimationError: names the first unit and year, the value and what to use.
    """
    y = numbers(frame, outcome)
    wrong = (y != 0) & (y != 1) if model in BINARY else y < 0
    if not wrong.any():
        return
    row, value = frame.iloc[int(wrong.argmax())], y[wrong.argmax()]
    where = str(value)
    if {"unit", "year"} <= set(frame.columns):
        where = say("{value:g} of unit {unit} in {year}", value=value, unit=str(row["unit"]), year=int(row["year"]))
    if model in BINARY:
        raise EstimationError(
            say(
                "model {model} wants an outcome of 0 and 1, and '{outcome}' is {where}: declare a 0/1 variable, or "
                "leave the model out",
                model=model, outcome=outcome, where=where,
            )
        )  # fmt: skip
    raise EstimationError(
        say(
            "model {model} wants an outcome of zero or more, and '{outcome}' is {where}: take another outcome, or "
            "leave the model out",
            model=model, outcome=outcome, where=where,
        )
    )  # fmt: skip
