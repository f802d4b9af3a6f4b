"""Printed labels in place of internal names, as the tables of a report have them."""

from __future__ import annotations

from collections.abc import Mapping

from shidian.exhibits.result import Table
from shidian.report.captions import captions
from shidian.report.study_report import ReportExhibit
from shidian.report.typography import with_minus


def term_labels(exhibit: ReportExhibit, labels: Mapping[str, str]) -> dict[str, str]:
    """Return term or variable -> its printed label: the row that prints it, else the study's own label."""
    table = exhibit.result.table
    terms = {str(term) for term in exhibit.result.estimates["term"].unique()}
    found = {name: label for name, label in labels.items() if name in terms and label != name}
    found |= {} if table is None else _by_row(table)
    return {term: with_minus(label) for term, label in found.items()}


def column_labels(exhibit: ReportExhibit) -> dict[str, str]:
    """Return column of the estimates -> the header above the one column of the table that prints it."""
    table = exhibit.result.table
    if table is None:
        return {}
    places: dict[str, set[int]] = {}
    for row in table.rows:
        for at, cell in enumerate(row.cells):
            if cell.ref:
                places.setdefault(cell.ref[0], set()).add(at)
    heads = header_texts(table, exhibit.meta.lang)
    return {name: heads[min(at)] for name, at in places.items() if len(at) == 1 and heads[min(at)] not in ("", name)}


def header_texts(table: Table, lang: str) -> tuple[str, ...]:
    """Return for each column beside the stub the texts of the header above it, from the top."""
    above: list[list[str]] = [[] for _ in range(sum(span for _, span in table.header[0]) if table.header else 0)]
    for line in table.header:
        at = 0
        for text, span in line:
            for column in range(at, at + span):
                if text.strip() and text not in above[column]:
                    above[column].append(text)
            at += span
    return tuple(captions(lang)["comma"].join(texts) for texts in above[1:])


def _by_row(table: Table) -> dict[str, str]:
    """Return term -> the label of the only row that prints its estimate."""
    found: dict[str, set[str]] = {}
    for row in table.rows:
        for cell in row.cells:
            if cell.ref and cell.ref[2] == "estimate" and row.label.strip():
                found.setdefault(cell.ref[1], set()).add(row.label)
    return {term: label for term, (label, *more) in ((t, sorted(s)) for t, s in found.items()) if not more}
