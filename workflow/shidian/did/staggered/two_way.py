"""Two-way fixed effects on the common sample: static coefficient and event study, for comparison."""

from __future__ import annotations

import numpy as np

from shidian.did.event_study import EventStudy, Window, fit_event_study
from shidian.did.staggered.design import Design, Effects, controls_in
from shidian.did.staggered.weights import weighted_panel
from shidian.did.twfe import regress
from shidian.errors import EstimationError
from shidian.messages import say
from shidian.variance import roots


def two_way(asked: Design) -> Effects:
    """Estimate the static and the dynamic two-way regression; raises EstimationError where treatment is absorbed."""
    by = {"kind": "cluster", "by": asked.cluster}
    effects = ["unit", "year"]
    adopted = asked.panel["adoption_year"].astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    rows, weights = weighted_panel("twfe", asked)
    panel = rows.assign(_treated=(asked.panel["year"].to_numpy() >= adopted).astype(float))
    static = regress(
        panel, asked.outcome, ["_treated", *asked.controls], effects, by, asked.ssc, singletons=asked.singletons,
        weights=weights,
    )  # fmt: skip
    fit = static.fit
    if fit.terms[0] != "_treated":
        raise EstimationError(say("treatment is absorbed by the unit and year effects"))
    window = Window(asked.first, asked.last, (asked.reference,), anticipation=asked.anticipation)
    study = fit_event_study(
        panel, asked.outcome, asked.controls, effects, window, by, asked.ssc, singletons=asked.singletons,
        weights=weights,
    )  # fmt: skip
    rows = study.effects[study.effects["estimate"].notna() & ~study.effects["is_reference"]]
    index = [study.regression.fit.terms.index(term) for term in rows["term"]]
    vcov = study.regression.fit.vcov[np.ix_(index, index)]
    return Effects(
        "TWFE", "shidian", say("a weighted mean of effects, weights may be negative"), fit.coef[0],
        float(roots(fit.vcov[0, 0])), rows[["tau", "estimate"]].assign(se=roots(np.diag(vcov))).reset_index(drop=True),
        fit.df, fit.n_obs, fit.n_units, fit.n_clusters or 0, static.sample.frame[["unit", "year"]], vcov,
        _remarks(study),
        {**controls_in(study.regression.omitted, asked), **controls_in(static.omitted, asked)},
    )  # fmt: skip


def _remarks(study: EventStudy) -> tuple[str, ...]:
    """Say how the ends were treated, which base was used, and what else is zero."""
    found = study.normalisation
    base = [say("base τ = {tau}", tau=tau) for tau in found.window.reference if found.unobserved]
    second = [say("τ = {tau}: {why}", tau=tau, why=why) for tau, why in found.second.items()]
    return (say("ends of the event study binned"), *base, *second)
