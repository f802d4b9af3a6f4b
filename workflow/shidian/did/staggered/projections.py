"""Local projections DID (Dube et al. 2023) on the common sample."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.did.cohort_base import base_sentence
from shidian.did.lp_did import LocalProjections, fit_lp_did, slope_name
from shidian.did.staggered.design import Design, Effects, LeftOut
from shidian.did.staggered.missing_cells import cells_sentence, reasons_by_time
from shidian.did.staggered.weights import rule_of, weighted_panel
from shidian.messages import say
from shidian.variance import roots

COUNTS = say("unit-years by horizon")
REMARKS = (say("rows are unit-years by horizon"), say("clean controls, variance-weighted"))


def local_projections(asked: Design) -> Effects:
    """Average the horizons from 0 on, weighted by the units that adopt."""
    panel, weights = weighted_panel("lp_did", asked)
    at_base = weights is not None and rule_of("lp_did", asked) == "base_period"
    result = fit_lp_did(
        panel, asked.outcome, asked.controls, asked.first, asked.last, asked.cluster, asked.ssc,
        asked.anticipation, weights, at_base,
    )  # fmt: skip
    fit = result.regression.fit
    event = pd.DataFrame({"tau": result.taus, "estimate": result.effects, "se": roots(np.diag(result.vcov))})
    event, vcov = reasons_by_time(event, result.vcov, result.cells, asked, "used")
    gone = result.regression.omitted
    estimated, horizons = (*fit.terms, *gone), range(asked.first, asked.last + 1)
    slopes = {name: [t for h in horizons if (t := slope_name(name, h)) in estimated] for name in asked.controls}
    omitted = {name: gone[own[0]] for name, own in slopes.items() if own and gone.keys() >= set(own)}
    left = _without_base(result, asked)
    sentences = [
        base_sentence({g: (base,) for g, base in result.bases.items()}, asked.anticipation),
        cells_sentence(result.cells),
        *(say("No long differences of {who}: {why}.", who=part.who, why=part.why) for part in left),
    ]
    return Effects(
        "LP-DID", "shidian", _target(asked),
        result.att, result.att_se, event, fit.df, fit.n_obs, fit.n_units, fit.n_clusters or 0,
        result.unit_years, vcov, REMARKS, omitted,
        tuple(s for s in sentences if s), left, counts=COUNTS,
    )  # fmt: skip


def _target(asked: Design) -> str:
    if asked.weighting:
        return say("mean of horizons 0 to {last}, weighted by the weights of the units that adopt", last=asked.last)
    return say("mean of horizons 0 to {last}, weighted by the units that adopt", last=asked.last)


def _without_base(result: LocalProjections, asked: Design) -> tuple[LeftOut, ...]:
    """Return the adopting units that are not observed in their cohort's base year, by cohort."""
    parts = []
    for g, base in result.bases.items():
        rows = asked.panel[asked.panel["adoption_year"] == g]
        observed = rows.loc[rows["year"] == base, "unit"]
        gone = rows[~rows["unit"].isin(observed)]
        if len(gone):
            n = gone["unit"].nunique()
            why = say("not observed in the base year {year}", year=base)
            parts.append(LeftOut(why, len(gone), n, say("{n} of the units of cohort {cohort}", n=n, cohort=g)))
    return tuple(parts)
