"""Sun & Abraham (2021) on the common sample."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.did.cohort_base import base_sentence
from shidian.did.staggered.design import Design, Effects, LeftOut, controls_in
from shidian.did.staggered.gaps import gap_words, never_treated_lost
from shidian.did.staggered.missing_cells import cells_sentence, reasons_by_time
from shidian.did.staggered.weights import target_words, weighted_panel
from shidian.did.sun_abraham import SunAbraham, fit_sun_abraham
from shidian.errors import EstimationError
from shidian.messages import say
from shidian.variance import roots


def sun_abraham(asked: Design) -> Effects:
    """Average the cohorts' effects over treated unit-years, and by time since adoption."""
    by = {"kind": "cluster", "by": asked.cluster}
    if asked.panel["adoption_year"].notna().all() and (lost := never_treated_lost(asked)):
        raise EstimationError(
            say("Sun-Abraham needs never-treated units to compare the cohorts with, and of these {lost}", lost=lost)
        )
    panel, weights = weighted_panel("sun_abraham", asked)
    result = fit_sun_abraham(
        panel,
        asked.outcome,
        asked.controls,
        ["unit", "year"],
        by,
        asked.ssc,
        asked.anticipation,
        singletons=asked.singletons,
        weights=weights,
    )
    fit = result.regression.fit
    cells = result.cells.assign(reason=[_explained(why, int(t), asked) for why, t in
                                        zip(result.cells["reason"], result.cells["year"], strict=True)])  # fmt: skip
    kept = [i for i, tau in enumerate(result.taus) if asked.first <= tau <= asked.last]
    event = pd.DataFrame({
        "tau": [result.taus[i] for i in kept], "estimate": result.effects[kept],
        "se": roots(np.diag(result.vcov))[kept],
    })  # fmt: skip
    event, vcov = reasons_by_time(event, result.vcov[np.ix_(kept, kept)], cells, asked, "rows")
    left = _left_out(result, asked)
    sentences = [base_sentence(result.bases, asked.anticipation), cells_sentence(cells)]
    sentences += [say("Left out, {why}: {who}.", why=part.why, who=part.who) for part in left]
    return Effects(
        "Sun-Abraham", "shidian", target_words(asked), result.att, result.att_se, event, fit.df,
        fit.n_obs, fit.n_units, fit.n_clusters or 0, result.regression.sample.frame[["unit", "year"]], vcov,
        (say("never-treated controls"),),
        controls_in(result.regression.omitted, asked), tuple(s for s in sentences if s), left,
    )  # fmt: skip


def _explained(why: str, year: int, asked: Design) -> str:
    """Add to a reason what the never-treated units lack in the year, where that is it."""
    if not why.startswith("no never-treated unit is observed"):
        return why
    never = asked.panel.loc[asked.panel["adoption_year"].isna(), "unit"].unique()
    words = gap_words(asked, never, [year])
    return say("{reason} ({why})", reason=why, why=words) if words else why


def _left_out(result: SunAbraham, asked: Design) -> tuple[LeftOut, ...]:
    """Return the cohorts that are never observed before adoption beside never-treated units."""
    parts = []
    for g in result.without_base:
        rows = asked.panel[asked.panel["adoption_year"] == g]
        parts.append(
            LeftOut(
                say("no period before adoption to compare with"),
                len(rows),
                rows["unit"].nunique(),
                say("cohort {cohort}", cohort=g),
            )
        )
    return tuple(parts)
