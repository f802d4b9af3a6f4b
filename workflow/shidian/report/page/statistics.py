"""What a test statistic is called: t, z, F or χ², with its degrees of freedom where the estimate holds them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

_RATIO = 1e-6
"""Relative distance within which a statistic is the estimate over its standard error."""
_CHI_SQUARED = re.compile(r"χ²|chi2|\b(LM|LR|Wald|Hausman|Sargan|Hansen)\b")
_F = re.compile(r"\(F\)|\bF\b|^equal effects$")


def statistic_name(row: Mapping[Any, Any]) -> str:
    """Return what the statistic of an estimate (a row of the long schema) is called, "" where it has none.

    A ratio of an estimate to its error is t where it has degrees of freedom and z where it is taken as normal; a test
    is named by its term or column.
    """
    statistic, df = _number(row["statistic"]), _number(row["df"])
    if math.isnan(statistic):
        return ""
    test = f"{row['column']} {row['term']}"
    if math.isnan(_number(row["se"])):
        if _F.search(str(row["term"])):
            return "F"
        if _CHI_SQUARED.search(test):
            return f"χ²({df:.0f})" if math.isfinite(df) else "χ²"
    if math.isfinite(df):
        return f"t({df:.0f})" if _is_ratio(row, statistic) or math.isnan(_number(row["se"])) else "t"
    return "z"


def _is_ratio(row: Mapping[Any, Any], statistic: float) -> bool:
    ratio = _number(row["estimate"]) / (_number(row["se"]) or math.nan)
    return math.isclose(ratio, statistic, rel_tol=_RATIO)


def _number(value: Any) -> float:
    try:
        return float(value)
    except TypeError:  # pandas.NA
        return math.nan
