"""Why units are not in the sample, or not in every year of it: the columns and years that they lack."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd

from shidian.did.staggered.design import Design
from shidian.messages import joined, say

NAMED = 3
"""Columns, and stretches of years, that a reason names."""


def gap_words(asked: Design, units: Collection[object], years: Collection[int] | None = None) -> str:
    """Return what units lack: "x missing in 2004; no row in 2006-2008", at most three columns of it.

    Args:
        asked: the design.
        units: units of ``asked.source``.
        years: years looked at; None = those of the design's panel.
    """
    looked = np.unique(asked.panel["year"] if years is None else np.fromiter(years, dtype=np.int64))
    rows = asked.source[asked.source["unit"].isin(units) & asked.source["year"].isin(looked)]
    found = []
    for name in dict.fromkeys([asked.outcome, *asked.controls, asked.cluster]):
        lacking = np.unique(rows.loc[rows[name].isna(), "year"])
        if len(lacking):
            found.append(say("{name} missing in {years}", name=name, years=year_words(lacking)))
    if asked.weighting:
        idle = np.unique(rows.loc[rows[asked.weighting.variable] == 0, "year"])
        if len(idle):
            found.append(say("weight of zero in {years}", years=year_words(idle)))
    present = rows.groupby("year")["unit"].nunique().reindex(looked, fill_value=0)
    absent = looked[present.to_numpy() < len(set(units))]
    if len(absent):
        found.append(say("no row in {years}", years=year_words(absent)))
    return joined([*found[:NAMED], *[say("and more")] * (len(found) > NAMED)], "clauses")


def year_words(years: Iterable[int]) -> str:
    """Return years as a note prints them: runs as first-last, three runs at most."""
    runs: list[list[int]] = []
    for year in sorted(int(y) for y in years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    texts = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    named, more = joined(texts[:NAMED]), len(texts) - NAMED
    return say("{names} and {n} more", names=named, n=more) if more > 0 else named


def never_treated_lost(asked: Design) -> str:
    """Return how many never-treated units there were, and why the sample has none; "" where it has some."""
    if asked.panel["adoption_year"].isna().any():
        return ""
    never = asked.source.loc[_never(asked.source["adoption_year"], asked), "unit"].unique()
    lost = sorted(set(never) - set(asked.panel["unit"]), key=str)
    if not lost:
        return ""
    words = gap_words(asked, lost)
    if words:
        return say("all {n} were left out ({why})", n=len(lost), why=words)
    return say("all {n} were left out", n=len(lost))


def _never(adopted: pd.Series, asked: Design) -> pd.Series:
    return (adopted.isna() | (adopted - asked.anticipation > asked.panel["year"].max())).fillna(True)
