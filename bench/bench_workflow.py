"""What a whole run costs: a study from a fresh clone, a run with nothing to do, the plan of 200 studies.

CPU seconds of Snakemake and everything that it starts. The peer of a run with nothing to do is an empty workflow of
as many jobs, whose cost is Snakemake's own. ``--all`` also runs the six studies of the configuration from a fresh
clone, some minutes. Figures of a machine that does other work are of no use: CPU seconds grow with its load. Where
the goals that are missed lose their time is in docs/speed.md.

Run as ``python -m bench.bench_workflow [--all]``.
"""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import yaml

ROOT = Path(__file__).resolve().parent.parent
STUDY, STUDIES = "castle_doctrine", 200
PLANNED = ("--dry-run", "--quiet", "--cores", "1")
ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER: what Snakemake leaves behind is waited for, and counted, too
EMPTY = """
rule all:
    input: expand("made/{{i}}", i=range({jobs}))

rule make:
    output: touch("made/{{i}}")
"""


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of a command, and when the first report was there."""

    cpu: float
    wall: float
    first_report: float = float("nan")


def cost(folder: Path, *arguments: str) -> Cost:
    """Run Snakemake in a folder and return what it cost; what it prints is shown where it fails."""
    env = {**os.environ, "PYTHONPATH": str(folder / "workflow"), "PYTHONDONTWRITEBYTECODE": ""}
    before, start = os.times(), time.time()
    with tempfile.TemporaryFile("w+") as said:
        run = subprocess.Popen(
            [sys.executable, "-m", "snakemake", *arguments], cwd=folder, env=env, stdout=said, stderr=said
        )
        first = _first_report(run, folder, start)
        if run.wait():
            said.seek(0)
            sys.exit(said.read()[-3000:])
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    wall, after = time.time() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(cpu, wall, first)


def _first_report(run: subprocess.Popen[bytes], folder: Path, start: float) -> float:
    while run.poll() is None:
        if any((folder / "results").glob("*/report.html")):
            return time.time() - start
        time.sleep(0.2)
    return float("nan")


def fresh(folder: Path) -> Path:
    """Clone the project as it is committed."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


def number_of_jobs(folder: Path, target: str) -> int:
    """Return how many jobs a fresh clone has to do for a target."""
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "--cores", "1", target]
    env = {**os.environ, "PYTHONPATH": str(folder / "workflow")}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True)
    printed = done.stdout + done.stderr  # which of them Snakemake writes to hangs on the loggers of the run
    found = re.search(r"^\s*total\s+(\d+)", printed, re.MULTILINE)
    assert found, printed
    return int(found[1])


def empty_workflow(folder: Path, jobs: int) -> Path:
    """Write a workflow of jobs that do nothing."""
    folder.mkdir()
    (folder / "Snakefile").write_text(EMPTY.format(jobs=jobs))
    return folder


def many_studies(folder: Path) -> Path:
    """Make a clone with ``STUDIES`` copies of a study."""
    studies = fresh(folder) / "config" / "studies"
    text = (studies / f"{STUDY}.yaml").read_text(encoding="utf-8")
    names = [f"{STUDY}_{i}" for i in range(STUDIES)]
    for name in names:
        (studies / f"{name}.yaml").write_text(text.replace(f"study: {STUDY}", f"study: {name}"), encoding="utf-8")
    path = folder / "config" / "config.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**config, "studies": names}, allow_unicode=True), encoding="utf-8")
    return folder


def again(measure: Callable[[], Cost], times: int = 3) -> float:
    """Return the median CPU seconds of several runs."""
    return median(measure().cpu for _ in range(times))


def show(what: str, figure: float, unit: str, goal: float) -> None:
    """Print a figure beside its goal."""
    print(f"{what}: {figure:.1f}{unit} (goal {goal:g}{unit}: {'met' if figure <= goal else 'missed'})", flush=True)


def main() -> None:
    """Print the costs."""
    ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project, target = fresh(folder / "one"), f"results/{STUDY}/report.html"
        jobs = number_of_jobs(project, target)
        show(f"{STUDY} from a fresh clone, {jobs} jobs, one core", cost(project, "--cores", "1", target).cpu, " s", 25)
        nothing = again(lambda: cost(project, "--cores", "1", target))
        empty = empty_workflow(folder / "empty", jobs)
        cost(empty, "--cores", "1", "--quiet", "all")
        own = again(lambda: cost(empty, "--cores", "1", "--quiet", "all"))
        print(f"nothing to do: {nothing:.2f} s, an empty workflow of as many jobs {own:.2f} s")
        show("ratio", nothing / own, "", 1.5)
        plan = many_studies(folder / "many")
        show(f"plan of {STUDIES} studies", cost(plan, *PLANNED).cpu, " s", 10)
        many = empty_workflow(folder / "many_empty", STUDIES * jobs)
        print(f"plan of an empty workflow of as many jobs: {cost(many, *PLANNED).cpu:.1f} s", flush=True)
        if "--all" in sys.argv:
            every = cost(fresh(folder / "six"), "--cores", "2")
            show("six studies from a fresh clone, two cores: CPU", every.cpu, " s", 240)
            show("six studies from a fresh clone, two cores: wall", every.wall, " s", 150)
            show("first report after", every.first_report, " s", 20)


if __name__ == "__main__":
    main()
