"""The command line beside Snakemake: what checks, inspects, traces, compares and rewrites (``shidian --help``)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shidian.code_digests import ROOT
from shidian.errors import ShidianError, UsageError, nearest
from shidian.system_faults import sentence_of


@dataclass(frozen=True)
class Answer:
    """What a command prints, and its exit code where that says more than that it was answered."""

    text: str
    code: int = 0


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
    check = commands.add_parser("check", help="check the configuration, the studies and their sources")
    check.set_defaults(run=_check)
    needs = commands.add_parser(
        "needs", help="list the series that a study reads and which of your sources give them; draft 'real_sources'"
    )
    needs.add_argument("study", help="id of a study, config/studies/STUDY.yaml")
    needs.set_defaults(run=_needs)
    inspect = commands.add_parser(
        "inspect", help="show what the reader sees in a workbook, draft its source file, and read by the draft"
    )
    inspect.add_argument("workbook", help="a file, or a folder of files of one kind, which become one source")
    inspect.add_argument(
        "--encoding", help="encoding of the texts of a .csv file, or of a .dta, .sav or .rds file that does not say it"
    )
    inspect.set_defaults(run=_inspect)
    _add_sources(commands)
    trace = commands.add_parser(
        "trace", help="follow a number back: a printed one to its sample and variables, a panel value to its cells"
    )
    trace.add_argument("study")
    trace.add_argument(
        "what", nargs="+", help="EXHIBIT COLUMN [TERM], or UNIT YEAR VARIABLE (unit: code or exact name)"
    )
    trace.set_defaults(run=_trace)
    weights = commands.add_parser(
        "weights", help="write the weights of a finished spatial exhibit: unit, neighbour, weight"
    )
    weights.add_argument("study")
    weights.add_argument("exhibit")
    weights.add_argument("--out", type=Path, help="CSV file; results/weights/STUDY_EXHIBIT.csv by default")
    weights.set_defaults(run=_weights)
    tables = commands.add_parser("check-tables", help="check whether a paper's printed tables agree with themselves")
    tables.add_argument("file", help="transcribed tables, as in resources/published")
    tables.add_argument("--out", default="results/printed_tables", help="folder of the HTML and CSV files")
    tables.set_defaults(run=_check_tables)
    _add_manuscript(commands)
    second = commands.add_parser("audit-r", help="re-estimate the regression tables of finished studies in R")
    second.add_argument("studies", nargs="*", help="ids of studies; all that have run when none is given")
    second.set_defaults(run=_audit_r)
    _add_verify(commands.add_parser("verify", help="check a bundle; with --rerun, run it and compare every number"))
    diff = commands.add_parser("diff", help="which numbers moved between two bundles or result folders, and why")
    diff.add_argument("first", type=Path, help="a bundle, or a folder results/<study>")
    diff.add_argument("second", type=Path)
    diff.add_argument("--out", type=Path, help="CSV file of all numbers that moved")
    diff.set_defaults(run=_diff)
    status = commands.add_parser("status", help="say what a run would do and why, before anything runs")
    status.add_argument("studies", nargs="*", metavar="STUDY", help="only these; all of config/config.yaml else")
    status.set_defaults(run=_status)
    migrate = commands.add_parser("migrate", help="write the new names of keys into study files; nothing else changes")
    migrate.add_argument("files", nargs="+", type=Path, metavar="FILE", help="study file, config/studies/STUDY.yaml")
    migrate.add_argument("--dry-run", action="store_true", help="say what would change, and write nothing")
    migrate.set_defaults(run=_migrate)
    docs = commands.add_parser(
        "docs", help="write config/README.md and envs/ from the schemas and the lock, REFERENCE.md of your extensions"
    )
    docs.set_defaults(run=_docs)
    kinds = commands.add_parser("check-kinds", help="run the examples of your extensions' kinds through all checks")
    kinds.add_argument("kinds", nargs="*", help="names of kinds; all of your extensions when none is given")
    kinds.set_defaults(run=_check_kinds)
    return parser


def _add_sources(commands: Any) -> None:
    source = commands.add_parser(
        "check-source",
        help="read a declared source and report coverage, units, values that look like slips, and what changed",
        description="Read a declared source as the workflow does and report on it. Exit code: 0 nothing stops a run, "
        "1 something does (the last line says what), 2 there is no such source.",
    )
    source.add_argument("source", metavar="SOURCE", help="name of a file in config/sources, or the path to one")
    source.add_argument("--strict", action="store_true", help="exit code 1 for values that look like slips too")
    source.add_argument("--all", action="store_true", help="show every line of every section")
    source.set_defaults(run=_check_source)
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
    correct.set_defaults(run=_correct)


def _add_manuscript(commands: Any) -> None:
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
    export.set_defaults(run=_export)
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
    draft.set_defaults(run=_check_draft)


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
    verify.set_defaults(run=_verify)


def _here() -> Path:
    """Return the folder whose configuration counts: the one one stands in, or the project's."""
    return Path.cwd() if (Path.cwd() / "config" / "config.yaml").exists() else ROOT


def _check(options: argparse.Namespace) -> str:
    from shidian.study.plan import load_plan

    plan = load_plan(_here())
    for notice in plan.notices:
        print(notice, file=sys.stderr)
    lines = [f"{name}: {len(study.exhibits)} exhibits" for name, study in plan.studies.items()]
    for skipped in plan.skipped:
        lines += [skipped.headline(plan.raw_root), *(f"  {text}" for text in skipped.files())]
    return "\n".join(lines)


def _needs(options: argparse.Namespace) -> str:
    from shidian.needs.command import needs

    return needs(_here(), options.study)


def _inspect(options: argparse.Namespace) -> str:
    from shidian.drafting.folder import inspect_folder
    from shidian.drafting.inspect import inspect_workbook
    from shidian.study.limits import declared_limits

    path, limits = Path(options.workbook), declared_limits(_here())
    read = inspect_folder if path.is_dir() else inspect_workbook
    return read(path, options.encoding, limits)


def _check_source(options: argparse.Namespace) -> Answer:
    from shidian.checking.command import check_source
    from shidian.report.catalogue import in_language

    config = _config()
    checked = check_source(
        _here(), options.source, config, Path("results"), lambda text: in_language(text, config["language"]),
        strict=options.strict, every=options.all,
    )  # fmt: skip
    return Answer(checked.text, 1 if checked.stops else 0)


def _correct(options: argparse.Namespace) -> str:
    from shidian.checking.correct import correct
    from shidian.report.catalogue import in_language

    config = _config()
    return correct(
        _here(), options.source, options.cell, options.value, options.reason, config,
        lambda text: in_language(text, config["language"]),
    )  # fmt: skip


def _config() -> Mapping[str, Any]:
    """Return the checked configuration, its language always in it."""
    from shidian.schema import check, read_schema, read_yaml

    config = read_yaml(_here() / "config" / "config.yaml")
    check(config, read_schema("config"), "config/config.yaml")
    return {"language": "en", **config}


def _trace(options: argparse.Namespace) -> str:
    from shidian.study.extensions import use_extensions
    from shidian.study.read import read_study
    from shidian.trace.command import trace
    from shidian.yearbook.corrections import gather_corrections

    use_extensions(_here())
    study, sources = read_study(_here(), options.study)
    declared = [_here() / "config" / "corrections.yaml", *Path("results/simulated").glob("*/corrections.yaml")]
    return trace(study, sources, Path("results"), options.what, gather_corrections(declared))


def _weights(options: argparse.Namespace) -> str:
    from shidian.job import write_csv
    from shidian.study.plan import load_plan
    from shidian.trace.weights import links, weights_of

    W = weights_of(load_plan(_here()), options.study, options.exhibit, Path("results"))
    out = options.out or Path("results") / "weights" / f"{options.study}_{options.exhibit}.csv"
    write_csv(out, links(W))
    islands = f"; without neighbours: {', '.join(W.islands)}" if W.islands else ""
    return f"wrote {out}: {W.kind}, normalisation {W.normalisation}, {W.n} units{islands}"


def _check_tables(options: argparse.Namespace) -> str:
    from shidian.audit.printed_tables.check import check_tables, describe, write_findings

    path = Path(options.file)
    findings = check_tables(path)
    written = write_findings(path, findings, Path(options.out))
    return "\n".join([describe(findings), *map(str, written)])


def _export(options: argparse.Namespace) -> str:
    from shidian.audit.manuscript.export import export
    from shidian.audit.manuscript.finished import finished_study, refuse_stale
    from shidian.report.catalogue import in_language

    language = _config()["language"]
    try:
        study = finished_study(_here(), options.study, Path("results"), language)
        if not options.as_they_are:
            refuse_stale(options.study, Path.cwd(), ROOT / "Snakefile")
        done = export(study, options.to, options.out, replace_edited=options.replace_edited)
    except ShidianError as problem:
        raise type(problem)(in_language(str(problem), language)) from problem
    return done.text(lambda text: in_language(text, language))


def _check_draft(options: argparse.Namespace) -> Answer:
    from shidian.audit.draft.check import check_draft
    from shidian.audit.manuscript.finished import finished_study
    from shidian.report.catalogue import in_language

    language = _config()["language"]
    try:
        study = finished_study(_here(), options.study, Path("results"), language)
        found = check_draft(options.draft, study, options.ignore)
    except ShidianError as problem:
        raise type(problem)(in_language(str(problem), language)) from problem
    return Answer(
        found.text(lambda text: in_language(text, language), every=options.all), 1 if found.unsupported else 0
    )


def _audit_r(options: argparse.Namespace) -> str:
    from shidian.audit.replication.compare import check_study
    from shidian.study.plan import load_plan

    plan, results = load_plan(_here()), Path("results")
    ran = [name for name in plan.studies if (results / name / "report.html").exists()]
    wanted = options.studies or ran
    if not wanted:
        raise ShidianError("no study has run: there is no report in results/ (make run)")
    return "\n\n".join(check_study(plan, study, results) for study in wanted)


def _verify(options: argparse.Namespace) -> str:
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


def _status(options: argparse.Namespace) -> str:
    from shidian.run_status import dry_run, stale_jobs, status_text

    targets = [f"results/{study}/report.html" for study in options.studies]
    return status_text(stale_jobs(dry_run(Path.cwd(), ROOT / "Snakefile", targets)))


def _diff(options: argparse.Namespace) -> str:
    from shidian.audit.differences import compare

    return compare(options.first, options.second, options.out)


def _migrate(options: argparse.Namespace) -> str:
    from shidian.study.migrate import migrate_files

    return migrate_files(options.files, dry_run=options.dry_run)


def _docs(options: argparse.Namespace) -> str:
    from shidian.code_digests import conda_environment
    from shidian.reference import config_reference, extension_reference
    from shidian.report.catalogue_files import write_catalogues
    from shidian.study.extensions import use_extensions

    (ROOT / "config" / "README.md").write_text(config_reference(), encoding="utf-8")
    (ROOT / "envs" / "shidian.yaml").write_text(conda_environment(), encoding="utf-8")
    write_catalogues("zh")
    lines = ["wrote config/README.md, envs/shidian.yaml and the catalogues of messages"]
    for folder in use_extensions(_here()):
        page = folder / "REFERENCE.md"
        page.write_text(extension_reference(folder), encoding="utf-8")
        write_catalogues("zh", folder)
        lines.append(f"wrote {page} and the catalogues of its messages")
    return "\n".join(lines)


def _check_kinds(options: argparse.Namespace) -> str:
    import subprocess

    from shidian.study.extensions import use_extensions
    from shidian.study.kinds import kinds

    folders = use_extensions(_here())
    theirs = [name for name, kind in kinds().items() if any(kind.folder.is_relative_to(f) for f in folders)]
    for name in options.kinds:
        if name not in kinds():
            raise ShidianError(f"there is no kind '{name}'{nearest(name, kinds())}")
    wanted = options.kinds or theirs
    if not wanted:
        raise ShidianError("config/config.yaml names no extension with a kind: see docs/extensions.md")
    tests = [str(ROOT / "tests" / "kinds"), "-q", "-o", "addopts=", "-p", "no:cacheprovider"]
    environment = {**os.environ, "SHIDIAN_KINDS": ",".join(wanted)}
    done = subprocess.run([sys.executable, "-m", "pytest", *tests], cwd=ROOT, env=environment, check=False)
    if done.returncode:
        raise ShidianError(f"the checks above failed for {', '.join(wanted)}")
    return f"all checks passed: {', '.join(wanted)}"


if __name__ == "__main__":
    raise SystemExit(main())
