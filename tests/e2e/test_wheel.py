"""The wheel holds what a run needs, and runs in an environment and a folder without the clone."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shidian.code_digests import ROOT

CASTLE = ("config/studies/castle_doctrine.yaml", "config/sources/castle_causaldata.yaml")


def test_all_that_the_package_reads_of_the_project_is_in_the_wheel():
    hook = (ROOT / "workflow" / "wheel_files.py").read_text(encoding="utf-8")
    (parts,) = (ast.literal_eval(n.value) for n in ast.parse(hook).body if isinstance(n, ast.Assign))
    assert {"workflow", "config", "envs", "Snakefile", "pyproject.toml", "uv.lock"} <= set(parts)
    assert all((ROOT / part).exists() for part in parts)
    tables = {f"resources/{path.name}" for path in (ROOT / "resources").iterdir()}
    assert tables - set(parts) <= {"resources/raw"}, "raw files of a user's are never in a wheel"
    assert (ROOT / "workflow" / "shidian.pth").read_text(encoding="utf-8").strip() == "shidian_project/workflow"


def test_an_editable_installation_is_the_clone_alone():
    """No copy beside it, in which a module that was renamed would still be found."""
    assert [p for p in sys.path if Path(p).name == "workflow" and Path(p).resolve() != ROOT / "workflow"] == []


@pytest.mark.slow
def test_castle_doctrine_runs_from_a_wheel_in_an_empty_environment(tmp_path):
    uv = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
    if not Path(uv).exists():
        pytest.skip("no uv to build the wheel with")

    def do(*command: str, cwd: Path = tmp_path) -> str:
        env = {name: text for name, text in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    do(uv, "build", "--wheel", "-q", "-o", str(tmp_path / "dist"), str(ROOT))
    do(uv, "venv", "-q", "--python", sys.executable, str(tmp_path / "env"))
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    python, shidian = (str(tmp_path / "env" / "bin" / name) for name in ("python", "shidian"))
    do(uv, "pip", "install", "-q", "--python", python, str(wheel))
    assert str(ROOT) not in do(python, "-c", "import shidian; print(shidian.__file__)")
    do(shidian, "init", "paper")
    paper = tmp_path / "paper"
    for name in CASTLE:
        (paper / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, paper / name)
    config = (paper / "config" / "config.yaml").read_text(encoding="utf-8")
    (paper / "config" / "config.yaml").write_text(config.replace("studies: []", "studies: [castle_doctrine]"))
    do(shidian, "run", "--cores", "2", cwd=paper)
    estimates = json.loads((paper / "results/castle_doctrine/estimates/twfe.json").read_text(encoding="utf-8"))
    values = estimates["estimates"]["values"]
    assert (round(values["estimate"][0], 7), round(values["se"][0], 7)) == (0.0693984, 0.0558596)  # as published
    assert "everything is up to date" in do(shidian, "status", cwd=paper)
