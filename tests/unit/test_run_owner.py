"""Only the lock of a run that is certainly dead is removed."""

import json
import os
import subprocess
import sys

import pytest
from shidian import run_owner
from shidian.run_owner import LOCKS, OWNERS, own_this_run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_owner.atexit, "register", lambda *arguments: None)
    LOCKS.mkdir(parents=True)
    (LOCKS / "0.output.lock").write_text("results/x\n")
    (LOCKS / "0.input.lock").write_text("raw/x\n")
    OWNERS.mkdir(parents=True)
    return tmp_path


def leave(pid, **other):
    """Leave a run of another process, as it left itself."""
    owner = {**run_owner._identity(pid), **other}
    (OWNERS / f"{len(list(OWNERS.iterdir()))}.json").write_text(json.dumps(owner))
    return owner


@pytest.fixture
def living():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process.pid
    process.communicate(b"\n")


@pytest.fixture
def dead():
    """Identity of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = run_owner._identity(process.pid)
    process.communicate(b"\n")
    return owner


def locked():
    return len(list(LOCKS.glob("*.lock"))) == 2


def test_the_lock_of_a_dead_run_is_removed_and_the_run_named(folder, dead):
    leave(int(dead["pid"]), started=dead["started"])
    assert own_this_run() == [f"{dead['host']}, process {dead['pid']}"]
    assert not any(LOCKS.glob("*.lock"))
    assert [json.loads(p.read_text())["pid"] for p in OWNERS.iterdir()] == [str(os.getpid())]


def test_the_lock_of_a_living_run_stays(folder, living):
    leave(living)
    assert own_this_run() == []
    assert locked()


def test_the_lock_stays_while_any_run_lives(folder, living, dead):
    leave(int(dead["pid"]), started=dead["started"])
    leave(living)
    assert own_this_run() == []
    assert locked()


def test_a_number_given_to_another_process_is_another_process(folder, living):
    owner = leave(living, started="1")
    assert own_this_run() == [f"{owner['host']}, process {living}"]
    assert not locked()


def test_a_process_that_nobody_has_buried_is_dead(folder):
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    leave(process.pid)
    process.stdin.close()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert len(own_this_run()) == 1
    process.wait()


@pytest.mark.parametrize(
    "other", [{"host": "elsewhere"}, {"machine": "another"}, {"machine": ""}, {"processes": "pid:[1]"}]
)
def test_what_this_machine_cannot_know_keeps_its_lock(folder, dead, other):
    leave(int(dead["pid"]), **{"started": dead["started"], **other})
    assert own_this_run() == []
    assert locked()


def test_a_run_before_the_machine_started_anew_is_dead(folder, living):
    leave(living, boot="before", processes="pid:[1]")
    assert len(own_this_run()) == 1


def test_a_lock_that_nobody_left_a_name_for_stays(folder):
    assert own_this_run() == []
    assert locked()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}'])
def test_an_owner_that_cannot_be_read_counts_as_living(folder, text):
    (OWNERS / "odd.json").write_text(text)
    assert own_this_run() == []
    assert locked()


def test_without_a_lock_nothing_is_said(folder, dead):
    for lock in LOCKS.glob("*.lock"):
        lock.unlink()
    leave(int(dead["pid"]), started=dead["started"])
    assert own_this_run() == []


def test_a_run_leaves_when_it_ends(folder):
    code = "from shidian.run_owner import own_this_run, OWNERS; own_this_run(); print(len(list(OWNERS.iterdir())))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"
    assert not any(OWNERS.iterdir())
