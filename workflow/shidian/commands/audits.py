"""Commands on printed tables, replications and bundles."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from shidian.commands.shared import Answer, here
from shidian.errors import AuditError, ShidianError, UsageError


def add_audits(commands: Any) -> None:
    """Add ``check-tables``, ``audit-r``, ``verify`` and ``diff``."""
    tables = commands.add_parser("check-tables", help="check whether a paper's printed tables agree with themselves")
    tables.add_argument("file", help="transcribed tables, as in resources/published")
    tables.add_argument("--out", default="results/printed_tables", help="folder of the HTML and CSV files")
    tables.set_defaults(run=run_check_tables)
    second = commands.add_parser("audit-r", help="re-estimate the regression tables of finished studies in R")
    second.add_argument("studies", nargs="*", help="ids of studies; all that have run when none is given")
    second.set_defaults(run=run_audit_r)
    _add_verify(commands.add_parser("verify", help="check a bundle; with --rerun, run it and compare every number"))
    diff = commands.add_parser("diff", help="which numbers moved between two bundles or result folders, and why")
    diff.add_argument("first", type=Path, help="a bundle, or a folder results/<study>")
    diff.add_argument("second", type=Path)
    diff.add_argument("--out", type=Path, help="CSV file of all numbers that moved")
    diff.set_defaults(run=run_diff)


def _add_verify(verify: argparse.ArgumentParser) -> None:
    verify.add_argument("bundle", help="a zip that `make audit` wrote")
    verify.add_argument("--sha256", default="", help="digest of the bundle, as its author published it")
    verify.add_argument("--signature", type=Path, help="signature of the bundle; BUNDLE.sig beside it by default")
    verify.add_argument("--signer", type=Path, help="public key of the author, or a file of allowed signers")
    verify.add_argument("--most-bytes", type=int, default=None, help="most bytes that may be unpacked")
    verify.add_argument("--rerun", action="store_true", help="run the study from the raw files and compare")
    verify.add_argument("--yes", action="store_true", help="run the code in the bundle without being asked")
    verify.add_argument("--hours", type=float, default=None, help="most hours of a rerun; 12 by default")
    verify.add_argument("--into", type=Path, help="empty folder of the rerun, kept; a temporary one by default")
    verify.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    verify.add_argument("--tolerance", type=float, default=0.0, help="relative difference that is let pass; none is")
    verify.add_argument("--any-environment", action="store_true", help="run with other package versions than locked")
    verify.set_defaults(run=run_verify)


def run_check_tables(options: argparse.Namespace) -> Answer:
    """Check whether a paper's printed tables agree with themselves: code 1 where some do not, 2 for no such file."""
    from shidian.audit.printed_tables.check import check_paper, describe, disagrees, write_findings
    from shidian.audit.printed_tables.coverage import describe_coverage

    path = Path(options.file)
    try:
        checked = check_paper(path)
    except AuditError as problem:
        raise UsageError(str(problem)) from problem
    written = write_findings(path, checked, Path(options.out))
    text = "\n".join([describe(checked.findings), describe_coverage(checked.coverage), *map(str, written)])
    return Answer(text, 1 if disagrees(checked.findings) else 0)


def run_audit_r(options: argparse.Namespace) -> str:
    """Re-estimate regression tables in R."""
    from shidian.audit.replication.compare import check_study
    from shidian.study.plan import load_plan

    plan, results = load_plan(here()), Path("results")
    ran = [name for name in plan.studies if (results / name / "report.html").exists()]
    wanted = options.studies or ran
    if not wanted:
        raise ShidianError("no study has run: there is no report in results/ (make run)")
    return "\n\n".join(check_study(plan, study, results) for study in wanted)


def run_verify(options: argparse.Namespace) -> str:
    """Check a bundle, or run it again."""
    from shidian.audit.bundle.archive import MOST_BYTES
    from shidian.audit.verify.command import RerunOptions, verify_bundle
    from shidian.audit.verify.consent import agreed, ask_on_terminal
    from shidian.audit.verify.sandbox import HOURS

    raw = os.environ.get("SHIDIAN_RAW")
    again = RerunOptions(
        options.into, Path(raw) if raw else None, options.cores, options.tolerance, options.any_environment,
        HOURS if options.hours is None else options.hours, agreed if options.yes else ask_on_terminal,
    )  # fmt: skip
    return verify_bundle(
        Path(options.bundle), digest=options.sha256, signature=options.signature, signer=options.signer,
        most_bytes=MOST_BYTES if options.most_bytes is None else options.most_bytes,
        again=again if options.rerun else None,
    )  # fmt: skip


def run_diff(options: argparse.Namespace) -> str:
    """Say which numbers moved."""
    from shidian.audit.differences import compare

    return compare(options.first, options.second, options.out)
