"""The numbers behind an exhibit at full precision, as CSV."""

from __future__ import annotations

from shidian.exhibits.result import ExhibitResult
from shidian.report.study_report import ExhibitMeta
from shidian.report.tables.delimited import frame_csv, marked

FORMAT = {"ending": "_estimates.csv", "without_table": True}


def write(result: ExhibitResult, meta: ExhibitMeta) -> bytes:
    """Return the estimates as CSV."""
    return frame_csv(marked(result.estimates, meta.simulated))
