"""The data of an efficiency analysis: checked, named, in the order inputs, desirable, undesirable outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shidian.efficiency.programs import Counts
from shidian.errors import EstimationError, nearest

ROLES = ("input", "desirable", "undesirable")
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
            f"'{name}' varies by a factor of {ratio:.0e}: are all units in the same unit of measure?"
            for name, ratio in zip(self.names, spread, strict=True) if ratio >= DISPERSED
        ]  # fmt: skip
        constant = [name for name, ratio in zip(self.names, spread, strict=True) if ratio == 1.0 and len(self.unit) > 1]
        found += [f"'{name}' is constant: it tells units apart only by their returns to scale" for name in constant]
        m, outputs = self.counts.inputs, self.counts.desirable + self.counts.undesirable
        smallest = int(pd.Series(self.year).value_counts().min())
        rule = max(m * outputs, 3 * (m + outputs))
        if smallest < rule:
            found.append(
                f"a year has only {smallest} units; with {m} inputs and {outputs} outputs fewer than {rule} leave "
                "most of them efficient (Cooper, Seiford & Tone 2007, p. 116)"
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
        frame, names, counts = _from_frame(data, inputs, desirable, undesirable, unit, year)
    else:
        frame, names, counts = _from_arrays(inputs, desirable, undesirable, unit, year)
    if not counts.inputs or not counts.desirable:
        raise EstimationError("an efficiency analysis needs at least one input and one desirable output")
    if frame.empty:
        raise EstimationError("an efficiency analysis needs at least one unit; there is no row")
    frame["year"] = _whole_years(frame["year"])
    if frame["unit"].isna().any():
        raise EstimationError(f"{int(frame['unit'].isna().sum())} rows have no unit; name it or drop the row")
    twice = frame.duplicated(["unit", "year"])
    if twice.any():
        row = frame[twice].iloc[0]
        raise EstimationError(
            f"{describe(row['unit'], row['year'])} is there more than once; keep one row a unit and year"
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


def describe(unit: object, year: object) -> str:
    """Word a unit-year for messages."""
    return f"unit {unit}" + ("" if year is None or year == 0 else f", year {year}")


def column_list(columns: object) -> list[str]:
    """Return column names given as one text, a sequence of texts or nothing."""
    if columns is None:
        return []
    if isinstance(columns, str):
        return [columns]
    if isinstance(columns, Sequence) and all(isinstance(name, str) for name in columns):
        return list(columns)
    raise EstimationError(f"with a data frame, inputs and outputs are column names, not {type(columns).__name__}")


def check_numeric(data: pd.DataFrame, names: Sequence[str]) -> None:
    """Raise EstimationError for a column among ``names`` that holds something else than numbers, with a value of it."""
    for name in names:
        if not pd.api.types.is_numeric_dtype(data[name]):
            found = data[name][pd.to_numeric(data[name], errors="coerce").isna() & data[name].notna()]
            example = f", such as {found.iloc[0]!r}" if len(found) else ""
            raise EstimationError(f"column '{name}' holds {data[name].dtype}, not numbers{example}")


def _from_frame(
    data: pd.DataFrame, inputs: object, desirable: object, undesirable: object, unit: object, year: object
) -> tuple[pd.DataFrame, tuple[str, ...], Counts]:
    groups = [column_list(group) for group in (inputs, desirable, undesirable)]
    names = tuple(name for group in groups for name in group)
    labels = [label for label in (unit, year) if label is not None]
    for name in [*names, *labels]:
        if name not in data.columns:
            raise EstimationError(f"the data has no column '{name}'{nearest(str(name), map(str, data.columns))}")
    repeated = [name for name in names if names.count(name) > 1]
    if repeated:
        raise EstimationError(f"'{repeated[0]}' is named twice among the inputs and outputs; name it once")
    check_numeric(data, names)
    frame = pd.DataFrame({f"v{i}": data[name].to_numpy(dtype=float, na_value=np.nan) for i, name in enumerate(names)})
    frame["unit"] = data[unit].to_numpy() if unit is not None else np.arange(len(data))
    frame["year"] = data[year].to_numpy() if year is not None else 0
    if unit is not None or year is not None:
        frame = frame.sort_values(["unit", "year"], kind="stable", ignore_index=True)
    return frame, names, Counts(*(len(group) for group in groups))


def _from_arrays(
    inputs: object, desirable: object, undesirable: object, unit: object, year: object
) -> tuple[pd.DataFrame, tuple[str, ...], Counts]:
    blocks: list[np.ndarray] = []
    for role, block in zip(ROLES, (inputs, desirable, undesirable), strict=True):
        try:
            given: Any = np.empty((len(blocks[0]), 0)) if block is None else block
            array = np.asarray(given, dtype=float)
        except (TypeError, ValueError):
            raise EstimationError(
                f"the {role} array holds something else than numbers; for column names give data="
            ) from None
        if array.ndim == 1:
            array = array[:, None]
        if array.ndim != 2 or (blocks and len(array) != len(blocks[0])):
            raise EstimationError(
                f"inputs and outputs must be (n, variables) arrays of one length; {role} has the shape {array.shape}"
            )
        blocks.append(array)
    counts = Counts(*(block.shape[1] for block in blocks))
    names = tuple(f"{role}{i + 1}" for role, count in zip(ROLES, counts, strict=True) for i in range(count))
    frame = pd.DataFrame(np.hstack(blocks), columns=[f"v{i}" for i in range(len(names))])
    for label, given in (("unit", unit), ("year", year)):
        default = np.arange(len(frame)) if label == "unit" else np.zeros(len(frame), int)
        labels = np.asarray(given) if given is not None else default
        if len(labels) != len(frame):
            raise EstimationError(f"there are {len(labels)} {label} labels for {len(frame)} rows")
        frame[label] = labels
    return frame, names, counts


def _whole_years(year: pd.Series) -> pd.Series:
    """Return years as whole numbers; anything else is an error."""
    numbers = pd.to_numeric(year, errors="coerce")
    bad = ~(numbers % 1 == 0)
    if bad.any():
        raise EstimationError(f"years must be whole numbers; found {year[bad].iloc[0]!r}")
    return numbers.astype("int64")


def _check_positive(values: np.ndarray, names: tuple[str, ...], unit: np.ndarray, year: np.ndarray) -> None:
    bad = ~(np.isfinite(values) & (values > 0))
    if not bad.any():
        return
    rows, columns = np.nonzero(bad)
    shown = [
        f"{describe(unit[i], year[i])}, {names[j]}: {'missing' if np.isnan(values[i, j]) else f'{values[i, j]:g}'}"
        for i, j in list(zip(rows, columns, strict=True))[:SHOWN]
    ]
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    raise EstimationError(
        f"efficiency needs positive, finite values; {len(rows)} are not: {'; '.join(shown)}{more}. "
        "Correct them, or declare a rule for zeros and missing values (drop, or replace: <small value>)"
    )


def _weights(weights: Mapping[str, float] | None, names: tuple[str, ...], counts: Counts) -> np.ndarray:
    """Return weights that add to one over the inputs and over the outputs; equal where none are declared."""
    declared = dict(weights or {})
    for name, value in declared.items():
        if name not in names:
            raise EstimationError(f"a weight is declared for '{name}', no input or output{nearest(name, names)}")
        if not (np.isfinite(value) and value > 0):
            raise EstimationError(f"the weight of '{name}' is {value}; it must be positive (or leave the variable out)")
    raw = np.array([float(declared.get(name, 1.0)) for name in names])
    m = counts.inputs
    return np.concatenate([raw[:m] / raw[:m].sum(), raw[m:] / raw[m:].sum()])
