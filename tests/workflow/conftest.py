"""One finished run of castle_doctrine, made once and edited by the tests that come after."""

import hashlib
import os
import shutil
import time
from pathlib import Path

import pytest
from shidian.warm_jobs import COLD

from .project import Project

ZIP = "results/audit/castle_doctrine.zip"

HOOK = """
import atexit, json, os, sys
def record():
    folder = os.environ.get("SHIDIAN_RECORD")
    names = sorted(m for m in sys.modules if m.split(".")[0] == "shidian")
    script = os.path.basename(sys.argv[0]).split(".", 1)[-1]
    if folder and names and script.endswith(".py"):
        with open(os.path.join(folder, f"{script}-{os.getpid()}.json"), "w") as file:
            json.dump({"script": script.removesuffix(".py"), "modules": names}, file)
atexit.register(record)
"""
"""Written to sitecustomize.py: at the end of each job, write down which modules of shidian it had loaded."""


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Project:
    """A project whose castle_doctrine has run; tests that edit it must put it back.

    Processes of one test run (``-n``) have a copy each of one that the first of them makes.
    """
    common = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return _finish(common / "finished")
    common = common.parent / "finished"
    try:
        common.mkdir()
    except FileExistsError:
        _wait(common / "done")
    else:
        try:
            _finish(common / "first")
        finally:
            (common / "done").touch()
    mine = tmp_path_factory.mktemp("finished")
    shutil.copytree(common / "first", mine, symlinks=True, dirs_exist_ok=True)
    return Project.at(mine / "project", mine / "recorded")


def _wait(path: Path) -> None:
    end = time.monotonic() + 900
    while not path.exists():
        assert time.monotonic() < end, f"{path} is not made"
        time.sleep(1)


def _finish(folder: Path) -> Project:
    project = Project(folder / "project")
    project.recorded = folder / "recorded"
    project.recorded.mkdir()
    (folder / "hook").mkdir()
    (folder / "hook" / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    path = f"{folder / 'hook'}:{project.environment['PYTHONPATH']}"
    cold = {COLD: "1"}  # else a job's modules are also those that the warm process has
    project.snakemake(env={"PYTHONPATH": path, "SHIDIAN_RECORD": str(project.recorded), **cold})
    return project


@pytest.fixture(scope="session")
def bundle(finished, tmp_path_factory):
    """The bundle of the finished project."""
    finished.snakemake(ZIP)
    assert finished.stale(ZIP) == {}
    kept = tmp_path_factory.mktemp("bundle") / "castle_doctrine.zip"
    shutil.copy2(finished.folder / ZIP, kept)
    published = (finished.folder / f"{ZIP}.sha256").read_text(encoding="utf-8").split()
    assert published == [hashlib.sha256(kept.read_bytes()).hexdigest(), "castle_doctrine.zip"]
    shutil.rmtree(finished.folder / "results" / "audit")
    return kept
