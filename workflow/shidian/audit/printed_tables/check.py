"""All checks of a paper's printed tables, and the files that show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from shidian.audit.printed_tables.consistency import check_intervals, check_p_values, check_statistics
from shidian.audit.printed_tables.coverage import Coverage, coverage
from shidian.audit.printed_tables.determination import check_adjusted, check_r2
from shidian.audit.printed_tables.discrete import check_whole_numbers
from shidian.audit.printed_tables.effects import check_stages, check_subsample_effects, check_units_of_effects
from shidian.audit.printed_tables.findings import DISAGREES, UNUSUAL, VERDICTS, Finding, findings_frame
from shidian.audit.printed_tables.fit import check_means, check_simple_r2
from shidian.audit.printed_tables.groups import check_groups, check_percentages
from shidian.audit.printed_tables.instruments import check_first_stage, check_names
from shidian.audit.printed_tables.mediation import check_mediation
from shidian.audit.printed_tables.misnamed import check_misnamed
from shidian.audit.printed_tables.paper import Paper
from shidian.audit.printed_tables.reading import read_paper
from shidian.audit.printed_tables.repeats import check_lone_counts, check_lone_signs, check_repeats
from shidian.audit.printed_tables.samples import check_sample_size, check_splits, check_treated, check_variables_behind
from shidian.audit.printed_tables.spreads import check_bounds, check_descriptives, check_parts, check_theil
from shidian.audit.printed_tables.stars import check_standard_errors, check_stars
from shidian.audit.printed_tables.statistics import check_decomposition, check_thresholds, check_vif
from shidian.errors import AuditError
from shidian.job import write_csv, write_text
from shidian.report.html import environment, template_text, with_font

CHECKS: tuple[Callable[[Paper], Iterator[Finding]], ...] = (
    check_sample_size, check_treated, check_descriptives, check_whole_numbers, check_bounds, check_parts, check_theil,
    check_groups, check_percentages, check_misnamed, check_standard_errors, check_stars, check_statistics,
    check_p_values, check_intervals, check_variables_behind, check_splits, check_lone_counts, check_lone_signs,
    check_repeats, check_r2, check_adjusted, check_means, check_simple_r2, check_mediation, check_stages,
    check_units_of_effects, check_subsample_effects, check_first_stage, check_names, check_vif, check_thresholds,
    check_decomposition,
)  # fmt: skip
"""Every check, in the order in which a reader meets what it checks."""


@dataclass(frozen=True)
class Checked:
    """Findings of all checks, the gravest first, and the account of what was read and checked."""

    findings: pd.DataFrame
    coverage: Coverage


def check_tables(path: Path) -> pd.DataFrame:
    """Run every check on a file of transcribed tables and return the findings, the gravest first.

    Raises:
        AuditError: the file cannot be read as printed tables, or holds nothing that a check could use.
    """
    return check_paper(path).findings


def check_paper(path: Path) -> Checked:
    """Run every check on a file of transcribed tables; also say what was read, and what no check could use.

    Raises:
        AuditError: the file cannot be read as printed tables, or holds nothing that a check could use.
    """
    paper = read_paper(path)
    findings = [finding for check in CHECKS for finding in check(paper)]
    if not findings:
        raise AuditError(
            f"{path}: nothing to check: give 'sample', 'descriptives', or 'tables' with [coefficient, error, stars]"
        )
    return Checked(findings_frame(findings), coverage(paper, findings))


def write_findings(path: Path, checked: Checked, folder: Path) -> tuple[Path, Path]:
    """Write the findings as ``<name>.html`` and ``<name>.csv`` and return both paths."""
    csv, html = folder / f"{path.stem}.csv", folder / f"{path.stem}.html"
    findings, account = checked.findings, checked.coverage
    write_csv(csv, findings)
    template = environment().get_template("printed_tables.html.j2")
    page = template.render(
        name=path.stem,
        counts=[(v, VERDICTS[v], int((findings["verdict"] == v).sum())) for v in VERDICTS],
        findings=findings.to_dict("records"),
        account=account,
        css=Markup(template_text("report.css")),
    )
    write_text(html, with_font(page))
    return html, csv


def disagrees(findings: pd.DataFrame) -> bool:
    """Say whether any finding disagrees."""
    return bool((findings["verdict"] == DISAGREES).any())


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
