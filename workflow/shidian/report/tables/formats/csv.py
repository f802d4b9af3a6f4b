"""The table as printed, as CSV."""

from __future__ import annotations

from shidian.exhibits.result import ExhibitResult
from shidian.report.study_report import ExhibitMeta
from shidian.report.tables.delimited import table_csv

FORMAT = {"ending": ".csv"}


def write(result: ExhibitResult, meta: ExhibitMeta) -> bytes:
    """Return the printed table as CSV."""
    assert result.table is not None
    return table_csv(result.table, meta.simulated)
