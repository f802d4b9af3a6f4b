"""Whether an estimate has a standard error to divide by: a t statistic of plus or minus infinity says nothing."""

from __future__ import annotations

import numpy as np

from shidian.errors import EstimationError
from shidian.messages import say
from shidian.variance import ROUNDING

NO_ERROR = say("the estimator gave no standard error")


def has_error(coef: np.ndarray, se: np.ndarray) -> np.ndarray:
    """Say of each coefficient whether its standard error is finite and not zero.

    It is zero where the estimate leaves no cluster a score: two clusters, or one treated unit matched to one control.
    """
    return np.isfinite(se) & (se > ROUNDING * np.abs(coef))


def require_error(coef: np.ndarray, se: np.ndarray) -> None:
    """Refuse estimates without a number or without a standard error.

    Raises:
        EstimationError: a coefficient that is not finite, or a standard error that is zero or not finite.
    """
    if not np.isfinite(coef).all():
        raise EstimationError(say("the estimator gave no coefficient"))
    if not has_error(coef, se).all():
        raise EstimationError(NO_ERROR)
