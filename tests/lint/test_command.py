"""``shidian lint``: what it says of a finished panel, in both languages, and its exit codes."""

import pytest
import yaml
from shidian.cli import main

from ..coverage.test_command import project


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    project(tmp_path)
    monkeypatch.chdir(tmp_path)

    def command(*words):
        return main(list(words)), *capsys.readouterr()

    return command


def test_a_town_alone_stops_and_are_said_in_chinese(run, tmp_path):
    code, out, _ = run("lint", "my_study")
    assert code == 1
    assert out.startswith(
        "my_study: the design of 'base', before anything is estimated\n\nSTOP  treated units: 1 (town 101)\n"
    )
    assert "STOP  2 clusters (unit)" in out
    config = yaml.safe_load((tmp_path / "config" / "config.yaml").read_text(encoding="utf-8"))
    (tmp_path / "config" / "config.yaml").write_text(yaml.safe_dump(config | {"language": "zh"}), encoding="utf-8")
    out = run("lint", "my_study")[1]
    assert "停止  聚类 2 个（单元）" in out
    assert not any(word in out for word in ("STOP", "WARN", "treated units", "clusters"))


def test_what_cannot_be_looked_at_is_one_line(run, tmp_path):
    assert run("lint", "my_studi")[::2] == (
        2,
        "error: there is no config/studies/my_studi.yaml (did you mean 'my_study'?)\n",
    )
    (tmp_path / "results" / "my_study" / "panel.parquet").unlink()
    code, _, said = run("lint", "my_study")
    assert code == 1
    assert "panel.parquet is not there: `snakemake --cores N results/my_study/panel.parquet` builds it" in said
