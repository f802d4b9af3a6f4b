"""Want of memory is one line, in a job's log and on the command line."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from shidian import cli
from shidian.commands import studies
from shidian.errors import out_of_memory

JOB = """
import sys
from types import SimpleNamespace
import numpy as np
from shidian.job import job
with job(SimpleNamespace(log=[sys.argv[1]], input=[], output=[])):
    np.empty((10**9, 10**9))
"""


def test_a_job_says_in_one_line_what_did_not_fit(tmp_path):
    log = tmp_path / "log.txt"
    assert subprocess.run([sys.executable, "-c", JOB, str(log)], check=False).returncode == 1
    (line,) = log.read_text(encoding="utf-8").splitlines()
    assert line.startswith("error: out of memory (Unable to allocate")
    assert "(1000000000, 1000000000)" in line
    assert line.endswith("run it where there is more memory")


def test_so_does_the_command_line(monkeypatch, capsys):
    monkeypatch.setattr(studies, "run_check", lambda _: np.empty((10**9, 10**9)))
    assert cli.main(["check"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("error: out of memory (Unable to allocate")
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_python_gives_no_reason_of_its_own():
    assert str(out_of_memory(MemoryError())).startswith("out of memory (MemoryError): leave out")
