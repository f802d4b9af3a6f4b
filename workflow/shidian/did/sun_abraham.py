"""Sun & Abraham (2021): an event study saturated in cohorts, averaged with the cohorts' shares.

Engine: the regression of ``shidian.did.twfe`` on cohort x relative-time dummies; the weights are the shares of rows,
taken as given in the standard errors, as ``sunab`` of R's fixest takes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.did.event_study import relative_time
from shidian.did.twfe import Regression, regress
from shidian.errors import EstimationError
from shidian.inference.covariance import VcovLike
from shidian.inference.small_sample import Convention
from shidian.variance import roots


@dataclass(frozen=True)
class SunAbraham:
    """The saturated regression and its averages.

    Attributes:
        regression: the regression; its terms are ``g<cohort>tau<time>`` and the controls.
        taus: relative times with an estimate, in order.
        effects: (k,) averages over cohorts at each of ``taus``.
        vcov: (k, k) their covariance.
        att: average over all cohorts and times after adoption, weighted by rows.
        att_se: its standard error.
        cohorts: cohort -> (average over its times after adoption, standard error).
    """

    regression: Regression
    taus: tuple[int, ...]
    effects: np.ndarray
    vcov: np.ndarray
    att: float
    att_se: float
    cohorts: dict[int, tuple[float, float]]


def fit_sun_abraham(
    panel: pd.DataFrame,
    outcome: str,
    controls: Sequence[str],
    fixed_effects: Sequence[str],
    vcov: VcovLike = "iid",
    ssc: Convention = "fixest",
    reference: int = -1,
    unit: str = "unit",
) -> SunAbraham:
    """Estimate the interaction-weighted event study; cohorts need a never-treated group to compare with.

    Args:
        panel: unit, year, adoption_year (missing = never treated), outcome, controls.
        outcome: name of the outcome.
        controls: further regressors.
        fixed_effects: names of the fixed effects.
        vcov: kind of standard error.
        ssc: small-sample convention.
        reference: relative time without a dummy.
        unit: column of units.

    Raises:
        EstimationError: no treated or no never-treated unit, or what ``regress`` raises.
    """
    tau = relative_time(panel)
    if tau.isna().all():
        raise EstimationError("Sun-Abraham needs treated units: no adoption year in the sample")
    if tau.notna().all():
        raise EstimationError("Sun-Abraham needs never-treated units to compare the cohorts with, and there are none")
    cohort = panel["adoption_year"].astype("Int64")
    pairs = pd.DataFrame({"g": cohort, "tau": tau}).dropna().drop_duplicates().sort_values(["g", "tau"])
    pairs = pairs[pairs["tau"] != reference].astype("int64")
    g, k = cohort.fillna(0).to_numpy(dtype=np.int64), tau.fillna(10**6).to_numpy(dtype=np.int64)
    names = {(a, b): f"g{a}tau{b:+d}" for a, b in pairs.itertuples(index=False)}
    dummies = {name: ((g == a) & (k == b)).astype(np.float64) for (a, b), name in names.items()}
    data = pd.concat([panel, pd.DataFrame(dummies, index=panel.index)], axis=1)
    regression = regress(data, outcome, [*dummies, *controls], fixed_effects, vcov, ssc, unit)
    rows = {pair: float(regression.sample.frame[name].sum()) for pair, name in names.items()}
    return _average(regression, names, rows)


def _average(
    regression: Regression, names: dict[tuple[int, int], str], rows: dict[tuple[int, int], float]
) -> SunAbraham:
    fit = regression.fit
    cells = pd.DataFrame([
        {"cohort": g, "tau": t, "rows": rows[(g, t)], "position": fit.terms.index(name)}
        for (g, t), name in names.items() if name in fit.terms
    ])  # fmt: skip
    after = cells["tau"] >= 0
    if not after.any():
        raise EstimationError("no cohort has an estimate after adoption")

    def weights(chosen: pd.Series) -> np.ndarray:
        w = np.zeros(len(fit.terms))
        w[cells.loc[chosen, "position"]] = cells.loc[chosen, "rows"] / cells.loc[chosen, "rows"].sum()
        return w

    def average(w: np.ndarray) -> tuple[float, float]:
        return float(w @ fit.coef), float(roots(w @ fit.vcov @ w))

    taus = sorted(cells["tau"].unique().tolist())
    W = np.array([weights(cells["tau"] == tau) for tau in taus])
    treated = sorted(cells.loc[after, "cohort"].unique().tolist())
    cohorts = {g: average(weights(after & (cells["cohort"] == g))) for g in treated}
    att, att_se = average(weights(after))
    return SunAbraham(regression, tuple(taus), W @ fit.coef, W @ fit.vcov @ W.T, att, att_se, cohorts)
