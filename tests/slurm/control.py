"""The SLURM of ``cluster.sh``: its jobs and what it noted of them, and the faults that befall it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

CLUSTER = Path(__file__).with_name("cluster.sh")
BASE = Path(os.environ.get("SLURM_TEST_BASE", "/var/tmp/shidian-slurm"))


def cluster(step: str) -> None:
    """Take a step of ``cluster.sh``: install, up, controller or down."""
    subprocess.run([str(CLUSTER), step], check=True)


def kill_controller(seconds: float) -> None:
    """Kill slurmctld as a power cut would, leave the cluster without it for a while, and start it again."""
    os.kill(int((BASE / "run" / "slurmctld.pid").read_text()), signal.SIGKILL)
    time.sleep(seconds)
    cluster("controller")


def kill_busy_node() -> tuple[str, list[str]]:
    """Kill the slurmd of a node that runs a job, and all processes of the jobs on it; return node and job ids."""
    jobs = running_jobs()
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


def running_jobs() -> list[tuple[str, str]]:
    """Return id and node of each job that is running."""
    listed = slurm("squeue", "--noheader", "--states=RUNNING", "--format=%i %N").split("\n")
    return [(line.split()[0], line.split()[1]) for line in listed if len(line.split()) > 1]


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
    """Return SLURM's record of the jobs since a time: state, node, memory asked for (MB), seconds waited and run."""
    fields = "JobID,JobName,State,NodeList,Submit,Start,End,ElapsedRaw,ReqMem"
    lines = slurm("sacct", "-X", "-n", "-P", "-S", since, "-o", fields).strip().split("\n")
    jobs = pd.DataFrame([line.split("|") for line in lines], columns=fields.split(","))
    started, submitted = (pd.to_datetime(jobs[when], errors="coerce") for when in ("Start", "Submit"))
    state = jobs["State"].str.split().str[0]
    return jobs.assign(
        State=state,
        waited=(started - submitted).dt.total_seconds(),
        ran=jobs["ElapsedRaw"].astype(float),
        memory=jobs["ReqMem"].map(_megabytes),
    )


def _megabytes(text: str) -> float:
    """Return what ``sacct`` means by 2.50G or 1200M."""
    return float(text[:-1]) * {"M": 1, "G": 1024}[text[-1]]


def cpu_seconds(since: str) -> float:
    """Return the mean CPU seconds of the jobs that were completed since a time, as SLURM gathered them by step."""
    lines = slurm("sacct", "-n", "-P", "-S", since, "-E", "now", "-s", "CD", "-o", "JobID,TotalCPU").strip().split("\n")
    by_job: dict[str, float] = {}
    for line in lines:
        job, time_used = line.split("|")
        if "." not in job:  # the job itself; its steps are in it
            hours, minutes, seconds = ["0", *time_used.rsplit("-", 1)[-1].split(":")][-3:]
            by_job[job] = 3600 * int(hours) + 60 * int(minutes) + float(seconds)
    return sum(by_job.values()) / len(by_job)
