"""Facts of the run that made a bundle: the only content that another run may make otherwise."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from shidian.code_digests import locked_distributions

FOLDER = "run/"
"""Where the run's own facts lie in a bundle; all else is the same from the same commit and inputs."""
_SIMULATORS = {
    "sim_city_": "simulate_cities",
    "sim_county_": "simulate_counties",
    "sim_province_": "simulate_provinces",
}
"""Beginning of a simulated source's name -> rule that writes its volumes, one job for all studies that read them."""
TIMES = ("rule", "job", "seconds", "cpu_seconds", "max_rss_mb")


def environment() -> dict[str, Any]:
    """Return the interpreter, the machine, and the installed version of each locked package that is there.

    A lock may hold several versions of a package, for several versions of Python.
    """
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "machine": platform.machine(),
        "platform": platform.platform(),
        "byte_order": sys.byteorder,
        "packages": {name: found for name in locked_distributions() if (found := installed(name))},
    }


def installed(name: str) -> str:
    """Return the installed version of a distribution, "" for none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def run_times(benchmarks: Path, study: str, sources: Sequence[str], studies: Sequence[str]) -> pd.DataFrame:
    """Return seconds, CPU seconds and memory of each job of a study, as Snakemake measured them.

    Args:
        benchmarks: folder with one folder a rule.
        study: the study.
        sources: its sources.
        studies: all studies; a job is of the one with the longest name that the job's name begins with.
    """
    rows = []
    for path in sorted(benchmarks.glob("*/*.tsv")):
        names = sources if path.parent.name == "extract_workbooks" else studies
        owner = max((n for n in names if f"{path.stem}_".startswith(f"{n}_")), key=len, default=None)
        if owner is not None and (owner == study or owner in sources):
            rows.append((path.parent.name, path.stem, *_measured(path)))
    for beginning, rule in _SIMULATORS.items():
        path = benchmarks / f"{rule}.tsv"
        if path.is_file() and any(source.startswith(beginning) for source in sources):
            rows.append((rule, rule, *_measured(path)))
    return pd.DataFrame(rows, columns=list(TIMES))


def _measured(path: Path) -> tuple[float, float, float]:
    facts = pd.read_csv(path, sep="\t").iloc[0]
    return facts["s"], facts["cpu_time"], facts["max_rss"]
