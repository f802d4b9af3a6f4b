"""From a study file, source files and tables to its panel, results and traces, as a run makes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.panel.build import Panel, build_panel
from shidian.panel.leave_out import leave_out
from shidian.study.plan import Plan, load_plan
from shidian.trace.value import Trace, trace_value
from shidian.yearbook.extract import extract_file

from .own_data import dump


@dataclass(frozen=True)
class Built:
    """A study that was run: its plan, its panel and the cells that it was read from."""

    plan: Plan
    name: str
    panel: Panel
    cells: pd.DataFrame

    @cached_property
    def results(self) -> dict[str, ExhibitResult]:
        """Estimate every exhibit."""
        return {exhibit["id"]: self.result(exhibit["id"]) for exhibit in self.plan.studies[self.name].exhibits}

    def result(self, exhibit: str) -> ExhibitResult:
        """Estimate one exhibit."""
        info = StudyInfo(**json.loads(self.plan.info(self.name, exhibit)))
        resolved = json.loads(self.plan.spec(self.name, exhibit))
        kind = import_module(self.plan.kind(self.name, exhibit).module)
        return estimate_exhibit(kind, leave_out(self.panel.frame), resolved, info)

    def trace(self, unit: str, year: int, variable: str) -> tuple[Trace, ...]:
        """Trace one value of the panel."""
        study = self.plan.studies[self.name]
        return trace_value(study, self.panel.frame, self.panel.long, self.cells, unit, year, variable)


def flat_source(name: str, unit: dict[str, Any], columns: dict[str, str], year: str = "") -> dict[str, Any]:
    """Return the source file of one CSV: ``columns`` has header (and series) -> unit of measure."""
    table: dict[str, Any] = {"layout": "flat", "unit": unit}
    if year:
        table["year"] = {"header": year}
    table["columns"] = {header: {"header": header, "measure": measure} for header, measure in columns.items()}
    return {
        "source": name, "title": name, "publisher": "made for the tests", "citation": "made for the tests",
        "licence": "none stated", "url": "", "accessed": "2026-01", "redistributable": True,
        "files": [{"path": f"{name}.csv", "what": "made for the tests"}], "tables": [table],
    }  # fmt: skip


def built_study(
    folder: Path,
    study: dict[str, Any],
    sources: Sequence[tuple[dict[str, Any], pd.DataFrame | str]],
    real: dict[str, Any] | None = None,
) -> Built:
    """Write a project of one study, read it and build its panel; ``real`` is ``real_sources`` of its configuration."""
    name = study["study"]
    for sub in ("config/studies", "config/sources", "config/aliases", "raw"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    dump(folder / "config" / "config.yaml", {"studies": [name], "raw_data": "raw", "real_sources": real or {}})
    (folder / "config" / "corrections.yaml").write_text("corrections: []\n", encoding="utf-8")
    dump(folder / "config" / "studies" / f"{name}.yaml", study)
    for source, table in sources:
        dump(folder / "config" / "sources" / f"{source['source']}.yaml", source)
        text = table if isinstance(table, str) else table.to_csv(index=False)
        raw = folder / "raw" / source["files"][0]["path"]
        raw.parent.mkdir(exist_ok=True)
        raw.write_text(text, encoding="utf-8")
    plan = load_plan(folder)
    spec = plan.studies[name].panel
    found = {use.source: extract_file(plan.sources[use.source], 1, plan.raw_root) for use in spec.sources}
    cells = pd.concat([one.cells for one in found.values()]).set_index("cell_id")
    texts = dict(zip(cells.index, cells["raw_text"], strict=True))
    panel = build_panel(spec, {source: one.records for source, one in found.items()}, {}, texts)
    return Built(plan, name, panel, cells)
