"""Statistics at the foot of a regression table that are rows of their own: mean of the outcome, adjusted R², F."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from shidian.did.twfe import CONSTANT, Regression
from shidian.exhibits.diagnostics import Diagnostic
from shidian.inference.effects import effects_of
from shidian.inference.small_sample import count_parameters
from shidian.messages import say

OUTCOME_MEAN, ADJUSTED, F = "outcome_mean", "r2_adjusted", "f"
OWN = (OUTCOME_MEAN, ADJUSTED, F)
"""Terms of these statistics in the long schema, and their names among ``statistics``."""


def foot_statistics(regression: Regression, settings: Mapping[str, Any], likelihood: bool = False) -> list[Diagnostic]:
    """Return those of the statistics that ``settings`` asks for.

    ``likelihood``: the model is fitted by likelihood, and has neither an adjusted R² nor this F.
    """
    asked = [name for name in settings.get("statistics", ()) if name in OWN]
    return [_statistic(name, regression, settings, likelihood) for name in asked]


def foot_frames(
    regression: Regression, settings: Mapping[str, Any], study: str, exhibit: str, column: str, likelihood: bool = False
) -> list[pd.DataFrame]:
    """Return the rows of the long schema of those that ``settings`` asks for."""
    return [one.long(study, exhibit, column) for one in foot_statistics(regression, settings, likelihood)]


def _statistic(name: str, regression: Regression, settings: Mapping[str, Any], likelihood: bool) -> Diagnostic:
    if name == OUTCOME_MEAN:
        return Diagnostic(name, outcome_mean(regression, str(settings["outcome"])))
    if likelihood:
        return Diagnostic(name, float("nan"), reason=say("not defined for a model that is fitted by likelihood"))
    return (_adjusted if name == ADJUSTED else _f)(regression, settings["fixed_effects"])


def outcome_mean(regression: Regression, outcome: str) -> float:
    """Return the mean of the outcome over the rows of a regression, by their weights where they have some."""
    values = regression.sample.frame[outcome].to_numpy(dtype=np.float64)
    return float(np.average(values, weights=regression.sample.weights))


def _adjusted(regression: Regression, fixed_effects: Iterable[str]) -> Diagnostic:
    """Return 1 - (1 - R²)(N - 1)/(N - K), K with every level of the fixed effects, also nested ones."""
    fit = regression.fit
    effects = effects_of(regression.sample.frame, list(fixed_effects))
    parameters = count_parameters(len([t for t in fit.terms if t != CONSTANT]), effects, None, "areg")
    if fit.n_obs <= parameters:
        return Diagnostic(ADJUSTED, float("nan"), reason=say("no degree of freedom is left"))
    return Diagnostic(ADJUSTED, 1 - (1 - fit.r2) * (fit.n_obs - 1) / (fit.n_obs - parameters))


def _f(regression: Regression, _: Iterable[str]) -> Diagnostic:
    """Return the F of all regressors but the constant being zero, under the covariance of the estimates."""
    from scipy import stats

    fit = regression.fit
    at = [n for n, term in enumerate(fit.terms) if term != CONSTANT]
    b, V = fit.coef[at], fit.vcov[np.ix_(at, at)]
    scale = np.sqrt(np.diag(V))
    if not (scale > 0).all() or np.linalg.matrix_rank(V / np.outer(scale, scale), hermitian=True) < len(at):
        why = say("the covariance of its {n} regressors is singular, as with fewer clusters than regressors", n=len(at))
        return Diagnostic(F, float("nan"), reason=why)
    value = float(b @ np.linalg.solve(V, b)) / len(at)
    p = stats.f.sf(value, len(at), fit.df) if np.isfinite(fit.df) else stats.chi2.sf(value * len(at), len(at))
    return Diagnostic(F, value, p=float(p), df=float(len(at)))
