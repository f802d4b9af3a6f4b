"""Treated less untreated unit-years, nothing held constant: what a placebo test finds wanting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from shidian.errors import EstimationError, SpecificationError
from shidian.estimates import Fit
from shidian.messages import say

ESTIMATOR = {
    "words": say("difference of the means of treated and untreated unit-years"),
    "about": "mean of treated less mean of untreated unit-years, no fixed effects",
    "options": {
        "robust": {"description": "Whether the two variances may differ; true when absent.", "type": "boolean"},
    },
    "fixed_effects": False,
}


def refit(panel: pd.DataFrame, spec: Mapping[str, Any], treatment: str) -> Fit:
    """Return the difference of one draw.

    Raises:
        SpecificationError: controls, which it would silently ignore.
        EstimationError: one of the two groups has fewer than two rows.
    """
    if spec.get("controls"):
        raise SpecificationError(say("a difference of means holds no control constant: write 'controls: []'"))
    rows = panel[panel[spec["outcome"]].notna()]
    on, off = (rows.loc[rows[treatment] == value, spec["outcome"]].astype(float) for value in (1, 0))
    if min(len(on), len(off)) < 2:
        raise EstimationError(say("fewer than two treated or untreated unit-years"))
    variance = on.var() / len(on) + off.var() / len(off)
    if not spec.get("options", {}).get("robust", True):
        pooled = ((len(on) - 1) * on.var() + (len(off) - 1) * off.var()) / (len(on) + len(off) - 2)
        variance = pooled * (1 / len(on) + 1 / len(off))
    return Fit(
        (treatment,), np.array([on.mean() - off.mean()]), np.array([[variance]]), np.inf, len(rows),
        rows["unit"].nunique(), vcov_kind=say("of two independent samples"),
    )  # fmt: skip
