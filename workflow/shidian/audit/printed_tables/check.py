"""All checks of a paper's printed tables, and the files that show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from shidian.audit.printed_tables.findings import DISAGREES, UNUSUAL, VERDICTS, Finding, findings_frame
from shidian.audit.printed_tables.fit import check_means, check_r2, check_simple_r2
from shidian.audit.printed_tables.instruments import check_first_stage, check_names
from shidian.audit.printed_tables.mediation import check_mediation
from shidian.audit.printed_tables.paper import Paper, read_paper
from shidian.audit.printed_tables.samples import check_sample_size, check_splits, check_treated, check_variables_behind
from shidian.audit.printed_tables.spreads import (
    check_bounds,
    check_descriptives,
    check_parts,
    check_theil,
    check_whole_numbers,
)
from shidian.audit.printed_tables.stars import check_standard_errors, check_stars
from shidian.audit.printed_tables.statistics import check_decomposition, check_thresholds, check_vif
from shidian.errors import AuditError
from shidian.job import write_csv, write_text
from shidian.report.html import environment, template_text, with_font

CHECKS: tuple[Callable[[Paper], Iterator[Finding]], ...] = (
    check_sample_size, check_treated, check_descriptives, check_whole_numbers, check_bounds, check_parts, check_theil,
    check_standard_errors, check_stars, check_variables_behind, check_splits, check_r2, check_means, check_simple_r2,
    check_mediation, check_first_stage, check_names, check_vif, check_thresholds, check_decomposition,
)  # fmt: skip
"""Every check, in the order in which a reader meets what it checks."""


def check_tables(path: Path) -> pd.DataFrame:
    """Run every check on a file of transcribed tables and return the findings, the gravest first.

    Raises:
        AuditError: the file cannot be read as printed tables, or holds nothing that a check could use.
    """
    paper = read_paper(path)
    found = findings_frame(finding for check in CHECKS for finding in check(paper))
    if found.empty:
        raise AuditError(
            f"{path}: nothing to check: give 'sample', 'descriptives', or 'tables' with [coefficient, error, stars]"
        )
    return found


def write_findings(path: Path, findings: pd.DataFrame, folder: Path) -> tuple[Path, Path]:
    """Write the findings as ``<name>.html`` and ``<name>.csv`` and return both paths."""
    csv, html = folder / f"{path.stem}.csv", folder / f"{path.stem}.html"
    write_csv(csv, findings)
    template = environment().get_template("printed_tables.html.j2")
    page = template.render(
        name=path.stem,
        counts=[(v, VERDICTS[v], int((findings["verdict"] == v).sum())) for v in VERDICTS],
        findings=findings.to_dict("records"),
        css=Markup(template_text("report.css")),
    )
    write_text(html, with_font(page))
    return html, csv


def describe(findings: pd.DataFrame) -> str:
    """Return the findings a reader must look at, one block each, and how many of each verdict there are."""
    lines = []
    for row in findings[findings["verdict"].isin([DISAGREES, UNUSUAL])].to_dict("records"):
        lines.append(f"{row['verdict'].upper()}  {row['check']}: {row['where']}")
        lines += [f"  {label}: {row[key]}" for label, key in _LABELS]
    counts = findings["verdict"].value_counts()
    lines.append(", ".join(f"{int(counts.get(v, 0))} {v}" for v in VERDICTS) + f" of {len(findings)} checks")
    return "\n".join(lines)


_LABELS = (("printed", "printed"), ("computed", "computed"), ("sure", "sure"), ("rule", "why"))
