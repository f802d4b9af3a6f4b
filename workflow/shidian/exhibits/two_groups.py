"""The two groups whose means are compared: who is in which, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, no_column
from shidian.exhibits.groups import groups_of
from shidian.exhibits.notes import exhibit_id
from shidian.messages import say

SHOWN = 6
"""Most values that an error names."""


@dataclass(frozen=True)
class TwoGroups:
    """Two groups of rows.

    Attributes:
        second: (n,) 1 of rows in the second group, 0 of those in the first, nan of rows in neither.
        names: what they are called, the first one first.
    """

    second: pd.Series
    names: tuple[str, str]


def two_groups(part: pd.DataFrame, spec: Mapping[str, Any]) -> TwoGroups:
    """Return the groups that ``by`` makes; ``names`` gives their order, else that of the values.

    Raises:
        EstimationError: no such column, more or fewer values than two, or ``names`` of other values.
    """
    by, declared = str(spec["by"]), {str(value): str(name) for value, name in spec.get("names", {}).items()}
    if by not in part.columns:
        raise no_column(by, part.columns)
    groups = groups_of(part, {"variable": by})
    column = part[by].dropna()
    order = sorted(column.unique()) if pd.api.types.is_numeric_dtype(column) else sorted(groups.dropna().unique())
    values = list(dict.fromkeys(groups.loc[part[by] == value].iloc[0] for value in order))
    if len(values) != 2:
        raise EstimationError(
            say(
                "exhibit '{exhibit}': 'by: {by}' has {n} values in the sample ({values}), and means of two groups are "
                "compared: leave two with 'sample: {{keep: {{{by}: [...]}}}}', or name a variable of two",
                exhibit=exhibit_id(spec), by=by, n=len(values), values=values[:SHOWN],
            )
        )  # fmt: skip
    if declared:
        if set(declared) != set(map(str, values)):
            raise EstimationError(
                say(
                    "exhibit '{exhibit}': 'names' are of {given}, and 'by: {by}' is {values} in the sample",
                    exhibit=exhibit_id(spec), by=by, given=list(declared), values=values,
                )
            )  # fmt: skip
        values = list(declared)
    first, second = map(str, values)
    place = groups.astype("object").map({first: 0.0, second: 1.0}).astype("float64")
    return TwoGroups(place, (declared.get(first, first), declared.get(second, second)))


def spread_of(values: np.ndarray, w: np.ndarray | None, counts: bool) -> tuple[float, float, int]:
    """Return mean and standard deviation of weighted values, N-1 in its denominator, and N ([R] summarize of Stata)."""
    weights = np.ones(len(values)) if w is None else w
    n = int(weights.sum()) if counts else len(values)
    if not n:
        return float("nan"), float("nan"), 0
    mean = float(np.average(values, weights=weights))
    squares = float(np.average((values - mean) ** 2, weights=weights))
    return mean, (squares * n / (n - 1)) ** 0.5 if n > 1 else float("nan"), n
