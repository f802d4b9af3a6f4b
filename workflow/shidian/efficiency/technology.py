"""The data of an efficiency analysis: checked, named, in the order inputs, desirable, undesirable outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shidian.efficiency.given_data import ROLES, and_more, describe, from_arrays, from_frame, whole_years
from shidian.efficiency.programs import Counts
from shidian.errors import EstimationError, nearest
from shidian.messages import say

SHOWN = 5
"""Offending unit-years that an error names before it only counts."""
DISPERSED = 1e9
"""Ratio of the largest to the smallest value of a variable from which a warning suspects mixed units."""


@dataclass(frozen=True)
class Technology:
    """N observed unit-years and their K variables, all positive.

    Attributes:
        values: (N, K) data, columns in the order inputs, desirable, undesirable outputs.
        counts: number of variables in each role.
        names: (K,) names of the variables.
        unit: (N,) unit of each row; year: (N,) its year.
        weights: (K,) weights of the slacks, adding to one over inputs and over outputs.
    """

    values: np.ndarray
    counts: Counts
    names: tuple[str, ...]
    unit: np.ndarray
    year: np.ndarray
    weights: np.ndarray

    @property
    def roles(self) -> tuple[str, ...]:
        """(K,) role of each variable."""
        return tuple(role for role, count in zip(ROLES, self.counts, strict=True) for _ in range(count))

    def warnings(self) -> tuple[str, ...]:
        """Return what a referee would object to in the data."""
        spread = self.values.max(axis=0) / self.values.min(axis=0)
        found = [
            say(
                "'{name}' varies by a factor of {ratio:.0e}: are all units in the same unit of measure?",
                name=name, ratio=ratio,
            )
            for name, ratio in zip(self.names, spread, strict=True) if ratio >= DISPERSED
        ]  # fmt: skip
        constant = [name for name, ratio in zip(self.names, spread, strict=True) if ratio == 1.0 and len(self.unit) > 1]
        found += [
            say("'{name}' is constant: it tells units apart only by their returns to scale", name=name)
            for name in constant
        ]
        m, outputs = self.counts.inputs, self.counts.desirable + self.counts.undesirable
        smallest = int(pd.Series(self.year).value_counts().min())
        rule = max(m * outputs, 3 * (m + outputs))
        if smallest < rule:
            found.append(
                say(
                    "a year has only {n} units; with {inputs} inputs and {outputs} outputs fewer than {rule} leave "
                    "most of them efficient (Cooper, Seiford & Tone 2007, p. 116)",
                    n=smallest,
                    inputs=m,
                    outputs=outputs,
                    rule=rule,
                )
            )
        return tuple(found)


def build_technology(
    inputs: object, desirable: object, undesirable: object = None, *, data: pd.DataFrame | None = None,
    unit: object = None, year: object = None, weights: Mapping[str, float] | None = None,
) -> Technology:  # fmt: skip
    """Check the data of an analysis and put it in order.

    With ``data``, inputs and outputs are column names, ``unit`` and ``year`` too, and rows are sorted by unit and
    year. Otherwise they are arrays (n, variables), and rows keep their order.

    Raises:
        EstimationError: for a column that is absent, given twice or not numeric, a value that is missing, infinite,
            zero or negative (with its unit, year and variable), a unit-year given twice, rows that do not match,
            and weights that are unknown or not positive.
    """
    if data is not None:
        frame, names, counts = from_frame(data, inputs, desirable, undesirable, unit, year)
    else:
        frame, names, counts = from_arrays(inputs, desirable, undesirable, unit, year)
    if not counts.inputs or not counts.desirable:
        raise EstimationError(say("an efficiency analysis needs at least one input and one desirable output"))
    if frame.empty:
        raise EstimationError(say("an efficiency analysis needs at least one unit; there is no row"))
    frame["year"] = whole_years(frame["year"])
    if frame["unit"].isna().any():
        raise EstimationError(say("{n} rows have no unit; name it or drop the row", n=int(frame["unit"].isna().sum())))
    twice = frame.duplicated(["unit", "year"])
    if twice.any():
        row = frame[twice].iloc[0]
        raise EstimationError(
            say(
                "{where} is there more than once; keep one row a unit and year",
                where=describe(row["unit"], row["year"]),
            )
        )
    values = frame[[f"v{i}" for i in range(len(names))]].to_numpy(float)
    _check_positive(values, names, frame["unit"].to_numpy(), frame["year"].to_numpy())
    return Technology(
        values,
        counts,
        names,
        frame["unit"].to_numpy(),
        frame["year"].to_numpy(),
        _weights(weights, names, counts),
    )


def _check_positive(values: np.ndarray, names: tuple[str, ...], unit: np.ndarray, year: np.ndarray) -> None:
    bad = ~(np.isfinite(values) & (values > 0))
    if not bad.any():
        return
    rows, columns = np.nonzero(bad)
    shown = [
        say(
            "{where}, {name}: {value}",
            where=describe(unit[i], year[i]),
            name=names[j],
            value=say("missing") if np.isnan(values[i, j]) else f"{values[i, j]:g}",
        )
        for i, j in list(zip(rows, columns, strict=True))[:SHOWN]
    ]
    raise EstimationError(
        say(
            "efficiency needs positive, finite values; {n} are not: {shown}. Correct them, or declare a rule for zeros "
            "and missing values (drop, or replace: <small value>)",
            n=len(rows),
            shown=and_more(shown, len(rows) - SHOWN),
        )
    )


def _weights(weights: Mapping[str, float] | None, names: tuple[str, ...], counts: Counts) -> np.ndarray:
    """Return weights that add to one over the inputs and over the outputs; equal where none are declared."""
    declared = dict(weights or {})
    for name, value in declared.items():
        if name not in names:
            near = nearest(name, names)
            raise EstimationError(
                say("a weight is declared for '{name}', no input or output{near}", name=name, near=near)
            )
        if not (np.isfinite(value) and value > 0):
            raise EstimationError(
                say(
                    "the weight of '{name}' is {value}; it must be positive (or leave the variable out)",
                    name=name,
                    value=str(value),
                )
            )
    raw = np.array([float(declared.get(name, 1.0)) for name in names])
    m = counts.inputs
    return np.concatenate([raw[:m] / raw[:m].sum(), raw[m:] / raw[m:].sum()])
