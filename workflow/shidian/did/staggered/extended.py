"""Extended two-way fixed effects (Wooldridge 2021) on the common sample.

One regression with effects of unit and year and a dummy for each cohort and year from adoption on, so that rows before
adoption and units never treated are what all are compared with. Controls enter by cohort, by year and, less their
cohort's mean, beside each dummy (equation 6.33). The effect of a row is its dummy's coefficient and, with controls,
that of the dummy times its controls; overall effect and event study average rows, their shares taken as given. On a
panel without gaps and controls the effects are those of imputation, with the regression's clustered errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.did.staggered.design import Design, Effects, LeftOut
from shidian.did.staggered.imputation import treated_times, with_reasons
from shidian.did.staggered.leads import leads
from shidian.did.staggered.untreated import EXACT, Untreated, untreated_model
from shidian.did.staggered.weights import target_words, weighted_panel
from shidian.did.twfe import Regression, regress
from shidian.errors import EstimationError
from shidian.messages import say
from shidian.variance import roots

NAME = "Extended TWFE"


@dataclass(frozen=True)
class _Saturated:
    """The columns of the regression.

    Attributes:
        data: the rows used, with the columns.
        cells: dummies of cohort and year.
        slopes: control -> the columns that are a dummy times that control less its cohort's mean.
        others: control -> itself, by year and by cohort.
    """

    data: pd.DataFrame
    cells: list[str]
    slopes: dict[str, list[str]]
    others: dict[str, list[str]]

    @property
    def regressors(self) -> list[str]:
        """All columns; of a collinear set the earlier ones stay."""
        return [
            *self.cells,
            *(name for part in (self.others, self.slopes) for names in part.values() for name in names),
        ]

    def of_control(self, name: str) -> list[str]:
        """All columns of a control."""
        return [*self.others[name], *self.slopes[name]]


def extended(asked: Design) -> Effects:
    """Estimate the saturated regression and average its effects over treated unit-years, and by time since adoption.

    Leads are those of a regression on untreated rows alone, as of imputation.

    Raises:
        EstimationError: no effect is identified.
    """
    model = untreated_model(asked)
    panel, weights = weighted_panel("etwfe", asked)
    design = _saturated(panel[model.used], model.imputed[model.used], asked.controls, weights)
    by = {"kind": "cluster", "by": asked.cluster}
    found = regress(
        design.data, asked.outcome, design.regressors, ["unit", "year"], by, asked.ssc, singletons=asked.singletons,
        weights=weights,
    )  # fmt: skip
    if lost := [cell for cell in design.cells if cell not in found.fit.terms]:
        raise EstimationError(say("not identified: {why}", why=found.omitted[lost[0]]))
    treated, taus = model.imputed[model.used], treated_times(model, asked)
    own = model.tau[model.used]
    target = np.array([
        _mean_effect(design, found, treated & at, weights) for at in (own >= 0, *(own == k for k in taus))
    ])  # fmt: skip
    effects, variance = target @ found.fit.coef, target @ found.fit.vcov @ target.T
    errors = roots(np.diag(variance))
    before, said, doubts = leads(model, asked)
    after = pd.DataFrame({"tau": taus, "estimate": effects[1:], "se": errors[1:]})
    event = pd.concat([before, with_reasons(after, model)], ignore_index=True)
    overall = (float(effects[0]), float(errors[0]))
    return _assembled(model, asked, design, found, overall, event, said, doubts)


def _saturated(
    used: pd.DataFrame, treated: np.ndarray, controls: Sequence[str], weights: str | None
) -> _Saturated:  # fmt: skip
    """Return the columns of the regression on the rows used."""
    cohort = used["adoption_year"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    year = used["year"].to_numpy()
    pairs = sorted({(int(g), int(t)) for g, t in zip(cohort[treated], year[treated], strict=True)})
    columns = {f"g{g}y{t}": ((cohort == g) & (year == t) & treated).astype(np.float64) for g, t in pairs}
    cells, others, slopes = list(columns), dict[str, list[str]](), dict[str, list[str]]()
    w = np.ones(len(used)) if weights is None else used[weights].to_numpy(dtype=np.float64)
    members = np.unique(np.nan_to_num(cohort, nan=np.inf), return_inverse=True)[1]
    for name in controls:
        x = used[name].to_numpy(dtype=np.float64)
        by_cohort = (np.bincount(members, w * x) / np.bincount(members, w))[members]
        more = {f"{name} y{t}": x * (year == t) for t in np.unique(year)[1:]}
        more |= {f"{name} g{int(g)}": x * (cohort == g) for g in np.unique(cohort[~np.isnan(cohort)])}
        own = {f"{cell} {name}": columns[cell] * (x - by_cohort) for cell in cells}
        others[name] = [name, *more]
        slopes[name] = list(own)
        columns |= more | own
    fresh = pd.DataFrame(columns, index=used.index)
    return _Saturated(pd.concat([used, fresh], axis=1), cells, slopes, others)


def _mean_effect(design: _Saturated, found: Regression, rows: np.ndarray, weights: str | None) -> np.ndarray:
    """Return what each coefficient weighs in the mean effect over some rows."""
    part = design.data[rows]
    w = np.ones(len(part)) if weights is None else part[weights].to_numpy(dtype=np.float64)
    terms = {*design.cells, *(name for names in design.slopes.values() for name in names)}
    return np.array([
        float(w @ part[term].to_numpy()) / w.sum() if term in terms and len(part) else 0.0 for term in found.fit.terms
    ])  # fmt: skip


def _assembled(
    model: Untreated, asked: Design, design: _Saturated, found: Regression, overall: tuple[float, float],
    event: pd.DataFrame, said: Sequence[str], doubts: Sequence[str],
) -> Effects:  # fmt: skip
    """Put the result together, with what it left out."""
    used, fit = asked.panel[model.used], found.fit
    att, se = overall
    exact = not se > model.floor
    left: tuple[LeftOut, ...] = model.left_out
    remarks = [part.why for part in left]
    if remarks:
        remarks.insert(0, say("{n} of {all} rows used", n=len(used), all=len(asked.panel)))
    if asked.controls:
        remarks.append(say("controls by cohort, by year and, less their cohort's mean, beside each effect"))
    omitted = {
        name: found.omitted[name] for name in asked.controls if not {*design.of_control(name)} & set(found.fit.terms)
    }
    return Effects(
        NAME, "shidian", target_words(asked), att, np.nan if exact else se, event, fit.df, fit.n_obs, fit.n_units,
        fit.n_clusters or 0, used[["unit", "year"]], remarks=(*remarks, *said), omitted=omitted,
        reason=EXACT if exact else "", left_out=left, warnings=(*(part.why for part in left), *doubts),
    )  # fmt: skip
