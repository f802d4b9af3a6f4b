"""The test that effects are equal: its row in the estimates and in the table, and that of several columns of a table,
one stacked model with everything by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from shidian.did.heterogeneity import by_group
from shidian.did.wald import WaldTest
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits.did.did_column import column_sample
from shidian.exhibits.did.model_words import is_nonlinear_column
from shidian.exhibits.notes import exhibit_id
from shidian.exhibits.regression_table import DASH, TableColumn
from shidian.exhibits.result import Cell, Row, StudyInfo
from shidian.inference.covariance import Vcov
from shidian.inference.weights import weights_of
from shidian.ledger import about, ledger_row
from shidian.messages import aside, joined, say
from shidian.printed import p_text

EQUALITY = say("equal effects")
LABEL = say("p of equal effects")
OWN = ("label", "head", "heading", "footer", "sample", "always_treated", "winsorise", "constant")
"""Keys in which columns may differ whose effects are compared: words, rows, and what leaves the slopes as they are."""
FOREIGN = ("matching", "instruments", "interactions")
"""Keys of a column whose effect is not the coefficient of a least-squares regression on the treatment."""


def equality_rows(
    panel: pd.DataFrame, spec: Mapping[str, Any], settings: Sequence[Mapping[str, Any]],
    columns: Sequence[TableColumn], info: StudyInfo,
) -> tuple[list[Row], list[pd.DataFrame], list[str], list[dict[str, Any]]]:  # fmt: skip
    """Return the printed row of the tests under ``equal``, their estimates, the note's sentences, the ledger's lines.

    Samples of a test may share rows, as never-treated units do that are controls of several groups: the stacked model
    clusters by unit, so that a unit's copies count as one cluster.

    Raises:
        EstimationError: ``equal`` names a column that the table has not.
    """
    sets = spec.get("equal", [])
    if not sets:
        return [], [], [], []
    by_label = {s["label"]: s for s in settings}
    cells, frames = {c.id: Cell("") for c in columns}, []
    sentences, ledger = list[str](), list[dict[str, Any]]()
    for labels in sets:
        unknown = [label for label in labels if label not in by_label]
        if unknown:
            raise EstimationError(
                say(
                    "'equal' names the column '{label}'; the table has {labels}",
                    label=unknown[0],
                    labels=list(by_label),
                )
            )
        chosen = [by_label[label] for label in labels]
        frame = equality_frame(partial(_test, panel, chosen), labels[0], info, exhibit_id(spec))
        cells[labels[0]] = equality_cell(frame)
        frames.append(frame)
        said, line = untested(frame, joined(labels))
        sentences, ledger = sentences + said, ledger + line
    tested = [labels for labels, frame in zip(sets, frames, strict=True) if frame["p"].notna().any()]
    if tested:
        sentences.insert(0, compared(tested))
        how = aside(
            say(
                "Equal effects: tested in one model of the stacked samples, controls and effects of each column's own; "
                "a unit in several samples is one cluster."
            )
        )
        sentences.insert(1, how)
    return [Row(LABEL, tuple(cells[c.id] for c in columns))], frames, sentences, ledger


def compared(sets: Sequence[Sequence[str]]) -> str:
    """Return the note's sentence on which columns each p of equal effects compares."""
    return say(
        "{test}: columns {columns}, under the first of each.",
        test=LABEL,
        columns=joined([joined(map(str, labels)) for labels in sets], "clauses"),
    )


def equality_frame(test: Callable[[], WaldTest], column: str, info: StudyInfo, exhibit: str) -> pd.DataFrame:
    """Return the test as one row of the long schema, filed under ``column``; a refusal becomes its reason."""
    try:
        found = test()
    except EstimationError as error:
        return missing(info.study, exhibit, column, EQUALITY, str(error))
    row = {
        "study": info.study, "exhibit": exhibit, "column": column, "term": EQUALITY, "estimate": found.F,
        "statistic": found.F, "p": found.p, "df": found.df2,
    }  # fmt: skip
    return normalise(pd.DataFrame([row]))


def equality_cell(frame: pd.DataFrame) -> Cell:
    """Return the printed p-value of a test, a dash where there is none."""
    column, p = str(frame["column"].iloc[0]), frame["p"].iloc[0]
    return Cell(DASH, (column, EQUALITY, "reason")) if pd.isna(p) else Cell(p_text(p), (column, EQUALITY, "p"))


def untested(frame: pd.DataFrame, of: str) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the note's sentence and the ledger's line of a test that could not be made, of the columns ``of``."""
    reason = frame["reason"].iloc[0]
    if not reason:
        return [], []
    exhibit = frame["exhibit"].iloc[0]
    return [say("Equal effects of {of} not tested: {reason}.", of=of, reason=reason)], [
        ledger_row(say("estimation"), about(exhibit, of, EQUALITY), reason)
    ]


def _test(panel: pd.DataFrame, settings: Sequence[Mapping[str, Any]]) -> WaldTest:
    _comparable(settings)
    first = settings[0]
    parts = [column_sample(panel, s)[0].assign(_sample=s["label"]) for s in settings]
    stacked = pd.concat(parts, ignore_index=True)
    if stacked.duplicated(["unit", "year"]).any() and Vcov.parse(first["vcov"]).clusters != ("unit",):
        raise EstimationError(say("the samples share rows: the test of equal effects wants errors clustered by unit"))
    controls = [*first.get("add", []), *first["controls"]]
    arguments = (first["fixed_effects"], first["vcov"], first["ssc"], first["singletons"], weights_of(first))
    return by_group(stacked, stacked["_sample"], first["outcome"], first["treatment"], controls, *arguments).equality()


def _comparable(settings: Sequence[Mapping[str, Any]]) -> None:
    """Refuse columns that one stacked model cannot hold: of another estimator, or of other variables or errors."""
    for s in settings:
        for key in FOREIGN:
            if s.get(key):
                raise EstimationError(
                    say("column {label} has '{key}': plain DID columns alone are compared", label=s["label"], key=key)
                )
        if is_nonlinear_column(s):
            raise EstimationError(
                say(
                    "column {label} has a nonlinear model: columns of least squares alone are compared",
                    label=s["label"],
                )
            )
    first = settings[0]
    for other in settings[1:]:
        for key in dict.fromkeys([*first, *other]):
            if key not in OWN and _value(first, key) != _value(other, key):
                raise EstimationError(
                    say(
                        "columns {label} and {other} differ in '{key}': one model compares columns that differ "
                        "in their samples alone",
                        label=first["label"],
                        other=other["label"],
                        key=key,
                    )
                )


def _value(settings: Mapping[str, Any], key: str) -> Any:
    """Return a setting in the form in which two are the same: lists without order, errors as parsed."""
    found = settings.get(key)
    if key == "vcov":
        return Vcov.parse(settings["vcov"])
    return sorted(map(str, found or [])) if found is None or isinstance(found, list | tuple) else found
