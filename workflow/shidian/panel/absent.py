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
    absent, listed = _absent(rows, long, period)
    if absent.empty:
        return []
    reason = say("unit-years that the panel does not have (not in its frame, or excluded): {list}", list=listed)
    return [ledger_row_of(absent, step, source, reason)]


def unserved_lines(
    rows: pd.DataFrame, keys: pd.Series, long: pd.DataFrame, step: str, source: str, period: Period
) -> list[dict[str, Any]]:
    """Return the ledger's line on unit-years of larger units, such as provinces, in which no row lies, or none.

    A larger unit in which no row lies in any year is a stranger, which has a line of its own.

    Args:
        rows: unit and year of the panel's rows.
        keys: (n,) the larger unit that each row lies in, missing for none.
        long: values of the larger units, ``unit`` being their key.
        step: the step of the ledger.
        source: the source of the values.
        period: that of the study.
    """
    inside = rows.assign(unit=keys.to_numpy()).dropna(subset=["unit"]).astype({"unit": str})
    absent, listed = _absent(inside, long[long["unit"].astype(str).isin(inside["unit"])], period)
    if absent.empty:
        return []
    reason = say(
        "unit-years in which no row of the panel lies in the unit (not in its frame, or excluded): {list}", list=listed
    )
    return [ledger_row_of(absent, step, source, reason)]


def _absent(rows: pd.DataFrame, long: pd.DataFrame, period: Period) -> tuple[pd.DataFrame, str]:
    """Return the unit-years of dated values that the rows lack, sorted, and the first units of them as said."""
    dated = long.loc[long["year"].notna(), ["unit", "year"]].drop_duplicates().astype({"unit": str, "year": int})
    absent = dated[~pd.MultiIndex.from_frame(dated).isin(pd.MultiIndex.from_frame(rows[["unit", "year"]]))]
    absent = absent.sort_values(["unit", "year"])
    units = [
        say("{unit} {years}", unit=str(unit), years=spans(years.tolist(), period))
        for unit, years in absent.groupby("unit")["year"]
    ]
    return absent, joined(units[:SHOWN])


def spans(years: list[int], period: Period) -> str:
    """Return ascending periods as spans: 2010-2012, 2015."""
    ends = [i for i, year in enumerate(years) if i == len(years) - 1 or years[i + 1] > year + 1]
    starts = [0, *(i + 1 for i in ends[:-1])]
    parts = [(period.label(years[a]), period.label(years[b])) for a, b in zip(starts, ends, strict=True)]
    return ", ".join(first if first == last else f"{first}-{last}" for first, last in parts)
