"""Claim -> number -> exhibit -> rule -> script -> output: one row a printed number, one a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from shidian.exhibits.result import ExhibitResult, Table

COLUMNS = (
    "claim", "printed", "value", "exhibit", "column", "term", "field", "row", "cell", "rule", "script", "module",
    "code", "result", "output", "output_sha256",
)  # fmt: skip
"""``row`` and ``cell`` count from 0 in the table's body; ``value`` has all digits (as Python's repr writes a float)."""


def exhibit_map(
    exhibits: list[Mapping[str, Any]], results: Mapping[str, ExhibitResult], digests: Mapping[str, str]
) -> pd.DataFrame:
    """Return the map of a study.

    Args:
        exhibits: facts of each exhibit (``shidian.audit.bundle.facts``).
        results: exhibit -> its result.
        digests: path in the bundle -> SHA-256.
    """
    rows = [row for facts in exhibits for row in _rows(facts, results[facts["id"]], digests)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"row": "Int64", "cell": "Int64"})


def _rows(facts: Mapping[str, Any], result: ExhibitResult, digests: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    made = {key: facts[key] for key in ("rule", "script", "module", "code", "result")} | {"exhibit": facts["id"]}
    heading = " ".join(part for part in (facts["number"], facts["title"]) if part) or facts["id"]
    paths = [PurePosixPath(path) for path in facts["printed"]]
    printed = {path.suffix[1:]: str(path) for path in paths if path.stem == facts["id"]}
    if result.table is not None:
        out = {"output": printed["csv"], "output_sha256": digests[printed["csv"]]}
        for claim, cell in _cells(result.table):
            yield {"claim": f"{heading}: {claim}", **cell, "value": value_of(result, cell), **made, **out}
    if "png" in printed and result.figure is not None:
        yield {
            "claim": f"{heading}: figure", "printed": "figure", **made, "output": printed["png"],
            "output_sha256": digests[printed["png"]],
        }  # fmt: skip


def _cells(table: Table) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each printed number with the words that name it: the last label that is not blank, and the column."""
    names = _column_names(table)
    label = ""
    for number, row in enumerate(table.rows):
        label = row.label or label
        for at, cell in enumerate(row.cells):
            if cell.ref is not None:
                column, term, field = cell.ref
                place = {"row": number, "cell": at, "column": column, "term": term, "field": field}
                yield f"{label}, {names[at]}".strip(", "), {"printed": cell.text, **place}


def _column_names(table: Table) -> list[str]:
    """Return the texts above each column of the body, joined."""
    lines = [[text for text, span in line for _ in range(span)][1:] for line in table.header]
    return [" ".join(dict.fromkeys(filter(None, texts))) for texts in zip(*lines, strict=True)]


def value_of(result: ExhibitResult, cell: Mapping[str, Any]) -> str:
    """Return the estimate behind a printed cell with all its digits; empty where it is missing."""
    e = result.estimates
    found = e[(e["column"] == cell["column"]) & (e["term"] == cell["term"])]
    value = found[cell["field"]].iloc[0] if len(found) == 1 else None
    return "" if value is None or pd.isna(value) else str(value)
