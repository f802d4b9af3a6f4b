"""Declared filling of gaps in the years of a unit, flagged value by value, never silent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from shidian.ledger import ledger_row_of
from shidian.messages import say
from shidian.panel.coded import of_series, stacked, with_categories
from shidian.panel.fill_methods import FLAGS, METHODS, Cells, Printed
from shidian.study.model import Fill

NEW = ("unit", "year", "value", "flag", "cell_id")


def fill_gaps(
    long: pd.DataFrame, rows: pd.DataFrame, fills: Sequence[Fill]
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Fill the declared gaps of series.

    Between printed years a gap of at most ``max_gap`` missing years is filled as ``how`` says; at the ends at most
    ``max_gap`` years, only where declared. Longer gaps stay empty whole. Values that were filled fill no others.

    Args:
        long: raw values (``shidian.panel.join.LONG_COLUMNS``).
        rows: unit and year of every row of the panel; only these are filled.
        fills: the declared fillings.

    Returns:
        ``long`` with the filled values added (their ``flag`` is one of ``FLAGS``, ``cell_id`` the cells that they come
        from, joined by `` + ``), and the ledger's lines, those of gaps that the values do not let fill among them.
    """
    ledger: list[dict[str, Any]] = []
    for fill in fills:
        mine = long.take(of_series(long, fill.series))
        mine = mine[mine["value"].notna()]
        given = mine[~mine["flag"].isin(list(FLAGS))].astype({"unit": "str"})
        new = _filled(given, mine, rows, fill)
        done = new[new["flag"] != ""]
        long = _with(long, done, given) if len(done) else long
        for flag, part in done.groupby("flag"):
            reason = say("{flag}: gaps of at most {n} years", flag=FLAGS[str(flag)], n=fill.max_gap)
            ledger.append(ledger_row_of(part, say("fill"), fill.series, reason))
        if not (lost := new[new["flag"] == ""]).empty:
            reason = say("gaps left empty: {why}", why=METHODS[fill.how].lacks)
            ledger.append(ledger_row_of(lost, say("fill"), fill.series, reason))
    return long, ledger


def _filled(given: pd.DataFrame, known: pd.DataFrame, rows: pd.DataFrame, fill: Fill) -> pd.DataFrame:
    """Return the unit-years within the limits (``NEW``); the flag is "" where the values do not let them be filled."""
    means = _province_means(given) if fill.how == "province_mean" else {}
    printed = {str(unit): part.sort_values("year") for unit, part in given.groupby("unit")}
    taken = known.astype({"unit": "str"}).groupby("unit")["year"].agg(set).to_dict()
    method, new = METHODS[fill.how].fill, []
    for unit, years in rows.groupby("unit")["year"]:
        part = printed.get(str(unit))
        if part is None:
            continue
        values = part["value"].to_numpy(dtype=float)
        mine = Printed(part["year"].to_numpy(dtype=int), values, part["cell_id"].to_numpy(dtype=str),
                       means.get(str(unit)[:2], {}))  # fmt: skip
        for year in sorted(set(years) - taken[str(unit)]):
            size, inside = mine.gap(int(year))
            if size > fill.max_gap or not (inside or fill.ends):
                continue
            one = method(mine, int(year))
            new.append((str(unit), year, *((one.value, one.flag, " + ".join(one.cells)) if one else (np.nan, "", ""))))
    return pd.DataFrame(new, columns=list(NEW))


def _province_means(given: pd.DataFrame) -> dict[str, dict[int, tuple[float, Cells]]]:
    """Return province (two digits) -> year -> mean of its units' values, and their cells."""
    found: dict[str, dict[int, tuple[float, Cells]]] = {}
    ordered = given.sort_values(["unit", "year"], kind="stable")
    for _, part in ordered.groupby([ordered["unit"].str[:2], ordered["year"]]):
        province, year = str(part["unit"].iloc[0])[:2], int(part["year"].iloc[0])
        cells = tuple(part["cell_id"].astype(str))
        found.setdefault(province, {})[year] = (float(part["value"].mean()), cells)
    return found


def _with(long: pd.DataFrame, new: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """Return the raw values with the filled ones in the place of missing ones.

    What the values of a unit share (source, series, measure) is taken from its first printed year.
    """
    shared = ["source_id", "indicator", "measure", "factor"]
    first = given.sort_values("year").drop_duplicates("unit").set_index("unit")[shared]
    added = new.assign(**{name: new["unit"].map(first[name]) for name in shared})[list(given.columns)]
    keys = ["unit", "year", "source_id", "indicator"]
    replaced = long.merge(added[keys].assign(filled=True), on=keys, how="left")["filled"].notna().to_numpy()
    return stacked([long[~replaced], with_categories(added)])
