"""What all indicators check before they compute: equal lengths, numbers, signs; offenders named by unit and year."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from shidian.errors import EstimationError
from shidian.messages import joined, say

SHOWN = 5
"""Offending rows that an error names before it only counts."""


def numeric_frame(indicator: str, inputs: Mapping[str, object]) -> pd.DataFrame:
    """Return the inputs as float columns on the index of the first Series among them.

    Series must share one index, which holds the labels (unit, year) that errors name.
    Raises EstimationError for inputs of different length, other labels, text, or infinite values.
    """
    index: pd.Index | None = None
    columns = {}
    for name, given in inputs.items():
        if isinstance(given, pd.Series):
            if index is None:
                index = given.index
            elif not given.index.equals(index):
                raise EstimationError(
                    say(
                        "{indicator}: '{name}' has other rows than the inputs before it", indicator=indicator, name=name
                    )
                )
        try:
            columns[name] = pd.Series(given).to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError):
            raise EstimationError(
                say("{indicator}: '{name}' holds something else than numbers", indicator=indicator, name=name)
            ) from None
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise EstimationError(
            say("{indicator}: the inputs differ in length: {lengths}", indicator=indicator, lengths=str(lengths))
        )
    frame = pd.DataFrame(columns)
    if index is not None:
        frame.index = index
    refuse(indicator, frame, np.isinf(frame.to_numpy()), say("a finite number"))
    return frame


def require_positive(indicator: str, frame: pd.DataFrame) -> None:
    """Raise EstimationError that names the rows whose values are zero or negative; missing values may pass."""
    refuse(indicator, frame, frame.to_numpy() <= 0, say("greater than zero"))


def require_not_negative(indicator: str, frame: pd.DataFrame) -> None:
    """Raise EstimationError that names the rows whose values are negative; missing values may pass."""
    refuse(indicator, frame, frame.to_numpy() < 0, say("zero or greater"))


def refuse(indicator: str, frame: pd.DataFrame, bad: np.ndarray, expected: str) -> None:
    """Raise EstimationError if any cell of ``bad`` is True, naming the first of them by row and column."""
    rows, columns = np.nonzero(bad)
    if len(rows) == 0:
        return
    names, values = list(map(str, frame.columns)), frame.to_numpy()
    shown = [
        say(
            "{where}: {name} = {value:g}",
            where=describe(frame.index[int(i)], frame.index.names),
            name=names[int(j)],
            value=values[i, j],
        )
        for i, j in list(zip(rows, columns, strict=True))[:SHOWN]
    ]
    found, more = joined(shown, "clauses"), len(rows) - SHOWN
    if more > 0:
        found = say("{first} and {n} more", first=found, n=more)
    raise EstimationError(
        say(
            "{indicator}: every value must be {expected}; found {found}",
            indicator=indicator,
            expected=expected,
            found=found,
        )
    )


def describe(label: Hashable, names: list[Hashable] | pd.Index) -> str:
    """Word a row label for messages: ``unit 110000, year 2010`` for a row of a panel."""
    parts = label if isinstance(label, tuple) else (label,)
    return joined(
        (say("{name} {value}", name=_name(name), value=str(part)) for name, part in zip(names, parts, strict=True)),
        "commas",
    )


def _name(name: Hashable) -> str:
    return {"unit": say("unit"), "year": say("year")}.get(str(name), str(name)) if name else say("row")
