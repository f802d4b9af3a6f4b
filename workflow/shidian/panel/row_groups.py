"""Values that a row has among the rows of its group: means, counts, ranks, quantile groups, standardised values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shidian.messages import say
from shidian.panel.evaluated import Evaluated, Remark, remarks_of


@dataclass(frozen=True)
class Groups:
    """Rows by the columns that they agree in.

    Attributes:
        code: (n,) group of each row, -1 where a column is missing.
        size: number of groups.
        remarks: why columns have no value.
    """

    code: np.ndarray
    size: int
    remarks: tuple[Remark, ...] = ()

    @staticmethod
    def by(columns: Sequence[Evaluated], units: pd.Series | None, n: int) -> Groups:
        """Group n rows by columns and, where given, by unit; without either they are one group."""
        code, size = np.zeros(n, dtype=np.int64), 1
        keys = [column.values for column in columns] + ([] if units is None else [units.to_numpy()])
        for key in keys:
            found, values = pd.factorize(key)
            joined = pd.Series(code * len(values) + found).mask((code < 0) | (found < 0))
            code, groups = pd.factorize(joined)
            size = len(groups)
        return Groups(code, size, remarks_of(columns))

    def of(self, given: Evaluated) -> Members:
        """Return the members that have a value."""
        has = np.flatnonzero(np.isfinite(given.values) & (self.code >= 0))
        lost = given.present & ~np.isfinite(given.values)
        hidden = (Remark(lost, ""),) if lost.any() else ()
        return Members(self, replace(given, remarks=(*given.remarks, *hidden)), has, self.code[has], given.values[has])


@dataclass(frozen=True)
class Members:
    """Rows with a value, in groups.

    Attributes:
        groups: the groups of all rows.
        given: the column.
        rows: (m,) positions of those with a value.
        code: (m,) their groups.
        values: (m,) their values.
    """

    groups: Groups
    given: Evaluated
    rows: np.ndarray
    code: np.ndarray
    values: np.ndarray

    def count(self) -> np.ndarray:
        """Return how many members each group has."""
        return np.bincount(self.code, minlength=self.groups.size)

    def mean(self) -> np.ndarray:
        """Return each group's mean; missing for one without members."""
        with np.errstate(invalid="ignore"):
            rough = np.bincount(self.code, self.values, self.groups.size) / self.count()
            rest = np.bincount(self.code, self.values - rough[self.code], self.groups.size) / self.count()
        return rough + rest

    def spread(self) -> np.ndarray:
        """Return each group's standard deviation (n - 1), exactly zero where all are equal or there is one."""
        deviation = self.values - self.mean()[self.code]
        with np.errstate(invalid="ignore", divide="ignore"):
            found = np.sqrt(np.bincount(self.code, deviation**2, self.groups.size) / (self.count() - 1))
        by_group = pd.Series(self.values).groupby(self.code)
        equal = by_group.min().index[by_group.min() == by_group.max()]
        found[equal] = 0.0
        return found

    def evaluated(self, values: np.ndarray, reason: str = "") -> Evaluated:
        """Return members' values as a column of all rows; a ``reason`` says why a member has none."""
        n = len(self.groups.code)
        found, is_member = np.full(n, np.nan), np.zeros(n, dtype=bool)
        found[self.rows], is_member[self.rows] = values, True
        remarks = (*self.given.remarks, *self.groups.remarks)
        if reason:
            remarks = (*remarks, Remark(is_member & ~np.isfinite(found), reason))
        return Evaluated(found, self.given.present & (self.groups.code >= 0), remarks)


def group_mean(given: Evaluated, groups: Groups, *, leave_out: bool = False) -> Evaluated:
    """Return the mean of each row's group; ``leave_out`` takes that of the other rows in it."""
    members = groups.of(given)
    count, mean = members.count(), members.mean()
    place = np.where(groups.code >= 0, groups.code, 0)
    inside = (groups.code >= 0) & (count[place] > 0) if groups.size else np.zeros(len(place), dtype=bool)
    remarks = (*members.given.remarks, *groups.remarks)
    if not groups.size:
        return Evaluated(np.full(len(place), np.nan), inside, remarks)
    found = np.where(inside, mean[place], np.nan)
    if not leave_out:
        return Evaluated(found, inside, remarks)
    others = count[members.code] - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        without = mean[members.code] + (mean[members.code] - members.values) / others
    found[members.rows] = np.where(others > 0, without, np.nan)
    alone = inside & ~np.isfinite(found)
    reason = say("no other row of the group has a value")
    return Evaluated(found, inside, (*remarks, Remark(alone, reason)))


def group_count(given: Evaluated, groups: Groups) -> Evaluated:
    """Return how many rows of each row's group have a value, zero where none has."""
    counts, inside = groups.of(given).count(), groups.code >= 0
    found = np.full(len(inside), np.nan)
    found[inside] = counts[groups.code[inside]]
    return Evaluated(found, inside, (*given.remarks, *groups.remarks))


def rank(given: Evaluated, groups: Groups) -> Evaluated:
    """Return ranks within groups, 1 for the smallest; equal values share the mean of their ranks."""
    members = groups.of(given)
    return members.evaluated(pd.Series(members.values).groupby(members.code).rank().to_numpy())


def standardise(given: Evaluated, groups: Groups) -> Evaluated:
    """Return values less their group's mean, in its standard deviations; none where all are equal."""
    members = groups.of(given)
    mean, spread = members.mean()[members.code], members.spread()[members.code]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(spread > 0, (members.values - mean) / spread, np.nan)
    return members.evaluated(found, say("all values of the group are equal"))


def quantile_group(given: Evaluated, groups: Groups, n: int) -> Evaluated:
    """Return the quantile group of each value within its group of rows, 1 to n, as Stata's xtile makes it.

    Cut point j of m sorted values is the one after the first jm/n, or where jm/n is whole the mean of the two around
    it; a value belongs to the first group whose cut point it does not exceed. Fewer values than n have none.
    """
    members = groups.of(given)
    found = np.full(len(members.values), np.nan)
    order = np.lexsort([members.values, members.code])
    for part in np.split(order, np.flatnonzero(np.diff(members.code[order])) + 1):
        if len(part) >= n:
            found[part] = np.searchsorted(_cut_points(members.values[part], n), members.values[part]) + 1
    reason = say("fewer values in the group of rows than {n} quantile groups", n=n)
    return members.evaluated(found, reason)


def _cut_points(ascending: np.ndarray, n: int) -> np.ndarray:
    """Return the n - 1 cut points of sorted values."""
    upto = np.arange(1, n) * len(ascending)
    below, whole = upto // n, upto % n == 0
    return np.where(whole, (ascending[below - 1] + ascending[below]) / 2, ascending[below])
