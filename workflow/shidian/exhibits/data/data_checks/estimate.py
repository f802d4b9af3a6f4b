"""Data checks: how many raw values look like slips, by check and series; the list itself is checks.csv."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.estimates import normalise
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table, no_estimates
from shidian.messages import joined, say
from shidian.used import WHOLE_PANEL

NO_SIZES = pd.DataFrame(columns=["check", "indicator", "detail"])
"""Of a study whose data are compared with no published mean."""


def run(
    findings: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo, sizes: pd.DataFrame = NO_SIZES
) -> ExhibitResult:
    """Summarise the findings of the checks.

    Args:
        findings: one row a finding (``shidian.panel.checks.CHECK_COLUMNS``).
        spec: resolved specification; ``examples`` findings are shown a line.
        info: the study.
        sizes: variables that are not of the published size: check, indicator, detail. They come first.
    """
    notes = [
        say("Each finding is listed with its workbook cell in checks.csv."),
        say("The values stand as printed: a finding changes no number."),
    ]
    if info.simulated:
        notes.insert(0, say("SIMULATED data."))
    if findings.empty and sizes.empty:
        return ExhibitResult(no_estimates(), _table([]), notes=(say("No check found anything."), *notes))
    rows = [_size_row(one) for one in sizes.to_dict("records")]
    counts: list[dict[str, Any]] = [
        {"term": f"{one['check']}: {one['indicator']}", "column": "findings", "estimate": 1.0}
        for one in sizes.to_dict("records")
    ]
    lines = []
    for (check, indicator), part in findings.groupby(["check", "indicator"], sort=True):
        term = f"{check}: {indicator}"
        counts.append({"term": term, "column": "findings", "estimate": float(len(part))})
        counts.append({"term": term, "column": "units", "estimate": float(part["unit"].nunique())})
        lines.append((str(check), str(indicator), term, part))
    estimates = normalise(pd.DataFrame(counts).assign(study=info.study, exhibit=spec["id"]))
    return ExhibitResult(
        estimates,
        _table([*rows, *(_row(*line, spec["examples"]) for line in lines)]),
        notes=tuple(notes),
        warnings=tuple(str(detail) for detail in sizes["detail"]),
        used=dict.fromkeys(("findings", "units"), WHOLE_PANEL),
    )


def _size_row(size: Mapping[Any, Any]) -> Row:
    term = f"{size['check']}: {size['indicator']}"
    cells = (Cell(str(size["check"])), Cell("1", ("findings", term, "estimate")), Cell(""), Cell(str(size["detail"])))
    return Row(str(size["indicator"]), cells)


def _row(check: str, indicator: str, term: str, part: pd.DataFrame, examples: int) -> Row:
    shown = [
        say("{unit} {year}: {detail}", unit=r["unit"], year=r["year"], detail=r["detail"])
        for r in part.head(examples).to_dict("records")
    ]
    return Row(
        indicator,
        (
            Cell(check),
            Cell(str(len(part)), ("findings", term, "estimate")),
            Cell(str(part["unit"].nunique()), ("units", term, "estimate")),
            Cell(joined(shown, "clauses")),
        ),
    )


def _table(rows: list[Row]) -> Table:
    heads = (say("Series"), say("Check"), say("Findings"), say("Units"), say("For example"))
    return Table(
        (tuple((head, 1) for head in heads),),
        tuple(rows) or (Row(say("none"), (Cell(""), Cell("0"), Cell("0"), Cell(""))),),
    )
