"""Commands on finished results."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from shidian.commands.shared import here, study_here, translated


def add_results(commands: Any) -> None:
    """Add ``coverage``, ``trace`` and ``weights``."""
    _add_coverage(commands)
    trace = commands.add_parser(
        "trace", help="follow a number back: a printed one to its sample and variables, a panel value to its cells"
    )
    trace.add_argument("study")
    trace.add_argument(
        "what", nargs="+", help="EXHIBIT COLUMN [TERM], or UNIT YEAR VARIABLE (unit: code or exact name)"
    )
    trace.set_defaults(run=run_trace)
    weights = commands.add_parser(
        "weights", help="write the weights of a finished spatial exhibit: unit, neighbour, weight"
    )
    weights.add_argument("study")
    weights.add_argument("exhibit")
    weights.add_argument("--out", type=Path, help="CSV file; results/weights/STUDY_EXHIBIT.csv by default")
    weights.set_defaults(run=run_weights)


def _add_coverage(commands: Any) -> None:
    coverage = commands.add_parser(
        "coverage",
        help="say which values a finished study's panel has, by variable, year and unit, and what was lost and why",
        description="Report on the coverage of a finished study. Exit code: 0 reported, 1 it has not run or its "
        "results were changed, 2 there is no such study.",
    )
    coverage.add_argument("study", metavar="STUDY", help="name of a file in config/studies")
    coverage.add_argument("--all", action="store_true", help="show every line of every section")
    coverage.set_defaults(run=run_coverage)


def run_coverage(options: argparse.Namespace) -> str:
    """Report on the coverage of a finished study."""
    from shidian.coverage.command import coverage

    return coverage(study_here(options.study), Path("results"), translated(), every=options.all)


def run_trace(options: argparse.Namespace) -> str:
    """Follow a number back."""
    from shidian.study.extensions import use_extensions
    from shidian.study.read import read_study
    from shidian.trace.command import trace
    from shidian.yearbook.corrections import gather_corrections

    use_extensions(here())
    study, sources = read_study(here(), options.study)
    declared = [here() / "config" / "corrections.yaml", *Path("results/simulated").glob("*/corrections.yaml")]
    return trace(study, sources, Path("results"), options.what, gather_corrections(declared))


def run_weights(options: argparse.Namespace) -> str:
    """Write the weights of a spatial exhibit."""
    from shidian.job import write_csv
    from shidian.study.plan import load_plan
    from shidian.trace.weights import links, weights_of

    W = weights_of(load_plan(here()), options.study, options.exhibit, Path("results"))
    out = options.out or Path("results") / "weights" / f"{options.study}_{options.exhibit}.csv"
    write_csv(out, links(W))
    islands = f"; without neighbours: {', '.join(W.islands)}" if W.islands else ""
    return f"wrote {out}: {W.kind}, normalisation {W.normalisation}, {W.n} units{islands}"
