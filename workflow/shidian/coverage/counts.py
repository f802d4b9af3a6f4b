"""Counts of the values that a panel has: by variable and period, by unit, and of complete rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

LACKING = ("unit", "variable", "periods", "n")


def having(panel: pd.DataFrame, names: Sequence[str], periods: Sequence[int]) -> pd.DataFrame:
    """Return how many units have a value.

    Args:
        panel: unit, year and the variables, one row a unit-year.
        names: columns.
        periods: periods that are asked for, also those without a row.

    Returns:
        One row a variable, one column a period.
    """
    there = panel[list(names)].notna().groupby(panel["year"]).sum()
    return there.reindex(list(periods), fill_value=0).T.astype("int64")


def rows_by_period(panel: pd.DataFrame, periods: Sequence[int]) -> pd.Series:
    """Return how many units have a row in each period."""
    return panel.groupby("year").size().reindex(list(periods), fill_value=0).astype("int64")


def percent(n: int, of: int) -> int:
    """Return a share in per cent, rounded; 100 only for all, 0 only for none.

    >>> percent(999, 1000), percent(1, 1000), percent(3, 3), percent(1, 3), percent(0, 0)
    (99, 1, 100, 33, 0)
    """
    if n == of or not n:
        return 100 if n else 0
    return min(99, max(1, round(100 * n / of)))


def lacking(panel: pd.DataFrame, names: Sequence[str], periods: Sequence[int]) -> pd.DataFrame:
    """Return which periods each unit lacks of each variable, those of no row included (``LACKING``).

    ``periods`` of a row is the ascending tuple of them, ``n`` their number; a unit that lacks nothing has no row.
    Units that lack most come first, each with its variables in the order of ``names``.
    """
    units = np.sort(panel["unit"].astype(str).unique())
    wide = panel[list(names)].notna().set_axis(pd.MultiIndex.from_frame(panel[["unit", "year"]].astype({"unit": str})))
    whole = wide.reindex(pd.MultiIndex.from_product([units, list(periods)]), fill_value=False)
    missing = ~whole.to_numpy(dtype=bool).reshape(len(units), len(periods), len(names))
    counts = missing.sum(axis=1)
    when = np.asarray(periods)
    rows = [
        (units[i], names[k], tuple(when[missing[i, :, k]].tolist()), int(counts[i, k]))
        for i in np.argsort(-counts.sum(axis=1), kind="stable").tolist()
        for k in np.flatnonzero(counts[i]).tolist()
    ]
    return pd.DataFrame(rows, columns=list(LACKING))


def complete_rows(panel: pd.DataFrame, names: Sequence[str]) -> tuple[int, pd.DataFrame]:
    """Return the rows where no variable is missing, and what each variable costs.

    Returns:
        The number of complete rows; by variable ``missing`` (its missing rows) and ``alone`` (the rows in which it is
        the only one missing, which its values alone would win back). Variables without a missing row are left out.
    """
    gone = panel[list(names)].isna()
    several = gone.sum(axis=1)
    cost = pd.DataFrame({"missing": gone.sum(), "alone": gone[several == 1].sum()}).astype("int64")
    return int((several == 0).sum()), cost[cost["missing"] > 0]


def beyond_rows(panel: pd.DataFrame, long: pd.DataFrame) -> pd.DataFrame:
    """Return by series of the sources how many of its values reach a row of the panel.

    Args:
        panel: unit and year of its rows.
        long: values: unit, year (missing for facts without one), source_id, indicator, value; those of units that
            are not in the panel do not count.

    Returns:
        By ``series`` (source.indicator), in alphabetical order: ``known`` (values printed, of units of the panel in the
        study's periods), ``blank`` (unit-years with a cell but no number), ``lost`` (values of unit-years that the
        panel does not have).
    """
    dated = long[long["year"].notna() & long["unit"].astype(str).isin(panel["unit"].astype(str))]
    at = pd.MultiIndex.from_arrays([dated["unit"].astype(str), dated["year"].astype("int64")])
    inside = at.isin(pd.MultiIndex.from_frame(panel[["unit", "year"]].astype({"unit": str})))
    known = dated["value"].notna().to_numpy()
    series = dated["source_id"].astype(str) + "." + dated["indicator"].astype(str)
    flags = pd.DataFrame({"known": known, "blank": ~known & inside, "lost": known & ~inside}, index=dated.index)
    return flags.groupby(series).sum().astype("int64").rename_axis("series")
