"""From a study file and a CSV to the results of its exhibits, as the jobs of the workflow make them."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
from shidian.exhibits.referee import estimate_exhibit
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.panel.build import build_panel
from shidian.panel.leave_out import leave_out
from shidian.study.plan import load_plan
from shidian.yearbook.extract import extract_file

from .own_data import dump


def study_results(folder: Path, study: dict[str, Any], source: dict[str, Any], table: str) -> dict[str, ExhibitResult]:
    """Write the study, its one source and the source's CSV, build the panel and estimate every exhibit."""
    name = study["study"]
    for sub in ("studies", "sources", "aliases"):
        (folder / "config" / sub).mkdir(parents=True, exist_ok=True)
    dump(folder / "config" / "studies" / f"{name}.yaml", study)
    dump(folder / "config" / "sources" / f"{source['source']}.yaml", source)
    (folder / "raw").mkdir(exist_ok=True)
    (folder / "raw" / source["files"][0]["path"]).write_text(table, encoding="utf-8")
    return project_results(folder, name)


def project_results(folder: Path, name: str) -> dict[str, ExhibitResult]:
    """Build the panel of a study whose sources have one file each, and estimate every exhibit."""
    (folder / "config" / "config.yaml").write_text(f"studies: [{name}]\nraw_data: raw\n", encoding="utf-8")
    (folder / "config" / "corrections.yaml").write_text("corrections: []\n", encoding="utf-8")
    plan = load_plan(folder)
    spec = plan.studies[name].panel
    records = {u.source: extract_file(plan.sources[u.source], 1, plan.raw_root).records for u in spec.sources}
    panel = leave_out(build_panel(spec, records, {}).frame)
    found = {}
    for exhibit in plan.studies[name].exhibits:
        info = StudyInfo(**json.loads(plan.info(name, exhibit["id"])))
        resolved = json.loads(plan.spec(name, exhibit["id"]))
        kind = import_module(plan.kind(name, exhibit["id"]).module)
        found[exhibit["id"]] = estimate_exhibit(kind, panel, resolved, info)
    return found


def csv_text(frame: pd.DataFrame) -> str:
    """Return a frame as the text of a CSV file."""
    return str(frame.to_csv(index=False))
