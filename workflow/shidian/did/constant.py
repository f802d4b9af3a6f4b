"""The constant that Stata prints in models with absorbed fixed effects (``xtreg, fe``; ``areg``; ``reghdfe``).

The means are added back to the outcome and the regressors that were partialled out, and a constant is estimated:
``a = ybar - xbar'b``. Slopes and their errors are the same as without it. [XT] xtreg, "Methods and formulas"; the
constant is the mean of the estimated effects, weighted by rows.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shidian.did.twfe import CONSTANT, Regression
from shidian.did.within import numbers
from shidian.estimates import Fit
from shidian.inference.covariance import Vcov, VcovLike, ols_covariance
from shidian.inference.small_sample import Convention


def fit_with_constant(
    regression: Regression, outcome: str, fixed_effects: list[str], vcov: VcovLike, ssc: Convention
) -> Fit:
    """Return the fit with the constant as its last term; a model without absorbed effects has it already.

    Args:
        regression: the regression of ``outcome`` with the fixed effects partialled out.
        outcome: name of the outcome.
        fixed_effects: names of the effects.
        vcov: kind of standard error.
        ssc: small-sample convention.
    """
    fit, frame = regression.fit, regression.sample.frame
    if not fixed_effects:
        return fit
    w = regression.sample.weights
    root = np.ones(len(frame)) if w is None else np.sqrt(w)
    means = np.array([np.average(numbers(frame, name), weights=w) for name in fit.terms])
    constant = np.average(numbers(frame, outcome), weights=w) - means @ fit.coef
    X = np.column_stack([regression.X + root[:, None] * means, root])
    inference = ols_covariance(
        X, regression.residuals, frame, fixed_effects, Vcov.parse(vcov), ssc, n_slopes=len(fit.terms),
        counts=regression.counts,
    )  # fmt: skip
    return replace(
        fit, terms=(*fit.terms, CONSTANT), coef=np.append(fit.coef, constant), vcov=inference.vcov,
        floor=inference.floor(numbers(frame, outcome)), unadjusted=inference.unadjusted,
    )  # fmt: skip
