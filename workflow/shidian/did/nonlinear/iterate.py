"""Maximum (quasi-)likelihood by iterated least squares, the fixed effects partialled out at every step.

Each step regresses the working outcome on the regressors with the working weights, both with the effects taken out
under those weights (Correia, Guimarães and Zylkin 2020, section 3.4; Bergé 2018), halved while it takes the likelihood
down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shidian.did.nonlinear.families import Family
from shidian.did.twfe import least_squares
from shidian.did.within import demean
from shidian.errors import EstimationError
from shidian.inference.effects import Effect
from shidian.messages import say

DONE, NEARLY = 1e-10, 1e-6
"""Root mean square of the index's last change, by working weights, at which it has converged; or does so once it falls
no further, which is the demeaner's precision."""
MOST_STEPS = 500
ROUNDING = 1e-11
"""Share of the likelihood by which a step may lower it for rounding."""


@dataclass(frozen=True)
class Solution:
    """A converged model.

    Attributes:
        coef: (k,) coefficients.
        index: (n,) linear index, effects included.
        weights: (n,) weights of the rows in the information, prior weights included.
        X: (n, k) regressors with the effects taken out under the working weights.
        residuals: (n,) scores of the index divided by those weights.
        log_likelihood: at the solution.
    """

    coef: np.ndarray
    index: np.ndarray
    weights: np.ndarray
    X: np.ndarray
    residuals: np.ndarray
    log_likelihood: float


def maximise(
    y: np.ndarray, X: np.ndarray, effects: Sequence[Effect], family: Family, prior: np.ndarray, observed: bool = False
) -> Solution:
    """Fit the mean of ``y`` (n,) by ``X`` (n, k), independent beside the effects, under ``prior`` weights (n,).

    ``observed``: whether the solution's weights are those of the observed information, as Stata's probit takes it, or
    of the expected one, as generalised linear models do; Poisson and logit have one and the same.

    Raises:
        EstimationError: it does not converge.
    """
    mean = float(np.average(y, weights=prior))
    low, high = family.bound(mean)
    index, value, last = np.clip(family.start(y, mean), low, high), -np.inf, np.inf
    for _ in range(MOST_STEPS):
        weights = prior * family.information(index)
        z = index + family.residual(y, index)
        within = demean(np.column_stack([z, X]), effects, weights)
        root = np.sqrt(weights)
        coef, left = least_squares(within[:, 1:] * root[:, None], within[:, 0] * root)
        aim = np.clip(z - left / root, low, high)
        index, value, moved = _step(y, index, aim, value, family, prior)
        size = float(np.sqrt(np.average((moved) ** 2, weights=weights)))
        if size < DONE or (size < NEARLY and size >= last):
            return _at(y, X, index, coef, effects, family, prior, value, observed)
        last = size
    raise EstimationError(say("the {model} does not converge in {n} steps", model=family.name, n=MOST_STEPS))


def _step(
    y: np.ndarray, index: np.ndarray, aim: np.ndarray, value: float, family: Family, prior: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray]:
    """Return the index after a step towards ``aim``, its likelihood, and the step, halved while that falls."""
    step = aim - index
    for _ in range(40):
        with np.errstate(over="ignore", invalid="ignore"):
            found = float(prior @ family.log_likelihood(y, index + step))
        if np.isfinite(found) and (not np.isfinite(value) or found >= value - ROUNDING * (1 + abs(value))):
            return index + step, found, step
        step = step / 2
    return index, value, step


def _at(
    y: np.ndarray, X: np.ndarray, index: np.ndarray, coef: np.ndarray, effects: Sequence[Effect], family: Family,
    prior: np.ndarray, value: float, observed: bool,
) -> Solution:  # fmt: skip
    expected, residuals = family.information(index), family.residual(y, index)
    own = family.observed(y, index) if observed else expected
    residuals = residuals if own is expected else residuals * expected / own
    weights = prior * own
    return Solution(coef, index, weights, demean(X, effects, weights), residuals, value)
