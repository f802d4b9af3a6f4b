"""A series that several sources give: the first counts, the next where it has no value; agreement is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from shidian.ledger import ledger_row, ledger_row_of
from shidian.messages import say
from shidian.panel.coded import of_series, stacked, with_categories
from shidian.study.model import Precedence

SAME = 1e-9
"""Relative difference up to which two printed numbers are one."""


def in_precedence(long: pd.DataFrame, orders: Sequence[Precedence]) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Give a series the values of other sources where its own has none.

    Args:
        long: raw values in one unit of measure a series (``shidian.panel.join.LONG_COLUMNS`` and ``factor``).
        orders: the series, each with those that serve in its place.

    Returns:
        ``long``, in which the values taken stand as the series' own too, their ``cell_id`` as it was; and the
        ledger's lines: how many values each source adds, how many both give, how many of these differ and by how much.
    """
    ledger: list[dict[str, Any]] = []
    for order in orders:
        for other in order.then:
            long, lines = _served(long, order.series, other)
            ledger += lines
    return long, ledger


def _served(long: pd.DataFrame, series: str, other: str) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    at, beside = of_series(long, series), of_series(long, other)
    own, theirs = long.take(at), long.take(beside)
    both = _keyed(own).merge(_keyed(theirs), on=["unit", "year"], suffixes=("", "_other"))
    known = set(zip(*_keys(own[own["value"].notna()]), strict=True))
    new = (
        np.array([key not in known for key in zip(*_keys(theirs), strict=True)], dtype=bool)
        & theirs["value"].notna().to_numpy()
    )
    source, _, name = series.partition(".")
    taken = theirs[new].astype({"source_id": "str", "indicator": "str"}).assign(source_id=source, indicator=name)
    replaced = set(zip(*_keys(taken), strict=True))
    keys = zip(zip(*_keys(own), strict=True), own["value"], strict=True)
    blank = np.array([bool(pd.isna(value)) and key in replaced for key, value in keys], dtype=bool)
    gone = np.zeros(len(long), dtype=bool)
    gone[at[blank]] = True
    ledger = [_agreement(both, series, other)]
    if len(taken):
        reason = say("taken from '{other}', where '{series}' has no value", other=other, series=series)
        ledger.append(ledger_row_of(taken, say("precedence"), series, reason))
    return stacked([long[~gone], with_categories(taken)]), ledger


def _keys(rows: pd.DataFrame) -> tuple[list[str], list[int]]:
    """Return unit and year of rows, -1 for a fact without a year."""
    return rows["unit"].astype(str).tolist(), rows["year"].fillna(-1).astype(int).tolist()


def _keyed(rows: pd.DataFrame) -> pd.DataFrame:
    unit, year = _keys(rows)
    return pd.DataFrame({"unit": unit, "year": year, "value": rows["value"].to_numpy(dtype=float)}).dropna()


def _agreement(both: pd.DataFrame, series: str, other: str) -> dict[str, Any]:
    """Return the line on the values that two sources both give."""
    first, second = both["value"].to_numpy(), both["value_other"].to_numpy()
    apart = np.abs(first - second)
    larger = np.maximum(np.abs(first), np.abs(second))
    share = np.divide(apart, larger, out=np.zeros(len(both)), where=larger > 0)
    differ = share > SAME
    if not differ.any():
        reason = say(
            "'{series}' counts before '{other}'; both give {n} values, none differs",
            series=series,
            other=other,
            n=len(both),
        )
    else:
        worst = both.iloc[int(np.argmax(share))]
        reason = say(
            "'{series}' counts before '{other}'; both give {n} values, {differ} differ, by {median:.1%} of the larger "
            "in the median and {largest:.1%} at most (unit {unit}: {first:g} and {second:g})",
            series=series, other=other, n=len(both), differ=int(differ.sum()), median=float(np.median(share[differ])),
            largest=float(share.max()), unit=str(worst["unit"]), first=float(worst["value"]),
            second=float(worst["value_other"]),
        )  # fmt: skip
    return ledger_row(say("precedence"), series, reason, units=int(both["unit"].nunique()), rows=len(both))
