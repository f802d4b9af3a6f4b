"""The functions of formulas, computed on the rows of a panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from shidian.panel.capital_stock import perpetual_inventory
from shidian.panel.evaluated import Evaluated, remarks_of
from shidian.panel.real_values import deflate
from shidian.panel.row_groups import Groups, group_count, group_mean, quantile_group, rank, standardise
from shidian.panel.scope import Scope
from shidian.panel.unit_periods import of_base_year, running_sum, shifted
from shidian.study.formula_functions import BY_GROUP, LEAVE_OUT, UNIT
from shidian.study.grammar import Call

_OF_ONE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "ln": np.log, "log10": np.log10, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs, "asinh": np.arcsinh,
}  # fmt: skip


def call(node: Call, parts: Sequence[Evaluated], scope: Scope) -> Evaluated:
    """Return the value of a function in every row.

    Args:
        node: the function and its options.
        parts: what it is of, and its further expressions.
        scope: the panel's rows and period.

    Raises:
        PanelError: several rows of a unit in one period, where other periods are read.
    """
    function = node.function
    if function in _OF_ONE:
        return Evaluated(_OF_ONE[function](parts[0].values), parts[0].present, parts[0].remarks)
    columns = [part.column(len(scope.rows)) for part in parts]
    if function in ("min", "max"):
        of_two = np.minimum if function == "min" else np.maximum
        present = np.logical_and.reduce([column.present for column in columns])
        return Evaluated(of_two.reduce([column.values for column in columns]), present, remarks_of(columns))
    if function == "in":
        listed = np.isin(columns[0].values, np.array(node.options, dtype=float))
        values = np.where(np.isnan(columns[0].values), np.nan, listed)
        return Evaluated(values, columns[0].present, columns[0].remarks)
    if function == "since":
        values = (scope.calendar >= columns[0].values).astype(float)  # 0 where x is missing
        return Evaluated(values, columns[0].present, columns[0].remarks)
    return _by_group(node, columns, scope) if function in BY_GROUP else _by_period(node, columns, scope)


def _by_group(node: Call, columns: Sequence[Evaluated], scope: Scope) -> Evaluated:
    """Return what a row is among the rows that agree with it."""
    given, *by = columns
    groups = Groups.by(by, scope.rows["unit"] if UNIT in node.options else None, len(scope.rows))
    if node.function == "group_mean":
        return group_mean(given, groups, leave_out=LEAVE_OUT in node.options)
    if node.function == "group_count":
        return group_count(given, groups)
    if node.function == "quantile_group":
        return quantile_group(given, groups, int(node.options[0]))
    return rank(given, groups) if node.function == "rank" else standardise(given, groups)


def _by_period(node: Call, columns: Sequence[Evaluated], scope: Scope) -> Evaluated:
    """Return what a row has of the other periods of its unit."""
    given, rows = columns[0], scope.rows
    match node:
        case Call("lag" | "lead" | "diff" | "growth", _, options):
            periods = int(options[0]) if options else 1
            before = shifted(rows, given, -periods if node.function == "lead" else periods)
            if node.function in ("lag", "lead"):
                return before
            present, remarks = given.present & before.present, remarks_of([given, before])
            if node.function == "diff":
                return Evaluated(given.values - before.values, present, remarks)
            return Evaluated(given.values / before.values - 1, present, remarks)
        case Call("base", _, (year, *_)):
            return of_base_year(rows, given, int(year))
        case Call("cumulate"):
            return running_sum(rows, given)
        case Call("deflate", _, (base, *hundred)):
            return deflate(rows, given, columns[1:], int(base), float(hundred[0]) if hundred else None)
        case Call("perpetual_inventory", _, (kind, number, start)):
            return perpetual_inventory(rows, given, columns[1], (str(kind), float(number), str(start)))
    raise AssertionError(node)
