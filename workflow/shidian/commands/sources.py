"""Commands on workbooks and sources."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from shidian.commands.shared import Answer, config_here, here, translated


def add_sources(commands: Any) -> None:
    """Add ``inspect``, ``check-source`` and ``correct``."""
    inspect = commands.add_parser(
        "inspect", help="show what the reader sees in a workbook, draft its source file, and read by the draft"
    )
    inspect.add_argument("workbook", help="a file, or a folder of files of one kind, which become one source")
    inspect.add_argument(
        "--encoding", help="encoding of the texts of a .csv file, or of a .dta, .sav or .rds file that does not say it"
    )
    inspect.set_defaults(run=run_inspect)
    source = commands.add_parser(
        "check-source",
        help="read a declared source and report coverage, units, values that look like slips, and what changed",
        description="Read a declared source as the workflow does and report on it. Exit code: 0 nothing stops a run, "
        "1 something does (the last line says what), 2 there is no such source.",
    )
    source.add_argument("source", metavar="SOURCE", help="name of a file in config/sources, or the path to one")
    source.add_argument("--strict", action="store_true", help="exit code 1 for values that look like slips too")
    source.add_argument("--all", action="store_true", help="show every line of every section")
    source.add_argument(
        "--beside", metavar="SOURCE", default="",
        help="a source of provinces: rules are proposed by which its numbers are sums of the units'",
    )  # fmt: skip
    source.set_defaults(run=run_check_source)
    correct = commands.add_parser(
        "correct",
        help="write a correction of one cell into config/corrections.yaml, with the text that the cell holds now",
        description="Write a correction of one cell into config/corrections.yaml. The entry keeps the text that the "
        "cell holds now: a run stops when the file holds another. Exit code: 0 written, 1 refused, 2 wrong usage.",
    )
    correct.add_argument("source", metavar="SOURCE", help="name of a file in config/sources, or the path to one")
    correct.add_argument(
        "cell", metavar="CELL",
        help="FILE!SHEET!A1, as `check-source` prints them; SHEET!A1 or A1 where no other cell is called so; "
        "FILE!5:gdp in files without sheets; or the cell_id of cells.parquet",
    )  # fmt: skip
    correct.add_argument("value", metavar="VALUE", help="text to read instead, as the table would print it")
    correct.add_argument("--reason", required=True, help="why it is wrong, and where the right value comes from")
    correct.set_defaults(run=run_correct)


def run_inspect(options: argparse.Namespace) -> str:
    """Show what the reader sees in a workbook."""
    from shidian.drafting.folder import inspect_folder
    from shidian.drafting.inspect import inspect_workbook
    from shidian.study.limits import declared_limits
    from shidian.study.plan import raw_folder

    path, limits = Path(options.workbook), declared_limits(here())
    read = inspect_folder if path.is_dir() else inspect_workbook
    return read(path, options.encoding, limits, raw_folder(here(), config_here()))


def run_check_source(options: argparse.Namespace) -> Answer:
    """Read a source and report on it."""
    from shidian.checking.command import check_source

    checked = check_source(
        here(), options.source, config_here(), Path("results"), translated(), strict=options.strict, every=options.all,
        beside=options.beside,
    )  # fmt: skip
    return Answer(checked.text, 1 if checked.stops else 0)


def run_correct(options: argparse.Namespace) -> str:
    """Write a correction of one cell."""
    from shidian.checking.correct import correct

    return correct(here(), options.source, options.cell, options.value, options.reason, config_here(), translated())
