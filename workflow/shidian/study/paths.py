"""Where the files of a run lie: the inputs that a rule's wildcards stand for."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from shidian.checksums import content_checksum
from shidian.code_digests import ROOT, locked_version
from shidian.study.kinds import kinds
from shidian.study.plan import Plan
from shidian.study.simulated import IN_THE_WORLD, MADE_FOLDER, MADE_ROOT, is_made
from shidian.study.table_formats import FIGURE_ENDINGS, table_formats
from shidian.yearbook.source import Source, resolve_file
from shidian.yearbook.tables import Table

BATCH, TEXT_BATCH = 25, 1000
"""Most workbooks and most texts that one extraction job reads: a job costs a process start, a file a fraction of it."""


def raw_files(plan: Plan, source: str, first: int, last: int) -> list[str]:
    """Return the paths of a source's raw files, first to last; simulated ones are results.

    Files of packages inside the working folder are named from there: a project that moves reruns nothing.
    """
    root = MADE_ROOT if is_made(plan.sources[source]) else plan.raw_root
    places = [resolve_file(file, root) for file in plan.sources[source].files[first - 1 : last]]
    here = Path.cwd()
    return [str(place.relative_to(here) if place.is_relative_to(here) else place) for place in places]


def raw_contents(plan: Plan, source: str, first: int, last: int) -> list[str]:
    """Return the checksums of a source's raw files, first to last: a file replaced by an older copy is another file.

    Simulated ones are results, which Snakemake follows itself.
    """
    if is_made(plan.sources[source]):
        return []
    return [content_checksum(Path(path)) for path in raw_files(plan, source, first, last)]


def planted_corrections(plan: Plan, source: str) -> list[str]:
    """Return the file of the corrections of a simulated source's misprints; empty for any other."""
    made = is_made(plan.sources[source]) and source.endswith("_yearbook")
    return [f"{MADE_ROOT}/{MADE_FOLDER}/{_level(source)}/corrections.yaml"] if made else []


def extracted(plan: Plan, study: str, what: str) -> list[str]:
    """Return the files of one kind (records.parquet, ledger.csv, files.json) of all sources of a study."""
    uses = plan.studies[study].panel.sources
    return [path for use in uses for path in extracted_of(plan.sources[use.source], what)]


def extracted_of(source: Source, what: str, results: Path | str = "results") -> list[str]:
    """Return the files of one kind that are extracted from a source, one a batch, in the folder of the results."""
    files, most = len(source.files), TEXT_BATCH if source.is_text else BATCH
    starts = range(1, files + 1, most)
    return [f"{results}/sources/{source.source}/{a}_{min(a + most - 1, files)}.{what}" for a in starts]


def texts_joined(plan: Plan, study: str) -> list[str]:
    """Return the file that says which text serves which unit-year, for a study whose indicators read texts."""
    return [f"results/{study}/panel_long.parquet"] if _text_sources(plan, study) else []


def text_cells(plan: Plan, study: str) -> list[str]:
    """Return the cells of the sources whose texts a study's indicators read."""
    return [path for name in _text_sources(plan, study) for path in extracted_of(plan.sources[name], "cells.parquet")]


def joined_texts(plan: Plan, study: str) -> list[str]:
    """Return the cells of the sources whose texts say in which unit of another source a row of a study lies."""
    nestings = [use.nesting for use in plan.studies[study].panel.sources if use.nesting]
    sources = sorted({nesting.series.partition(".")[0] for nesting in nestings if nesting.is_text})
    return [path for name in sources for path in extracted_of(plan.sources[name], "cells.parquet")]


def _text_sources(plan: Plan, study: str) -> list[str]:
    return sorted({text.partition(".")[0] for i in plan.studies[study].indicators for text in i.texts})


def records_beside(plan: Plan, study: str) -> list[str]:
    """Return the records of a study's sources that no simulated world gives without workbooks."""
    sources = [plan.sources[use.source] for use in plan.studies[study].panel.sources]
    beside = [source for source in sources if not IN_THE_WORLD.fullmatch(source.source)]
    return [path for source in beside for path in extracted_of(source, "records.parquet")]


def dictionaries(plan: Plan, study: str) -> list[str]:
    """Return the dictionaries that a study's indicators read."""
    names = {name for i in plan.studies[study].indicators for name in i.dictionaries}
    return [str(plan.root / "config" / "dictionaries" / f"{name}.txt") for name in sorted(names)]


def graded(plan: Plan, study: str, what: str) -> list[str]:
    """Return the files of one kind of the simulated yearbooks that a study reads: what was extracted from them."""
    return [path for source in _yearbooks(plan, study) for path in extracted_of(source, what)]


def planted_files(plan: Plan, study: str, name: str) -> list[str]:
    """Return the files of a name that lie beside the simulated yearbooks that a study reads."""
    return [f"{MADE_ROOT}/{MADE_FOLDER}/{_level(source.source)}/{name}" for source in _yearbooks(plan, study)]


def _yearbooks(plan: Plan, study: str) -> list[Source]:
    sources = [plan.sources[use.source] for use in plan.studies[study].panel.sources]
    return [source for source in sources if is_made(source) and source.source.endswith("_yearbook")]


def _level(source: str) -> str:
    return source.removeprefix("sim_").removesuffix("_yearbook")


def slip_tables(plan: Plan, study: str) -> list[str]:
    """Return the tables of slips of a study's sources: of those that follow units over time and are not simulated."""
    sources = [plan.sources[use.source] for use in plan.studies[study].panel.sources]
    followed = [s for s in sources if not s.simulated and not s.is_text and any(_follows(table) for table in s.tables)]
    return [f"results/sources/{source.source}/slips.csv" for source in followed]


def _follows(table: Table) -> bool:
    return table.year is not None and not table.unit.row_number


def alias_tables(plan: Plan, study: str) -> list[str]:
    """Return the alias tables that a study joins by."""
    names = {use.aliases for use in plan.studies[study].panel.sources if use.aliases}
    return [str(plan.root / "config" / "aliases" / f"{name}.yaml") for name in sorted(names)]


def score_parts(plan: Plan, study: str) -> list[str]:
    """Return the parts in which a study's efficiency models are solved: a year each, or all years where they pool."""
    spec = plan.studies[study].panel
    out = {year for e in spec.exclusions if not e.units and not e.late for year in e.years}
    return [
        f"results/{study}/efficiency/{model.name}/{part}.parquet"
        for model in plan.studies[study].efficiency
        for part in (["all"] if model.pools_years else [y for y in _span(model.years) if y not in out])
    ]


def _span(years: tuple[int, int]) -> range:
    return range(years[0], years[1] + 1)


def productivity_files(plan: Plan, study: str) -> list[str]:
    """Return the files of a study's productivity indices."""
    return [f"results/{study}/productivity/{index.name}.parquet" for index in plan.studies[study].productivity]


def score_ledgers(plan: Plan, study: str) -> list[str]:
    """Return the ledgers of a study's efficiency models, part by part, and of its productivity indices."""
    measured = [*score_parts(plan, study), *productivity_files(plan, study)]
    return [path.removesuffix(".parquet") + ".ledger.csv" for path in measured]


def result_file(plan: Plan, study: str, exhibit: str) -> str:
    """Return the result file of an exhibit; each kind of job has a folder of its own."""
    return f"results/{study}/{result_folder(plan.studies[study].exhibit(exhibit)['kind'])}/{exhibit}.json"


def result_folder(kind: str) -> str:
    """Return the folder, inside that of the study, in which results of a kind of exhibit lie."""
    folders = {"placebo": "placebo", "comparison": "comparisons", "data_checks": "checks"}
    folders |= {"extraction_grade": "grades", "efficiency_recovery": "recovery", "panels": "stacked"}
    return folders.get(kind, "estimates")


def all_results(plan: Plan, study: str) -> list[str]:
    """Return the result files of all exhibits of a study, in order."""
    return [result_file(plan, study, e["id"]) for e in plan.studies[study].exhibits]


def compared_results(plan: Plan, study: str, exhibit: str) -> list[str]:
    """Return the results that a comparison reads."""
    spec = plan.studies[study].exhibit(exhibit)
    read = [one["exhibit"] for one in (*spec["numbers"], *spec.get("conclusions", ()))]
    return [result_file(plan, study, e) for e in dict.fromkeys(read)]


def stacked_results(plan: Plan, study: str, exhibit: str) -> list[str]:
    """Return the results of the exhibits whose tables are the panels of one."""
    panels = plan.studies[study].exhibit(exhibit)["panels"]
    return [result_file(plan, study, e) for e in dict.fromkeys(panel["exhibit"] for panel in panels)]


def pseudo_true_results(plan: Plan, study: str, exhibit: str) -> list[str]:
    """Return the pseudo-true results that a comparison reads where the yearbooks are simulated."""
    if not plan.has_truth(study):
        return []
    numbers = [n for n in plan.studies[study].exhibit(exhibit)["numbers"] if n.get("graded", True)]
    exhibits = dict.fromkeys(n.get("truth_of", n)["exhibit"] for n in numbers)
    return [f"results/{study}/pseudo_true/{e}.json" for e in exhibits]


def truth_file(plan: Plan, study: str) -> list[str]:
    """Return the file of a simulated study's planted truth."""
    return [str(plan.root / "config" / "truth" / f"{study}.yaml")] if plan.has_truth(study) else []


def published_file(plan: Plan, study: str, exhibit: str) -> str:
    """Return the file of the published numbers that a comparison reads: of the study's own folder, else the shipped."""
    name = Path("resources") / "published" / f"{plan.studies[study].exhibit(exhibit)['published']}.yaml"
    own, shipped = plan.root / name, ROOT / name
    return str(shipped if shipped.exists() and not own.exists() else own)


def published_files(plan: Plan, study: str) -> list[str]:
    """Return the files of published numbers that a study's comparisons read: what its report must hold."""
    names = [e["id"] for e in plan.studies[study].exhibits if e["kind"] == "comparison"]
    return list(dict.fromkeys(published_file(plan, study, name) for name in names))


def placebo_chunks(plan: Plan, study: str, exhibit: str) -> list[str]:
    """Return the chunks of draws of a placebo: draw 0 to draws - 1, ``chunk`` at a time."""
    spec = plan.studies[study].exhibit(exhibit)
    folder = f"results/{study}/placebo/{exhibit}"
    starts = range(0, spec["draws"], spec["chunk"])
    return [f"{folder}/draws_{a}_{min(a + spec['chunk'], spec['draws']) - 1}.parquet" for a in starts]


def rendered(plan: Plan, study: str) -> list[str]:
    """Return every file printed for the exhibits of a study."""
    return [f"results/{study}/exhibits/{name}" for e in plan.studies[study].exhibits for name in printed_files(e)]


def finished(plan: Plan) -> list[str]:
    """Return every file that a report stands on or leads to: printed exhibits, panel, raw values, ledger."""
    files = ("panel.parquet", "panel_long.parquet", "ledger.csv", "report.html", "report.pdf", "report.docx")
    return [f"results/{study}/{name}" for study in plan.studies for name in files] + [
        path for study in plan.studies for path in rendered(plan, study)
    ]


def printed_files(exhibit: Mapping[str, Any]) -> Iterator[str]:
    """Give the names of the files that an exhibit is printed as."""
    kind = kinds()[exhibit["kind"]]
    if kind.table:
        yield from (f"{exhibit['id']}{one.ending}" for one in table_formats().values())
    if kind.draws(exhibit):
        yield from (f"{exhibit['id']}{end}" for end in FIGURE_ENDINGS)


def printed_tables(apart: Sequence[str] = ()) -> list[str]:
    """Return the files that a table is printed as, with the wildcards of its rule, without the endings ``apart``."""
    endings = [one.ending for one in table_formats().values() if one.ending not in apart]
    return [f"results/{{study}}/exhibits/{{exhibit}}{ending}" for ending in endings]


MAIN_PACKAGES = (
    "snakemake", "pandas", "numpy", "scipy", "pyarrow", "pyfixest", "diff-diff", "pulp", "highspy", "numba", "jieba",
    "matplotlib", "python-calamine", "pdfplumber", "pyreadstat", "rdata", "msoffcrypto-tool", "typst", "shidian",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Return what the report prints as software: Python, and the locked versions of shidian and of what it reads with,
    estimates with (second engines too) and prints with."""
    return {"Python": platform.python_version(), **{name: locked_version(name) for name in MAIN_PACKAGES}}
