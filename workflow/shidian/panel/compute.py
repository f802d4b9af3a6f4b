"""Compute the study's variables from the series of its sources, exactly as their formulas say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from shidian.errors import PanelError
from shidian.ledger import ledger_row_of
from shidian.messages import say
from shidian.panel.evaluated import Evaluated, Remark, remarks_of
from shidian.panel.functions import call
from shidian.panel.scope import Scope
from shidian.study.formula_variable import Variable
from shidian.study.grammar import Binary, Call, If, Name, Negative, Node, Number, parts_of

_OPERATORS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power,
    "==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip

_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


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
    if variable.absent:
        why = ledger_row_of(scope.rows, say("variables"), variable.name, variable.absent)
        return np.full(len(scope.rows), np.nan), [why]
    with np.errstate(all="ignore"):
        found = evaluate(variable.node, scope).column(len(scope.rows))
        values = found.values * variable.factor
    faults = _faults(found, values)
    if faults and not variable.missing_where_invalid:
        raise PanelError(_refusal(variable, scope, faults))
    lines = [(one.rows, _left_empty(one.reason)) for one in faults]
    lines += [(one.rows, one.reason) for one in found.remarks if not one.is_fault and one.rows.any()]
    ledger = [ledger_row_of(scope.rows[rows], say("variables"), variable.name, reason) for rows, reason in lines]
    return np.where(np.isfinite(values), values, np.nan), ledger


def _left_empty(reason: str) -> str:
    if not reason:
        return say("formula has no value (logarithm of zero or less, or division by zero): left empty")
    return say("{reason}: left empty", reason=reason)


def _faults(found: Evaluated, values: np.ndarray) -> list[Remark]:
    """Return the rows without a value though what the formula reads is there, each once, by reason."""
    left = ~np.isfinite(values) & found.present
    faults: dict[str, np.ndarray] = {}
    for remark in found.remarks:
        if remark.is_fault and remark.rows.any():
            faults[remark.reason] = faults.get(remark.reason, False) | remark.rows
            left &= ~remark.rows
    if left.any():
        faults[""] = faults.get("", False) | left
    return [Remark(rows, reason) for reason, rows in faults.items()]


def _refusal(variable: Variable, scope: Scope, faults: Sequence[Remark]) -> str:
    """Return the error of a formula that has no value in some rows."""
    invalid = np.logical_or.reduce([one.rows for one in faults])
    at = int(np.flatnonzero(invalid)[0])
    first, reason = scope.rows.iloc[at], next(one.reason for one in faults if one.rows[at])
    said = variable.formula if variable.name == variable.formula else f"{variable.name} = {variable.formula}"
    why = "" if not reason else f" ({reason})"
    return (
        f"'{said}' has no value in {int(invalid.sum())} unit-{scope.period.noun}s, the first being {first['unit']} "
        f"{first['unit_name']} in {scope.period.label(first['year'])}{why}: correct the source, or declare "
        "'invalid: missing' for the variable"
    )


def evaluate(node: Node, scope: Scope) -> Evaluated:
    """Return the value of an expression in every row."""
    match node:
        case Number(value):
            return Evaluated(np.asarray(value), np.asarray(True))
        case Name(name):
            column = scope.columns[name]
            return Evaluated(column, np.isfinite(column))
        case Negative(operand):
            inner = evaluate(operand, scope)
            return replace(inner, values=-inner.values)
        case If(condition, then, other):
            return _chosen(*(evaluate(part, scope).column(len(scope.rows)) for part in (condition, then, other)))
        case Call():
            return call(node, [evaluate(part, scope) for part in parts_of(node)], scope)
        case Binary(operator, left, right):
            a, b = evaluate(left, scope), evaluate(right, scope)
            result = _OPERATORS[operator](a.values, b.values)
            if operator in _COMPARISONS:
                result = np.where(np.isnan(a.values) | np.isnan(b.values), np.nan, result)
            return Evaluated(result, a.present & b.present, remarks_of([a, b]))
    raise AssertionError(node)


def _chosen(condition: Evaluated, then: Evaluated, other: Evaluated) -> Evaluated:
    """Return one value where a condition holds, another where it does not, none where that is not known."""
    holds = condition.values != 0
    values = np.where(np.isnan(condition.values), np.nan, np.where(holds, then.values, other.values))
    present = condition.present & np.where(holds, then.present, other.present)
    return Evaluated(values, present, remarks_of([condition, then.within(holds), other.within(~holds)]))
