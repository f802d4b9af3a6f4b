"""Columns of the panel before it is put together: values of series, of variables and of formulas over both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.panel.coded import Places, of_series
from shidian.panel.compute import compute_variable
from shidian.panel.scope import Scope
from shidian.study.formula_variable import Variable
from shidian.study.grammar import names_in
from shidian.study.model import PanelSpec


def variables_of(
    spec: PanelSpec, rows: pd.DataFrame, long: pd.DataFrame, wanted: Sequence[Variable] | None = None
) -> tuple[dict[str, np.ndarray], list[dict[str, Any]]]:
    """Compute the study's variables, or some of them and no others.

    Args:
        spec: the resolved spec.
        rows: unit, unit_name, year of the panel's rows.
        long: raw values behind the panel.
        wanted: the variables, in their order; all where it is None.

    Returns:
        Name -> (n,) values, of variables, of series as formulas name them and of ``year``, the calendar's; and the
        ledger's lines.
    """
    columns = {"year": Scope(rows, {}, spec.period).calendar.astype(float)}
    ledger: list[dict[str, Any]] = []
    values: dict[str, np.ndarray] = {}
    places = Places(rows, long["unit"])
    for variable in spec.variables if wanted is None else wanted:
        for name, qualified in variable.inputs.items():
            columns[name] = _series(qualified, places, long)
        values[variable.name], lines = compute_variable(variable, Scope(rows, columns, spec.period))
        columns[variable.name] = values[variable.name]
        ledger += lines
    return {**columns, **values}, ledger


def column_values(series: str, formula: Variable | None, scope: Scope, long: pd.DataFrame) -> np.ndarray:
    """Return the (n,) values of a series, or of a formula over series and columns that are computed already."""
    places = Places(scope.rows, long["unit"])
    if formula is None:
        return _series(series, places, long)
    read = {name: _series(qualified, places, long) for name, qualified in formula.inputs.items()}
    return compute_variable(formula, replace(scope, columns={**scope.columns, **read}))[0]


def needed(formula: Variable | None, variables: Sequence[Variable]) -> list[Variable]:
    """Return the variables that a formula is computed from, in their order."""
    if formula is None:
        return []
    known = {v.name: v for v in variables}
    found: set[str] = set()
    todo = [formula]
    while todo:
        variable = todo.pop()
        more = [n for n in names_in(variable.node) if n in known and n not in variable.inputs and n not in found]
        found |= set(more)
        todo += [known[name] for name in more]
    return [v for v in variables if v.name in found]


def _series(qualified: str, places: Places, long: pd.DataFrame) -> np.ndarray:
    """Return the (n,) values of a series; a fact of the unit without a year stands in every year."""
    source, _, series = qualified.partition(".")
    found = long[["unit", "year", "value"]].take(of_series(long, qualified))
    if found.empty:
        raise PanelError(f"source '{source}' gives no value of '{series}' for any unit and year of the panel")
    return places.values(found)
