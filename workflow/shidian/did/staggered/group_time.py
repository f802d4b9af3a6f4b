"""Callaway & Sant'Anna (2021) on the common sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.did import group_time_averages as averages
from shidian.did.callaway_santanna import GroupTime, group_time_effects
from shidian.did.cohort_base import base_sentence
from shidian.did.staggered.design import WEIGHT, Design, Effects, LeftOut
from shidian.did.staggered.further_averages import further_averages
from shidian.did.staggered.gaps import gap_words, never_treated_lost
from shidian.did.staggered.lost_groups import (
    LostGroup,
    lost_cells,
    lost_groups,
    lost_warnings,
    require_treated,
)
from shidian.did.staggered.missing_cells import cells_sentence, reasons_by_time
from shidian.did.staggered.weights import rule_of
from shidian.errors import EstimationError
from shidian.messages import say
from shidian.printed import number_of_units

UNIT_WEIGHTS = say("mean of group-time effects after adoption, weighted by the units of the group")
BALANCE = {
    "pair": say("each comparison on the units observed in both of its years"),
    "none": say("the rows of two years compared as repeated cross sections"),
}
"""What the note says of ``balance``; of ``full``, units with gaps are named where there are any."""
GAPS = say("not observed in every year")
MOST = 0.8
"""Share of units below which leaving out those with gaps is a warning."""
CROSS_SECTIONS = say(
    "Repeated cross sections of units with gaps: which units are observed may change from one year to the other, and "
    "their lasting differences then enter the effects."
)


@dataclass(frozen=True)
class Overall:
    """The overall effect with its standard error, and how many rows, units and clusters are in some comparison."""

    att: float
    se: float
    n_obs: int
    n_units: int
    n_clusters: int


def overall(asked: Design) -> Overall:
    """Return the mean over treated unit-years alone, as :func:`group_time` has it."""
    panel, _ = _sample(asked)
    return _overall(_all_effects(asked, panel, lost_groups(asked, panel)))


def _overall(effects: GroupTime) -> Overall:
    units = effects.used.any(axis=1)
    n_clusters = len(np.unique(effects.clusters[units]))
    return Overall(*averages.simple(effects), int(effects.used.sum()), int(units.sum()), n_clusters)


def _all_effects(asked: Design, panel: pd.DataFrame, lost: list[LostGroup]) -> GroupTime:
    """Estimate all group-time effects from the rows that ``balance`` admits."""
    require_treated(panel, lost)
    _require_controls(panel, asked)
    weighted: dict[str, Any] = {}
    if asked.weighting:
        weighted = {"weights": WEIGHT, "fix_weights": rule_of("callaway_santanna", asked)}
    return group_time_effects(
        panel, asked.outcome, asked.controls, asked.control_group, asked.base_period, asked.cluster, asked.anticipation,
        asked.balance == "none", **weighted,
    )  # fmt: skip


def group_time(asked: Design) -> Effects:
    """Average the group-time effects over groups and years, and by time since adoption."""
    panel, left = _sample(asked)
    lost = lost_groups(asked, panel)
    effects = _all_effects(asked, panel, lost)
    gaps = bool(panel.groupby("unit")["year"].size().nunique() > 1)
    if asked.balance == "pair":
        left = (*left, *_never_compared(panel, effects))
    mean = _overall(effects)
    dynamic = averages.dynamic(effects)
    kept = [i for i, tau in enumerate(dynamic.labels) if asked.first <= tau <= asked.last]
    event = pd.DataFrame({
        "tau": [dynamic.labels[i] for i in kept], "estimate": dynamic.att[kept], "se": dynamic.se[kept],
    })  # fmt: skip
    cells = _observed_cells(effects, panel)
    shown = pd.concat([cells, *(lost_cells(g, asked.reference) for g in lost)], ignore_index=True)
    event, vcov = reasons_by_time(event, dynamic.vcov[np.ix_(kept, kept)], shown, asked, "n_treated")
    sentences = [base_sentence({g: (b,) for g, b in effects.bases.items()}, asked.anticipation), cells_sentence(cells)]
    sentences += [say("Left out, {why}: {who}.", why=part.why, who=part.who) for part in left]
    if lost:
        years = [g.year for g in lost]
        sentences += [say("Groups with no unit observed in every year, left out: {groups}.", groups=years)]
    sentences += [CROSS_SECTIONS] * (asked.balance == "none" and gaps)
    return Effects(
        "Callaway-Sant'Anna", "shidian", _target(asked, gaps),
        mean.att, mean.se, event, np.inf, mean.n_obs, mean.n_units, mean.n_clusters, _unit_years(effects, panel), vcov,
        _remarks(effects, asked), {},
        tuple(s for s in sentences if s), left,
        warnings=(*_gap_warnings(panel, asked), *lost_warnings(lost), *averages.pretest_warnings(effects)),
        more=further_averages(effects, asked.averages), has_reference=asked.base_period == "universal",
    )  # fmt: skip


def _target(asked: Design, gaps: bool) -> str:
    if asked.weighting:
        return say("mean of group-time effects after adoption, weighted by the weights of the group's units")
    return UNIT_WEIGHTS if gaps else say("mean effect over treated unit-years")


def _unit_years(effects: GroupTime, panel: pd.DataFrame) -> pd.DataFrame:
    """Return unit and year of the rows that are in some comparison."""
    unit, year = np.nonzero(effects.used)
    return pd.DataFrame({"unit": effects.units[unit], "year": np.sort(panel["year"].unique())[year]})


def _gap_warnings(panel: pd.DataFrame, asked: Design) -> tuple[str, ...]:
    """Say where most units are left out for gaps."""
    used, all_units = panel["unit"].nunique(), asked.panel["unit"].nunique()
    if used >= MOST * all_units:
        return ()
    return (
        say(
            "uses {n} of {all} units, those observed in every year: balance pair takes the others where they can be "
            "compared",
            n=used,
            all=all_units,
        ),
    )


def _remarks(effects: GroupTime, asked: Design) -> tuple[str, ...]:
    remarks = [say("never-treated controls, universal base period")]
    if asked.control_group == "not_yet_treated":
        remarks = [say("not-yet-treated controls, universal base period")]
    if asked.base_period == "varying":
        never = asked.control_group == "never_treated"
        remarks = [say("never-treated controls") if never else say("not-yet-treated controls")]
        remarks.append(say("before adoption each year is compared with the year before it (varying base period)"))
    remarks += [BALANCE[asked.balance]] if asked.balance in BALANCE else []
    return (*remarks, averages.pretest_words(effects))


def _sample(asked: Design) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    """Return the rows of the units that ``balance`` admits, and the units left out."""
    if asked.balance != "full":
        return asked.panel, ()
    size = asked.panel.groupby("unit")["year"].transform("size")
    full = size == asked.panel["year"].nunique()
    if full.all():
        return asked.panel, ()
    gone = asked.panel[~full]
    if not full.any():
        raise EstimationError(
            say(
                "no unit is observed in every year, and Callaway-Sant'Anna with balance full wants such units: "
                "take balance pair, or years and controls without gaps ({why})",
                why=gap_words(asked, gone["unit"].unique()),
            )
        )
    lost = lost_groups(asked, asked.panel[full])
    others = gone[~gone["adoption_year"].isin([g.year for g in lost]).fillna(False)]
    n, lack = others["unit"].nunique(), gap_words(asked, others["unit"].unique())
    left = [LeftOut(GAPS, len(others), n, say("{n} ({why})", n=number_of_units(n), why=lack))] if n else []
    left += [LeftOut(GAPS, len(g.rows), g.n_units, say("{group} ({why})", group=g.words, why=g.lack)) for g in lost]
    return asked.panel[full], tuple(left)


def _require_controls(panel: pd.DataFrame, asked: Design) -> None:
    """Say why there is no never-treated unit to compare with where the sample had some."""
    if asked.control_group != "never_treated" or panel["adoption_year"].isna().any():
        return
    never = asked.panel.loc[asked.panel["adoption_year"].isna(), "unit"].unique()
    lost = never_treated_lost(asked)
    if len(never):
        lost = say("all {n} were left out for gaps ({why})", n=len(never), why=gap_words(asked, never))
    if not lost:
        return
    if len(never):
        raise EstimationError(
            say(
                "no never-treated unit is left to compare with: {lost}; take balance pair, control_group "
                "not_yet_treated, or fill the gaps",
                lost=lost,
            )
        )
    raise EstimationError(
        say(
            "no never-treated unit is left to compare with: {lost}; take control_group not_yet_treated, or fill the "
            "gaps",
            lost=lost,
        )
    )


def _observed_cells(effects: GroupTime, panel: pd.DataFrame) -> pd.DataFrame:
    """Return the cells beside the bases of groups and years that are observed: cohort, year, tau, reason."""
    cells = effects.cells[~effects.cells["is_base"]]
    pairs = panel[["adoption_year", "year"]].dropna().drop_duplicates()
    seen = set(zip(pairs["adoption_year"].astype(int), pairs["year"], strict=True))
    here = [pair in seen for pair in zip(cells["group"], cells["year"], strict=True)]
    return pd.DataFrame({
        "cohort": cells["group"], "year": cells["year"], "tau": cells["year"] - cells["group"],
        "n_treated": cells["n_treated"], "reason": cells["reason"],
    })[here]  # fmt: skip


def _never_compared(panel: pd.DataFrame, effects: GroupTime) -> tuple[LeftOut, ...]:
    """Return the units that are not observed in both years of any comparison."""
    idle = effects.units[~effects.used.any(axis=1)]
    rows = int(panel["unit"].isin(idle).sum())
    if not len(idle):
        return ()
    who = number_of_units(len(idle))
    return (LeftOut(say("not observed in both years of any comparison"), rows, len(idle), who),)
