"""Compute the study's variables from the series of its sources, exactly as their formulas say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.ledger import ledger_row_of
from shidian.messages import say
from shidian.period import Period
from shidian.study.grammar import Binary, Call, If, Name, Negative, Node, Number
from shidian.study.model import Variable

_FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "ln": np.log, "log10": np.log10, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs,
}  # fmt: skip
_OPERATORS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power,
    "==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """What a formula may read.

    Attributes:
        rows: unit, unit_name and year of every row of the panel.
        columns: name in the formula -> (n,) values.
        period: what a year of the panel is.
    """

    rows: pd.DataFrame
    columns: Mapping[str, np.ndarray]
    period: Period = field(default_factory=Period)

    @property
    def calendar(self) -> np.ndarray:
        """Periods of the rows (n,) as the calendar numbers them, as dates in columns are."""
        return self.period.origin + self.rows["year"].to_numpy() * self.period.step


def compute_variable(variable: Variable, scope: Scope) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Compute one variable.

    Args:
        variable: the resolved variable; its conversions stand in its formula.
        scope: the panel's rows and the names that the formula may use.

    Returns:
        The (n,) values in the variable's declared unit, and the ledger's lines.

    Raises:
        PanelError: the formula has no value although its inputs have one (ln 0, division by zero), unless the
            variable declares ``invalid: missing``; names the first unit-year.
    """
    rows = scope.rows
    with np.errstate(all="ignore"):
        values = _value(variable.node, scope) * variable.factor
    values = np.broadcast_to(np.asarray(values, dtype=float), len(rows)).copy()
    invalid = ~np.isfinite(values) & _inputs_present(variable.node, scope)
    ledger: list[dict[str, Any]] = []
    if invalid.any():
        first = rows[invalid].iloc[0]
        said = variable.formula if variable.name == variable.formula else f"{variable.name} = {variable.formula}"
        what = f"'{said}' has no value"
        if not variable.missing_where_invalid:
            raise PanelError(
                f"{what} in {int(invalid.sum())} unit-{scope.period.noun}s, the first being {first['unit']} "
                f"{first['unit_name']} in {scope.period.label(first['year'])}: correct the source, or declare "
                "'invalid: missing' for the variable"
            )
        reason = say("formula has no value (logarithm of zero or less, or division by zero): left empty")
        ledger.append(ledger_row_of(rows[invalid], say("variables"), variable.name, reason))
    values[~np.isfinite(values)] = np.nan
    return values, ledger


def _value(node: Node, scope: Scope) -> Any:
    match node:
        case Number(value):
            return value
        case Name(name):
            return scope.columns[name]
        case Negative(operand):
            return -_value(operand, scope)
        case If(condition, then, other):
            holds = np.asarray(_value(condition, scope), dtype=float)
            chosen = np.where(holds != 0, _value(then, scope), _value(other, scope))
            return np.where(np.isnan(holds), np.nan, chosen)
        case Call("in", argument, options):
            given = _column(argument, scope)
            return np.where(np.isnan(given), np.nan, np.isin(given, np.array(options, dtype=float)))
        case Call("lag", argument, options):
            years = int(options[0]) if options else 1
            return lagged(scope.rows, _column(argument, scope), years)
        case Call("base", argument, (year, *_)):
            return in_base_year(scope.rows, _column(argument, scope), int(year))
        case Call("since", argument, _):
            return (scope.calendar >= _value(argument, scope)).astype(float)  # 0 where x is missing
        case Call(function, argument, _):
            return _FUNCTIONS[function](_value(argument, scope))
        case Binary(operator, left, right):
            a, b = _value(left, scope), _value(right, scope)
            result = _OPERATORS[operator](a, b)
            if operator in ("==", "!=", "<", "<=", ">", ">="):
                return np.where(np.isnan(a) | np.isnan(b), np.nan, result)
            return result
    raise AssertionError(node)


def _column(node: Node, scope: Scope) -> np.ndarray:
    """Return the value of an expression in every row, also of one that is a number."""
    return np.broadcast_to(np.asarray(_value(node, scope), dtype=float), len(scope.rows))


def lagged(rows: pd.DataFrame, values: np.ndarray, years: int) -> np.ndarray:
    """Return each unit's value ``years`` calendar years earlier; missing where that year is not in the panel."""
    keys = pd.MultiIndex.from_arrays([rows["unit"], rows["year"] - years])
    return pd.Series(values, index=pd.MultiIndex.from_arrays([rows["unit"], rows["year"]])).reindex(keys).to_numpy()


def in_base_year(rows: pd.DataFrame, values: np.ndarray, year: int) -> np.ndarray:
    """Return, in every year, each unit's value in ``year``; missing for a unit that has none in it."""
    inside = (rows["year"] == year).to_numpy()
    return rows["unit"].map(pd.Series(values[inside], index=rows.loc[inside, "unit"])).to_numpy(dtype=float)


def _inputs_present(node: Node, scope: Scope) -> np.ndarray:
    """Say where every input that the formula reads has a value, lags looked up in their own year."""
    match node:
        case Name(name):
            return np.isfinite(scope.columns[name])
        case Negative(operand):
            return _inputs_present(operand, scope)
        case If(condition, then, other):
            holds = np.broadcast_to(_value(condition, scope), len(scope.rows))
            sides = [_inputs_present(side, scope) for side in (then, other)]
            return _inputs_present(condition, scope) & np.where(holds != 0, *sides)
        case Call("lag", argument, options):
            inner = _inputs_present(argument, scope).astype(float)
            return np.nan_to_num(lagged(scope.rows, inner, int(options[0]) if options else 1)) == 1
        case Call("base", argument, (year, *_)):
            inner = _inputs_present(argument, scope).astype(float)
            return np.nan_to_num(in_base_year(scope.rows, inner, int(year))) == 1
        case Call(_, argument, _):
            return _inputs_present(argument, scope)
        case Binary(_, left, right):
            return _inputs_present(left, scope) & _inputs_present(right, scope)
    return np.ones(len(scope.rows), dtype=bool)
