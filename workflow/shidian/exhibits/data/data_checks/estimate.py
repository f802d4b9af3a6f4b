"""Data checks: how many raw values look like slips, by check and series; the list itself is checks.csv."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.estimates import normalise
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table, no_estimates
from shidian.messages import joined, say
from shidian.used import WHOLE_PANEL


def run(findings: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Summarise the findings of the checks.

    Args:
        findings: one row a finding (``shidian.panel.checks.CHECK_COLUMNS``).
        spec: resolved specification; ``examples`` findings are shown a line.
        info: the study.
    """
    notes = [
        say("Each finding is listed with its workbook cell in checks.csv."),
        say("The values stand as printed: a finding changes no number."),
    ]
    if info.simulated:
        notes.insert(0, say("SIMULATED data."))
    if findings.empty:
        return ExhibitResult(no_estimates(), _table([]), notes=(say("No check found anything."), *notes))
    lines, counts = [], []
    for (check, indicator), part in findings.groupby(["check", "indicator"], sort=True):
        term = f"{check}: {indicator}"
        counts.append({"term": term, "column": "findings", "estimate": float(len(part))})
        counts.append({"term": term, "column": "units", "estimate": float(part["unit"].nunique())})
        lines.append((str(check), str(indicator), term, part))
    estimates = normalise(pd.DataFrame(counts).assign(study=info.study, exhibit=spec["id"]))
    return ExhibitResult(
        estimates,
        _table([_row(*line, spec["examples"]) for line in lines]),
        notes=tuple(notes),
        used=dict.fromkeys(("findings", "units"), WHOLE_PANEL),
    )


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
