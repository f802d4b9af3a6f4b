"""Winsorising declared variables at declared quantiles of the sample, pooled or year by year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from shidian.errors import EstimationError, no_column
from shidian.messages import say

QuantileType = Literal[2, 7]
METHODS: dict[int, Literal["averaged_inverted_cdf", "linear"]] = {2: "averaged_inverted_cdf", 7: "linear"}
"""Hyndman & Fan's types: 2 = averages at steps (Stata), 7 = linear (R, NumPy, Excel)."""


def winsorise(values: pd.Series, lower: float, upper: float, quantile_type: QuantileType = 7) -> pd.Series:
    """Return ``values`` with what lies beyond the two quantiles set to them; missing values stay missing.

    Raises:
        EstimationError: quantiles out of order, or no value at all.
    """
    if not 0 <= lower < upper <= 1:
        raise EstimationError(
            say(
                "quantiles to winsorise at run 0 <= lower < upper <= 1, not {lower} and {upper}",
                lower=lower,
                upper=upper,
            )
        )
    known = values.dropna().to_numpy(dtype=np.float64)
    if not len(known):
        raise EstimationError(say("'{name}' has no value to winsorise", name=values.name))
    low, high = np.quantile(known, [lower, upper], method=METHODS[quantile_type])
    return values.astype("float64").clip(float(low), float(high))


def winsorise_by(
    values: pd.Series, groups: pd.Series, lower: float, upper: float, quantile_type: QuantileType = 7
) -> pd.Series:
    """Return ``values`` winsorised at the quantiles of each group by itself; ``groups`` has the same rows.

    Raises:
        EstimationError: as ``winsorise``.
    """
    done = winsorise(values, lower, upper, quantile_type)  # refuses; what it returns is overwritten
    codes = pd.factorize(groups)[0]
    for code in np.unique(codes):
        mine = codes == code
        if values[mine].notna().any():
            done.iloc[mine] = winsorise(values[mine], lower, upper, quantile_type).to_numpy()
    return done


def winsorised(
    panel: pd.DataFrame, declared: Mapping[str, Any] | None, label: Callable[[str], str] = str
) -> tuple[pd.DataFrame, str]:
    """Return the panel with the declared variables winsorised, and the sentence that counts what changed.

    ``declared``: ``variables``, ``lower``, ``upper``, ``quantile_type``, ``by``. ``label`` names a variable.
    """
    if not declared:
        return panel, ""
    lower, upper = float(declared.get("lower", 0.01)), float(declared.get("upper", 0.99))
    kind = declared.get("quantile_type", 7)
    changed, columns = [], {}
    for name in declared["variables"]:
        if name not in panel.columns:
            raise no_column(name, panel.columns)
        if declared.get("by") == "year":
            columns[name] = winsorise_by(panel[name], panel["year"], lower, upper, kind)
        else:
            columns[name] = winsorise(panel[name], lower, upper, kind)
        moved = (columns[name] != panel[name].astype("float64")) & panel[name].notna()
        changed.append(say("{name} ({n} values)", name=label(name), n=int(moved.sum())))
    words = {"lower": lower, "upper": upper, "kind": kind, "changed": changed}
    if declared.get("by") == "year":
        sentence = say(
            "Winsorised at the {lower:g} and {upper:g} quantiles of each year (type {kind}): {changed}.", **words
        )
    else:
        sentence = say(
            "Winsorised at the {lower:g} and {upper:g} quantiles of the pooled sample (type {kind}): {changed}.",
            **words,
        )
    return panel.assign(**columns), sentence
