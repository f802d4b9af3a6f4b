"""The data of an efficiency analysis as they are given: column names with a frame, or arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from shidian.efficiency.programs import Counts
from shidian.errors import EstimationError, nearest
from shidian.messages import joined, say

ROLES = ("input", "desirable", "undesirable")


def describe(unit: object, year: object) -> str:
    """Word a unit-year for messages."""
    if year is None or year == 0:
        return say("unit {unit}", unit=str(unit))
    return say("unit {unit}, year {year}", unit=str(unit), year=str(year))


def and_more(shown: Sequence[str], more: int) -> str:
    """Return the first offenders as one text, and how many more there are."""
    first = joined(shown, "clauses")
    return say("{first} and {n} more", first=first, n=more) if more > 0 else first


def column_list(columns: object) -> list[str]:
    """Return column names given as one text, a sequence of texts or nothing."""
    if columns is None:
        return []
    if isinstance(columns, str):
        return [columns]
    if isinstance(columns, Sequence) and all(isinstance(name, str) for name in columns):
        return list(columns)
    raise EstimationError(
        say("with a data frame, inputs and outputs are column names, not {given}", given=type(columns).__name__)
    )


def check_numeric(data: pd.DataFrame, names: Sequence[str]) -> None:
    """Raise EstimationError for a column among ``names`` that holds something else than numbers, with a value of it."""
    for name in names:
        if not pd.api.types.is_numeric_dtype(data[name]):
            found = data[name][pd.to_numeric(data[name], errors="coerce").isna() & data[name].notna()]
            dtype = str(data[name].dtype)
            if found.empty:
                raise EstimationError(say("column '{name}' holds {dtype}, not numbers", name=name, dtype=dtype))
            raise EstimationError(
                say(
                    "column '{name}' holds {dtype}, not numbers, such as {example}",
                    name=name,
                    dtype=dtype,
                    example=repr(found.iloc[0]),
                )
            )


def from_frame(
    data: pd.DataFrame, inputs: object, desirable: object, undesirable: object, unit: object, year: object
) -> tuple[pd.DataFrame, tuple[str, ...], Counts]:
    """Return the variables v0, v1, ... with unit and year from columns of a frame, their names and counts."""
    groups = [column_list(group) for group in (inputs, desirable, undesirable)]
    names = tuple(name for group in groups for name in group)
    labels = [label for label in (unit, year) if label is not None]
    for name in [*names, *labels]:
        if name not in data.columns:
            near = nearest(str(name), map(str, data.columns))
            raise EstimationError(say("the data has no column '{name}'{near}", name=str(name), near=near))
    repeated = [name for name in names if names.count(name) > 1]
    if repeated:
        raise EstimationError(
            say("'{name}' is named twice among the inputs and outputs; name it once", name=repeated[0])
        )
    check_numeric(data, names)
    frame = pd.DataFrame({f"v{i}": data[name].to_numpy(dtype=float, na_value=np.nan) for i, name in enumerate(names)})
    frame["unit"] = data[unit].to_numpy() if unit is not None else np.arange(len(data))
    frame["year"] = data[year].to_numpy() if year is not None else 0
    if unit is not None or year is not None:
        frame = frame.sort_values(["unit", "year"], kind="stable", ignore_index=True)
    return frame, names, Counts(*(len(group) for group in groups))


def from_arrays(
    inputs: object, desirable: object, undesirable: object, unit: object, year: object
) -> tuple[pd.DataFrame, tuple[str, ...], Counts]:
    """Return the same from arrays, variables named after their roles."""
    blocks: list[np.ndarray] = []
    for role, block in zip(ROLES, (inputs, desirable, undesirable), strict=True):
        try:
            given: Any = np.empty((len(blocks[0]), 0)) if block is None else block
            array = np.asarray(given, dtype=float)
        except (TypeError, ValueError):
            raise EstimationError(
                say("the {role} array holds something else than numbers; for column names give data=", role=role)
            ) from None
        if array.ndim == 1:
            array = array[:, None]
        if array.ndim != 2 or (blocks and len(array) != len(blocks[0])):
            raise EstimationError(
                say(
                    "inputs and outputs must be (n, variables) arrays of one length; {role} has the shape {shape}",
                    role=role,
                    shape=str(array.shape),
                )
            )
        blocks.append(array)
    counts = Counts(*(block.shape[1] for block in blocks))
    names = tuple(f"{role}{i + 1}" for role, count in zip(ROLES, counts, strict=True) for i in range(count))
    frame = pd.DataFrame(np.hstack(blocks), columns=[f"v{i}" for i in range(len(names))])
    for label, given in (("unit", unit), ("year", year)):
        default = np.arange(len(frame)) if label == "unit" else np.zeros(len(frame), int)
        labels = np.asarray(given) if given is not None else default
        if len(labels) != len(frame):
            raise EstimationError(
                say("there are {n} {label} labels for {rows} rows", n=len(labels), label=label, rows=len(frame))
            )
        frame[label] = labels
    return frame, names, counts


def whole_years(year: pd.Series) -> pd.Series:
    """Return years as whole numbers; anything else is an error."""
    numbers = pd.to_numeric(year, errors="coerce")
    bad = ~(numbers % 1 == 0)
    if bad.any():
        raise EstimationError(say("years must be whole numbers; found {found}", found=repr(year[bad].iloc[0])))
    return numbers.astype("int64")
