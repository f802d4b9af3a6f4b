"""The base period of a cohort: its last one before adoption, in each part of it that periods observed together link.

Within a cohort the effects of unit and period are known up to one constant for each set of units and periods that are
linked by observations. So every such set needs a base of its own: the last period observed before adoption (and
before ``anticipation`` years ahead of it) in which those it is compared with are observed too. Where all units are
observed at g-1, that is the base of all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def links(units: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """Return the (n,) number of the linked set of units and periods that each row belongs to."""
    a = np.unique(units, return_inverse=True)[1]
    b = np.unique(periods, return_inverse=True)[1] + (int(a.max()) + 1 if len(a) else 0)
    if not len(a):
        return np.empty(0, dtype=np.int64)
    size = int(b.max()) + 1
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][a], dtype=np.int64)


def cohort_cells(
    panel: pd.DataFrame, anticipation: int = 0, compared: Collection[int] | None = None
) -> pd.DataFrame:
    """Return the cells of cohort and period that are observed, with the base of each.

    Args:
        panel: unit, year, adoption_year (missing = never treated), one row a unit-year.
        anticipation: years before adoption in which there may be an effect already.
        compared: years in which the units of comparison are observed, which alone can be a base; None = all.

    Returns:
        One row a cell, by cohort and year: cohort, year, tau, link (linked set within the cohort), base (year; missing
        where the linked set has none), units.
    """
    treated = panel.loc[panel["adoption_year"].notna(), ["unit", "year", "adoption_year"]]
    parts = []
    for g, rows in treated.groupby(treated["adoption_year"].astype("int64"), sort=True):
        own = rows.assign(link=links(rows["unit"].to_numpy(), rows["year"].to_numpy()), cohort=int(g))
        cells = own.groupby(["cohort", "year"], as_index=False).agg(link=("link", "first"), units=("unit", "nunique"))
        usable = cells["year"] < int(g) - anticipation
        if compared is not None:
            usable &= cells["year"].isin(compared)
        before = cells[usable].groupby("link")["year"].max()
        parts.append(cells.assign(base=cells["link"].map(before).astype("Int64"), tau=cells["year"] - int(g)))
    columns = ["cohort", "year", "tau", "link", "base", "units"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def bases_of(cells: pd.DataFrame) -> dict[int, tuple[int, ...]]:
    """Return the base years of each cohort, latest first (several only where a cohort falls into unlinked sets)."""
    known = cells.dropna(subset=["base"])
    return {
        int(g): tuple(sorted({int(b) for b in part["base"]}, reverse=True))
        for g, part in known.groupby("cohort", sort=True)
    }


def base_sentence(bases: Mapping[int, Sequence[int]], anticipation: int = 0) -> str:
    """Return the sentence on cohorts whose base is not the usual period, "" where there are none."""
    usual = -1 - anticipation
    together: dict[int, list[int]] = {}
    for g, years in bases.items():
        for year in years:
            together.setdefault(year - g, []).append(g)
    other = {tau: cohorts for tau, cohorts in sorted(together.items(), reverse=True) if tau != usual}
    if not other:
        return ""
    parts = [f"τ = {tau} ({', '.join(map(str, cohorts))})" for tau, cohorts in other.items()]
    return f"Base period where τ = {usual} is not observed, by cohort: {', '.join(parts)}."
