"""Objections to the rows: gaps, lost base periods, missing outcomes that differ between groups."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.lint.design import Design, Objection
from shidian.messages import say

ATTRITION = 0.05
"""Difference between treated and comparison units in the share of missing outcomes that is an objection."""


def gaps(design: Design) -> list[Objection]:
    """Object to units with gaps between their first and last row, and to an unbalanced panel."""
    rows = design.rows
    units = rows.groupby("unit")["year"]
    periods = np.sort(rows["year"].unique())
    span = np.searchsorted(periods, units.max()) - np.searchsorted(periods, units.min()) + 1
    seen = units.nunique()
    holes = seen.index[seen.to_numpy() < span].tolist()
    if not holes:
        return []
    return [
        Objection(
            "warn", "gaps",
            say(
                "units with gaps: {n} of {all} ({names})", n=len(holes), all=len(units), names=design.names_of(holes),
            ),
            say(
                "Goodman-Bacon wants a balanced panel, and Callaway-Sant'Anna leaves these units out unless "
                "`balance` says otherwise: look for what was lost with `shidian coverage`"
            ),
        )
    ]  # fmt: skip


def lost_bases(design: Design) -> list[Objection]:
    """Object to cohorts or units without a row in the period before adoption."""
    if not design.dated:
        return []
    rows, adopted = design.rows, design.adopted.dropna()
    adopted = adopted[adopted > rows["year"].min()].astype(int)
    periods = np.sort(design.panel["year"].unique())
    base = {g: periods[periods < g].max() for g in adopted.unique() if (periods < g).any()}
    seen = set(zip(rows["unit"], rows["year"], strict=True))
    based = [(unit, base[g]) for unit, g in adopted.items() if g in base]
    lost = [unit for unit, period in based if (unit, period) not in seen]
    if not lost:
        return []
    what = say(
        "treated units without a row in the period before adoption: {n} ({names})", n=len(lost),
        names=design.names_of([str(unit) for unit in lost]),
    )  # fmt: skip
    do = say("they have no base at τ = -1: fill or find the value, or take another reference")
    return [Objection("stop" if len(lost) == len(based) else "warn", "base period", what, do)]


def attrition(design: Design) -> list[Objection]:
    """Object to outcomes that are missing more often in treated than in comparison units."""
    outcome, panel = design.settings["outcome"], design.panel
    if outcome not in panel:
        return []
    missing = panel[outcome].isna()
    if not missing.any():
        return []
    treated = panel["unit"].map(panel.groupby("unit")[design.settings["treatment"]].max()) > 0
    shares = [float(missing[treated].mean()), float(missing[~treated].mean())]
    if any(pd.isna(shares)) or abs(shares[0] - shares[1]) < ATTRITION:
        return []
    return [
        Objection(
            "warn", "missing outcome",
            say(
                "the outcome is missing in {a:.1%} of the rows of treated units and in {b:.1%} of the others",
                a=shares[0], b=shares[1],
            ),
            say("whose rows are lost may depend on the policy: say why they are missing, and bound the effect"),
        )
    ]  # fmt: skip
