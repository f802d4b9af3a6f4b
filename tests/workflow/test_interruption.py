"""Killed in the middle and run again, with nothing unlocked by hand: the same bytes as an undisturbed run."""

import os
import signal
import subprocess
import time

import pytest

from .project import Project

pytestmark = pytest.mark.workflow


@pytest.mark.slow
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
    assert any((project.folder / ".snakemake" / "locks").glob("*.lock"))
    assert f"process {running.pid} was killed: this one goes on" in project.snakemake()
    ours = project.digests()  # tests of audit add to the finished project's
    assert "castle_doctrine/report.html" in ours
    assert ours == {name: digest for name, digest in finished.digests().items() if name in ours}


def test_the_lock_of_a_living_run_is_kept(finished):
    """A run that is stopped, not dead, holds its folder."""
    table = "results/castle_doctrine/exhibits/twfe.csv"
    running = subprocess.Popen(
        finished.command("--forcerun", "estimate_exhibit", "--", table), cwd=finished.folder,
        env=finished.environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    locks = finished.folder / ".snakemake" / "locks"
    try:
        deadline = time.monotonic() + 60
        while not any(locks.glob("*.output.lock")):
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGSTOP)
        assert "LockException" in finished.snakemake("--forcerun", "estimate_exhibit", "--", table, check=False)
        assert any(locks.glob("*.lock"))
    finally:
        os.killpg(running.pid, signal.SIGCONT)
        assert running.wait() == 0
    assert finished.stale(table) == {}
