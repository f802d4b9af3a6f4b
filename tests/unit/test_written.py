"""A result that is not what its job wrote is named, whatever its date says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from shidian.job import write_text
from shidian.written import WrittenError, changed, changed_below, record_of, refuse, require_unchanged, write_records


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("results/towns/panel.parquet", "results/towns/exhibits/a.csv", "results/towns/folder/data.csv"):
        write_text(name, f"content of {name}")
    write_records(["results/towns/panel.parquet", "results/towns/exhibits/a.csv", "results/towns/folder"])
    return tmp_path / "results"


def edits(path):
    """Give ways of changing a file: longer, of the same size, with its old date, replaced by another, cut short."""
    old, stat = path.read_bytes(), path.stat()
    same_size = bytes([old[0] ^ 1]) + old[1:]
    for content in (old + b"\n", same_size, b"", old[:-1]):
        path.write_bytes(content)
        yield
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        yield
        other = path.with_name("other")
        other.write_bytes(content)
        os.utime(other, (0, 0))
        other.replace(path)
        yield
    path.write_bytes(old)


@pytest.mark.parametrize("name", ["towns/panel.parquet", "towns/exhibits/a.csv", "towns/folder/data.csv"])
def test_every_edit_is_named_and_the_old_content_is_right_again(results, name):
    found = "results/towns/folder" if "folder" in name else f"results/{name}"
    for _ in edits(results / name):
        assert changed([found]) == changed_below(Path("results/towns")) == [found]
        with pytest.raises(WrittenError, match=rf"{found} is not what its job wrote .*`make run` makes it again"):
            require_unchanged([found])
    assert changed([found]) == changed_below(Path("results/towns")) == []


def test_what_is_no_result_or_has_no_record_is_passed_over(results):
    write_text("results/towns/notes.txt", "mine")
    write_text("raw/towns.csv", "1")
    assert record_of("raw/towns.csv") is None
    assert record_of("results") is None
    assert changed(["results/towns/notes.txt", "raw/towns.csv", "results/towns/none.csv"]) == []


def test_snakemake_s_own_mark_in_a_folder_is_no_edit(results):
    folder = Path("results/towns/folder")
    (folder / ".snakemake_timestamp").touch()
    assert changed([folder]) == []
    (folder / "another.csv").touch()
    assert changed([folder]) == [str(folder)]


def test_several_are_all_named(results):
    with pytest.raises(WrittenError, match="a, b are not what their jobs wrote"):
        refuse(["a", "b"])
    refuse([])


SCRIPT = """
from types import SimpleNamespace
from shidian.job import job, write_text
with job(SimpleNamespace(log=["results/logs/x.log"], input={input}, output=["results/towns/report.html"])):
    write_text("results/towns/report.html", {text!r})
    {then}
"""


def run(text, then="pass", reads=()):
    """Run a job that writes a report, in a process of its own; return its exit code and its log."""
    script = SCRIPT.format(text=text, then=then, input=list(reads))
    done = subprocess.run([sys.executable, "-c", script], check=False)
    return done.returncode, Path("results/logs/x.log").read_text(encoding="utf-8")


def test_a_job_reads_nothing_that_was_edited_and_records_what_it_writes(results):
    panel, report = Path("results/towns/panel.parquet"), Path("results/towns/report.html")
    assert run("report", reads=[str(panel)]) == (0, "")
    assert record_of(report).is_file()
    assert changed([report]) == []
    panel.write_text("edited", encoding="utf-8")
    code, log = run("of an edited panel", reads=[str(panel)])
    assert code == 1
    assert log.startswith(f"error: {panel} is not what its job wrote")
    assert report.read_text(encoding="utf-8") == "report"


def test_a_job_that_stops_leaves_no_record_of_what_it_was_writing(results):
    assert run("whole")[0] == 0
    assert run("half", then="raise SystemExit(3)")[0] == 3
    assert not record_of("results/towns/report.html").exists()
