"""Data checks: how many raw values look like slips, by check and indicator; the list itself is checks.csv."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from shidian.estimates import normalise
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table, no_estimates


def run(findings: pd.DataFrame, spec: Mapping[str, Any], info: StudyInfo) -> ExhibitResult:
    """Summarise the findings of the checks.

    Args:
        findings: one row a finding (``shidian.panel.checks.CHECK_COLUMNS``).
        spec: resolved specification; ``examples`` findings are shown a line.
        info: the study.
    """
    notes = [
        "Each finding is listed with its workbook cell in checks.csv.",
        "The values stand as printed: a finding changes no number.",
    ]
    if info.simulated:
        notes.insert(0, "SIMULATED data.")
    if findings.empty:
        return ExhibitResult(no_estimates(), _table([]), notes=("No check found anything.", *notes))
    lines, counts = [], []
    for (check, indicator), part in findings.groupby(["check", "indicator"], sort=True):
        term = f"{check}: {indicator}"
        counts.append({"term": term, "column": "findings", "estimate": float(len(part))})
        counts.append({"term": term, "column": "units", "estimate": float(part["unit"].nunique())})
        lines.append((str(check), str(indicator), term, part))
    estimates = normalise(pd.DataFrame(counts).assign(study=info.study, exhibit=spec["id"]))
    return ExhibitResult(estimates, _table([_row(*line, spec["examples"]) for line in lines]), notes=tuple(notes))


def _row(check: str, indicator: str, term: str, part: pd.DataFrame, examples: int) -> Row:
    shown = [f"{r['unit']} {r['year']}: {r['detail']}" for r in part.head(examples).to_dict("records")]
    return Row(
        indicator,
        (
            Cell(check),
            Cell(str(len(part)), ("findings", term, "estimate")),
            Cell(str(part["unit"].nunique()), ("units", term, "estimate")),
            Cell("; ".join(shown)),
        ),
    )


def _table(rows: list[Row]) -> Table:
    header = ((("Indicator", 1), ("Check", 1), ("Findings", 1), ("Units", 1), ("For example", 1)),)
    return Table(header, tuple(rows) or (Row("none", (Cell(""), Cell("0"), Cell("0"), Cell(""))),))
