"""Killed in the middle and run again: the same bytes as an undisturbed run."""

import os
import signal
import subprocess
import time

import pytest

from .project import Project

pytestmark = pytest.mark.workflow


def test_kill_and_rerun_end_in_the_same_bytes(finished, tmp_path):
    project = Project(tmp_path / "killed")
    running = subprocess.Popen(
        project.command(), cwd=project.folder, env=project.environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    estimates = project.folder / "results" / "castle_doctrine" / "estimates"
    deadline = time.monotonic() + 240
    while not any(estimates.glob("*.json")):
        assert running.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert not (project.folder / "results" / "castle_doctrine" / "report.html").exists()
    project.snakemake("--unlock")
    project.snakemake()
    assert project.digests() == finished.digests()
