"""Commands on study files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from shidian.code_digests import ROOT
from shidian.commands.shared import Answer, here, study_here, translated
from shidian.errors import PanelError


def add_studies(commands: Any) -> None:
    """Add ``check``, ``needs``, ``new``, ``lint``, ``run``, ``status`` and ``migrate``."""
    check = commands.add_parser("check", help="check the configuration, the studies and their sources")
    check.add_argument(
        "--variables", metavar="STUDY", help="print the study's variables with formula and unit of measure instead"
    )
    check.set_defaults(run=run_check)
    needs = commands.add_parser(
        "needs", help="list the series that a study reads and which of your sources give them; draft 'real_sources'"
    )
    needs.add_argument("study", help="id of a study, config/studies/STUDY.yaml")
    needs.set_defaults(run=run_needs)
    _add_new(commands)
    _add_lint(commands)
    run = commands.add_parser(
        "run",
        help="run studies: what of their results is not there or stale is made, as `snakemake` in this folder does",
    )
    run.add_argument("studies", nargs="*", metavar="STUDY", help="only these; all of config/config.yaml else")
    run.add_argument("--cores", default="all", help="cores to use (all)")
    run.set_defaults(run=run_run)
    status = commands.add_parser("status", help="say what a run would do and why, before anything runs")
    status.add_argument("studies", nargs="*", metavar="STUDY", help="only these; all of config/config.yaml else")
    status.set_defaults(run=run_status)
    migrate = commands.add_parser("migrate", help="write the new names of keys into study files; nothing else changes")
    migrate.add_argument("files", nargs="+", type=Path, metavar="FILE", help="study file, config/studies/STUDY.yaml")
    migrate.add_argument("--dry-run", action="store_true", help="say what would change, and write nothing")
    migrate.set_defaults(run=run_migrate)


def _add_new(commands: Any) -> None:
    new = commands.add_parser(
        "new",
        help="start a study from one panel file: draft source and study, and run the first table",
        description="Guess which columns are what, ask on a terminal what cannot be told, draft source and study, run "
        "the first table, and write the files when it ran. Exit code: 0 written, 1 or 2 refused in one line.",
    )
    new.add_argument("file", type=Path, help="a panel: one row a unit and year (.csv, .xlsx, .dta, .sav, .rds, ...)")
    new.add_argument("--name", default="", help="id of study and source; after the file when it is not given")
    new.add_argument("--outcome", default="", help="column of the outcome")
    new.add_argument("--treatment", default="", help="column of 0/1 or of the year of adoption")
    new.add_argument("--controls", default="", help="columns of controls, with commas between them")
    new.add_argument("--unit", default="unit", help="the word for a unit, such as city")
    new.set_defaults(run=run_new)


def run_new(options: argparse.Namespace) -> str:
    """Start a study from one panel file."""
    from shidian.starting.command import Wanted, new, on_terminal
    from shidian.study.limits import declared_limits

    controls = tuple(part.strip() for part in options.controls.split(",") if part.strip())
    wanted = Wanted(options.name, options.treatment, options.outcome, controls, options.unit)
    return new(here(), options.file, wanted, on_terminal, declared_limits(here()))


def _add_lint(commands: Any) -> None:
    lint = commands.add_parser(
        "lint",
        help="say what a referee would object to in a study's design, from its panel, before anything is estimated",
        description="Look at who is treated when, at gaps, clusters, weights, controls and power. Exit code: 0 nothing "
        "that stops, 1 something that does, or the panel is not there, 2 there is no such study.",
    )
    lint.add_argument("study", metavar="STUDY", help="name of a file in config/studies")
    lint.set_defaults(run=run_lint)


def run_check(options: argparse.Namespace) -> str:
    """Check the configuration, the studies and their sources."""
    from shidian.study.plan import load_plan

    if options.variables:
        return _variables(options.variables)
    plan = load_plan(here())
    for notice in plan.notices:
        print(notice, file=sys.stderr)
    lines = [f"{name}: {len(study.exhibits)} exhibits" for name, study in plan.studies.items()]
    for skipped in plan.skipped:
        lines += [skipped.headline(plan.raw_root), *(f"  {text}" for text in skipped.files())]
    return "\n".join(lines)


def _variables(name: str) -> str:
    """Return the variables of one study."""
    from shidian.coverage.variables import variables_page

    return variables_page(study_here(name), translated())


def run_needs(options: argparse.Namespace) -> str:
    """List what a study reads and which sources give it."""
    from shidian.needs.command import needs

    return needs(here(), options.study)


def run_lint(options: argparse.Namespace) -> Answer:
    """Say what a referee would object to."""
    import json

    from shidian.coverage.command import require_study
    from shidian.exhibits.result import StudyInfo
    from shidian.lint.command import lint, main_exhibit
    from shidian.study.plan import load_plan

    require_study(here(), options.study)
    plan = load_plan(here())
    if options.study not in plan.studies:
        raise PanelError(f"study '{options.study}' does not run: `shidian check` says why")
    study = plan.studies[options.study]
    info = StudyInfo(**json.loads(plan.info(options.study, str(main_exhibit(study)["id"]))))
    text, stops = lint(study, info, Path("results"), translated())
    return Answer(text, 1 if stops else 0)


def run_run(options: argparse.Namespace) -> Answer:
    """Run studies with Snakemake."""
    import subprocess

    targets = [f"results/{study}/report.html" for study in options.studies]
    own = Path("Snakefile")
    snakefile = own if own.exists() and not targets else ROOT / "Snakefile"
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), "--cores", str(options.cores)]
    profile = ROOT / "workflow" / "profiles" / "default"
    done = subprocess.run([*command, "--workflow-profile", str(profile), *targets], check=False)
    return Answer("", done.returncode)


def run_status(options: argparse.Namespace) -> str:
    """Say what a run would do and why."""
    from shidian.run_status import dry_run, stale_jobs, status_text

    targets = [f"results/{study}/report.html" for study in options.studies]
    return status_text(stale_jobs(dry_run(Path.cwd(), ROOT / "Snakefile", targets)))


def run_migrate(options: argparse.Namespace) -> str:
    """Write the new names of keys into study files."""
    from shidian.study.migrate import migrate_files

    return migrate_files(options.files, dry_run=options.dry_run)
