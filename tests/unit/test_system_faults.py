"""What the machine stops a job with ends in one line that names the file and says what to do."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from shidian import cli
from shidian.code_digests import ROOT
from shidian.errors import StudyError
from shidian.job import write_parquet
from shidian.schema import read_yaml
from shidian.system_faults import damage, sentence_of
from shidian.whole_files import whole

JOB = """
import sys
from types import SimpleNamespace
from shidian.job import job, write_text
with job(SimpleNamespace(log=[sys.argv[1]], input=sys.argv[3:], output=[])):
    exec(sys.argv[2])
"""


def run_job(folder: Path, body: str, *inputs: Path) -> tuple[int, str, str]:
    """Run a job in a process of its own: exit code, log, what went past the log."""
    command = [sys.executable, "-c", JOB, str(folder / "job.log"), body, *map(str, inputs)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)
    return done.returncode, (folder / "job.log").read_text(encoding="utf-8"), done.stderr


def parquet(folder: Path) -> Path:
    path = folder / "panel.parquet"
    write_parquet(path, pd.DataFrame({"a": range(1000)}))
    return path


@pytest.mark.parametrize("size", [0, 3, 200])
def test_a_parquet_file_cut_short_is_named(tmp_path, size):
    path = parquet(tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    code, log, _ = run_job(tmp_path, "import pandas as pd; pd.read_parquet(sys.argv[3])", path)
    assert code == 1
    assert log == f"error: {path}: the file is damaged or cut short; delete it and run again, and it is made again\n"


@pytest.mark.parametrize("text", ["", "{", '{"a": '])
def test_a_json_file_cut_short_is_named(tmp_path, text):
    path = tmp_path / "twfe.json"
    path.write_text(text, encoding="utf-8")
    code, log, _ = run_job(tmp_path, "import json; json.load(open(sys.argv[3]))", path)
    assert (code, log.splitlines()) == (1, [f"error: {damage(path)}"])
    assert "damaged or cut short" in log


def test_a_fault_of_ours_keeps_its_traceback(tmp_path):
    code, log, _ = run_job(tmp_path, "1 / 0", parquet(tmp_path))
    assert code == 1
    assert log.startswith("internal error; please report it")
    assert "ZeroDivisionError" in log


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("open('nowhere/x')", "error: nowhere/x: there is no such file"),
        ("open('.')", "error: .: it is a folder, a file is wanted"),
        ("raise PermissionError(13, 'Permission denied', 'raw/a.xlsx')", "error: raw/a.xlsx: no permission; give"),
        ("open('/dev/full', 'w').write('x' * 100_000)", "error: there is no room left on the disk; make room"),
        ("raise MemoryError", "error: out of memory (MemoryError): leave out"),
        ("import numpy as np; np.ones(10**14)", "error: out of memory (Unable to allocate"),
    ],
)
def test_what_the_machine_lacks_is_one_line(tmp_path, body, words):
    code, log, _ = run_job(tmp_path, body)
    assert code == 1
    assert len(log.splitlines()) == 1
    first, _, last = words.partition(".*")
    assert log.startswith(first)
    assert last in log


def test_a_full_disk_names_the_file_that_had_no_room(tmp_path):
    with pytest.raises(OSError, match="No space") as caught, whole(tmp_path / "panel.parquet"):
        raise OSError(errno.ENOSPC, "No space left on device")  # as Arrow says it, without the file
    assert (
        sentence_of(caught.value)
        == f"{tmp_path / 'panel.parquet'}: there is no room left on the disk; make room and run again"
    )
    assert not list(tmp_path.iterdir())


def test_words_that_the_log_has_no_room_for_are_said_outside(tmp_path):
    (tmp_path / "job.log").symlink_to("/dev/full")
    command = [sys.executable, "-c", JOB, str(tmp_path / "job.log"), "raise OSError(28, 'No space', 'panel.parquet')"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode != 0
    assert "error: panel.parquet: there is no room left on the disk" in done.stderr


def test_a_folder_where_a_yaml_file_is_wanted(tmp_path):
    with pytest.raises(StudyError, match="it is a folder, a file is wanted"):
        read_yaml(tmp_path)


@pytest.mark.parametrize(("command", "code"), [("check-tables", 2), ("inspect", 1), ("verify", 1), ("migrate", 1)])
def test_a_folder_given_to_a_command_is_one_line(tmp_path, capsys, monkeypatch, command, code):
    monkeypatch.chdir(ROOT)
    assert cli.main([command, str(tmp_path)]) == code
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert str(tmp_path) in error


def test_an_encoding_that_is_none(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert cli.main(["inspect", str(tmp_path / "a.csv"), "--encoding", "nosuch"]) == 1
    assert "there is no encoding 'nosuch'" in capsys.readouterr().err
