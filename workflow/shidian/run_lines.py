"""What a run that nobody watches on a terminal prints: a line a job, and first of a failure what went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PASSING = re.compile(
    r"Building DAG|Using (shell|workflow specific profile)|Provided |Select jobs|Execute |Job stats|Complete log|"
    r"Elapsed time|Conda env|Assuming unrestricted shared|Shutting down|host: |Workflow ID"
)
"""How lines begin that say nothing of the study."""

WRAPPING = re.compile(
    r"Error in rule|RuleException|CalledProcessError|Exiting because|(WorkflowError:\n)?At least one job"
)
"""How texts begin that Snakemake wraps a failed job in; its log says why."""

KILLED = re.compile(r"died with <Signals\.(SIG\w+)")

MOST_REPEATED = 3
"""Most lines of a failure that the end of a run says again, the last of its log and what failed."""

TELLING = 0.05
"""Share of the jobs after which the time that they took tells of the rest."""


@dataclass(frozen=True)
class Job:
    """A job that was started: rule, its wildcards in words, its logs, when."""

    rule: str
    about: str
    logs: tuple[str, ...]
    started: float

    @property
    def name(self) -> str:
        """What the job is called: "estimate_exhibit castle_doctrine twfe"."""
        return f"{self.rule} {self.about}".rstrip()


@dataclass
class RunLines:
    """The lines of a run, from the events of its jobs; ``clock`` gives seconds."""

    clock: Callable[[], float]
    total: int = 0
    done: int = 0
    began: float = 0.0
    jobs: dict[int, Job] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    said_after: bool = False

    def run(self, total: int) -> list[str]:
        """Return the line of a run with so many jobs."""
        if self.total == total:  # said once more at the end
            return []
        self.total, self.done, self.began = total, 0, self.clock()
        return [f"{total} {'job' if total == 1 else 'jobs'} to do"]

    def start(self, number: int, rule: str, wildcards: Mapping[str, object], logs: Sequence[str]) -> None:
        """Note a job that is started."""
        about = " ".join(str(value) for value in wildcards.values())
        self.jobs[number] = Job(rule, about, tuple(map(str, logs)), self.clock())

    def finish(self, number: int) -> list[str]:
        """Return the line of a job that is done: i of n, time since the start, estimate of the rest, what it was."""
        job = self.jobs.pop(number, None)
        if job is None:
            return []
        self.done += 1
        self.said_after = bool(self.failures)
        now = self.clock()
        passed = now - self.began
        left = passed / self.done * max(self.total - self.done, 0)
        rest = f", about {span(left)} left" if left >= 1 and self.done >= self.total * TELLING else ""
        width = len(str(self.total))
        return [f"{self.done:>{width}} of {self.total}  {span(passed)}{rest}  {job.name} ({now - job.started:.1f} s)"]

    def fail(self, number: int) -> list[str]:
        """Return the lines of a job that failed: what its log says, then which job it was and where the log is."""
        job = self.jobs.pop(number, None)
        if job is None:
            return []
        said = [line for log in job.logs for line in _text(log).splitlines()]
        lines = [*said, f"failed: {job.name}" + (f" (log: {', '.join(job.logs)})" if job.logs else "")]
        self.said_after = bool(self.failures)
        self.failures += lines[-MOST_REPEATED:]
        return lines

    def last_words(self, bar: bool = False) -> list[str]:
        """Return what a run that failed says last: each failure once more, unless nothing was said behind it."""
        return self.failures if self.said_after or bar else []


def is_wrapping(text: str) -> bool:
    """Say whether a text of Snakemake's only wraps a failed job, whose log says why."""
    return bool(WRAPPING.match(text.strip())) and not KILLED.search(text)


def plain(text: str) -> list[str]:
    """Return what a text of Snakemake's says beyond its own frame of file, line and exception."""
    text = text.strip()
    if killed := KILLED.search(text):
        return [f"a job was ended by {killed[1]}: the memory may have run out, or somebody stopped it; run again"]
    if not text or PASSING.match(text) or WRAPPING.match(text):
        return []
    lines = text.splitlines()
    if re.match(r"\w+(Error|Exception) in file .*\.smk", lines[0]):
        lines = [line for line in lines[1:] if not re.match(r'  File ".*\.smk"', line)]
    return lines


def span(seconds: float) -> str:
    """Return a time span as 0:07 or 1:02:03."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _text(log: str) -> str:
    try:
        return Path(log).read_text(encoding="utf-8", errors="replace").rstrip()
    except OSError:
        return ""
