"""Why units are not in the sample, or not in every year of it: the columns and years that they lack."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd

from shidian.did.staggered.design import Design

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
    lacking: dict[str, np.ndarray] = {}
    for name in dict.fromkeys([asked.outcome, *asked.controls, asked.cluster]):
        lacking[f"{name} missing"] = np.unique(rows.loc[rows[name].isna(), "year"])
    present = rows.groupby("year")["unit"].nunique().reindex(looked, fill_value=0)
    lacking["no row"] = looked[present.to_numpy() < len(set(units))]
    found = [f"{what} in {year_words(at)}" for what, at in lacking.items() if len(at)]
    return "; ".join(found[:NAMED]) + ("; and more" if len(found) > NAMED else "")


def year_words(years: Iterable[int]) -> str:
    """Return years as a note prints them: runs as first-last, three runs at most."""
    runs: list[list[int]] = []
    for year in sorted(int(y) for y in years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    texts = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return ", ".join(texts[:NAMED]) + (f" and {len(texts) - NAMED} more" if len(texts) > NAMED else "")


def never_treated_lost(asked: Design) -> str:
    """Return how many never-treated units there were, and why the sample has none; "" where it has some."""
    if asked.panel["adoption_year"].isna().any():
        return ""
    never = asked.source.loc[_never(asked.source["adoption_year"], asked), "unit"].unique()
    lost = sorted(set(never) - set(asked.panel["unit"]), key=str)
    if not lost:
        return ""
    words = gap_words(asked, lost)
    return f"all {len(lost)} were left out" + (f" ({words})" if words else "")


def _never(adopted: pd.Series, asked: Design) -> pd.Series:
    return (adopted.isna() | (adopted - asked.anticipation > asked.panel["year"].max())).fillna(True)
