"""The command line beside Snakemake: what checks, inspects, traces, compares and rewrites (``shidian --help``)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from shidian.commands.audits import add_audits
from shidian.commands.manuscripts import add_manuscripts
from shidian.commands.project import add_project
from shidian.commands.results import add_results
from shidian.commands.shared import Answer
from shidian.commands.sources import add_sources
from shidian.commands.studies import add_studies
from shidian.errors import ShidianError, UsageError
from shidian.system_faults import sentence_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a mistake of the user's is one line and exit code 1, 2 where the command itself is mistaken."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        given = options.run(options)
    except ShidianError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2 if isinstance(problem, UsageError) else 1
    except (OSError, MemoryError) as problem:
        if (said := sentence_of(problem)) is None:
            raise
        print(f"error: {said}", file=sys.stderr)
        return 1
    answer = given if isinstance(given, Answer) else Answer(given)
    try:
        print(answer.text, flush=True)
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return answer.code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shidian", description="Evaluate pilot policies from yearbooks to paper.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (add_studies, add_sources, add_results, add_manuscripts, add_audits, add_project):
        add(commands)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
