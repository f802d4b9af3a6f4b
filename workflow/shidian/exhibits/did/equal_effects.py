"""The test that the effects of several columns of a table are equal: one stacked model, everything by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from shidian.did.heterogeneity import by_group
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits.did.did_column import column_sample
from shidian.exhibits.notes import exhibit_id
from shidian.exhibits.regression_table import DASH, TableColumn
from shidian.exhibits.result import Cell, Row, StudyInfo
from shidian.inference.covariance import Vcov

EQUALITY = "equal effects"
LABEL = "p of equal effects"


def equality_rows(
    panel: pd.DataFrame, spec: Mapping[str, Any], settings: Sequence[Mapping[str, Any]],
    columns: Sequence[TableColumn], info: StudyInfo,
) -> tuple[list[Row], list[pd.DataFrame], list[str]]:  # fmt: skip
    """Return the printed row of the tests under ``equal``, their estimates, and the note's sentence.

    Samples of a test may share rows, as never-treated units do that are controls of several groups: the stacked model
    clusters by unit, so that a unit's copies count as one cluster.

    Raises:
        EstimationError: ``equal`` names a column that the table has not.
    """
    sets = spec.get("equal", [])
    if not sets:
        return [], [], []
    by_label = {s["label"]: s for s in settings}
    cells, frames = {c.id: Cell("") for c in columns}, []
    for labels in sets:
        unknown = [label for label in labels if label not in by_label]
        if unknown:
            raise EstimationError(f"'equal' names the column '{unknown[0]}'; the table has {', '.join(by_label)}")
        frame = _test(panel, [by_label[label] for label in labels], info, exhibit_id(spec))
        first, p = labels[0], frame["p"].iloc[0]
        cells[first] = (
            Cell(DASH, (first, EQUALITY, "reason")) if pd.isna(p) else Cell(f"{p:.4f}", (first, EQUALITY, "p"))
        )
        frames.append(frame)
    sentence = (
        "Equal effects: tested in one model of the stacked samples, controls and effects of each column's own; a unit "
        "in several samples is one cluster."
    )
    return [Row(LABEL, tuple(cells[c.id] for c in columns))], frames, [sentence]


def _test(panel: pd.DataFrame, settings: Sequence[Mapping[str, Any]], info: StudyInfo, exhibit: str) -> pd.DataFrame:
    """Return the test as one row of the long schema, filed under the first of its columns."""
    first = settings[0]
    try:
        parts = [column_sample(panel, s)[0].assign(_sample=s["label"]) for s in settings]
        stacked = pd.concat(parts, ignore_index=True)
        if stacked.duplicated(["unit", "year"]).any() and Vcov.parse(first["vcov"]).clusters != ("unit",):
            raise EstimationError("the samples share rows: the test of equal effects wants errors clustered by unit")
        controls = [*first.get("add", []), *first["controls"]]
        arguments = (first["fixed_effects"], first["vcov"], first["ssc"])
        test = by_group(stacked, stacked["_sample"], first["outcome"], first["treatment"], controls, *arguments)
    except EstimationError as error:
        return missing(info.study, exhibit, first["label"], EQUALITY, str(error))
    row = {
        "study": info.study, "exhibit": exhibit, "column": first["label"], "term": EQUALITY,
        "estimate": test.equality.F, "statistic": test.equality.F, "p": test.equality.p, "df": test.equality.df2,
    }  # fmt: skip
    return normalise(pd.DataFrame([row]))
