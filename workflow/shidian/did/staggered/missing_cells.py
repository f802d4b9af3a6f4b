"""What a note and a table say of cells of cohort and year that a sample does not identify."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.did.staggered.design import Design
from shidian.did.staggered.gaps import NAMED
from shidian.messages import joined, say


def cells_sentence(cells: pd.DataFrame) -> str:
    """Return the sentence on cells without an estimate, which no average holds; "" where there are none.

    ``cells`` has cohort, year and reason, "" where there is an estimate.
    """
    lost = cells[cells["reason"] != ""]
    if lost.empty:
        return ""
    parts = []
    for reason, part in lost.groupby("reason", sort=False):
        named = [say("{cohort} in {year}", cohort=g, year=t) for g, t in zip(part["cohort"], part["year"], strict=True)]
        listed, more = joined(named[:NAMED]), len(named) - NAMED
        listed = say("{names} and {n} more", names=listed, n=more) if more > 0 else listed
        parts.append(say("{cells} ({why})", cells=listed, why=reason))
    return say(
        "Cohorts and years without an estimate, left out of every mean: {cells}.", cells=joined(parts, "clauses")
    )


def reasons_by_time(
    event: pd.DataFrame, vcov: np.ndarray, cells: pd.DataFrame, asked: Design, units: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """Add to event and covariance a row with its reason for each time of the window at which no cell has an estimate.

    Args:
        event: tau, estimate, se.
        vcov: (k, k) covariance of the rows of ``event``.
        cells: tau, reason and the column ``units`` of the cells that are not a base.
        asked: the design, with its window.
        units: column of ``cells`` that counts the treated units behind an estimate.

    Returns:
        Event, with n_treated and reason, and covariance, both by time.
    """
    inside = cells[cells["tau"].between(asked.first, asked.last)]
    counts = inside[inside["reason"] == ""].groupby("tau")[units].sum()
    lost = inside[(inside["reason"] != "") & ~inside["tau"].isin(event["tau"])].drop_duplicates("tau")
    found = event.assign(n_treated=event["tau"].map(counts), reason="")
    gone = lost[["tau", "reason"]].assign(estimate=np.nan, se=np.nan, n_treated=0)
    rows = pd.concat([found, gone], ignore_index=True) if len(gone) else found
    full = np.full((len(rows), len(rows)), np.nan)
    full[: len(event), : len(event)] = vcov
    order = np.argsort(rows["tau"].to_numpy(dtype=np.int64), kind="stable")
    return rows.iloc[order].reset_index(drop=True), full[np.ix_(order, order)]
