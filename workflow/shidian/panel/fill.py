"""Declared filling of gaps: linear between two printed years, flagged value by value, never silent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from shidian.ledger import ledger_row_of
from shidian.messages import say
from shidian.panel.coded import of_series, stacked, with_categories
from shidian.study.model import Fill

FLAGS = {"interpolated": say("interpolated"), "carried": say("carried{on}", on="")}  # not what a regression carried


def fill_gaps(
    long: pd.DataFrame, rows: pd.DataFrame, fills: Sequence[Fill]
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Fill the declared gaps of series.

    Linear interpolation between the nearest printed years inside a gap of at most ``max_gap`` missing years; at the
    ends the nearest value is carried at most ``max_gap`` years, only where declared. Longer gaps stay empty whole.

    Args:
        long: raw values (``shidian.panel.join.LONG_COLUMNS``).
        rows: unit and year of every row of the panel; only these are filled.
        fills: the declared fillings.

    Returns:
        ``long`` with the filled values added (flag "interpolated" or "carried", cell_id = the cells they come from),
        and the ledger's lines.
    """
    ledger: list[dict[str, Any]] = []
    for fill in fills:
        given = long.take(of_series(long, fill.series))
        given = given[given["value"].notna()]
        parts = [_fill_unit(part, group["year"], fill) for unit, group in rows.groupby("unit")
                  if not (part := given[given["unit"] == unit]).empty]  # fmt: skip
        filled = [part for part in parts if not part.empty]
        new = pd.concat(filled, ignore_index=True) if filled else given.iloc[:0]
        keys = ["unit", "year", "source_id", "indicator"]
        replaced = long.merge(new[keys].assign(filled=True), on=keys, how="left")["filled"].notna().to_numpy()
        long = stacked([long[~replaced], with_categories(new)])
        for flag, part in new.groupby("flag"):
            reason = say("{flag}: gaps of at most {n} years", flag=FLAGS[str(flag)], n=fill.max_gap)
            ledger.append(ledger_row_of(part, say("fill"), fill.series, reason))
    return long, ledger


def _fill_unit(given: pd.DataFrame, years: pd.Series, fill: Fill) -> pd.DataFrame:
    """Return the filled rows of one unit."""
    given = given.sort_values("year")
    known = given["year"].to_numpy(dtype=int)
    values, cells = given["value"].to_numpy(dtype=float), given["cell_id"].to_numpy(dtype=str)
    new = []
    for year in sorted(set(years) - set(known)):
        after = int(np.searchsorted(known, year))
        if 0 < after < len(known):
            a, b = after - 1, after
            if known[b] - known[a] - 1 <= fill.max_gap:
                share = (year - known[a]) / (known[b] - known[a])
                value = values[a] + share * (values[b] - values[a])
                new.append((year, value, "interpolated", f"{cells[a]} + {cells[b]}"))
        elif fill.ends:
            edge = 0 if after == 0 else len(known) - 1
            if abs(year - known[edge]) <= fill.max_gap:
                new.append((year, values[edge], "carried", cells[edge]))
    frame = pd.DataFrame(new, columns=["year", "value", "flag", "cell_id"])
    first = given.iloc[0]
    return frame.assign(**{k: first[k] for k in ("unit", "source_id", "indicator", "measure", "factor")})[
        list(given.columns)
    ]
