"""The replication package of one study: data, codebook, do-files, R scripts, and the numbers they must find."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from shidian.audit.replication.data_files import CODEBOOK, write_data
from shidian.audit.replication.facts import replication_facts
from shidian.audit.replication.inputs import Finished, read_finished
from shidian.audit.replication.model import Model, labels_of, plain_names
from shidian.audit.replication.r_scripts import LIBRARY, r_script
from shidian.audit.replication.stata_scripts import do_file, master_file
from shidian.audit.replication.tables import has_models, models_of
from shidian.crossed import slope_of
from shidian.errors import EstimationError, StudyError
from shidian.inference.sample import estimation_sample
from shidian.inference.small_sample import count_parameters
from shidian.study.kinds import kinds
from shidian.study.plan import Plan

EXPECTED = ("exhibit", "column", "term", "estimate", "se", "n_obs", "vcov", "ssc")
"""Columns of ``expected.csv``: the study's own numbers."""


@dataclass(frozen=True)
class Table:
    """One exhibit of the package: its models, and the study's numbers."""

    exhibit: str
    models: list[Model]
    expected: pd.DataFrame


def write_replication(plan: Plan, study: str, results: Path, folder: Path) -> list[Path]:
    """Write the replication package of a finished study and return its files.

    Args:
        plan: the plan of the run.
        study: id of the study.
        results: folder of all results (``results``); panel and exhibits of the study must be there.
        folder: where to write; what an earlier call wrote there goes.

    Raises:
        StudyError: the plan has no such study, or a panel or a result is not there: the study has not run.
    """
    if study not in plan.studies:
        raise StudyError(f"no study '{study}' that could run; there are {', '.join(plan.studies)}")
    return write_package(read_finished(json.loads(replication_facts(plan, study)), results), folder)


def write_package(found: Finished, folder: Path) -> list[Path]:
    """Write the replication package of a study that was read, whole or not at all; return its files, sorted."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder.parent) as part:
        inner = Path(part) / folder.name
        _write_files(found, inner)
        shutil.rmtree(folder, ignore_errors=True)
        inner.rename(folder)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write_files(found: Finished, folder: Path) -> None:
    for part in ("data", "r", "stata"):
        (folder / part).mkdir(parents=True)
    tables, left_out = _tables(found)
    codebook = _write_panel(found, folder)
    for table in tables:
        codebook += _write_table(table, found, folder)
    pd.DataFrame(codebook, columns=list(CODEBOOK)).to_csv(folder / "codebook.csv", index=False, lineterminator="\n")
    if tables:
        master = master_file([table.exhibit for table in tables])
        (folder / "stata" / "master.do").write_text(master, encoding="utf-8")
    expected = [table.expected for table in tables] or [pd.DataFrame(columns=list(EXPECTED))]
    pd.concat(expected, ignore_index=True).to_csv(folder / "expected.csv", index=False, lineterminator="\n")
    shutil.copyfile(LIBRARY, folder / "r" / LIBRARY.name)
    (folder / "README.md").write_text(_readme(found, tables, left_out), encoding="utf-8")


def _tables(found: Finished) -> tuple[list[Table], dict[str, str]]:
    """Return the exhibits that can be re-estimated, and why others are not."""
    tables, left_out = [], {}
    for exhibit in found.exhibits:
        name, kind = exhibit.spec["id"], exhibit.spec["kind"]
        if not has_models(kind):
            if kinds()[kind].no_replication:
                left_out[name] = kinds()[kind].no_replication
            continue
        try:
            models = models_of(found.panel, exhibit.spec, exhibit.info, exhibit.used)
        except EstimationError as refused:
            reasons = [str(why) for why in exhibit.estimates["reason"] if why]
            left_out[name] = f"not estimated in the study either: {reasons[0] if reasons else refused}"
            continue
        sloped = [model.column for model in models if any(map(slope_of, model.fixed_effects))]
        if sloped:
            left_out[f"{name} ({', '.join(sloped)})"] = "slopes of levels (such as unit#c.year) are not in the scripts"
        models = [model for model in models if model.column not in sloped]
        if sloped and not models:
            continue
        table = _table(name, models, exhibit.estimates)
        if table.models:
            tables.append(table)
        else:
            left_out[name] = "none of its columns could be estimated, see its note"
    return tables, left_out


def _table(exhibit: str, models: list[Model], found: pd.DataFrame) -> Table:
    """Keep the columns that the study estimated, with the study's numbers for their terms."""
    kept, expected = [], []
    for model in models:
        rows = found[(found["column"] == model.column) & found["term"].isin(model.terms)]
        if rows["estimate"].notna().any():
            kept.append(model)
            expected.append(rows[list(EXPECTED)])
    frame = pd.concat(expected, ignore_index=True) if expected else pd.DataFrame(columns=list(EXPECTED))
    return Table(exhibit, kept, frame)


def _write_panel(found: Finished, folder: Path) -> list[dict[str, object]]:
    """Write the whole panel: every variable of the study, every unit-year."""
    own = {"unit": "unit (code)", "unit_name": "unit (name)", "year": "year", "adoption_year": "year of adoption"}
    names = plain_names(list(found.panel.columns))
    labels = {plain: found.labels.get(name, own.get(name, name)) for name, plain in names.items()}
    return write_data(folder / "data", "panel", found.panel, names, labels, _values(found.treatment, names))


def _values(treatment: str, names: Mapping[str, str]) -> dict[str, dict[float, str]]:
    return {names[treatment]: {0: "not treated", 1: "treated"}} if treatment in names else {}


def _write_table(table: Table, found: Finished, folder: Path) -> list[dict[str, object]]:
    """Write the data files, the R script and the do-file of one exhibit."""
    files = {model.column: f"{table.exhibit}_{i}" for i, model in enumerate(table.models, start=1)}
    codebook = []
    for model in table.models:
        codebook += write_data(
            folder / "data", files[model.column], model.frame, model.names, labels_of(model, found.labels),
            _values(found.treatment, model.names),
        )  # fmt: skip
    (folder / "r" / f"{table.exhibit}.R").write_text(r_script(table.exhibit, table.models, files), encoding="utf-8")
    script = do_file(table.exhibit, table.models, files, _parameters(table))
    (folder / "stata" / f"{table.exhibit}.do").write_text(script, encoding="utf-8")
    return codebook


def _parameters(table: Table) -> dict[str, tuple[int, int]]:
    """Return the parameters counted by fixest and by reghdfe, for the columns whose convention is fixest's.

    Stata's commands for nonlinear models count one: N/(N-1).
    """
    counts = {}
    for model in table.models:
        if model.ssc != "fixest" or not (model.fixed_effects or model.family):
            continue
        rows = table.expected[table.expected["column"] == model.column]
        frame = estimation_sample(
            model.frame, list(model.columns), model.fixed_effects, singletons=model.singletons
        ).frame
        effects = [pd.factorize(frame[name])[0] for name in model.fixed_effects]
        clusters = [pd.factorize(frame[name])[0] for name in model.vcov.clusters] or None
        slopes = int(rows["estimate"].notna().sum())
        counts[model.column] = (
            count_parameters(slopes, effects, clusters, "fixest"),
            1 if model.family else count_parameters(slopes, effects, clusters, "reghdfe"),
        )
    return counts


def _readme(found: Finished, tables: list[Table], left_out: Mapping[str, str]) -> str:
    """Return the README of the package."""
    columns = sum(len(table.models) for table in tables)
    covered = "\n".join(f"- `{t.exhibit}`: {', '.join(m.column for m in t.models)}" for t in tables)
    others = "\n".join(f"- `{exhibit}`: {why}" for exhibit, why in left_out.items())
    warning = "**SIMULATED data: the numbers say nothing about any real policy.**\n\n" if found.simulated else ""
    return f"""# {found.title}: replication with a second program

{warning}Study `{found.study}`. {columns} columns of {len(tables)} regression tables are re-estimated from the data
files alone.

| what | where |
|---|---|
| all unit-years and variables of the study | `data/panel.csv`, `data/panel.dta` |
| what one column starts from, before missing values and singletons go | `data/<exhibit>_<n>.csv`, `.dta` |
| labels, values, counts and moments of every variable | `codebook.csv` |
| the study's own numbers | `expected.csv` |
| R: `Rscript r/<exhibit>.R` from this folder writes `r/results/<exhibit>.csv` | `r/` |
| Stata: `do stata/<exhibit>.do` from this folder writes `stata/results/<exhibit>.csv` | `stata/` |
| Stata, all: `do stata/master.do` installs the packages, runs all and compares with `expected.csv` | `stata/` |

R needs what Debian ships: `apt-get install r-base-core r-cran-sandwich r-cran-aer`. The small-sample convention of
each column is named in its script and written out in `r/estimate.R`. The do-files were not run where this package was
made. Winsorised values, event-time dummies, groups, instruments and matched samples are in the data files as the study
made them; the regressions, the dropping of rows, the partialling out of effects, the errors and the counting of
parameters are done anew.

## Re-estimated
{covered or "nothing"}

## Not re-estimated
{others or "nothing was left out"}
"""
