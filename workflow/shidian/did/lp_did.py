"""Local projections DID (Dube, Girardi, Jordà & Taylor 2023), all horizons in one regression.

For each horizon h: ``y_{i,t+h} - y_{i,b(t)} = beta_h 1[t = g_i] + delta_t^h + e`` on units that adopt in t and on clean
controls, not treated by max(t, t+h). The base b(t) is t-1, less the years of anticipation; where the units that adopt
in t are not observed then together with units that adopt later, the last year before in which they are. Stacking the
horizons, with effects of year by horizon, gives the coefficients of the separate regressions and their joint
covariance. Variance-weighted, as in the paper's baseline. diff-diff is the peer in the tests; its pooled effect keeps
only units observed at every horizon, ours averages the horizons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.did.cohort_base import cohort_cells
from shidian.did.event_study import term_name
from shidian.did.twfe import Regression, regress
from shidian.errors import EstimationError
from shidian.inference.small_sample import Convention
from shidian.messages import say


@dataclass(frozen=True)
class LocalProjections:
    """The stacked regression and its averages.

    Attributes:
        regression: the regression; its first terms are the horizons.
        taus: horizons with an estimate, in order.
        effects: (k,) effects at ``taus``.
        vcov: (k, k) their covariance.
        att: mean effect over horizons from 0 on, weighted by the units that adopt, or by their weights.
        att_se: its standard error.
        bases: adoption year -> base year; none where no year before adoption can be one.
        cells: one row a cohort and horizon that is observed: cohort, tau, year, adopters (units observed in the year),
            used (those observed in the base year too), reason (why they have no control to compare with).
        unit_years: unit and year of the rows of the panel whose differences enter.
    """

    regression: Regression
    taus: tuple[int, ...]
    effects: np.ndarray
    vcov: np.ndarray
    att: float
    att_se: float
    bases: dict[int, int]
    cells: pd.DataFrame
    unit_years: pd.DataFrame


def fit_lp_did(
    panel: pd.DataFrame, outcome: str, controls: Sequence[str], first: int, last: int, cluster: str = "unit",
    ssc: Convention = "reghdfe", anticipation: int = 0, weights: str | None = None, at_base: bool = False,
) -> LocalProjections:  # fmt: skip
    """Estimate LP-DID for horizons ``first`` (< 0) to ``last``; controls enter at the base, one slope a horizon.

    Args:
        panel: unit, year, adoption_year (missing = never treated), outcome, controls, cluster.
        outcome: name of the outcome.
        controls: further regressors.
        first: first horizon.
        last: last horizon.
        cluster: column to cluster by.
        ssc: small-sample convention.
        anticipation: years before adoption in which there may be an effect already.
        weights: column of weights above zero; None = each row counts as one.
        at_base: whether a long difference has the weight of its base year, in the place of that of its other year.

    Raises:
        EstimationError: no horizon has both adopting units and clean controls, or what ``regress`` raises.
    """
    horizons = list(range(first, last + 1))
    bases = event_bases(panel, anticipation)
    columns = list(dict.fromkeys(["unit", "year", "adoption_year", outcome, *controls, cluster]))
    known = panel[columns] if weights is None else panel[columns].assign(_weight=panel[weights])
    parts = [long_differences(known, outcome, controls, h, bases, anticipation, at_base) for h in horizons]
    rows = pd.concat(parts, ignore_index=True)
    usual = rows["_horizon"].eq(-1 - anticipation)  # the base of most years, whose other years have no part in it
    rows = rows[~usual | rows.groupby(["year", "_horizon"])["_adopts"].transform("any")]
    cells, stacked = _compared(panel, rows, bases, horizons)
    for h in horizons:
        here = (stacked["_horizon"] == h).to_numpy()
        stacked[term_name(h)] = here * stacked["_adopts"].to_numpy()
        for name in controls:
            stacked[slope_name(name, h)] = here * stacked[name].to_numpy()
    stacked["_year_horizon"] = stacked["year"].astype(str) + "@" + stacked["_horizon"].astype(str)
    terms = [term_name(h) for h in horizons if stacked[term_name(h)].any()]
    if not any(h >= 0 and term_name(h) in terms for h in horizons):
        raise EstimationError(say("no horizon has units that adopt and clean controls to compare them with"))
    slopes = [t for name in controls for h in horizons if stacked[t := slope_name(name, h)].any()]
    by = {"kind": "cluster", "by": cluster}
    change = str(say("change in {outcome}", outcome=outcome))
    stacked = stacked.rename(columns={"_change": change})
    # a change alone in its year and horizon has nothing to compare with, and must not weigh in the averages
    regression = regress(
        stacked, change, [*terms, *slopes], ["_year_horizon"], by, ssc, singletons="drop",
        weights=None if weights is None else "_weight",
    )  # fmt: skip
    fit = regression.fit
    kept = [h for h in horizons if term_name(h) in fit.terms]
    index = [fit.terms.index(term_name(h)) for h in kept]
    b, V = fit.coef[index], fit.vcov[np.ix_(index, index)]
    adopters = regression.sample.frame[[term_name(h) for h in kept]]
    if regression.sample.weights is not None:
        adopters = adopters.mul(regression.sample.weights, axis=0)
    w = np.where(np.array(kept) >= 0, adopters.sum().to_numpy(), 0.0)
    w = w / w.sum()
    ends = _ends(stacked.loc[regression.sample.rows])
    adopted = {g: base for g, base in bases.items() if (panel["adoption_year"] == g).any()}
    return LocalProjections(
        regression, tuple(kept), b, V, float(w @ b), float(np.sqrt(w @ V @ w)), adopted, cells, ends
    )


def slope_name(control: str, horizon: int) -> str:
    """Return the name of a control's slope at one horizon."""
    return f"{control}@{horizon}"


def _ends(rows: pd.DataFrame) -> pd.DataFrame:
    """Return unit and year of both ends of long differences, each once."""
    ends = [rows[["unit", year]].set_axis(["unit", "year"], axis=1) for year in ("_seen", "_base_year")]
    return pd.concat(ends, ignore_index=True).drop_duplicates(ignore_index=True)


def event_bases(panel: pd.DataFrame, anticipation: int = 0) -> dict[int, int]:
    """Return the base year of each year in which units adopt, and of each other year of the panel.

    Of a year of adoption: the last one before it, and before the anticipation, in which both units that adopt then
    and units that adopt later are observed; where none adopt later, in which the former are. Of another year, that has
    controls alone: the panel's last one before.
    """
    adopted = panel["adoption_year"].astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    years = np.unique(panel["year"])
    bases = {int(t): int(years[years < t - anticipation][-1]) for t in years if (years < t - anticipation).any()}
    for g in np.unique(adopted[np.isfinite(adopted)]).astype(int).tolist():
        bases.pop(g, None)
        later = panel.loc[adopted > g + anticipation, "year"]
        cells = cohort_cells(panel[adopted == g], anticipation, set(later) or None)
        if cells["base"].notna().any():
            bases[g] = int(cells["base"].max())
    return bases


def long_differences(
    panel: pd.DataFrame, outcome: str, controls: Sequence[str], h: int, bases: Mapping[int, int], anticipation: int = 0,
    at_base: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Return y_{t+h} - y_{b(t)} of units that adopt in t and of units not treated by max(t, t+h), b(t) itself aside.

    Rows with ``_weight`` keep that of t+h, or have that of b(t) where ``at_base``.
    """
    ahead = panel.drop(columns=list(controls)).rename(columns={outcome: "_ahead"}).assign(_seen=panel["year"])
    ahead["year"] = ahead["year"] - h
    ahead["_base_year"] = ahead["year"].map(bases)
    ahead = ahead[ahead["_base_year"].notna() & (ahead["_base_year"] != ahead["_seen"])]
    own = ["_weight"] * at_base
    ahead = ahead.drop(columns=own)
    base = panel[["unit", "year", outcome, *controls, *own]].rename(columns={"year": "_base_year", outcome: "_base"})
    rows = ahead.merge(base, on=["unit", "_base_year"])
    adopted = rows["adoption_year"].astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    year = rows["year"].to_numpy()
    adopts, clean = adopted == year, adopted - anticipation > np.maximum(year, year + h)
    rows = rows.assign(_change=rows["_ahead"] - rows["_base"], _adopts=adopts.astype(float), _horizon=h)
    return rows[adopts | clean].drop(columns=["_ahead", "_base", "adoption_year"])


def _compared(
    panel: pd.DataFrame, rows: pd.DataFrame, bases: Mapping[int, int], horizons: Sequence[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the cells of cohort and horizon, and the rows without adopting units that have nobody to compare with."""
    both = rows.groupby(["year", "_horizon"])["_adopts"].agg(["sum", "size"])
    alone = set(both.index[both["sum"] == both["size"]])
    cells = cohort_cells(panel)
    cells = cells[cells["tau"].isin(horizons) & (cells["year"] != cells["cohort"].map(bases))]
    keys = list(zip(cells["cohort"], cells["tau"], strict=True))
    used = [int(both["sum"].get(key, 0)) for key in keys]
    reasons = [
        say("no year before adoption to compare with") if g not in bases
        else say("no unit that adopts then is observed in the base year {base} too", base=bases[g]) if not n
        else say("no clean control is observed in both years") if (g, tau) in alone else ""
        for (g, tau), n in zip(keys, used, strict=True)
    ]  # fmt: skip
    cells = cells.assign(adopters=cells["units"], used=used, reason=reasons)[
        ["cohort", "tau", "year", "adopters", "used", "reason"]
    ].reset_index(drop=True)
    lone = pd.Series(list(zip(rows["year"], rows["_horizon"], strict=True)), index=rows.index).isin(alone)
    return cells, rows[~lone].reset_index(drop=True)
