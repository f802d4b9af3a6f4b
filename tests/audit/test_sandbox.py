"""Foreign code runs only where somebody agreed, without the caller's environment or network, within limits."""

import io
import json
import os
import socket
import sys
import threading
import time
from pathlib import Path

import pytest
from shidian.audit.verify import command, sandbox
from shidian.audit.verify.bundle import opened
from shidian.audit.verify.command import RerunOptions, verify_bundle
from shidian.audit.verify.consent import ask_on_terminal
from shidian.audit.verify.installation import changed_machine
from shidian.audit.verify.sandbox import environment, run_limited
from shidian.cli import main
from shidian.errors import AuditError

from .small_bundle import SmallProject, forge, members

LISTED = "import json, os; print(json.dumps(dict(os.environ)))"


def said_by(code, tmp_path, before=(), **limits):
    """Run Python code as the code of a bundle runs; return its exit code and what it printed."""
    log = tmp_path / "log"
    env = environment(tmp_path, {"OWN": "1"})
    done = run_limited([*before, sys.executable, "-c", code], tmp_path, env, log, **limits)
    return done, log.read_text(encoding="utf-8")


def test_the_caller_s_environment_stays_outside(tmp_path, monkeypatch):
    monkeypatch.setenv("MY_SECRET", "token")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/tmp/agent")
    code, text = said_by(LISTED, tmp_path)
    seen = json.loads(text)
    assert code == 0
    assert not {"MY_SECRET", "SSH_AUTH_SOCK"} & set(seen)
    assert "token" not in text
    assert seen["OWN"] == "1"
    assert seen["PATH"] == os.environ["PATH"]
    assert seen["HOME"] == str(tmp_path.resolve() / "home")
    assert all(seen[name].startswith(str(tmp_path.resolve())) for name in sandbox.INSIDE)


def test_no_network_where_the_system_can_shut_it_off(tmp_path):
    way = sandbox.sandbox(tmp_path)
    if not way.before:
        pytest.skip("neither bubblewrap nor unshare can be used here")
    assert "without network" in way.words
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        threading.Thread(target=server.accept, daemon=True).start()
        call = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5); print('out')"
        assert "out" in said_by(call, tmp_path)[1]
    with socket.create_server(("127.0.0.1", port)):
        code, text = said_by(call, tmp_path, before=way.before)
    assert code != 0
    assert "out" not in text.splitlines()
    code, text = said_by("open('made', 'w').write('x'); print(open('made').read())", tmp_path, before=way.before)
    assert (code, text.strip()) == (0, "x")


def test_where_nothing_shuts_the_network_off_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    way = sandbox.sandbox(tmp_path)
    assert way.before == ()
    assert way.words.startswith("WITH NETWORK")


def test_a_command_that_does_not_end_is_stopped_with_all_that_it_started(tmp_path):
    child = (
        "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)']); "
    )
    code = f"{child} open('pid', 'w').write(str(p.pid)); time.sleep(99)"
    start = time.monotonic()
    with pytest.raises(AuditError, match="was stopped after"):
        said_by(code, tmp_path, hours=12 / 3600)
    state = Path(f"/proc/{(tmp_path / 'pid').read_text(encoding='utf-8')}/stat")
    while state.exists() and state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in "ZX":
        assert time.monotonic() - start < 90, "what it started goes on"
        time.sleep(0.05)


def test_limits_of_files_and_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "FILE_BYTES", 1000)
    assert said_by("open('big', 'wb').write(bytes(100_000))", tmp_path)[0] != 0
    code, text = said_by(f"x = bytearray({sandbox.limits()[sandbox.resource.RLIMIT_AS] + 1})", tmp_path)
    assert code != 0
    assert "MemoryError" in text


def test_without_a_terminal_nothing_is_run_unless_agreed_beforehand(bundle, project, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SHIDIAN_RAW", str(project.raw))
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    words = ["verify", str(bundle), "--rerun", "--into", str(tmp_path / "run")]
    assert main(words) == 1
    err = capsys.readouterr().err
    assert "executes the code inside towns.zip: a program of whoever made it" in err
    assert "without your environment variables" in err
    assert "--yes agrees beforehand" in err
    assert not (tmp_path / "run").exists()
    assert main([*words, "--yes"]) == 1  # it is no workflow: it ran, and failed
    assert "the rerun failed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "runs"), [("y\n", True), ("YES\n", True), ("\n", False), ("no\n", False), ("", False)]
)
def test_the_answer_on_a_terminal(monkeypatch, capsys, answer, runs):
    stdin = io.StringIO(answer)
    stdin.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", stdin)
    if runs:
        ask_on_terminal("what")
    else:
        with pytest.raises(AuditError, match="nobody agreed"):
            ask_on_terminal("what")
    assert "Run it? [y/N]" in capsys.readouterr().err


def elsewhere(bundle, path):
    """Return a bundle that was made by another Python with another NumPy."""
    content = members(bundle)
    facts = json.loads(content["run/environment.json"])
    facts["python"], facts["packages"]["numpy"] = "3.9.0", "1.0"
    return forge(content | {"run/environment.json": json.dumps(facts).encode()}, path)


def test_last_digits_of_another_environment_are_named_as_such(bundle, tmp_path, monkeypatch):
    """A rerun elsewhere differs by 1e-14: one line, not thousands of differences; more than that is a difference."""
    made = elsewhere(bundle, tmp_path / "b.zip")
    with opened(made) as there:
        changed = changed_machine(there)
    assert changed[0].startswith("Python 3.9.0 -> 3.")
    assert changed[1].startswith("numpy 1.0 -> ")
    monkeypatch.setattr(command, "rerun", lambda *arguments, **options: other.folder)
    again = RerunOptions(tmp_path / "run", None, 1, 0.0, False)
    (tmp_path / "run").mkdir()
    other = SmallProject(tmp_path / "near", estimate=0.0693984 * (1 + 1e-14))
    text = verify_bundle(made, again=again)
    assert "equal within 1e-09 (relative); 1 numbers differ in their last digits" in text
    assert "another environment than the bundle's (bundle -> here): Python 3.9.0 -> 3." in text
    assert "compared to within 1e-09 of their size, or 1e-12" in text
    other = SmallProject(tmp_path / "far", estimate=0.0693984 * (1 + 1e-6))
    with pytest.raises(AuditError, match="1 differences in 1 of"):
        verify_bundle(made, again=again)
    other = SmallProject(tmp_path / "near here", estimate=0.0693984 * (1 + 1e-14))
    with pytest.raises(AuditError, match=r"differences in \d of"):  # the same environment: every byte counts
        verify_bundle(bundle, again=again)
