"""Callaway & Sant'Anna (2021) on the common sample."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.did import callaway_santanna as cs
from shidian.did.staggered.design import REFERENCE, Design, Effects
from shidian.errors import EstimationError


def group_time(asked: Design) -> Effects:
    """Average the group-time effects over treated unit-years, and by time since adoption."""
    panel, gone = _balanced(asked.panel)
    effects = cs.group_time_effects(
        panel, asked.outcome, asked.controls, asked.control_group, "universal", asked.cluster
    )
    att, se = cs.simple(effects)
    dynamic = cs.dynamic(effects)
    kept = [i for i, tau in enumerate(dynamic.labels) if tau != REFERENCE and asked.first <= tau <= asked.last]
    event = pd.DataFrame({
        "tau": [dynamic.labels[i] for i in kept], "estimate": dynamic.att[kept], "se": dynamic.se[kept],
    })  # fmt: skip
    remarks = [f"{asked.control_group.replace('_', '-')} controls, universal base period"]
    remarks += [f"{gone} units with gaps left out: it wants a balanced panel"] * bool(gone)
    failed = effects.cells[effects.cells["reason"] != ""]
    for reason, part in failed.groupby("reason", sort=True):
        remarks.append(f"{len(part)} group-time effects missing: {reason}")
    remarks.append(cs.pretest_words(effects))
    return Effects(
        "Callaway-Sant'Anna", "shidian", "mean effect over treated unit-years", att, se, event, np.inf, len(panel),
        len(effects.units), int(effects.clusters.max()) + 1, dynamic.vcov[np.ix_(kept, kept)], tuple(remarks),
        warnings=cs.pretest_warnings(effects),
    )  # fmt: skip


def _balanced(panel: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Keep the units observed in every year; return them and how many were left out."""
    full = panel.groupby("unit")["year"].transform("size") == panel["year"].nunique()
    if not full.any():
        raise EstimationError("no unit is observed in every year, and Callaway-Sant'Anna wants a balanced panel")
    return panel[full], int(panel.loc[~full, "unit"].nunique())
