"""Sun & Abraham (2021): an event study saturated in cohorts, averaged with the cohorts' shares.

Engine: the regression of ``shidian.did.twfe`` on dummies of cohort x year; the weights are the shares of rows (or of
their weights, where rows have some), taken as given in the standard errors, as ``sunab`` of R's fixest takes them. Each
cohort has its own base: its last period observed before adoption in which never-treated units are observed too
(``shidian.did.cohort_base``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.did.cohort_base import base_years, bases_of, cohort_cells, links
from shidian.did.twfe import Regression, regress
from shidian.errors import EstimationError
from shidian.inference.covariance import Vcov, VcovLike
from shidian.inference.sample import Singletons, estimation_sample, singletons_of
from shidian.inference.small_sample import Convention
from shidian.inference.weights import Weighting, WeightingLike
from shidian.messages import say
from shidian.variance import roots


@dataclass(frozen=True)
class SunAbraham:
    """The saturated regression and its averages.

    Attributes:
        regression: the regression; its terms are ``g<cohort>tau<time>`` and the controls.
        taus: relative times with an estimate, in order.
        effects: (k,) averages over cohorts at each of ``taus``.
        vcov: (k, k) their covariance.
        att: average over all cohorts and times after adoption, weighted by rows (or their weights).
        att_se: its standard error.
        cohorts: cohort -> (average over its times after adoption, standard error).
        bases: cohort -> base years.
        cells: one row a cell of cohort and year beside the bases: cohort, tau, year, base, rows, reason (why it has no
            estimate).
        without_base: cohorts without any period before adoption to compare with, which are left out.
    """

    regression: Regression
    taus: tuple[int, ...]
    effects: np.ndarray
    vcov: np.ndarray
    att: float
    att_se: float
    cohorts: dict[int, tuple[float, float]]
    bases: Mapping[int, tuple[int, ...]]
    cells: pd.DataFrame
    without_base: tuple[int, ...] = ()


def fit_sun_abraham(
    panel: pd.DataFrame,
    outcome: str,
    controls: Sequence[str],
    fixed_effects: Sequence[str],
    vcov: VcovLike = "iid",
    ssc: Convention = "fixest",
    anticipation: int = 0,
    unit: str = "unit",
    singletons: Singletons | None = None,
    weights: WeightingLike = None,
) -> SunAbraham:
    """Estimate the interaction-weighted event study; cohorts need a never-treated group to compare with.

    Args:
        panel: unit, year, adoption_year (missing = never treated), outcome, controls.
        outcome: name of the outcome.
        controls: further regressors.
        fixed_effects: names of the fixed effects.
        vcov: kind of standard error.
        ssc: small-sample convention.
        anticipation: years before adoption in which there may be an effect already.
        unit: column of units.
        singletons: dropped or kept; None = as the software of ``ssc`` does.
        weights: variable that weights the rows, with its kind (``shidian.inference.weights``).

    Raises:
        EstimationError: no treated or no never-treated unit, no effect after adoption that the sample identifies, or
            what ``regress`` raises.
    """
    panel = panel.assign(unit=panel[unit]) if unit != "unit" else panel
    columns = [outcome, *controls, *Vcov.parse(vcov).clusters]
    alone = singletons_of(ssc, singletons)
    weighting, carried = Weighting.parse(weights), ["unit", "year", "adoption_year"]
    frame = estimation_sample(panel, columns, fixed_effects, carried, alone, weighting).frame
    never = frame["adoption_year"].isna()
    if never.all():
        raise EstimationError(say("Sun-Abraham needs treated units: no adoption year in the sample"))
    if not never.any():
        raise EstimationError(
            say("Sun-Abraham needs never-treated units to compare the cohorts with, and there are none")
        )
    cells = _cells(frame, anticipation)
    without = tuple(sorted({int(g) for g in cells["cohort"][cells["base"].isna()]} - bases_of(cells).keys()))
    if len(without) == cells["cohort"].nunique():
        raise EstimationError(say("no cohort is observed before adoption together with never-treated units"))
    used = frame[~frame["adoption_year"].isin(without)]
    cells = cells[~cells["cohort"].isin(without)]
    regression = _saturated(used, cells, outcome, controls, fixed_effects, vcov, ssc, alone, weighting)
    return _average(regression, cells[cells["year"] != cells["base"]], bases_of(cells), without)


def _cells(frame: pd.DataFrame, anticipation: int) -> pd.DataFrame:
    """Return the cells with their base, dummy's name, and the reason where never-treated units do not identify them."""
    never = frame[frame["adoption_year"].isna()]
    link = dict(zip(never["year"], links(never["unit"].to_numpy(), never["year"].to_numpy()), strict=True))
    cells = cohort_cells(frame, anticipation, link.keys())
    reasons = [_why_not(int(t), b, link) for t, b in zip(cells["year"], base_years(cells), strict=True)]
    names = [f"g{g}tau{tau:+d}" for g, tau in zip(cells["cohort"], cells["tau"], strict=True)]
    return cells.assign(reason=reasons, name=names)


def _why_not(year: int, base: int | None, link: Mapping[int, int]) -> str:
    """Return why the change from the base to a year has no counterpart among never-treated units."""
    if base is None:
        return say("these units are not observed before adoption together with never-treated units")
    if year not in link:
        return say("no never-treated unit is observed in {year}", year=year)
    if link[year] == link[base]:
        return ""
    return say("no never-treated units link {year} with the base year {base}", year=year, base=base)


def _saturated(
    frame: pd.DataFrame, cells: pd.DataFrame, outcome: str, controls: Sequence[str], fixed_effects: Sequence[str],
    vcov: VcovLike, ssc: Convention, singletons: Singletons, weights: Weighting | None,
) -> Regression:  # fmt: skip
    """Regress on the dummies of all cells but the bases."""
    g = frame["adoption_year"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    year = frame["year"].to_numpy()
    free = cells[cells["year"] != cells["base"]]
    dummies = {
        name: ((g == cohort) & (year == t)).astype(np.float64)
        for name, cohort, t in zip(free["name"], free["cohort"], free["year"], strict=True)
    }
    data = pd.concat([frame, pd.DataFrame(dummies, index=frame.index)], axis=1)
    return regress(
        data, outcome, [*dummies, *controls], fixed_effects, vcov, ssc, singletons=singletons, weights=weights
    )


def _average(
    regression: Regression, cells: pd.DataFrame, bases: dict[int, tuple[int, ...]], without: tuple[int, ...]
) -> SunAbraham:
    fit, frame = regression.fit, regression.sample.frame
    rows = [float(frame[name].sum()) for name in cells["name"]]
    position = [fit.terms.index(name) if name in fit.terms else -1 for name in cells["name"]]
    w = regression.sample.weights
    size = rows if w is None else [float(w @ frame[name]) for name in cells["name"]]
    cells = cells.assign(rows=rows, position=position, size=size)
    lost = cells["reason"].eq("") & cells["position"].lt(0)
    cells.loc[lost, "reason"] = [regression.omitted.get(name, "") for name in cells.loc[lost, "name"]]
    good = cells[cells["reason"] == ""]
    after = good["tau"] >= 0
    if not after.any():
        why = cells.loc[cells["tau"] >= 0, "reason"]
        raise EstimationError(
            say("Sun-Abraham: no cohort has an estimate after adoption: {why}", why=why.iloc[0])
            if len(why)
            else say("Sun-Abraham: no cohort has an estimate after adoption")
        )

    def weights(chosen: pd.Series) -> np.ndarray:
        w = np.zeros(len(fit.terms))
        w[good.loc[chosen, "position"]] = good.loc[chosen, "size"] / good.loc[chosen, "size"].sum()
        return w

    def average(w: np.ndarray) -> tuple[float, float]:
        return float(w @ fit.coef), float(roots(w @ fit.vcov @ w))

    taus = sorted(good["tau"].unique().tolist())
    W = np.array([weights(good["tau"] == tau) for tau in taus])
    treated = sorted(good.loc[after, "cohort"].unique().tolist())
    cohorts = {g: average(weights(after & (good["cohort"] == g))) for g in treated}
    att, att_se = average(weights(after))
    kept = cells[["cohort", "tau", "year", "base", "rows", "reason"]].reset_index(drop=True)
    return SunAbraham(
        regression, tuple(taus), W @ fit.coef, W @ fit.vcov @ W.T, att, att_se, cohorts, bases, kept, without
    )
