"""Values of a unit's other periods: looked up by period, never by the place of a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.messages import say
from shidian.panel.evaluated import Evaluated, Remark


def lagged(rows: pd.DataFrame, values: np.ndarray, periods: int) -> np.ndarray:
    """Return each unit's value so many periods earlier (later where negative).

    The value is missing where the panel has no row of that period.

    Raises:
        PanelError: several rows of a unit in one period.
    """
    refuse_repeated(rows)
    keys = pd.MultiIndex.from_arrays([rows["unit"], rows["year"] - periods])
    return pd.Series(values, index=pd.MultiIndex.from_arrays([rows["unit"], rows["year"]])).reindex(keys).to_numpy()


def in_base_year(rows: pd.DataFrame, values: np.ndarray, year: int) -> np.ndarray:
    """Return, in every year, each unit's value in ``year``; missing for a unit that has none in it.

    Raises:
        PanelError: several rows of a unit in one period.
    """
    refuse_repeated(rows)
    inside = (rows["year"] == year).to_numpy()
    return rows["unit"].map(pd.Series(values[inside], index=rows.loc[inside, "unit"])).to_numpy(dtype=float)


def shifted(rows: pd.DataFrame, given: Evaluated, periods: int) -> Evaluated:
    """Return a column so many periods earlier, with whether it was there."""
    return _moved(given, lambda values: lagged(rows, values, periods))


def of_base_year(rows: pd.DataFrame, given: Evaluated, year: int) -> Evaluated:
    """Return a column's value of the base year in every year, with whether it was there."""
    return _moved(given, lambda values: in_base_year(rows, values, year))


def _moved(given: Evaluated, move: Callable[[np.ndarray], np.ndarray]) -> Evaluated:
    there = _moved_truth(given.present, move)
    remarks = tuple(replace(one, rows=_moved_truth(one.rows, move)) for one in given.remarks)
    return Evaluated(move(given.values), there, remarks)


def _moved_truth(rows: np.ndarray, move: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return np.asarray(np.nan_to_num(move(rows.astype(float))) == 1)


def refuse_repeated(rows: pd.DataFrame) -> None:
    """Raise PanelError where a unit has several rows in one period."""
    twice = rows.duplicated(["unit", "year"])
    if twice.any():
        first = rows[twice].iloc[0]
        raise PanelError(
            f"unit {first['unit']} {first['unit_name']} has several rows in one period: functions that read other "
            "periods of a unit, such as lag, base and cumulate, need one; use group_mean or rank by its columns"
        )


@dataclass(frozen=True)
class Runs:
    """The first stretch without a gap of each unit's periods in which a column is there.

    Attributes:
        order: (n,) positions of the rows, by unit and period; all else is in this order.
        step: (n,) periods since the stretch began, -1 outside it.
        after_gap: (n,) rows in which the column is there again, after a gap.
    """

    order: np.ndarray
    step: np.ndarray
    after_gap: np.ndarray

    @staticmethod
    def of(rows: pd.DataFrame, present: np.ndarray) -> Runs:
        """Find the stretches.

        Raises:
            PanelError: several rows of a unit in one period.
        """
        refuse_repeated(rows)
        units, years = pd.factorize(rows["unit"])[0], rows["year"].to_numpy()
        order = np.lexsort([years, units])
        unit, year, known, at = units[order], years[order], present[order], np.arange(len(rows))
        begins = np.flatnonzero(np.diff(unit, prepend=-1))
        size = np.diff(np.append(begins, len(rows)))
        start = np.minimum.reduceat(np.where(known, at, len(rows)), begins) if len(rows) else begins
        since = at - np.repeat(start, size)
        follows = np.diff(year, prepend=year[:1] - 1) == 1
        breaks = np.cumsum((since > 0) & ~(known & follows))
        broken = breaks > np.repeat(breaks[begins] if len(rows) else breaks, size)
        inside = (since >= 0) & ~broken
        return Runs(order, np.where(inside, since, -1), known & (since > 0) & broken)

    def to_rows(self, values: np.ndarray) -> np.ndarray:
        """Return values in this order in that of the rows."""
        found = np.empty_like(values)
        found[self.order] = values
        return found

    def gaps(self) -> tuple[Remark, ...]:
        """Say which rows have no value because they come after a gap."""
        reason = say("after a year without a value, and what is added up needs every year")
        return (Remark(self.to_rows(self.after_gap), reason, is_fault=False),) if self.after_gap.any() else ()


def running_sum(rows: pd.DataFrame, given: Evaluated) -> Evaluated:
    """Return the sum of each unit's values from its first on, as long as no period is missing."""
    runs = Runs.of(rows, given.present)
    inside = runs.step >= 0
    began = np.cumsum(runs.step == 0)
    values = np.where(inside, given.values[runs.order], 0.0)
    good = np.isfinite(values)
    sums = pd.DataFrame({"total": np.where(good, values, 0.0), "bad": ~good}).groupby(began).cumsum()
    found = np.where(inside & (sums["bad"] == 0), sums["total"], np.nan)
    return Evaluated(runs.to_rows(found), runs.to_rows(inside), (*given.remarks, *runs.gaps()))
