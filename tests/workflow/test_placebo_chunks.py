"""Placebo draws through the workflow: chunk size, cores, a dying worker and more draws change no byte."""

import re
from functools import cache

import pytest
import yaml

from .project import Project

pytestmark = pytest.mark.workflow
STUDY, EXHIBITS = "castle_doctrine", ("placebo", "placebo_robust")

HOOK = """
import os, signal, sys
rename = os.replace
def die(source, target, **more):
    if sys.argv[0].endswith("draw_placebo_chunk.py") and os.path.basename(target) == os.environ["SHIDIAN_DIE"]:
        os.kill(os.getpid(), signal.SIGKILL)
    rename(source, target, **more)
os.replace = die
"""
"""Written to sitecustomize.py: a job is killed when its chunk is written and not yet in its place."""


def declare(project: Project, draws: int, chunk: int) -> list[str]:
    """Give both placebo exhibits so many draws and return the files to ask for."""
    path = project.folder / "config" / "studies" / f"{STUDY}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for exhibit in content["exhibits"]:
        if exhibit["kind"] == "placebo":
            exhibit |= {"draws": draws, "chunk": chunk}
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return [f"results/{STUDY}/placebo/{exhibit}.json" for exhibit in EXHIBITS]


def exhibits(project: Project) -> dict[str, bytes]:
    folder = project.folder / "results" / STUDY / "placebo"
    return {exhibit: (folder / f"{exhibit}.json").read_bytes() for exhibit in EXHIBITS}


def fresh(folder) -> Project:
    return Project(folder, (STUDY,))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Return a function: draws -> the exhibits of so many draws, made in one chunk on one core."""

    @cache
    def make(draws: int) -> dict[str, bytes]:
        project = fresh(tmp_path_factory.mktemp("undisturbed") / "project")
        project.snakemake("--cores", "1", *declare(project, draws, 1000))
        return exhibits(project)

    return make


@pytest.mark.parametrize(
    ("draws", "chunk", "cores"),
    [pytest.param(d, c, n, marks=pytest.mark.slow) for d, c in ((4, 3), (60, 1), (60, 50), (60, 1000)) for n in (1, 2)],
)
def test_chunks_and_cores_change_no_byte(draws, chunk, cores, undisturbed, tmp_path):
    project = fresh(tmp_path / "project")
    project.snakemake("--cores", str(cores), *declare(project, draws, chunk))
    assert exhibits(project) == undisturbed(draws)


@pytest.mark.slow
def test_a_worker_that_dies_and_draws_added_later(undisturbed, tmp_path):
    project = fresh(tmp_path / "project")
    targets = declare(project, 2, 1)
    (tmp_path / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    path = f"{tmp_path}:{project.environment['PYTHONPATH']}"
    printed = project.snakemake(
        "--keep-going", *targets, check=False, env={"PYTHONPATH": path, "SHIDIAN_DIE": "draws_1_1.parquet"}
    )
    assert "draw_placebo_chunk" in printed
    folder = project.folder / "results" / STUDY / "placebo"
    for exhibit in EXHIBITS:  # the chunk of the dead worker is not there, nor an exhibit of fewer draws
        assert (folder / exhibit / "draws_0_0.parquet").exists()
        assert not (folder / exhibit / "draws_1_1.parquet").exists()
        assert not (folder / f"{exhibit}.json").exists()
    project.snakemake(*targets)
    made = {p: p.stat().st_mtime_ns for p in folder.rglob("*.parquet")}
    assert len(made) == 4

    targets = declare(project, 4, 1)
    planned = project.snakemake("--dry-run", "--workflow-profile", "none", *targets)
    new = set(re.findall(r"draws_(\d+_\d+)\.parquet", "".join(re.findall(r"output: .*", planned))))
    assert new == {"2_2", "3_3"}
    project.snakemake(*targets)
    assert {p: p.stat().st_mtime_ns for p in made} == made
    assert exhibits(project) == undisturbed(4)
