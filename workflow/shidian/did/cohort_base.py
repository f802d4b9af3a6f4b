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

from shidian.messages import say

NO_BASE = np.iinfo(np.int64).min


def links(units: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """Return the (n,) number of the linked set of units and periods that each row belongs to."""
    a = np.unique(units, return_inverse=True)[1]
    b = np.unique(periods, return_inverse=True)[1] + (int(a.max()) + 1 if len(a) else 0)
    if not len(a):
        return np.empty(0, dtype=np.int64)
    size = int(b.max()) + 1
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][a], dtype=np.int64)


def cohort_cells(panel: pd.DataFrame, anticipation: int = 0, compared: Collection[int] | None = None) -> pd.DataFrame:
    """Return the cells of cohort and period that are observed, with the base of each.

    Args:
        panel: unit, year, adoption_year (missing = never treated), one row a unit-year.
        anticipation: years before adoption in which there may be an effect already.
        compared: years in which the units of comparison are observed, which alone can be a base; None = all.

    Returns:
        One row a cell, by cohort and year: cohort, year, tau, link (linked set within the cohort), base (year; missing
        where the linked set has none), units.
    """
    treated = panel["adoption_year"].notna().to_numpy()
    units = pd.factorize(panel.loc[treated, "unit"])[0]
    pairs = np.column_stack([
        panel.loc[treated, "adoption_year"].to_numpy(dtype=np.int64), panel.loc[treated, "year"].to_numpy(np.int64),
    ])  # fmt: skip
    cells, cell = np.unique(pairs, axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    link = np.zeros(len(cells), dtype=np.int64)
    link[cell] = links(units, cell)
    cohort, year = cells[:, 0], cells[:, 1]
    usable = year < cohort - anticipation
    if compared is not None:
        usable &= np.isin(year, np.fromiter(compared, dtype=np.int64))
    base = np.full(int(link.max(initial=-1)) + 1, NO_BASE)
    np.maximum.at(base, link[usable], year[usable])
    found = pd.array(base[link], dtype="Int64")
    found[base[link] == NO_BASE] = pd.NA
    return pd.DataFrame({
        "cohort": cohort, "year": year, "tau": year - cohort, "link": link, "base": found,
        "units": np.bincount(cell, minlength=len(cells)),
    })  # fmt: skip


def base_years(cells: pd.DataFrame) -> list[int | None]:
    """Return the base of each cell, None where it has none."""
    base = cells["base"].astype("Int64")
    years = base.fillna(0).astype("int64").tolist()
    return [None if gone else year for gone, year in zip(base.isna().tolist(), years, strict=True)]


def bases_of(cells: pd.DataFrame) -> dict[int, tuple[int, ...]]:
    """Return the base years of each cohort, latest first (several only where a cohort falls into unlinked sets)."""
    known: dict[int, set[int]] = {}
    for g, base in zip(cells["cohort"].astype("int64").tolist(), base_years(cells), strict=True):
        if base is not None:
            known.setdefault(g, set()).add(base)
    return {g: tuple(sorted(years, reverse=True)) for g, years in known.items()}


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
    parts = [say("τ = {tau} ({cohorts})", tau=tau, cohorts=cohorts) for tau, cohorts in other.items()]
    return say("Base period where τ = {usual} is not observed, by cohort: {bases}.", usual=usual, bases=parts)
