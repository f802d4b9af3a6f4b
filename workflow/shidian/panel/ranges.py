"""Values of variables that lie outside what their study declares possible, or plausible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from shidian.errors import PanelError
from shidian.messages import say
from shidian.panel.checks import CHECK_COLUMNS
from shidian.period import Period
from shidian.study.formula_variable import Bounds, Variable


def range_findings(
    variables: Sequence[Variable], columns: Mapping[str, np.ndarray], rows: pd.DataFrame, period: Period
) -> pd.DataFrame:
    """Return the values outside the plausible range of their variable, as findings of checks.

    Args:
        variables: those of the study.
        columns: name -> (n,) values.
        rows: unit, unit_name, year of the rows.
        period: that of the study.

    Raises:
        PanelError: values outside the declared ``range``; names the first unit-year and how many there are.
    """
    findings = []
    for variable in variables:
        values = columns[variable.name]
        if (outside := _outside(values, variable.range)).any():
            raise PanelError(_refusal(variable, values, outside, rows, period))
        low, high = _bound(variable.plausible, 0), _bound(variable.plausible, 1)
        findings += [
            {
                "check": say("implausible value"), "indicator": variable.name, "unit": str(rows["unit"].iloc[at]),
                "year": int(rows["year"].iloc[at]), "value": float(values[at]), "compared_with": np.nan, "cell_id": "",
                "detail": say("outside {low} to {high}", low=low, high=high),
            }
            for at in np.flatnonzero(_outside(values, variable.plausible))
        ]  # fmt: skip
    return pd.DataFrame(findings, columns=list(CHECK_COLUMNS))


def _outside(values: np.ndarray, bounds: Bounds) -> np.ndarray:
    low, high = bounds
    above = values > (np.inf if high is None else high)
    return above | (values < (-np.inf if low is None else low))


def _bound(bounds: Bounds, side: int) -> str:
    bound = bounds[side]
    return "…" if bound is None else f"{bound:g}"


def _refusal(variable: Variable, values: np.ndarray, outside: np.ndarray, rows: pd.DataFrame, period: Period) -> str:
    at = int(np.flatnonzero(outside)[0])
    first, there = rows.iloc[at], np.isfinite(values)
    measure = f" [{variable.measure_text}]" if variable.measure_text else ""
    return (
        f"'{variable.name}'{measure} is outside its range {_bound(variable.range, 0)} to {_bound(variable.range, 1)} "
        f"in {int(outside.sum())} of {int(there.sum())} unit-{period.noun}s, the first being {first['unit']} "
        f"{first['unit_name']} in {period.label(int(first['year']))} with {values[at]:g} (median of all "
        f"{float(np.median(values[there])):g}): compare the units of measure of its series with what the volumes "
        "print, or correct the cells"
    )
