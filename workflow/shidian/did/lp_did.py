"""Local projections DID (Dube, Girardi, Jordà & Taylor 2023), all horizons in one regression.

For each horizon h: ``y_{i,t+h} - y_{i,t-1} = beta_h 1[t = g_i] + delta_t^h + e`` on units that adopt in t and on clean
controls, not treated by max(t, t+h). Stacking the horizons, with effects of year by horizon, gives the coefficients
of the separate regressions and their joint covariance. Variance-weighted, as in the paper's baseline. diff-diff is
the peer in the tests; its pooled effect keeps only units observed at every horizon, ours averages the horizons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.did.event_study import term_name
from shidian.did.twfe import Regression, regress
from shidian.errors import EstimationError
from shidian.inference.small_sample import Convention
from shidian.variance import roots


@dataclass(frozen=True)
class LocalProjections:
    """The stacked regression and its averages.

    Attributes:
        regression: the regression; its first terms are the horizons.
        taus: horizons with an estimate, in order (-1 is the base).
        effects: (k,) effects at ``taus``.
        vcov: (k, k) their covariance.
        att: mean effect over horizons from 0 on, weighted by the units that adopt.
        att_se: its standard error.
    """

    regression: Regression
    taus: tuple[int, ...]
    effects: np.ndarray
    vcov: np.ndarray
    att: float
    att_se: float


def fit_lp_did(
    panel: pd.DataFrame, outcome: str, controls: Sequence[str], first: int, last: int, cluster: str = "unit",
    ssc: Convention = "reghdfe",
) -> LocalProjections:  # fmt: skip
    """Estimate LP-DID for horizons ``first`` (< 0) to ``last``; controls enter at t-1, one slope a horizon.

    Raises:
        EstimationError: no horizon has both adopting units and clean controls, or what ``regress`` raises.
    """
    horizons = [h for h in range(first, last + 1) if h != -1]
    parts = [long_differences(panel, outcome, controls, h, cluster) for h in horizons]
    stacked = pd.concat(parts, ignore_index=True)
    for h in horizons:
        here = (stacked["horizon"] == h).to_numpy()
        stacked[term_name(h)] = here * stacked["adopts"].to_numpy()
        for name in controls:
            stacked[f"{name}@{h}"] = here * stacked[name].to_numpy()
    stacked["year_horizon"] = stacked["year"].astype(str) + "@" + stacked["horizon"].astype(str)
    terms = [term_name(h) for h in horizons if stacked[term_name(h)].any()]
    if not any(h >= 0 and term_name(h) in terms for h in horizons):
        raise EstimationError("no horizon has units that adopt and clean controls to compare them with")
    slopes = [f"{name}@{h}" for name in controls for h in horizons if stacked[f"{name}@{h}"].any()]
    by = {"kind": "cluster", "by": cluster}
    change = f"change in {outcome}"
    stacked = stacked.rename(columns={"change": change})
    regression = regress(stacked, change, [*terms, *slopes], ["year_horizon"], by, ssc)
    fit = regression.fit
    kept = [h for h in horizons if term_name(h) in fit.terms]
    index = [fit.terms.index(term_name(h)) for h in kept]
    b, V = fit.coef[index], fit.vcov[np.ix_(index, index)]
    adopters = regression.sample.frame[[term_name(h) for h in kept]].sum().to_numpy()
    w = np.where(np.array(kept) >= 0, adopters, 0.0)
    w = w / w.sum()
    return LocalProjections(regression, tuple(kept), b, V, float(w @ b), float(roots(w @ V @ w)))


def long_differences(panel: pd.DataFrame, outcome: str, controls: Sequence[str], h: int, cluster: str) -> pd.DataFrame:
    """Return y_{t+h} - y_{t-1} of units that adopt in t and of units not treated by max(t, t+h)."""
    keys = ["unit", "year"]
    base = panel[[*keys, outcome, *controls]].assign(year=panel["year"] + 1).rename(columns={outcome: "_base"})
    ahead = panel[[*keys, outcome]].assign(year=panel["year"] - h).rename(columns={outcome: "_ahead"})
    now = panel[list(dict.fromkeys([*keys, "adoption_year", cluster]))]
    rows = now.merge(base, on=keys).merge(ahead, on=keys)
    adopted = rows["adoption_year"].astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    year = rows["year"].to_numpy()
    adopts, clean = adopted == year, adopted > np.maximum(year, year + h)
    rows = rows.assign(change=rows["_ahead"] - rows["_base"], adopts=adopts.astype(float), horizon=h)
    return rows[adopts | clean].drop(columns=["_ahead", "_base", "adoption_year"])
