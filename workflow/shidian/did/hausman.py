"""The Hausman (1978) test of fixed against random unit effects, and its regression form that takes clustered errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from shidian.crossed import slope_of
from shidian.did.random_effects import least_squares, quasi_demean, unit_means
from shidian.did.twfe import regress
from shidian.did.within import independent_columns
from shidian.errors import EstimationError
from shidian.inference.covariance import Vcov, VcovLike, ols_covariance
from shidian.inference.scaled import inverse, quadratic_form, scales
from shidian.inference.small_sample import Convention
from shidian.messages import say

NO_UNIT = say("the Hausman test compares fixed with random unit effects, and the model has no unit effect")

Variance = Literal["own", "sigmamore"]


@dataclass(frozen=True)
class HausmanTest:
    """One form of the test.

    Attributes:
        statistic: χ²(df), or F(df, df2) in the regression form; nan with ``reason``.
        df: coefficients compared.
        df2: second degrees of freedom of F; inf for χ².
        p: p-value.
        n_obs: rows.
        n_units: units.
        reason: why there is no statistic.
    """

    statistic: float
    df: int
    df2: float
    p: float
    n_obs: int
    n_units: int
    reason: str = ""


def hausman(
    panel: pd.DataFrame, outcome: str, regressors: Sequence[str], fixed_effects: Sequence[str],
    variance: Variance = "own", unit: str = "unit",
) -> HausmanTest:  # fmt: skip
    """Return d'(V_F − V_R)⁻¹d, with d the difference of the slopes and both covariances conventional.

    ``variance`` "own": each model's own error variance, as Stata's ``hausman`` and plm's ``phtest``; the difference of
    the covariances may then not be positive definite, which leaves no statistic. "sigmamore": both with that of the
    random-effects model, as Stata's option of that name; the difference is positive definite by construction.
    Regressors that do not vary within units stand in the random-effects model, other fixed effects in both as dummies;
    neither are compared.

    Raises:
        EstimationError: no unit effect among the fixed effects, or a model that cannot be estimated.
    """
    others = _others(fixed_effects, unit)
    data = quasi_demean(panel, outcome, regressors, others, unit)
    coef, e, X = least_squares(data.columns, data.y)
    narrow = inverse(X.T @ X) * float(e @ e) / (len(e) - len(coef))
    fixed = regress(data.frame, outcome, regressors, [unit, *others], "iid", "areg", unit).fit
    names = [name for name in fixed.terms if name in data.columns]
    f, r = [fixed.terms.index(t) for t in names], [list(data.columns).index(t) for t in names]
    d, wide = fixed.coef[f] - coef[r], fixed.vcov[np.ix_(f, f)]
    if variance == "sigmamore":
        wide = wide * float(e @ e) / (len(e) - len(coef)) / data.sigma_e**2
    V, scale, counts = wide - narrow[np.ix_(r, r)], scales(wide), (fixed.n_obs, fixed.n_units)
    statistic = quadratic_form(d, V)
    if np.linalg.eigvalsh(V / np.outer(scale, scale)).min() <= 1e-10:
        reason = say(
            "V(fixed) − V(random) is not positive definite, so that d'(V_F − V_R)⁻¹d = {statistic:.4f} is no χ²; read "
            "the regression form, or give both models one error variance (hausman: sigmamore)",
            statistic=statistic,
        )
        return HausmanTest(float("nan"), len(d), float("inf"), float("nan"), *counts, reason)
    return HausmanTest(statistic, len(d), float("inf"), float(stats.chi2.sf(statistic, len(d))), *counts)


def mundlak(
    panel: pd.DataFrame, outcome: str, regressors: Sequence[str], fixed_effects: Sequence[str],
    vcov: VcovLike = "iid", ssc: Convention = "reghdfe", unit: str = "unit",
) -> HausmanTest:  # fmt: skip
    """Return the test in regression form: are the unit means of the regressors zero beside them in the RE model?

    Mundlak (1978); Wooldridge (2010, section 10.7.3). The quasi-demeaned regression takes any covariance, so that the
    test holds under the errors of the table, which the difference of conventional covariances does not.

    Raises:
        EstimationError: see ``hausman``; no regressor varies within and between units.
    """
    others, errors = _others(fixed_effects, unit), Vcov.parse(vcov)
    data = quasi_demean(panel, outcome, regressors, others, unit, errors.clusters)
    codes = data.frame["_unit"].to_numpy()
    means = {f"mean({name})": unit_means(data.raw[name], codes) for name in data.within if name in data.raw}
    columns = dict(data.columns) | {name: data.starred(x) for name, x in means.items()}
    stacked = np.column_stack(list(columns.values()))
    kept = independent_columns(stacked, np.empty((len(stacked), 0)))
    columns = {name: column for j, (name, column) in enumerate(columns.items()) if j in kept}
    at = [j for j, name in enumerate(columns) if name in means]
    if not at:
        raise EstimationError(say("no regressor varies both within and between units: there is nothing to compare"))
    coef, e, X = least_squares(columns, data.y)
    inference = ols_covariance(X, e, data.frame, [], errors, ssc)
    F = quadratic_form(coef[at], inference.vcov[np.ix_(at, at)]) / len(at)
    p = float(stats.f.sf(F, len(at), inference.df))
    return HausmanTest(F, len(at), inference.df, p, len(e), int(codes.max()) + 1)


def _others(fixed_effects: Sequence[str], unit: str) -> list[str]:
    if unit not in fixed_effects:
        raise EstimationError(NO_UNIT)
    if slopes := [effect for effect in fixed_effects if slope_of(effect)]:
        raise EstimationError(
            say("no Hausman test beside '{effect}': random effects have no slopes of units or groups", effect=slopes[0])
        )
    return [effect for effect in fixed_effects if effect != unit]
