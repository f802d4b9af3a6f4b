"""Statistics at the foot of a regression table that are rows of their own: moments of the outcome, fit, criteria."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from shidian.did.twfe import CONSTANT
from shidian.estimates import Fit
from shidian.exhibits.diagnostics import Diagnostic
from shidian.inference.effects import effects_of
from shidian.inference.sample import Sample
from shidian.inference.small_sample import count_parameters
from shidian.inference.weights import weights_of
from shidian.messages import say


class Fitted(Protocol):
    """What these statistics are computed from: a fit, and the rows behind it."""

    @property
    def fit(self) -> Fit:
        """Coefficients, covariance and counts."""
        ...

    @property
    def sample(self) -> Sample:
        """Rows used."""
        ...


@dataclass(frozen=True)
class OfSample:
    """A fit beside the rows that it used, of a method that keeps them apart."""

    fit: Fit
    sample: Sample


def foot_statistics(regression: Fitted, settings: Mapping[str, Any], method: str = "ols") -> list[Diagnostic]:
    """Return those of the statistics that ``settings`` asks for.

    Args:
        regression: a fit and its rows.
        settings: those of its column: outcome, treatment, fixed effects, weights, statistics.
        method: "ols"; "likelihood", which has of these the moments of the outcome alone; "iv" for two stages, which
            have no likelihood.
    """
    found = []
    for name in settings.get("statistics", ()):
        if name in _OF_OUTCOME:
            found.append(replace(_OF_OUTCOME[name](regression, settings), term=name))
        elif name in _OF_FIT and method == "likelihood":
            why = say("not defined for a model that is fitted by likelihood")
            found.append(Diagnostic(name, float("nan"), reason=why))
        elif name in _OF_LIKELIHOOD and method == "iv":
            found.append(Diagnostic(name, float("nan"), reason=say("two-stage least squares has no likelihood")))
        elif name in _OF_FIT:
            found.append(replace(_OF_FIT[name](regression, settings), term=name))
    return found


def foot_frames(
    regression: Fitted, settings: Mapping[str, Any], study: str, exhibit: str, column: str, method: str = "ols"
) -> list[pd.DataFrame]:
    """Return the rows of the long schema of those that ``settings`` asks for."""
    return [one.long(study, exhibit, column) for one in foot_statistics(regression, settings, method)]


def with_foot(
    estimates: pd.DataFrame, regression: Fitted, settings: Mapping[str, Any], method: str = "ols"
) -> pd.DataFrame:
    """Return the estimates of one column with the rows of the statistics that ``settings`` asks for."""
    if estimates.empty:
        return estimates
    study, exhibit, column = (str(estimates[name].iloc[0]) for name in ("study", "exhibit", "column"))
    more = foot_frames(regression, settings, study, exhibit, column, method)
    return pd.concat([estimates, *more], ignore_index=True) if more else estimates


def outcome_mean(regression: Fitted, outcome: str) -> float:
    """Return the mean of the outcome over the rows of a regression, by their weights where they have some."""
    values = regression.sample.frame[outcome].to_numpy(dtype=np.float64)
    return float(np.average(values, weights=regression.sample.weights))


def _mean(regression: Fitted, settings: Mapping[str, Any]) -> Diagnostic:
    return Diagnostic("", outcome_mean(regression, str(settings["outcome"])))


def _sd(regression: Fitted, settings: Mapping[str, Any]) -> Diagnostic:
    """Return the standard deviation of the outcome, by weights that add up to N where rows have some."""
    n = regression.fit.n_obs
    if n < 2:
        return Diagnostic("", float("nan"), reason=say("no degree of freedom is left"))
    return Diagnostic("", math.sqrt(_total(regression, settings) / (n - 1)))


def _control_mean(regression: Fitted, settings: Mapping[str, Any]) -> Diagnostic:
    """Return the mean of the outcome over the rows whose treatment is zero."""
    frame, name = regression.sample.frame, str(settings.get("treatment", ""))
    treated = frame[name].to_numpy(dtype=np.float64) if name in frame.columns else np.array([np.nan])
    if not np.isin(treated, (0.0, 1.0)).all():
        return Diagnostic("", float("nan"), reason=say("the regression has no treatment that is 0 or 1"))
    rest = treated == 0
    if not rest.any():
        return Diagnostic("", float("nan"), reason=say("all rows are treated"))
    values, weights = frame[str(settings["outcome"])].to_numpy(dtype=np.float64), regression.sample.weights
    return Diagnostic("", float(np.average(values[rest], weights=None if weights is None else weights[rest])))


def _adjusted(regression: Fitted, settings: Mapping[str, Any]) -> Diagnostic:
    """Return 1 - (1 - R²)(N - 1)/(N - K), K with every level of the fixed effects, also nested ones."""
    fit, parameters = regression.fit, _parameters(regression, settings["fixed_effects"])
    if fit.n_obs <= parameters:
        return Diagnostic("", float("nan"), reason=say("no degree of freedom is left"))
    return Diagnostic("", 1 - (1 - fit.r2) * (fit.n_obs - 1) / (fit.n_obs - parameters))


def _f(regression: Fitted, _: Mapping[str, Any]) -> Diagnostic:
    """Return the F of all regressors but the constant being zero, under the covariance of the estimates."""
    from scipy import stats

    fit = regression.fit
    at = [n for n, term in enumerate(fit.terms) if term != CONSTANT]
    b, V = fit.coef[at], fit.vcov[np.ix_(at, at)]
    scale = np.sqrt(np.diag(V))
    if not (scale > 0).all() or np.linalg.matrix_rank(V / np.outer(scale, scale), hermitian=True) < len(at):
        why = say("the covariance of its {n} regressors is singular, as with fewer clusters than regressors", n=len(at))
        return Diagnostic("", float("nan"), reason=why)
    value = float(b @ np.linalg.solve(V, b)) / len(at)
    p = stats.f.sf(value, len(at), fit.df) if np.isfinite(fit.df) else stats.chi2.sf(value * len(at), len(at))
    return Diagnostic("", value, p=float(p), df=float(len(at)))


def _rmse(regression: Fitted, settings: Mapping[str, Any]) -> Diagnostic:
    """Return the root of the residual sum of squares over N - K, K as of the adjusted R²."""
    left = regression.fit.n_obs - _parameters(regression, settings["fixed_effects"])
    if left <= 0:
        return Diagnostic("", float("nan"), reason=say("no degree of freedom is left"))
    return Diagnostic("", math.sqrt(_residual(regression, settings) / left))


def _log_likelihood(regression: Fitted, settings: Mapping[str, Any]) -> Diagnostic:
    """Return the log likelihood of normal disturbances at the least squares estimates."""
    weighting, n = weights_of(settings), regression.fit.n_obs
    if weighting is not None and not weighting.counts:
        return Diagnostic("", float("nan"), reason=say("not defined with weights that are no frequencies"))
    squares = _residual(regression, settings)
    if squares <= 1e-12 * _total(regression, settings):
        return Diagnostic("", float("nan"), reason=say("the regression fits exactly"))
    return Diagnostic("", -n / 2 * (math.log(2 * math.pi) + math.log(squares / n) + 1))


def _criterion(regression: Fitted, settings: Mapping[str, Any], each: float) -> Diagnostic:
    """Return -2 log likelihood + ``each`` K, K with every level of the fixed effects and the constant."""
    found = _log_likelihood(regression, settings)
    return replace(found, value=-2 * found.value + each * _parameters(regression, settings["fixed_effects"]))


def _aic(regression: Fitted, settings: Mapping[str, Any]) -> Diagnostic:
    return _criterion(regression, settings, 2.0)


def _bic(regression: Fitted, settings: Mapping[str, Any]) -> Diagnostic:
    return _criterion(regression, settings, math.log(regression.fit.n_obs))


def _parameters(regression: Fitted, fixed_effects: Iterable[str]) -> int:
    effects = effects_of(regression.sample.frame, list(fixed_effects))
    return count_parameters(len([t for t in regression.fit.terms if t != CONSTANT]), effects, None, "areg")


def _total(regression: Fitted, settings: Mapping[str, Any]) -> float:
    """Return the total sum of squares of the outcome, by weights that add up to N where rows have some."""
    values = regression.sample.frame[str(settings["outcome"])].to_numpy(dtype=np.float64)
    deviations = (values - outcome_mean(regression, str(settings["outcome"]))) ** 2
    return regression.fit.n_obs * float(np.average(deviations, weights=regression.sample.weights))


def _residual(regression: Fitted, settings: Mapping[str, Any]) -> float:
    return max(0.0, (1 - regression.fit.r2) * _total(regression, settings))


_Of = Mapping[str, Callable[[Fitted, Mapping[str, Any]], Diagnostic]]
_OF_OUTCOME: _Of = {"outcome_mean": _mean, "outcome_sd": _sd, "control_mean": _control_mean}
_OF_LIKELIHOOD: _Of = {"log_likelihood": _log_likelihood, "aic": _aic, "bic": _bic}
_OF_FIT: _Of = {"r2_adjusted": _adjusted, "f": _f, "rmse": _rmse, **_OF_LIKELIHOOD}
"""Names among ``statistics``, which are their terms in the long schema too -> what computes them."""
