"""A whole study through a real SLURM whose controller, a node and a job's memory fail on the way: a local run's bytes.

``python -m tests.slurm.run_on_slurm`` (root; installs and starts its own SLURM by ``cluster.sh`` and stops it again).
Two copies of the project are run, one locally and one on the cluster, with a placebo exhibit of many chunks. On the
cluster the job that builds the panel takes more memory than it asked for at first, the controller is killed while jobs
run and started again, and then a node that is at work is killed, as a power cut would. The workflow must finish, and
every result must be what the local run wrote.
"""

from __future__ import annotations

import argparse
import os
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import yaml

from tests.slurm.control import accounting, cluster, cpu_seconds, kill_busy_node, kill_controller, running_jobs
from tests.workflow.project import ROOT, Project

GREEDY = "build_panel"
OUTAGE = 20.0


def make_project(folder: Path, study: str, exhibit: str, chunk: int, chunks: int) -> Project:
    """Copy the project with one study, whose placebo exhibit has ``chunks`` chunks of ``chunk`` draws."""
    project = Project(folder, (study,))
    path = folder / "config" / "studies" / f"{study}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    declared = [e for e in content["exhibits"] if e["id"] == exhibit]
    if len(declared) != 1 or declared[0]["kind"] != "placebo":
        sys.exit(f"study {study} has no placebo exhibit '{exhibit}'")
    declared[0] |= {"draws": chunk * chunks, "chunk": chunk}
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return project


def memory_of(rule: str, attempt: int) -> int:
    """Return the memory that a rule asks for at an attempt, MB."""
    file = ROOT / "workflow" / "rules" / "cluster.smk"
    rules = runpy.run_path(str(file), {"workflow": SimpleNamespace(remote_exec=False)})
    return int(rules["needs"](rule)["mem_mb"](None, attempt))


def make_greedy(project: Project) -> None:
    """Have a rule take as much memory as it asks for at first, beside what it needs: the second attempt has room."""
    script = f"workflow/scripts/{GREEDY}.py"
    project.edit(script, "\nwith job(", f"\nBALLAST = b'x' * ({memory_of(GREEDY, 1)} << 20)\n\nwith job(")


def run(project: Project, *arguments: str) -> subprocess.Popen[str]:
    """Start Snakemake in a project, its output to a file beside the project."""
    log = (project.folder.parent / f"{project.folder.name}.log").open("w", encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--nocolor", *arguments]
    return subprocess.Popen(
        command, cwd=project.folder, env=project.environment, stdout=log, stderr=subprocess.STDOUT, text=True
    )


def finish(running: subprocess.Popen[str]) -> None:
    """Wait for a Snakemake and end with its command when it fails."""
    if running.wait() != 0:
        sys.exit(f"snakemake ended with {running.returncode}: {' '.join(map(str, running.args))}; see its log")


def fail_on_the_way(running: subprocess.Popen[str], draws: Path) -> str:
    """Kill the controller once draws are there and, when it is back, a node that is at work; return the node."""
    while running.poll() is None and not list(draws.glob("draws_*.parquet")):
        time.sleep(0.5)
    print(f"controller: killed while jobs {', '.join(job for job, _ in running_jobs())} ran", flush=True)
    kill_controller(OUTAGE)
    print(f"controller: started again after {OUTAGE:.0f} s", flush=True)
    while running.poll() is None and not running_jobs():
        time.sleep(0.5)
    node, lost = kill_busy_node()
    print(f"node: killed {node} with jobs {', '.join(lost)}", flush=True)
    return node


def check_jobs(jobs: pd.DataFrame, node: str) -> None:
    """Check that faults cost what they should: a job without memory and jobs on the dead node, each run again."""
    asked = [memory_of(GREEDY, attempt) for attempt in (1, 2)]
    ends = jobs[jobs["JobName"].notna() & jobs["memory"].isin(asked)]
    starved = ends[(ends["memory"] == asked[0]) & ends["State"].isin(["OUT_OF_MEMORY", "FAILED"])]
    if len(starved) != 1 or not (ends[ends["memory"] == asked[1]]["State"] == "COMPLETED").any():
        sys.exit(f"one job should have failed with {asked[0]} MB and passed with {asked[1]} MB:\n{ends.to_string()}")
    print(f"memory: {starved['State'].item()} with {asked[0]} MB, COMPLETED with {asked[1]} MB")
    lost = jobs[jobs["State"] == "NODE_FAIL"]
    if lost.empty:
        sys.exit("no job was lost with the node: the test did not test what it should")
    started = pd.to_datetime(jobs["Start"], errors="coerce")
    if ((jobs["NodeList"] == node) & (started > pd.to_datetime(lost["End"]).max())).any():
        sys.exit(f"jobs were started on the dead node {node} afterwards")


def report(jobs: pd.DataFrame, since: str, seconds: float) -> None:
    """Print what the jobs of SLURM cost."""
    done = jobs[jobs["State"] == "COMPLETED"]
    print(f"SLURM: {len(jobs)} jobs in {seconds:.0f} s on {done['NodeList'].nunique()} nodes: "
          f"{jobs['State'].value_counts().to_dict()}")  # fmt: skip
    print(f"a job: {done['ran'].mean():.1f} s on its node, {cpu_seconds(since):.1f} s of CPU; "
          f"{done['waited'].mean():.1f} s waiting for a place")  # fmt: skip


def compare_runs(folder: Path, study: str, exhibit: str, chunk: int, chunks: int) -> None:
    """Run both copies, the second with all its faults, compare them, and print what was measured."""
    start = time.monotonic()
    local = make_project(folder / "local", study, exhibit, chunk, chunks)
    finish(run(local, "--cores", "2"))
    print(f"local: study {study}, {chunks} chunks of {chunk} draws, in {time.monotonic() - start:.0f} s", flush=True)

    remote = make_project(folder / "cluster", study, exhibit, chunk, chunks)
    make_greedy(remote)
    start, since = time.monotonic(), time.strftime("%Y-%m-%dT%H:%M:%S")
    running = run(remote, "--workflow-profile", "profiles/slurm")
    node = fail_on_the_way(running, remote.folder / "results" / study / "placebo" / exhibit)
    finish(running)
    jobs = accounting(since)
    report(jobs, since, time.monotonic() - start)
    check_jobs(jobs, node)
    want, found = local.digests(), remote.digests()
    differing = sorted(name for name in want.keys() | found.keys() if want.get(name) != found.get(name))
    if differing:
        sys.exit(f"local and SLURM differ in {len(differing)} of {len(want)} files: {', '.join(differing[:5])}")
    print(f"equal: all {len(want)} files, byte for byte")


def main() -> None:
    """Read the arguments, bring the cluster up, test, and take it down whatever happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", default="castle_doctrine")
    parser.add_argument("--exhibit", default="placebo")
    parser.add_argument("--chunk", type=int, default=1000, help="draws a job")
    parser.add_argument("--chunks", type=int, default=40, help="jobs")
    parser.add_argument("--keep", action="store_true", help="leave cluster and projects as they are")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("this test installs and starts SLURM: run it as root, on a machine that may have it")
    for step in ("install", "up"):
        cluster(step)
    folder = Path(tempfile.mkdtemp(prefix="shidian-slurm-test-"))
    print(f"projects and logs: {folder}", flush=True)
    try:
        compare_runs(folder, arguments.study, arguments.exhibit, arguments.chunk, arguments.chunks)
    finally:
        if not arguments.keep:
            cluster("down")


if __name__ == "__main__":
    main()
