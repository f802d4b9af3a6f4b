"""What a run would do and why, before anything runs: read from a dry run of Snakemake."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shidian.errors import ShidianError

REASONS = {
    "Missing output files": "not made yet, or deleted",
    "Params have changed": "its settings, its code or a package it uses changed",
    "Updated input files": "a file it reads is newer",
    "Set of input files has changed": "it reads other files than before",
    "Code has changed": "its script changed",
    "Forced execution": "what it wrote was edited, damaged or replaced since",
    "Incomplete files": "it was interrupted",
}
"""How a reason of Snakemake's begins -> what it means for the author."""

FOLLOWS = "Input files updated by another job"
ELSEWHERE = "sources"
"""What jobs are filed under that belong to no study."""

MOST_NAMED = 5
"""Most jobs of one rule with one cause that are named."""


@dataclass(frozen=True)
class StaleJob:
    """A job that would run: its rule, the study (or "sources"), its other wildcards in words, the causes.

    ``causes`` are empty where it only follows another job.
    """

    rule: str
    study: str
    about: str
    causes: tuple[str, ...]


def stale_jobs(printed: str) -> list[StaleJob]:
    """Return the jobs that a dry run lists."""
    found = []
    for block in re.split(r"\n(?=(?:\[[^\n]*\]\n)?(?:local)?rule \w+:)", printed):
        rule = re.search(r"(?:local)?rule (\w+):", block)
        if rule is None or rule[1] == "all" or "    jobid:" not in block:
            continue
        line = re.search(r"^    wildcards: (.*)$", block, re.M)
        wildcards = dict(pair.split("=", 1) for pair in line[1].split(", ")) if line else {}
        reason = re.search(r"^    reason: (.*)$", block, re.M)
        study = wildcards.pop("study", ELSEWHERE)
        found.append(StaleJob(rule[1], study, " ".join(wildcards.values()), _causes(reason[1] if reason else "")))
    return found


def _causes(reason: str) -> tuple[str, ...]:
    causes = tuple(words for start, words in REASONS.items() if start in reason)
    return causes if causes or not reason or FOLLOWS in reason else (reason.strip(),)


def status_text(jobs: Sequence[StaleJob]) -> str:
    """Return what would run, study by study: jobs with a cause of their own, and how many follow them."""
    if not jobs:
        return "everything is up to date"
    lines = []
    for study in dict.fromkeys(job.study for job in jobs):
        mine = [job for job in jobs if job.study == study]
        roots = [job for job in mine if job.causes]
        lines.append(f"{study}: {len(mine)} {'job' if len(mine) == 1 else 'jobs'} would run")
        lines += _roots(roots)
        if len(roots) < len(mine):
            lines.append(f"  and {len(mine) - len(roots)} that follow{'s' * (len(mine) - len(roots) == 1)} from these")
    return "\n".join(lines)


def _roots(jobs: Sequence[StaleJob]) -> list[str]:
    """Return a line a rule and cause, with the jobs' names where they are few."""
    lines = []
    for rule, causes in dict.fromkeys((job.rule, job.causes) for job in jobs):
        alike = [job.about for job in jobs if (job.rule, job.causes) == (rule, causes)]
        named = ", ".join(alike) if len(alike) <= MOST_NAMED else f"{len(alike)} jobs"
        lines.append(f"  {f'{rule} {named}'.rstrip()}: {'; '.join(causes)}")
    return lines


def dry_run(folder: Path, snakefile: Path, targets: Sequence[str]) -> str:
    """Return what Snakemake prints of a dry run.

    Raises:
        ShidianError: it refuses; its own words.
    """
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        str(snakefile),
        "--dry-run",
        "--cores",
        "1",
        "--nocolor",
    ]
    triggers = ["--workflow-profile", "none", "--rerun-triggers", "mtime", "params", "input", "code"]
    done = subprocess.run(
        [*command, *triggers, "--", *targets],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ShidianError(done.stderr.strip() or done.stdout.strip())
    return done.stdout + done.stderr
