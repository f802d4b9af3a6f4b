"""Unit-years that a source has and the panel has not, though the unit is in it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from shidian.ledger import ledger_row_of
from shidian.messages import joined, say
from shidian.period import Period

SHOWN = 40
"""Units that the line lists."""


def absent_lines(
    rows: pd.DataFrame, long: pd.DataFrame, step: str, source: str, period: Period
) -> list[dict[str, Any]]:
    """Return the ledger's line on unit-years whose unit is in the panel, but not in that year, or none.

    Args:
        rows: unit and year of the panel's rows.
        long: values of units of the panel.
        step: the step of the ledger.
        source: the source of the values.
        period: that of the study.
    """
    dated = long.loc[long["year"].notna(), ["unit", "year"]].drop_duplicates().astype({"unit": str, "year": int})
    absent = dated[~pd.MultiIndex.from_frame(dated).isin(pd.MultiIndex.from_frame(rows[["unit", "year"]]))]
    if absent.empty:
        return []
    absent = absent.sort_values(["unit", "year"])
    units = [
        say("{unit} {years}", unit=str(unit), years=spans(years.tolist(), period))
        for unit, years in absent.groupby("unit")["year"]
    ]
    listed = joined(units[:SHOWN])
    reason = say("unit-years that the panel does not have (not in its frame, or excluded): {list}", list=listed)
    return [ledger_row_of(absent, step, source, reason)]


def spans(years: list[int], period: Period) -> str:
    """Return ascending periods as spans: 2010-2012, 2015."""
    ends = [i for i, year in enumerate(years) if i == len(years) - 1 or years[i + 1] > year + 1]
    starts = [0, *(i + 1 for i in ends[:-1])]
    parts = [(period.label(years[a]), period.label(years[b])) for a, b in zip(starts, ends, strict=True)]
    return ", ".join(first if first == last else f"{first}-{last}" for first, last in parts)
