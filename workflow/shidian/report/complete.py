"""Is a report whole? Every table and figure that a paper prints is an exhibit, and no exhibit is empty."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shidian.errors import ReportError
from shidian.exhibits.result import ExhibitResult
from shidian.report.captions import captions
from shidian.report.study_report import ReportExhibit, StudyReport


def printed_numbers(published: Mapping[str, Any], lang: str = "en") -> tuple[str, ...]:
    """Return the numbers of the tables and figures that a file of printed numbers has, e.g. "Table 3".

    They are the keys ``table3_...`` and ``figure5_...`` of the file and of its ``tables``; ``descriptives`` is Table 1.
    """
    keys = ["table1" if key == "descriptives" else str(key) for key in [*published, *published.get("tables", {})]]
    found = [match for match in (re.match(r"(table|figure)(\d+)", key) for key in keys) if match]
    return tuple(dict.fromkeys(captions(lang)[match[1]].format(n=match[2]) for match in found))


def require_complete(report: StudyReport, published: Iterable[Mapping[str, Any]] = ()) -> None:
    """Refuse a report that holds an empty exhibit or, on simulated data, lacks a table or figure that the paper prints.

    There nothing is missing that could excuse it, and each must hold a number. Elsewhere an exhibit may hold the reason
    why there is none, and an author may print fewer.

    Raises:
        ReportError: what is missing or empty.
    """
    wanted = [number for file in published if report.simulated for number in printed_numbers(file, report.lang)]
    numbers = [exhibit.meta.number for exhibit in report.exhibits]
    wrong = [f"the paper prints {number}, and no exhibit has that number" for number in wanted if number not in numbers]
    for exhibit in report.exhibits:
        if not _says_something(exhibit.result):
            wrong.append(f"{_name(exhibit)} is empty: neither a filled table nor points of a figure")
        elif exhibit.meta.number in wanted and not has_numbers(exhibit.result):
            wrong.append(f"{_name(exhibit)} holds no number, and the paper prints it: {_reason(exhibit.result)}")
    if wrong:
        raise ReportError("\n".join(f"report of study '{report.study}': {line}" for line in wrong))


def has_numbers(result: ExhibitResult) -> bool:
    """Say whether a table prints an estimate or a figure has points."""
    cells = [] if result.table is None else [cell for row in result.table.rows for cell in row.cells]
    traced = any(cell.ref is not None and cell.ref[2] != "reason" for cell in cells)
    return traced or _points(result) > 0


def _says_something(result: ExhibitResult) -> bool:
    rows = () if result.table is None else result.table.rows
    return any(cell.text.strip() for row in rows for cell in row.cells) or _points(result) > 0


def _points(result: ExhibitResult) -> int:
    return 0 if result.figure is None else sum(len(frame) for frame in result.figure.data.values())


def _name(exhibit: ReportExhibit) -> str:
    return f"exhibit '{exhibit.meta.id}' ({exhibit.meta.number})"


def _reason(result: ExhibitResult) -> str:
    gone = result.estimates[result.estimates["estimate"].isna()]
    reasons = [str(reason) for reason in gone["reason"] if reason]
    return reasons[0] if reasons else "it has no estimate"
