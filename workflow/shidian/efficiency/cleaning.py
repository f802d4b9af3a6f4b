"""What a study declares to happen to zeros and missing values before efficiency is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from shidian.efficiency.given_data import and_more, check_numeric, describe
from shidian.efficiency.leave_outs import name_unit_years, unit_names
from shidian.efficiency.technology import SHOWN
from shidian.errors import EstimationError, nearest
from shidian.ledger import ledger_row_of
from shidian.messages import say

Rule = Literal["error", "drop"] | Mapping[str, float]
ZERO, MISSING = say("zero or negative"), say("missing")
TINY = 1e-8
"""A replacement below this share of a variable's median wrecks scores: 1e-9 turned an efficient unit into 4e-9."""


@dataclass(frozen=True)
class Cleaned:
    """Data fit for an efficiency analysis.

    Attributes:
        frame: the rows kept, in their order, replaced values in place.
        ledger: one line for each variable and what was done: step, subject, units, rows, reason.
        warnings: what a referee would object to.
    """

    frame: pd.DataFrame
    ledger: list[dict[str, Any]]
    warnings: tuple[str, ...]


def clean(
    data: pd.DataFrame,
    columns: Sequence[str],
    *,
    unit: str,
    year: str,
    zeros: Rule = "error",
    missing: Rule = "error",
) -> Cleaned:
    """Apply the declared rules to values that are zero or negative, and to missing ones.

    Args:
        data: the panel; it is not changed.
        columns: inputs and outputs.
        unit, year: names of the columns that label rows.
        zeros: rule for values of zero or less: ``error`` names unit, year and variable; ``drop`` leaves the
            unit-year out; ``{"replace": value}`` puts the positive value in its place.
        missing: the same for missing values.

    Raises:
        EstimationError: under ``error``, for unknown rules, columns that the data has not or that hold no numbers,
            and when there is no row or none is left.
    """
    for name in [*columns, unit, year]:
        if name not in data.columns:
            near = nearest(name, map(str, data.columns))
            raise EstimationError(say("the data has no column '{name}'{near}", name=name, near=near))
    check_numeric(data, columns)
    if data.empty:
        raise EstimationError(say("there is no row to measure"))
    frame = data.copy()
    values = frame[list(columns)].to_numpy(dtype=float, na_value=np.nan)
    dropped = np.zeros(len(frame), bool)
    ledger: list[dict[str, Any]] = []
    warnings: list[str] = []
    for what, rule, bad in ((ZERO, zeros, values <= 0), (MISSING, missing, np.isnan(values))):
        replacement = _replacement(what, rule)
        if rule == "error" and bad.any():
            raise EstimationError(_named(what, bad, frame, columns, unit, year))
        for j in map(int, np.flatnonzero(bad.any(axis=0))):
            rows = bad[:, j]
            who = name_unit_years(frame.loc[rows, unit], frame.loc[rows, year], unit_names(frame))
            reason = _done(what, replacement, who)
            ledger.append(ledger_row_of(frame[rows], say("efficiency"), columns[j], reason, unit=unit))
            if replacement is not None:
                good = values[:, j][values[:, j] > 0]
                if len(good) and replacement < TINY * np.median(good):
                    warnings.append(
                        say(
                            "'{name}': {n} values are replaced by {value:g}, less than {tiny:g} of the median; so "
                            "small a value decides the score of its unit",
                            name=columns[j],
                            n=int(rows.sum()),
                            value=replacement,
                            tiny=TINY,
                        )
                    )
                frame[columns[j]] = (
                    frame[columns[j]].astype(float).mask(pd.Series(rows, index=frame.index), replacement)
                )
        if rule == "drop":
            dropped |= bad.any(axis=1)
    if dropped.all():
        raise EstimationError(say("no unit-year is left: each has a zero, negative or missing input or output"))
    return Cleaned(frame[~dropped], ledger, tuple(warnings))


def _done(what: str, replacement: float | None, who: str) -> str:
    if replacement is None:
        return say("{what}: unit-year dropped: {who}", what=what, who=who)
    return say("{what}: replaced by {value:g}: {who}", what=what, value=replacement, who=who)


def _replacement(what: str, rule: Rule) -> float | None:
    """Return the declared replacement, None for the other rules; anything else is an error."""
    if rule in ("error", "drop"):
        return None
    if not isinstance(rule, Mapping) or set(rule) != {"replace"}:
        raise EstimationError(
            say(
                "the rule for {what} values must be error, drop or replace: <value>, not {rule}",
                what=what,
                rule=repr(rule),
            )
        )
    value = float(rule["replace"])
    if not (np.isfinite(value) and value > 0):
        raise EstimationError(
            say("the replacement of {what} values must be positive, not {value:g}", what=what, value=value)
        )
    return value


def _named(what: str, bad: np.ndarray, frame: pd.DataFrame, columns: Sequence[str], unit: str, year: str) -> str:
    rows, where = np.nonzero(bad)
    shown = [
        say("{where}, {name}", where=describe(frame[unit].iloc[i], frame[year].iloc[i]), name=columns[j])
        for i, j in list(zip(rows.tolist(), where.tolist(), strict=True))[:SHOWN]
    ]
    return say(
        "efficiency: {n} values are {what}: {shown}. Correct them, or declare {rule}: drop or {rule}: {{replace: "
        "<small value>}}",
        n=len(rows),
        what=what,
        shown=and_more(shown, len(rows) - SHOWN),
        rule="zeros" if what == ZERO else "missing",
    )
