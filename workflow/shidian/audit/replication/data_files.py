"""The data of a replication package: each file as CSV and as Stata's .dta with labels, and a codebook of all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

MAX_LABEL = 80
"""Longest label of a variable in a .dta file."""
CODEBOOK = ("file", "variable", "name_in_study", "label", "type", "values", "n", "missing", "distinct", "mean", "sd",
            "min", "max")  # fmt: skip
"""Columns of the codebook."""


def write_data(
    folder: Path, name: str, frame: pd.DataFrame, names: Mapping[str, str], labels: Mapping[str, str],
    values: Mapping[str, Mapping[float, str]],
) -> list[dict[str, object]]:  # fmt: skip
    """Write ``<name>.csv`` (UTF-8, full precision, empty = missing) and ``<name>.dta`` (Stata 14 and later).

    Args:
        folder: where to write.
        name: name of the file without ending.
        frame: the data.
        names: name in the study -> name in the file.
        labels: name in the file -> label.
        values: name in the file -> label of each value.

    Returns:
        the lines of the codebook.
    """
    data = frame.rename(columns=dict(names)).reset_index(drop=True)
    data.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    plain = data.apply(_stata_column)
    plain.to_stata(
        folder / f"{name}.dta", write_index=False, version=118, time_stamp=STAMP,
        variable_labels={column: labels[column][:MAX_LABEL] for column in plain.columns},
        value_labels={column: dict(v) for column, v in values.items() if column in plain.columns},
    )  # fmt: skip
    study_names = {plain_name: own for own, plain_name in names.items()}
    return [
        _codebook_line(name, column, study_names[column], labels[column], data[column], values.get(column, {}))
        for column in data.columns
    ]


STAMP = pd.Timestamp(2000, 1, 1).to_pydatetime()
"""Written into every .dta file in the place of the time of writing, so that the same data are the same bytes."""


def _stata_column(column: pd.Series) -> pd.Series:
    """Return a column in a type that .dta files have: whole numbers stay whole, gaps stay gaps, texts are texts."""
    if column.dtype.kind in "iufb" or str(column.dtype) in ("Int64", "Float64", "boolean"):
        numbers = column.astype("float64")
        whole = numbers.notna().all() and bool((numbers % 1 == 0).all()) and bool((numbers.abs() < 2**31 - 100).all())
        return numbers.astype("int32") if whole else numbers
    return column.astype(object).where(column.notna(), "").astype(str)


def _codebook_line(
    file: str, variable: str, own: str, label: str, column: pd.Series, values: Mapping[float, str]
) -> dict[str, object]:
    line: dict[str, object] = {
        "file": file, "variable": variable, "name_in_study": own, "label": label,
        "values": "; ".join(f"{key} = {word}" for key, word in values.items()), "n": int(column.notna().sum()),
        "missing": int(column.isna().sum()), "distinct": int(column.nunique()),
    }  # fmt: skip
    if column.dtype.kind in "iufb" or str(column.dtype) in ("Int64", "Float64", "boolean"):
        known = column.dropna().astype("float64").to_numpy()
        line |= {"type": "number"}
        if len(known):
            spread = float(known.std(ddof=1)) if len(known) > 1 else np.nan
            line |= {"mean": float(known.mean()), "sd": spread, "min": float(known.min()), "max": float(known.max())}
    else:
        line |= {"type": "text"}
    return line
