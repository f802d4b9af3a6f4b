"""Of indicators that compare a unit with all units of its year: whether these are the same units over the years."""

from __future__ import annotations

from typing import Any

import pandas as pd

from shidian.ledger import ledger_row
from shidian.messages import say

LEAST_SHARE = 0.8
"""Share of the most units of any year from which on a year counts as having them."""


def thin_years(name: str, counted: pd.Series, years: pd.Series) -> tuple[dict[str, Any], ...]:
    """Return the ledger's line on years in which far fewer units are compared with than in others; none where none is.

    Args:
        name: the indicator.
        counted: whether each row enters its year's totals.
        years: the year of each row.
    """
    n = counted[counted].groupby(years[counted]).size()
    thin = n[n < LEAST_SHARE * n.max()] if len(n) else n
    if thin.empty:
        return ()
    least, most = thin.idxmin(), n.idxmax()
    reason = say(
        "compared with the units of its year that have values: {least:,} in {year}, {most:,} in {other}; values of "
        "years with far fewer units are not comparable",
        least=int(n.min()), year=least, most=int(n.max()), other=most,
    )  # fmt: skip
    rows = counted & years.isin(thin.index)
    units = counted[rows].index.get_level_values("unit").nunique()
    return (ledger_row(say("indicators"), name, reason, units=units, rows=int(rows.sum())),)
