"""Following random numbers of a finished study back: to workbook cells, to a random draw, or to another estimate."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from shidian.exhibits.result import ExhibitResult, read_result
from shidian.study.read import read_study
from shidian.trace.estimate import Panels, trace_column
from shidian.trace.study import panels_of

KINDS = ("estimates", "placebo", "comparisons", "checks")


def study_panels(root: Path, study: str) -> Panels:
    """Return the panels of a finished study of a project folder."""
    folder = root / "results" / study
    frame, long = pd.read_parquet(folder / "panel.parquet"), pd.read_parquet(folder / "panel_long.parquet")
    return panels_of(*read_study(root, study), frame, long)


def study_results(folder: Path) -> dict[str, ExhibitResult]:
    """Return exhibit -> result of a finished study."""
    paths = [path for kind in KINDS for path in folder.glob(f"{kind}/*.json")]
    return {path.stem: read_result(str(path)) for path in sorted(paths)}


def check_numbers(root: Path, study: str, n: int = 1000) -> set[str]:
    """Follow n random numbers of all exhibits, with replacement, and return the exhibits they were drawn from."""
    panels, results = study_panels(root, study), study_results(root / "results" / study)
    rows = pd.concat(r.estimates for r in results.values())
    chosen = rows.sample(n, replace=True, random_state=20240601)[["exhibit", "column"]].drop_duplicates()
    for exhibit, column in chosen.itertuples(index=False):
        found = trace_column(panels, exhibit, column, results[exhibit])
        assert found.ends_somewhere, (exhibit, column)
        assert not found.noise_free or (root / found.noise_free).is_file(), (exhibit, column)
        for other, there in found.estimates:
            assert trace_column(panels, other, there, results[other]).n_cells > 0, (exhibit, column)
    return set(chosen["exhibit"])
