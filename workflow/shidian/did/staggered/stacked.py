"""Stacked DID (Wing, Freedman & Hollingsworth 2024) on the common sample."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from shidian.did.callaway_santanna import unit_clusters
from shidian.did.cohort_base import base_sentence
from shidian.did.stacked import StackedEffects, StackEffects, fit_stacked
from shidian.did.staggered.design import Design, Effects, LeftOut
from shidian.did.staggered.missing_cells import cells_sentence, reasons_by_time
from shidian.did.staggered.weights import weighted_panel
from shidian.errors import EstimationError
from shidian.messages import say
from shidian.variance import roots

SSC = "Wing et al."
"""How the estimates file names the count of parameters: that of the paper's regression, see ``shidian.did.stacked``."""
ERRORS: Mapping[StackEffects, str] = {
    "stack": say("errors of the regression with effects of unit x stack and year x stack"),
    "pooled": say(
        "errors of the pooled regression: shocks of years, which every stack differences out, count as error"
    ),
}
"""What the note says of ``stack_effects``."""
COUNTS = say("unit-years by stack")
GAPS = say(
    "The stacks have gaps: each cohort's effects are taken with the effects of unit x stack and of year x stack "
    "absorbed, which without gaps is the weighted regression of the paper."
)


def stacked(asked: Design) -> Effects:
    """Stack the cohorts with their not yet treated controls and average the effects after adoption."""
    if asked.controls:
        raise EstimationError(say("stacked DID takes no controls"))
    units = pd.Index(asked.panel["unit"].unique())
    clusters = dict(zip(units, unit_clusters(asked.panel, units, asked.cluster, say("stacked DID")), strict=True))
    panel, weights = weighted_panel("stacked", asked)
    found = fit_stacked(
        panel, asked.outcome, asked.first, asked.last, clusters, asked.anticipation, asked.stack_effects, weights
    )
    rows = found.rows
    kept = [i for i, tau in enumerate(found.taus) if asked.first <= tau <= asked.last]
    event = pd.DataFrame({
        "tau": [found.taus[i] for i in kept], "estimate": found.effects[kept], "se": roots(np.diag(found.vcov))[kept],
    })  # fmt: skip
    event, vcov = reasons_by_time(event, found.vcov[np.ix_(kept, kept)], found.cells, asked, "units")
    left = _left_out(found, asked)
    sentences = [
        base_sentence({g: s.bases for g, s in found.stacks.items()}, asked.anticipation), cells_sentence(found.cells),
        GAPS if _has_gaps(rows) else "", *_left_out_sentences(found, left),
    ]  # fmt: skip
    return Effects(
        "Stacked", "shidian", _target(asked),
        found.att, found.att_se, event, found.n_clusters - 1.0, len(rows), rows["unit"].nunique(), found.n_clusters,
        rows[["unit", "year"]], vcov, (say("rows are unit-years by stack"), say("not yet treated controls"),
        ERRORS[asked.stack_effects]), {},
        tuple(s for s in sentences if s), left, SSC, counts=COUNTS,
    )  # fmt: skip


def _target(asked: Design) -> str:
    if asked.weighting:
        return say("weighted mean of τ = 0 to {last} over cohorts observed in the whole window", last=asked.last)
    return say("mean of τ = 0 to {last} over cohorts observed in the whole window", last=asked.last)


def _has_gaps(rows: pd.DataFrame) -> bool:
    """Say whether some unit lacks a year that its stack has."""
    by_stack = rows.groupby("stack")
    full = by_stack["unit"].nunique() * by_stack["year"].nunique()
    return bool((by_stack.size() < full).any())


def _left_out_sentences(found: StackedEffects, left: tuple[LeftOut, ...]) -> list[str]:
    """Return a sentence a reason on the cohorts without a stack, and one a cohort on units that no base serves."""
    cohorts: dict[str, list[str]] = {}
    for g, why in found.trimmed.items():
        cohorts.setdefault(why, []).append(str(g))
    text = []
    for why, listed in cohorts.items():
        who = say("cohorts {cohorts}", cohorts=listed) if len(listed) > 1 else say("cohort {cohort}", cohort=listed[0])
        text.append(say("Left out, {why}: {who}.", why=why, who=who))
    rest = [part for part in left if part.why not in cohorts]
    return text + [say("Left out, {why}: {who}.", why=part.why, who=part.who) for part in rest]


def _left_out(found: StackedEffects, asked: Design) -> tuple[LeftOut, ...]:
    """Return the cohorts without a stack, and the treated units in stacks that no base serves."""
    parts = []
    for g, why in found.trimmed.items():
        rows = asked.panel[asked.panel["adoption_year"] == g]
        parts.append(LeftOut(why, len(rows), rows["unit"].nunique(), say("cohort {cohort}", cohort=g)))
    for g, s in found.stacks.items():
        n = len(s.unserved)
        if n:
            rows = s.rows[s.rows["unit"].astype(str).isin(s.unserved)]
            who = say("{n} of the units of cohort {cohort}", n=n, cohort=g)
            parts.append(LeftOut(say("no base period in their stack"), len(rows), n, who))
    return tuple(parts)
