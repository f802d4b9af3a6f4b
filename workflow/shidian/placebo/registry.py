"""Estimators that the placebo test can run draw by draw, by name.

An estimator that cannot be batched is a function ``(panel, spec, treatment) -> DrawEstimate``. Its panel holds the
rows that the exhibit uses, with the draw's adoption years in ``adoption_year`` and the draw's 0/1 treatment in the
column named ``treatment``. It raises EstimationError when a draw gives no number; such draws are counted and
reported. To add one, name it in ``ESTIMATORS``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pandas as pd

from shidian.errors import EstimationError, nearest


class DrawEstimate(NamedTuple):
    """One estimate, its standard error, and the degrees of freedom of its t distribution (inf = normal)."""

    estimate: float
    se: float
    df: float = float("inf")


Estimator = Callable[[pd.DataFrame, Mapping[str, Any], str], DrawEstimate]

BATCHED = ("twfe", "event_study")
"""Estimators with an exact batched engine, which are not run draw by draw."""

ESTIMATORS: dict[str, str] = {"feols": "shidian.placebo.refit:refit_twfe"}
"""Name -> ``module:function``; imported only when a study names it."""


def find_estimator(name: str) -> Estimator:
    """Return the estimator registered under a name.

    Raises:
        EstimationError: no such estimator; the nearest valid name is given.
    """
    if name not in ESTIMATORS:
        valid = [*BATCHED, *sorted(ESTIMATORS)]
        raise EstimationError(f"no placebo estimator '{name}'{nearest(name, valid)}; there are {', '.join(valid)}")
    module, function = ESTIMATORS[name].split(":")
    estimator: Estimator = getattr(importlib.import_module(module), function)
    return estimator
