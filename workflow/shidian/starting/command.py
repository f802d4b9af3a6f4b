"""``shidian new``: from one panel file to a study that runs, and its first table."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pandas as pd
import yaml

from shidian.drafting.file import draft_file, source_name
from shidian.errors import UsageError
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.panel.build import build_panel
from shidian.panel.leave_out import leave_out
from shidian.starting.drafts import added_to_config, checked_name, names_shown, source_text, study_text
from shidian.starting.roles import Ask, Roles, roles_of
from shidian.study.plan import Plan, load_plan, raw_folder
from shidian.whole_files import whole
from shidian.yearbook.extract import Extraction, extract_files
from shidian.yearbook.limits import LIMITS, Limits
from shidian.yearbook.source import Source, load_source

FIRST = "baseline"


@dataclass(frozen=True)
class Wanted:
    """What the user said: name, roles of columns (series or headers), the word for a unit; "" for nothing."""

    name: str = ""
    treatment: str = ""
    outcome: str = ""
    controls: tuple[str, ...] = ()
    unit: str = "unit"


def new(root: Path, path: Path, wanted: Wanted, ask: Ask, limits: Limits = LIMITS) -> str:
    """Draft source and study of a panel file, run the first table, and write the files when all of it worked.

    Args:
        root: the project, with config/config.yaml.
        path: the panel file.
        wanted: what the user said.
        ask: asks what cannot be told.
        limits: how much of the file is read.

    Returns:
        What was assumed, the first table, the files that were written, and what to do next.

    Raises:
        ShidianError: what stops it, in one line; nothing is written then.
    """
    draft = draft_file(path, limits=limits)
    name = checked_name(wanted.name or source_name(path.stem), path)
    targets = [root / "config" / part / f"{name}.yaml" for part in ("sources", "studies")]
    for target in targets:
        if target.exists():
            raise UsageError(f"{target.relative_to(root)} is there already: give another name by --name")
    config = root / "config" / "config.yaml"
    raw = raw_folder(root, yaml.safe_load(config.read_text(encoding="utf-8")), None)
    inside = path.resolve().is_relative_to(raw.resolve())
    place = path.resolve().relative_to(raw.resolve()).as_posix() if inside else path.name
    source = source_text(draft, name, place)
    with tempfile.TemporaryDirectory(prefix="shidian-new-") as made:
        folder = Path(made)
        read = _read(folder, source, name, path, place)
        wide, period = _wide(read)
        called = _series_by_header(read.source)
        treatment, outcome, *controls = (
            called.get(name, name) for name in (wanted.treatment, wanted.outcome, *wanted.controls)
        )
        roles = roles_of(wide, treatment, outcome, controls, ask)
        study = study_text(name, wide, roles, wanted.unit, period)
        table = _first_table(folder, study, name, read)
    if not inside:
        _copied(path, raw / place)
    for target, text in ((targets[0], source), (targets[1], study),
                         (config, added_to_config(config.read_text(encoding="utf-8"), name))):  # fmt: skip
        with whole(target) as part:
            part.write_text(text, encoding="utf-8")
    return "\n".join(
        [*_assumed(wide, roles), "", *_printed(table), "", *_next(root, targets, name, raw / place, inside)]
    )


@dataclass(frozen=True)
class _Read:
    source: Source
    found: Extraction


def _read(folder: Path, text: str, name: str, path: Path, place: str) -> _Read:
    """Read the file by its draft."""
    for part in ("config/sources", "config/studies", "config/aliases", "raw"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    target = folder / "raw" / place
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(path.resolve())
    written = folder / "config" / "sources" / f"{name}.yaml"
    written.write_text(text, encoding="utf-8")
    source = load_source(written)
    return _Read(source, extract_files(source, [1], folder / "raw"))


def _series_by_header(source: Source) -> dict[str, str]:
    """Return header as printed -> name of the series, which the draft may have called otherwise."""
    return {" / ".join(column.header): column.series for table in source.tables for column in table.columns}


def _wide(read: _Read) -> tuple[pd.DataFrame, str]:
    """Return one row a unit and period with the series of numbers, and the kind of period."""
    records = read.found.records
    texts = {c.series for table in read.source.tables for c in table.columns if c.is_category or c.is_text}
    records = records[~records["indicator"].isin(texts) & records["year"].notna()]
    if records.empty:
        raise UsageError("the file has no column of numbers with a unit and a year")
    unit = records["unit_code"].astype("object").where(records["unit_code"].notna(), records["unit_name"])
    table = read.source.tables[0]
    records = records.assign(unit=unit.astype(str))
    twice = records[records.duplicated(["unit", "year", "indicator"])]
    if len(twice):
        one = twice.iloc[0]
        raise UsageError(
            f"unit {one['unit']} has several rows in {table.written(int(one['year']))}: where each row is a person or "
            "a firm within it, that is another unit; where it is a quarter or a month, name its column"
        )
    order = [column.series for column in table.columns if column.series in set(records["indicator"])]
    wide = records.pivot(index=["unit", "year"], columns="indicator", values="value").reindex(columns=order)
    frame = wide.dropna(how="all").reset_index()
    frame.columns.name = None
    if frame["year"].nunique() < 2:
        raise UsageError("the file has one period: a difference in differences needs one before and one after adoption")
    kind = (table.year.text.kind if table.year is not None else "") or "year"
    return frame.assign(year=frame["year"].astype(int), _shown=[table.written(int(t)) for t in frame["year"]]), kind


def _first_table(folder: Path, study: str, name: str, read: _Read) -> ExhibitResult:
    """Build the panel and estimate the first table, as the workflow does."""
    (folder / "config" / "studies" / f"{name}.yaml").write_text(study, encoding="utf-8")
    (folder / "config" / "config.yaml").write_text(
        json.dumps({"studies": [name], "raw_data": "raw"}), encoding="utf-8"
    )  # fmt: skip
    (folder / "config" / "corrections.yaml").write_text("corrections: []\n", encoding="utf-8")
    plan: Plan = load_plan(folder, str(folder / "raw"))
    cells = read.found.cells
    texts = dict(zip(cells["cell_id"], cells["raw_text"], strict=True))
    panel = build_panel(plan.studies[name].panel, {name: read.found.records}, {}, texts).frame
    kind = import_module(plan.kind(name, FIRST).module)
    return estimate_exhibit(
        kind, leave_out(panel), json.loads(plan.spec(name, FIRST)), StudyInfo(**json.loads(plan.info(name, FIRST)))
    )


def _copied(path: Path, target: Path) -> None:
    if target.exists() and target.read_bytes() != path.read_bytes():
        raise UsageError(f"{target} is another file: rename {path.name}, or put it there under another name")
    with whole(target) as part:
        shutil.copyfile(path, part)


def _assumed(wide: pd.DataFrame, roles: Roles) -> list[str]:
    first = roles.treatment.first.dropna()
    units, periods = wide["unit"].nunique(), wide.drop_duplicates("year").sort_values("year")["_shown"].tolist()
    gaps = units * len(periods) - len(wide)
    form = {
        "status": "0/1, turns on and stays", "switching": "0/1, goes back to 0 as well", "adoption": "year of adoption",
    }  # fmt: skip
    treated = first[first > wide["year"].min()]
    return [
        "Assumed:",
        f"  panel      {units:,} units, {periods[0]} to {periods[-1]}, {len(wide):,} rows"
        + (f"; {gaps:,} unit-periods are not there" if gaps else ""),
        f"  treatment  {roles.treatment.column} ({form[roles.treatment.form]}): {len(treated)} units in "
        f"{treated.nunique()} cohorts, {units - len(first)} never treated"
        + (f", {len(first) - len(treated)} treated throughout" if len(first) > len(treated) else ""),
        f"  outcome    {roles.outcome}",
        f"  controls   {names_shown(roles.controls)}",
        "  errors     clustered by unit; effects of units and years",
    ]


def _printed(result: ExhibitResult) -> list[str]:
    """Return a table as lines of text, its notes and warnings below."""
    assert result.table is not None
    rows = [[text for text, span in line for _ in range(span)] for line in result.table.header]
    rows += [[row.label, *(cell.text for cell in row.cells)] for row in result.table.rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(text.rjust(w) for text, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]
    return [*(line.rstrip() for line in lines), *(f"! {text}" for text in result.warnings)]


def _next(root: Path, targets: Sequence[Path], name: str, raw: Path, inside: bool) -> list[str]:
    written = [str(target.relative_to(root)) for target in targets]
    copied = [] if inside else [f"copied {raw}"]
    return [
        f"wrote {', '.join(written)}; added {name} to config/config.yaml", *copied,
        "Say in the source file what the columns are measured in, and whose data they are.",
        f"Next: snakemake --cores 2 results/{name}/report.html; shidian lint {name} once its panel is there",
    ]  # fmt: skip


def on_terminal(question: str, answers: Sequence[str]) -> str | None:
    """Ask on a terminal; None where there is none.

    Raises:
        UsageError: an answer that is none of them.
    """
    if not sys.stdin.isatty():
        return None
    print(question)
    for number, answer in enumerate(answers, 1):
        print(f"  {number:2} {answer}")
    said = input("number or name: ").strip()
    if said.isdigit() and 1 <= int(said) <= len(answers):
        return answers[int(said) - 1]
    if said in answers:
        return said
    raise UsageError(f"'{said}' is none of them")
