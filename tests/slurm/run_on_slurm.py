"""Forty chunks of placebo draws through a real SLURM, one node killed on the way: the same bytes as a local run.

``python -m tests.slurm.run_on_slurm`` (root; installs and starts its own SLURM by ``cluster.sh`` and stops it again).
Two copies of the project are run, one locally and one on the cluster. When a quarter of the chunks is there, the
slurmd of a busy node is killed, and with it the jobs on that node, as a power cut would. The workflow must finish on
the other nodes, and every chunk and the gathered exhibit must be what the local run wrote.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import yaml

from tests.workflow.project import Project

CLUSTER = Path(__file__).with_name("cluster.sh")
BASE = Path(os.environ.get("SLURM_TEST_BASE", "/var/tmp/shidian-slurm"))


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


def run(project: Project, target: str, *arguments: str) -> float:
    """Run Snakemake in a project and return the seconds that it took; end with its output when it fails."""
    start = time.monotonic()
    done = run_in_background(project, target, *arguments)
    finish(done)
    return time.monotonic() - start


def run_in_background(project: Project, target: str, *arguments: str) -> subprocess.Popen[str]:
    """Start Snakemake in a project, its output to a file beside the project."""
    log = (project.folder.parent / f"{project.folder.name}.log").open("w", encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--nocolor", *arguments, target]
    return subprocess.Popen(
        command, cwd=project.folder, env=project.environment, stdout=log, stderr=subprocess.STDOUT, text=True
    )


def finish(running: subprocess.Popen[str]) -> None:
    """Wait for a Snakemake."""
    if running.wait() != 0:
        sys.exit(f"snakemake ended with {running.returncode}: {' '.join(map(str, running.args))}; see its log")


def kill_busy_node() -> tuple[str, list[str]]:
    """Kill the slurmd of a node that runs a job, and all processes of the jobs on it; return node and job ids."""
    listed = slurm("squeue", "--noheader", "--states=RUNNING", "--format=%i %N").split("\n")
    jobs = [line.split() for line in listed if line.strip()]
    if not jobs:
        sys.exit("no job was running when a node was to be killed: use more or larger chunks")
    node = jobs[0][1]
    lost = [job for job, where in jobs if where == node]
    os.kill(int((BASE / "run" / f"slurmd-{node}.pid").read_text()), signal.SIGKILL)
    daemons = [pid for pid, words in processes().items() if any(words.startswith(f"slurmstepd: [{j}.") for j in lost)]
    for pid in [*daemons, *descendants(daemons)]:
        if pid in processes():
            os.kill(pid, signal.SIGKILL)
    return node, lost


def processes() -> dict[int, str]:
    """Return the command line of every process of this machine."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found[int(folder.name)] = (
                    (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
            except OSError:  # it ended meanwhile
                continue
    return found


def descendants(pids: Iterable[int]) -> list[int]:
    """Return the processes below some processes."""
    parents = {}
    for pid in processes():
        try:
            parents[pid] = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, level = [], set(pids)
    while level:
        level = {pid for pid, parent in parents.items() if parent in level}
        found += sorted(level)
    return found


def slurm(*command: str) -> str:
    """Run a SLURM command and return what it prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def accounting(since: str) -> pd.DataFrame:
    """Return SLURM's record of the jobs since a time: state, node, seconds waited and run."""
    fields = "JobID,State,NodeList,Submit,Start,End,ElapsedRaw"
    lines = slurm("sacct", "-X", "-n", "-P", "-S", since, "-o", fields).strip().split("\n")
    jobs = pd.DataFrame([line.split("|") for line in lines], columns=fields.split(","))
    jobs["waited"] = (
        pd.to_datetime(jobs["Start"], errors="coerce") - pd.to_datetime(jobs["Submit"])
    ).dt.total_seconds()
    jobs["ran"] = jobs["ElapsedRaw"].astype(float)
    return jobs


def cpu_seconds(since: str) -> float:
    """Return the mean CPU seconds of the jobs that were completed since a time, as SLURM gathered them by step."""
    lines = slurm("sacct", "-n", "-P", "-S", since, "-s", "CD", "-o", "JobID,TotalCPU").strip().split("\n")
    by_job: dict[str, float] = {}
    for line in lines:
        job, time_used = line.split("|")
        if "." not in job:  # the job itself; its steps are in it
            hours, minutes, seconds = ["0", *time_used.rsplit("-", 1)[-1].split(":")][-3:]
            by_job[job] = 3600 * int(hours) + 60 * int(minutes) + float(seconds)
    return sum(by_job.values()) / len(by_job)


def digests(project: Project, study: str) -> dict[str, str]:
    """Return the checksums of all placebo files of a study."""
    folder = project.folder / "results" / study / "placebo"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def draw_seconds(project: Project, study: str, exhibit: str) -> float:
    """Return the mean seconds of a chunk job itself, as Snakemake's benchmark files have them."""
    files = (project.folder / "results" / "benchmarks" / "draw_placebo_chunk").glob(f"{study}_{exhibit}_*.tsv")
    return float(pd.concat([pd.read_csv(file, sep="\t") for file in files])["s"].mean())


def compare_runs(folder: Path, study: str, exhibit: str, chunk: int, chunks: int) -> None:
    """Run both copies, kill a node in the middle of the second, compare, and print what was measured."""
    target = f"results/{study}/placebo/{exhibit}.json"
    local = make_project(folder / "local", study, exhibit, chunk, chunks)
    seconds_local = run(local, target, "--cores", "2")
    print(f"local: {chunks} chunks of {chunk} draws in {seconds_local:.0f} s", flush=True)

    cluster = make_project(folder / "cluster", study, exhibit, chunk, chunks)
    since = time.strftime("%Y-%m-%dT%H:%M:%S")
    start = time.monotonic()
    running = run_in_background(cluster, target, "--workflow-profile", "profiles/slurm")
    draws = cluster.folder / "results" / study / "placebo" / exhibit
    while running.poll() is None and len(list(draws.glob("draws_*.parquet"))) < chunks // 4:
        time.sleep(0.5)
    node, lost = kill_busy_node()
    at = len(list(draws.glob("draws_*.parquet")))
    print(f"killed: node {node} with jobs {', '.join(lost)} when {at} of {chunks} chunks were there", flush=True)
    finish(running)
    seconds_cluster = time.monotonic() - start

    jobs = accounting(since)
    failed = jobs[jobs["State"].str.startswith("NODE_FAIL")]
    done = jobs[jobs["State"] == "COMPLETED"]
    print(f"SLURM: {len(jobs)} jobs in {seconds_cluster:.0f} s on {done['NodeList'].nunique()} nodes: "
          f"{jobs['State'].str.split().str[0].value_counts().to_dict()}")  # fmt: skip
    inside = draw_seconds(cluster, study, exhibit)
    print(f"a job: {done['ran'].mean():.1f} s on its node, {inside:.1f} s of them the chunk's own script; "
          f"{cpu_seconds(since):.1f} s of CPU; "
          f"{done['waited'].mean():.1f} s waiting for a place")  # fmt: skip
    if failed.empty:
        sys.exit("no job was lost with the node: the test did not test what it should")
    later = jobs[(jobs["NodeList"] == node) & (pd.to_datetime(jobs["Start"], errors="coerce") > failed["End"].max())]
    if not later.empty:
        sys.exit(f"jobs were started on the dead node {node} afterwards")
    want, found = digests(local, study), digests(cluster, study)
    differing = sorted(name for name in want.keys() | found.keys() if want.get(name) != found.get(name))
    if differing or len([n for n in found if n.endswith(".parquet")]) != chunks:
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
        subprocess.run([str(CLUSTER), step], check=True)
    folder = Path(tempfile.mkdtemp(prefix="shidian-slurm-test-"))
    print(f"projects and logs: {folder}", flush=True)
    try:
        compare_runs(folder, arguments.study, arguments.exhibit, arguments.chunk, arguments.chunks)
    finally:
        if not arguments.keep:
            subprocess.run([str(CLUSTER), "down"], check=True)


if __name__ == "__main__":
    main()
