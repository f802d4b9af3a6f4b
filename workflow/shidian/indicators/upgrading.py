"""Industrial upgrading by the sectors' shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.checks import describe, require_not_negative
from shidian.indicators.inputs import Inputs
from shidian.indicators.sectors import three_sectors
from shidian.messages import say

METHOD = {
    "label": {"en": "Industrial upgrading", "zh": "产业结构升级"},
    "formula": "stru = Σ_m m y_m, y_m = share of sector m = 1, 2, 3 in GDP; from 1 to 3",
    "source": "usual in the literature on industrial structure",
    "roles": ("primary", "secondary", "tertiary"),
    "of_one_size": (("primary", "secondary", "tertiary"),),
}
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


def upgrading_by_share(shares: Sequence[object], tolerance: float = 0.005) -> pd.Series:
    """Return industrial upgrading as stru = sum_m m y_m, y_m = share of sector m = 1, 2, 3 in GDP; from 1 to 3.

    Raises EstimationError where the shares do not add to one within ``tolerance``.
    """
    y = three_sectors("upgrading_by_share", shares, say("share"))
    require_not_negative("upgrading_by_share", y)
    _check_sum("upgrading_by_share", y, tolerance)
    return (y.to_numpy() @ np.array([1.0, 2.0, 3.0]) + 0.0 * y.sum(axis=1, skipna=False)).rename("upgrading")


def _check_sum(indicator: str, shares: pd.DataFrame, tolerance: float) -> None:
    total = shares.sum(axis=1, skipna=False)
    off = (total - 1.0).abs() > tolerance
    if off.any():
        where, value = describe(shares.index[off][0], shares.index.names), total[off].iloc[0]
        facts = {"indicator": indicator, "where": where, "value": value}
        if 99 < value < 101:
            raise EstimationError(
                say("{indicator}: {where}: the shares add to {value:g}, not to 1; divide percentages by 100", **facts)
            )
        raise EstimationError(say("{indicator}: {where}: the shares add to {value:g}, not to 1", **facts))


def compute(given: Inputs) -> pd.Series:
    """Return the indicator of a study's panel."""
    return upgrading_by_share(list(given.columns.values()))
