"""Rationalisation of industry: how far output and employment by sector lie apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.indicators.checks import describe, require_not_negative
from shidian.indicators.inputs import Inputs
from shidian.indicators.sectors import SECTORS, three_sectors
from shidian.messages import say

METHOD = {
    "label": {"en": "Rationalisation of industry", "zh": "产业结构合理化"},
    "formula": "ris = Σ_m y_m ln(y_m / l_m), y_m and l_m = sector m's shares of output and of employment",
    "source": "Gan, Zheng & Yu (2011)",
    "roles": (
        "primary_output",
        "secondary_output",
        "tertiary_output",
        "primary_labour",
        "secondary_labour",
        "tertiary_labour",
    ),
    "of_one_size": (
        ("primary_output", "secondary_output", "tertiary_output"),
        ("primary_labour", "secondary_labour", "tertiary_labour"),
    ),
}
"""What a study file declares; the schema, the reference and the page of formulas are made from it."""


def rationalisation(output: Sequence[object], labour: Sequence[object]) -> pd.Series:
    """Return (non-)rationalisation as a Theil index: ris = sum_m y_m ln(y_m / l_m) (Gan, Zheng & Yu 2011).

    y_m and l_m are sector m's shares of output and of employment, formed here so that each adds to one. Zero where
    every sector employs its share of output, positive otherwise. A sector without output counts nothing; output
    without employees is an error.
    """
    Y = three_sectors("rationalisation", output, say("output"))
    L = three_sectors("rationalisation", labour, say("labour"))
    if not L.index.equals(Y.index):
        raise EstimationError(say("rationalisation: labour has other rows than output"))
    require_not_negative("rationalisation", Y)
    require_not_negative("rationalisation", L)
    idle = (L.to_numpy() == 0) & (Y.to_numpy() > 0)
    if idle.any():
        row, m = (int(v[0]) for v in np.nonzero(idle))
        where = describe(Y.index[row], Y.index.names)
        raise EstimationError(
            say(
                "rationalisation: {where}: the {sector} sector has output but no employees",
                where=where,
                sector=SECTORS[m],
            )
        )
    y = Y.to_numpy() / Y.sum(axis=1, skipna=False).to_numpy()[:, None]
    share_l = L.to_numpy() / L.sum(axis=1, skipna=False).to_numpy()[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(y == 0, 0.0, y * np.log(y / share_l))
    value = pd.Series(terms.sum(axis=1), index=Y.index, name="rationalisation")
    return value.where(pd.Series(np.isfinite(y + share_l).all(axis=1), index=Y.index)).clip(lower=0.0)


def compute(given: Inputs) -> pd.Series:
    """Return the indicator of a study's panel."""
    columns = list(given.columns.values())
    return rationalisation(columns[:3], columns[3:])
