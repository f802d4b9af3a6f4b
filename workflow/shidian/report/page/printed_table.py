"""A printed table as the page shows it: cells with their alignment and what a click on each leads to."""

from __future__ import annotations

import re
from typing import Any

from shidian.exhibits.result import Cell, Row, Table
from shidian.report.captions import captions
from shidian.report.page.labels import header_texts
from shidian.report.study_report import ReportExhibit
from shidian.report.tables.structure import WIDE, alignments, group_rules, is_heading, require_estimates
from shidian.report.typography import with_minus

_SHORT_LABEL = 40
"""A row label of no more characters than this stays on one line."""
_NUMBER = re.compile(r"[(\[<≤±\s]*[-\N{MINUS SIGN}+]?\d[\d,.\s]*(e[-\N{MINUS SIGN}+]?\d+)?[%*)\]\s†‡]*")
"""What is a number as a whole, with its stars and brackets."""


def page_table(exhibit: ReportExhibit) -> dict[str, Any]:
    """Return header lines and body rows, each cell with its alignment and the estimate or trail it leads to.

    Raises:
        ReportError: a printed cell refers to an estimate that is not there.
    """
    table = exhibit.result.table
    assert table is not None
    require_estimates(exhibit.result, (cell for row in table.rows for cell in row.cells), exhibit.meta.id)
    sides = alignments(table)
    heads = header_texts(table, exhibit.meta.lang)
    rows = [_row(row, sides, heads, exhibit) for row in table.rows]
    return {
        "header": _header(table, sides), "rows": rows, "width": len(sides), "wide": len(sides) > WIDE,
        "traced": any(cell["ref"] or cell["trail"] for row in rows for cell in row["cells"]),
    }  # fmt: skip


def _header(table: Table, sides: tuple[str, ...]) -> list[list[dict[str, Any]]]:
    header = []
    for line in table.header:
        ruled = {first for first, _ in group_rules(line)}
        cells, at = [], 1
        for text, span in line:
            side = sides[at - 1] if span == 1 else "center"
            cells.append({"text": with_minus(text), "span": span, "ruled": at in ruled, "side": side})
            at += span
        header.append(cells)
    return header


def _row(row: Row, sides: tuple[str, ...], heads: tuple[str, ...], exhibit: ReportExhibit) -> dict[str, Any]:
    cells = []
    for cell, side, head in zip(row.cells, sides[1:], heads, strict=True):
        text, trail = with_minus(cell.text), _trail(cell, row, head, exhibit)
        cells.append({"text": text, "side": side, "ref": cell.ref, "trail": trail})
    return {
        "label": with_minus(row.label), "short": len(row.label) <= _SHORT_LABEL, "heading": is_heading(row),
        "rule": row.rule_above, "cells": cells,
    }  # fmt: skip


def _trail(cell: Cell, row: Row, head: str, exhibit: ReportExhibit) -> tuple[str, str] | None:
    """Return of a number that is no estimate (a mean before matching, a number of the paper beside ours) what it is.

    The first of the two is the column whose trail it has: that of the estimate in its row, else the exhibit's only one.
    """
    if cell.ref or not _NUMBER.fullmatch(cell.text):
        return None
    beside = [other.ref[0] for other in row.cells if other.ref and other.ref[0] in exhibit.traces]
    if not beside and len(exhibit.traces) == 1:
        beside = list(exhibit.traces)
    what = captions(exhibit.meta.lang)["comma"].join(text for text in (row.label, head) if text.strip())
    return (beside[0], what) if beside else None
