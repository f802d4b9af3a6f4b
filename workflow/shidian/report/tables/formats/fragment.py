"""The table alone as LaTeX, without float, caption and note, for a float of the author's own."""

from __future__ import annotations

from shidian.exhibits.result import ExhibitResult
from shidian.report.study_report import ExhibitMeta
from shidian.report.tables.delimited import SIMULATED
from shidian.report.tables.latex import fragment_latex
from shidian.report.tables.look import Look
from shidian.report.tables.structure import with_corner

FORMAT = {"ending": "_fragment.tex"}


def write(result: ExhibitResult, meta: ExhibitMeta) -> bytes:
    """Return the ``tabular``; having no note, it says SIMULATED in its first cell."""
    assert result.table is not None
    table = with_corner(result.table, SIMULATED) if meta.simulated else result.table
    return fragment_latex(table, Look.of(meta.printing)).encode("utf-8")
