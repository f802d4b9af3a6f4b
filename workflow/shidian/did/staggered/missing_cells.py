"""What a note and a table say of cells of cohort and year that a sample does not identify."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shidian.did.staggered.design import Design
from shidian.did.staggered.gaps import NAMED


def cells_sentence(cells: pd.DataFrame) -> str:
    """Return the sentence on cells without an estimate, which no average holds; "" where there are none.

    ``cells`` has cohort, year and reason, "" where there is an estimate.
    """
    lost = cells[cells["reason"] != ""]
    if lost.empty:
        return ""
    parts = []
    for reason, part in lost.groupby("reason", sort=False):
        named = [f"{g} in {t}" for g, t in zip(part["cohort"], part["year"], strict=True)]
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        parts.append(f"{', '.join(named[:NAMED])}{more} ({reason})")
    return f"Cohorts and years without an estimate, left out of every mean: {'; '.join(parts)}."


def reasons_by_time(
    event: pd.DataFrame, vcov: np.ndarray, cells: pd.DataFrame, asked: Design
) -> tuple[pd.DataFrame, np.ndarray]:
    """Add a row with its reason for each time of the window at which no cell has an estimate, to event and covariance.

    Args:
        event: tau, estimate, se.
        vcov: (k, k) covariance of the rows of ``event``.
        cells: tau and reason of the cells that are not a base.
        asked: the design, with its window.
    """
    inside = cells[cells["tau"].between(asked.first, asked.last) & ~cells["tau"].isin(event["tau"])]
    first = inside[inside["reason"] != ""].drop_duplicates("tau")
    rows = pd.concat(
        [event.assign(reason=""), pd.DataFrame({"tau": first["tau"], "estimate": np.nan, "se": np.nan,
                                                "reason": first["reason"]})], ignore_index=True
    ) if len(first) else event.assign(reason="")  # fmt: skip
    full = np.full((len(rows), len(rows)), np.nan)
    full[: len(event), : len(event)] = vcov
    order = np.argsort(rows["tau"].to_numpy(dtype=np.int64), kind="stable")
    return rows.iloc[order].reset_index(drop=True), full[np.ix_(order, order)]
