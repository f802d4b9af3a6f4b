"""``shidian init``: a folder of one's own, in which a study starts and its workflow loads."""

import subprocess
import sys

import pytest
import yaml
from shidian.cli import main
from shidian.code_digests import ROOT

from tests.starting.test_new import towns


@pytest.mark.workflow
def test_a_project_of_ones_own(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "my paper"
    assert main(["init", str(folder)]) == 0
    assert "wrote config/config.yaml, config/corrections.yaml, Snakefile" in capsys.readouterr().out
    assert yaml.safe_load((folder / "config" / "config.yaml").read_text(encoding="utf-8"))["studies"] == []
    assert str(ROOT / "Snakefile") in (folder / "Snakefile").read_text(encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("SHIDIAN_RAW", raising=False)
    towns().to_csv(tmp_path / "towns.csv", index=False)
    assert main(["new", str(tmp_path / "towns.csv"), "--outcome", "wage"]) == 0
    assert main(["check"]) == 0
    assert "towns: 6 exhibits" in capsys.readouterr().out
    planned = subprocess.run(
        [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "rules", "--cores", "1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert planned.returncode == 0, planned.stderr
    assert "shidian_render_report" in planned.stdout + planned.stderr


def test_what_is_there_is_not_written_over(tmp_path, capsys):
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    assert main(["init", str(tmp_path)]) == 2
    assert (
        capsys.readouterr().err
        == f"error: {tmp_path}: README.md is there already; a project is begun in an empty folder\n"
    )
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "config").exists()
