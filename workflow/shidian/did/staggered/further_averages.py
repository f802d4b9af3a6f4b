"""Averages of Callaway and Sant'Anna's effects beside the overall one and those by time, as in R's ``aggte``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from shidian.did import group_time_averages as averages
from shidian.did.callaway_santanna import GroupTime
from shidian.did.staggered.design import Average
from shidian.messages import say

AGGREGATES = {"group": averages.group, "calendar": averages.calendar}
COLUMNS = ["term", "label", "estimate", "se", "n_treated", "reason"]


def further_averages(effects: GroupTime, wanted: tuple[Average, ...]) -> pd.DataFrame:
    """Return the averages asked for: term, label, estimate, se, n_treated (nan for a mean of groups), reason.

    ``dynamic`` is the mean of the effects by time since adoption, each time alike; ``group`` the mean of the cohorts'
    effects by their size, and each of these; ``calendar`` the mean of the effects by year, and each of these;
    ``group_time`` every cohort's effect in every year, base periods aside.
    """
    rows: list[dict[str, Any]] = []
    for name in wanted:
        if name == "group_time":
            rows += _cells(effects)
        elif name == "dynamic":
            mean = averages.dynamic(effects)
            rows.append(_row("ATT dynamic", say("Mean over times since adoption"), mean.overall, mean.overall_se))
        else:
            rows += _by(effects, name)
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(term: str, label: str, estimate: float, se: float, n: float = np.nan, reason: str = "") -> dict[str, Any]:
    values = (term, label, estimate, se, n, reason)
    return dict(zip(COLUMNS, values, strict=True))


def _by(effects: GroupTime, name: Average) -> list[dict[str, Any]]:
    """Return the mean over cohorts or years and each of its parts."""
    found = AGGREGATES[name](effects)
    by_cohort = name == "group"
    label = say("Mean over cohorts") if by_cohort else say("Mean over years")
    rows = [_row(f"ATT {name}", label, found.overall, found.overall_se)]
    for part, att, se in zip(found.labels, found.att, found.se, strict=True):
        n = float((effects.groups == part).sum()) if by_cohort else np.nan
        label = say("Cohort {cohort}", cohort=part) if by_cohort else say("Effects in {year}", year=part)
        rows.append(_row(f"{name} {part}", label, float(att), float(se), n))
    return rows


def _cells(effects: GroupTime) -> list[dict[str, Any]]:
    """Return every cohort's effect in every year, with the reason of those that are none."""
    cells = effects.cells[~effects.cells["is_base"]]
    return [
        _row(
            f"ATT({cell['group']}, {cell['year']})",
            say("Cohort {cohort} in {year}", cohort=cell["group"], year=cell["year"]),
            cell["att"], cell["se"], cell["n_treated"], cell["reason"],
        )
        for cell in cells.to_dict("records")
    ]  # fmt: skip
