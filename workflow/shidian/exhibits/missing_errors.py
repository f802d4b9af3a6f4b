"""What every exhibit says of an estimate that stands without a standard error: its sentence, its ledger line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from shidian.exhibits.legend import is_legend
from shidian.exhibits.result import ExhibitResult, StudyInfo, Table
from shidian.ledger import about, ledger_frame, ledger_row
from shidian.messages import say
from shidian.variance import NO_ERROR


def with_missing_errors(result: ExhibitResult, info: StudyInfo) -> ExhibitResult:
    """Return the exhibit with a sentence and a ledger line on each printed estimate without a standard error."""
    rows = without_error(result.estimates)
    if rows.empty:
        return result
    lines = [
        ledger_row(say("estimation"), about(str(exhibit), str(column), list(part["term"])), str(reason))
        for (exhibit, column, reason), part in rows.groupby(["exhibit", "column", "reason"], sort=False)
    ]
    ledger = pd.concat([result.ledger, ledger_frame(lines)], ignore_index=True)
    return replace(result, notes=_before_last(result.notes, _sentences(rows, result, info)), ledger=ledger)


def without_error(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose estimate is there while its standard error is not, for a reason."""
    return estimates[estimates["estimate"].notna() & estimates["se"].isna() & (estimates["reason"] != "")]


def _sentences(rows: pd.DataFrame, result: ExhibitResult, info: StudyInfo) -> list[str]:
    """Return a sentence a reason and set of columns: "No standard error of Pilot (column (1)): its variance is ..."."""
    labels = printed_labels(result.table)
    names: dict[tuple[str, str], list[str]] = {}
    for r in rows.to_dict("records"):
        place = (str(r["column"]), str(r["term"]))
        names.setdefault((str(r["reason"]), place[0]), []).append(labels.get(place, info.label(place[1])))
    shared: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (reason, column), terms in names.items():
        shared.setdefault((reason, tuple(terms)), []).append(column)
    return [
        say(
            "No standard error of {terms} ({columns}): {why}.",
            terms=terms,
            columns=_columns(columns),
            why=reason.removeprefix(NO_ERROR),
        )
        for (reason, terms), columns in shared.items()
    ]


def _columns(columns: Sequence[str]) -> str:
    return say("column {name}", name=columns[0]) if len(columns) == 1 else say("columns {names}", names=list(columns))


def printed_labels(table: Table | None) -> dict[tuple[str, str], str]:
    """Return (column, term) -> the label of the row in which a table prints that estimate."""
    found: dict[tuple[str, str], str] = {}
    for row in () if table is None else table.rows:
        for cell in row.cells:
            if cell.ref is not None and cell.ref[2] == "estimate" and row.label:
                found.setdefault((cell.ref[0], cell.ref[1]), row.label)
    return found


def _before_last(sentences: tuple[str, ...], added: Sequence[str]) -> tuple[str, ...]:
    """Put sentences before the legend of the stars and the warning of simulated data, which close a note."""
    end = len(sentences)
    while end and (is_legend(sentences[end - 1]) or sentences[end - 1].startswith("SIMULATED")):
        end -= 1
    return (*sentences[:end], *added, *sentences[end:])
