"""The regressions of DID tables and event studies by their model: least squares, or a mean that is not linear."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from shidian.did.nonlinear.families import FAMILIES
from shidian.did.nonlinear.fit import regress_mean
from shidian.did.nonlinear.outcomes import require_outcome
from shidian.did.twfe import Regression, regress
from shidian.inference.covariance import VcovLike
from shidian.inference.sample import Singletons
from shidian.inference.small_sample import Convention
from shidian.inference.weights import WeightingLike

OLS, LPM = "ols", "lpm"


def is_nonlinear(model: str) -> bool:
    """Say whether a model is fitted by likelihood."""
    return model in FAMILIES


def fit_model(
    panel: pd.DataFrame, outcome: str, regressors: Sequence[str], fixed_effects: Sequence[str], model: str = OLS,
    vcov: VcovLike = "iid", ssc: Convention = "reghdfe", unit: str = "unit", singletons: Singletons | None = None,
    weights: WeightingLike = None, plain: Sequence[str] | None = None,
) -> Regression:  # fmt: skip
    """Regress by the model of a study file: ols, lpm, poisson, logit or probit.

    Other arguments as of ``shidian.did.twfe.regress``; ``plain`` are the regressors whose marginal effects are given.

    Raises:
        EstimationError: an outcome that the model does not allow; what its regression raises.
    """
    if is_nonlinear(model):
        return regress_mean(
            panel, outcome, regressors, fixed_effects, model, vcov, ssc, unit, singletons, weights, plain
        )
    regression = regress(panel, outcome, regressors, fixed_effects, vcov, ssc, unit, singletons, weights)
    if model == LPM:
        require_outcome(panel.loc[regression.sample.rows], outcome, model)
    return regression
