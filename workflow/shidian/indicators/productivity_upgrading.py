"""Industrial upgrading by the sectors' labour productivity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.checks import numeric_frame, require_not_negative, require_positive
from shidian.indicators.inputs import Inputs
from shidian.indicators.sectors import three_sectors
from shidian.messages import say

METHOD = {
    "label": {"en": "Industrial upgrading by productivity", "zh": "产业结构高级化"},
    "formula": "ais = Σ_m y_m (Y_m / L_m) / scale, y_m = sector m's share of output",
    "source": "Liu, Zhang & Huang (2008)",
    "roles": (
        "primary_output", "secondary_output", "tertiary_output", "primary_labour", "secondary_labour",
        "tertiary_labour",
    ),
    "options": {
        "scale": {"description": "What labour productivity is divided by.", "type": "number", "exclusiveMinimum": 0,
                  "default": 1.0},
    },
    "ratio_of": ("primary_output", "primary_labour"),
    "of_one_size": (
        ("primary_output", "secondary_output", "tertiary_output"),
        ("primary_labour", "secondary_labour", "tertiary_labour"),
    ),
}  # fmt: skip
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


def upgrading_by_productivity(
    output: Sequence[object],
    labour: Sequence[object],
    scale: float | Sequence[float],
    deflator: object = None,
) -> pd.Series:
    """Return industrial upgrading as ais = sum_m y_m (Y_m / L_m) (Liu, Zhang & Huang 2008).

    y_m is sector m's share of output. Labour productivity is made dimensionless: divided by ``deflator`` (1 in the
    base year) if given, and by ``scale``, one number or one a sector, which the study declares.
    """
    Y = three_sectors("upgrading_by_productivity", output, say("output"))
    L = three_sectors("upgrading_by_productivity", labour, say("labour"))
    if not L.index.equals(Y.index):
        raise EstimationError(say("upgrading_by_productivity: labour has other rows than output"))
    require_not_negative("upgrading_by_productivity", Y)
    require_positive("upgrading_by_productivity", L)
    scales = np.broadcast_to(np.asarray(scale, dtype=float), (3,))
    if not (np.isfinite(scales) & (scales > 0)).all():
        raise EstimationError(
            say("upgrading_by_productivity: the scale must be positive, not {scale}", scale=str(scale))
        )
    productivity = Y.to_numpy() / L.to_numpy() / scales
    if deflator is not None:
        prices = numeric_frame("upgrading_by_productivity", {"deflator": pd.Series(deflator, index=Y.index)})
        require_positive("upgrading_by_productivity", prices)
        productivity = productivity / prices.to_numpy()
    share = Y.to_numpy() / Y.sum(axis=1, skipna=False).to_numpy()[:, None]
    return pd.Series((share * productivity).sum(axis=1), index=Y.index, name="upgrading")


def compute(given: Inputs) -> pd.Series:
    """Return the indicator of a study's panel."""
    columns = list(given.columns.values())
    return upgrading_by_productivity(columns[:3], columns[3:], given.options["scale"])
