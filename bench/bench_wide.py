"""A wide CSV through the whole path, job by job: CPU seconds and peak memory of each, against ``pandas.read_csv``.

The file has n rows (units of ten years) and 30 columns; the source declares 27 series and the study computes with
seven of them (all of them: ``--all``). Each job is a process of its own that runs the workflow's own script.

Run as ``python -m bench.bench_wide [rows] [--all]``; 80,000 rows unless said otherwise.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import yaml

YEARS = 10
SERIES = 26
RESULTS = "results/wide"
EXTRACTED = "results/sources/wide_csv/1_1"
SCRIPTS = Path(__file__).parents[1] / "workflow" / "scripts"
SOURCE = {
    "source": "wide_csv", "title": "made for the bench", "publisher": "bench", "citation": "none", "licence": "none",
    "url": "", "accessed": "2026-11", "redistributable": True, "files": [{"path": "wide.csv", "what": "bench"}],
    "tables": [{
        "layout": "flat", "encoding": "utf-8", "unit": {"level": "other", "code": "town", "code_kind": "plain",
        "name": "town_name"}, "year": {"header": "year"},
        "columns": {
            **{f"x{j}": {"header": f"x{j}", "measure": "1"} for j in range(SERIES)},
            "on": {"header": "policy", "measure": "1"},
        },
    }],
}  # fmt: skip
STUDY = {
    "study": "wide", "title": "wide", "unit": {"label": "town"}, "years": {"first": 2001, "last": 2000 + YEARS},
    "sources": {"wide_csv": {"role": "frame"}}, "treatment": {"name": "did", "status": "on"},
    "outcome": "y", "controls": ["v1", "v2", "v3", "v4"], "fixed_effects": ["unit", "year"],
    "vcov": {"kind": "cluster", "by": "unit"}, "ssc": "reghdfe",
    "exhibits": [{"id": "did", "kind": "did_table", "columns": [{"controls": []}, {}]}],
}  # fmt: skip


def make_project(folder: Path, rows: int, every_series: bool) -> None:
    """Write the study, its source and its CSV: levels a unit that grow, in two decimals, and a few blanks."""
    used = range(1, SERIES if every_series else 6)
    study = {**STUDY, "variables": {"y": "x0 + x1", **{f"v{j}": f"x{j}" for j in used}}}
    (folder / "raw").mkdir(parents=True)
    for path, content in (
        ("studies/wide", study), ("sources/wide_csv", SOURCE), ("corrections", {"corrections": []}),
        ("config", {"studies": ["wide"], "raw_data": "raw"}), ("aliases/none", {"aliases": {}}),
    ):  # fmt: skip
        target = folder / "config" / f"{path}.yaml"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(content), encoding="utf-8")
    (folder / "config/aliases/none.yaml").unlink()
    rng = np.random.default_rng(20261130)
    town, year = np.divmod(np.arange(rows), YEARS)
    frame = pd.DataFrame(
        {"town": town + 100_000, "town_name": "Town " + pd.Series(town).astype(str), "year": 2001 + year}
    )
    for j in range(SERIES):
        level = rng.lognormal(4, 1, town[-1] + 1)[town]
        frame[f"x{j}"] = np.round(level * np.exp(0.02 * year + 0.05 * rng.normal(size=rows)), 2)
    frame.loc[::100, "x3"] = np.nan
    frame["policy"] = ((town % 4 < 2) & (year >= 3 + town % 3)).astype(int)
    frame.to_csv(folder / "raw" / "wide.csv", index=False)


def run_job(name: str) -> None:
    """Run one job's script in the project that is the current folder."""
    from shidian.study.plan import load_plan

    root = Path.cwd()
    plan = load_plan(root)
    long, panel, result = (f"{RESULTS}/{n}" for n in ("panel_long.parquet", "panel.parquet", "estimates/did.json"))
    variables, records = f"{RESULTS}/variables.parquet", f"{EXTRACTED}.records.parquet"
    given: dict[str, dict[str, object]] = {
        "extract_workbooks": {"raw": ["raw/wide.csv"], "planted": []},
        "build_panel": {"records": [records], "aliases": []},
        "assemble_panel": {"panel": variables, "scores": [], "productivity": []},
        "estimate_exhibit": {"panel": panel},
        "trace_exhibits": {"panel": panel, "long": long, "results": [result]},
    }
    made = {
        "extract_workbooks": {
            "cells": f"{EXTRACTED}.cells.parquet", "records": records,
            "ledger": f"{EXTRACTED}.ledger.csv", "files": f"{EXTRACTED}.files.json",
        },
        "build_panel": {
            "panel": variables, "long": long, "ledger": f"{RESULTS}/l.csv", "checks": f"{RESULTS}/checks.csv",
            "matches": f"{RESULTS}/matches.csv",
        },
        "assemble_panel": {"panel": panel},
        "estimate_exhibit": {"result": result},
        "trace_exhibits": {"traces": f"{RESULTS}/traces.json", "messages": f"{RESULTS}/m.json"},
    }  # fmt: skip
    module = plan.kind("wide", "did").module
    params = {"spec": plan.spec("wide", "did"), "info": plan.info("wide", "did"), "module": module}
    task = SimpleNamespace(
        log=[f"{name}.log"],
        input=Paths(given[name]),
        output=Paths(made[name]),
        params=SimpleNamespace(root=str(root), simulated=False, **params),
        wildcards=SimpleNamespace(source="wide_csv", study="wide", first="1", last="1"),
    )
    runpy.run_path(str(SCRIPTS / f"{name}.py"), init_globals={"snakemake": task})


class Paths(SimpleNamespace):
    """Named paths of a job, which can be gone through, as Snakemake gives them."""

    def __init__(self, named: dict[str, object]) -> None:
        """Take names and a path or several each."""
        super().__init__(**named)
        self.all = [path for given in named.values() for path in ([given] if isinstance(given, str) else given)]  # type: ignore[attr-defined]

    def __iter__(self):  # type: ignore[no-untyped-def]
        """Go through all paths."""
        return iter(self.all)


def measure(folder: Path, code: str) -> tuple[float, float]:
    """Return CPU seconds and peak megabytes of a fresh process of one thread that runs ``code`` in a folder."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    roots = os.pathsep.join([str(SCRIPTS.parents[1]), os.environ.get("PYTHONPATH", str(SCRIPTS.parent))])
    environment = {**os.environ, **threads, "PYTHONPATH": roots}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("".join(path.read_text(encoding="utf-8") for path in folder.glob("*.log")))
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main(rows: int, every_series: bool) -> None:
    """Print a line a job, the sizes of what was written, and the peer."""
    jobs = ("extract_workbooks", "build_panel", "assemble_panel", "estimate_exhibit", "trace_exhibits")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        make_project(folder, rows, every_series)
        size = (folder / "raw/wide.csv").stat().st_size / 1e6
        used = "every series" if every_series else "seven series"
        print(f"{rows:,} rows x {SERIES + 4} columns, {size:.0f} MB, a study of {used}", flush=True)
        for job in jobs:
            seconds, megabytes = measure(folder, f"from bench.bench_wide import run_job\nrun_job({job!r})")
            print(f"  {job:20s} {seconds:7.1f} s {megabytes:7.0f} MB", flush=True)
        seconds, megabytes = measure(folder, "import pandas as pd\npd.read_csv('raw/wide.csv')")
        print(f"  {'pandas.read_csv':20s} {seconds:7.1f} s {megabytes:7.0f} MB", flush=True)
        for path in sorted((folder / "results").rglob("*.parquet")):
            print(f"  {path.name:24s} {path.stat().st_size / 1e6:7.1f} MB")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main(numbers[0] if numbers else 80_000, "--all" in sys.argv)
