"""The exhibit as an Excel workbook: table, estimates, data of the figure, note."""

from __future__ import annotations

from shidian.exhibits.result import ExhibitResult
from shidian.report.study_report import ExhibitMeta
from shidian.report.tables.excel import exhibit_xlsx

FORMAT = {"ending": ".xlsx", "without_table": True}


def write(result: ExhibitResult, meta: ExhibitMeta) -> bytes:
    """Return the workbook."""
    return exhibit_xlsx(result, meta)
