"""Commands on the author's own manuscript."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shidian.code_digests import ROOT
from shidian.commands.shared import Answer, config_here, here, translated
from shidian.errors import ShidianError


def add_manuscripts(commands: Any) -> None:
    """Add ``export`` and ``check-draft``."""
    export = commands.add_parser(
        "export",
        help="put a study's tables, figures and numbers into your own manuscript, and update them at the next run",
        description="Fill the marks {{EXHIBIT:COLUMN:TERM}}, {{table:EXHIBIT}} and {{figure:EXHIBIT}} of a manuscript, "
        "and bring up to date what an earlier run filled. A copy of the manuscript is kept beside it.",
    )
    export.add_argument("study", metavar="STUDY")
    export.add_argument("--to", required=True, type=Path, metavar="MANUSCRIPT", help=".docx, .tex, .qmd or .md")
    export.add_argument("--out", type=Path, help="write there, and leave the manuscript as it is")
    export.add_argument("--replace-edited", action="store_true", help="replace insertions that you edited, too")
    export.add_argument("--as-they-are", action="store_true", help="take results that a run would make anew")
    export.set_defaults(run=run_export)
    draft = commands.add_parser(
        "check-draft",
        help="compare every number of a manuscript with a study's results, and name those that none supports",
        description="Compare every number of a manuscript, at its printed precision, with the results of a study. "
        "Exit code: 0 all are supported, 1 some are not, 2 wrong usage.",
    )
    draft.add_argument("draft", type=Path, metavar="DRAFT", help=".docx, .tex, .md, .qmd, .txt or .pdf")
    draft.add_argument("study", metavar="STUDY")
    draft.add_argument(
        "--ignore", action="append", default=[], metavar="PATTERN",
        help="regular expression: numbers in what it matches are passed over; may be given again",
    )  # fmt: skip
    draft.add_argument("--all", action="store_true", help="list also what is supported and what is passed over")
    draft.set_defaults(run=run_check_draft)


@contextmanager
def _errors_in(language: str) -> Iterator[None]:
    """Say an error in the language of the configuration."""
    from shidian.report.catalogue import in_language

    try:
        yield
    except ShidianError as problem:
        raise type(problem)(in_language(str(problem), language)) from problem


def run_export(options: argparse.Namespace) -> str:
    """Fill and update the marks of a manuscript."""
    from shidian.audit.manuscript.export import export
    from shidian.audit.manuscript.finished import finished_study, refuse_stale

    language = config_here()["language"]
    with _errors_in(language):
        study = finished_study(here(), options.study, Path("results"), language)
        if not options.as_they_are:
            refuse_stale(options.study, Path.cwd(), ROOT / "Snakefile")
        done = export(study, options.to, options.out, replace_edited=options.replace_edited)
    return done.text(translated())


def run_check_draft(options: argparse.Namespace) -> Answer:
    """Compare the numbers of a manuscript with a study's results."""
    from shidian.audit.draft.check import check_draft
    from shidian.audit.manuscript.finished import finished_study

    language = config_here()["language"]
    with _errors_in(language):
        study = finished_study(here(), options.study, Path("results"), language)
        found = check_draft(options.draft, study, options.ignore)
    return Answer(found.text(translated(), every=options.all), 1 if found.unsupported else 0)
