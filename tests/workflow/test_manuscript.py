"""A manuscript and a finished run, by the commands an author types."""

import subprocess
import sys

import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

TEXT = """# Results

The law raises homicides by {{twfe:(1):post:%:.1f}} (s.e. {{twfe:(1):post:se}}, N = {{twfe:(1):post:n}}).

{{table:twfe}}

{{figure:event_study}}
"""


@pytest.fixture
def shidian(finished):
    def run(*arguments, language="en"):
        config = finished.folder / "config" / "config.yaml"
        kept = config.read_text(encoding="utf-8")
        config.write_text(f"{kept}language: {language}\n", encoding="utf-8")
        try:
            return subprocess.run(
                [sys.executable, "-m", "shidian.cli", *map(str, arguments)], cwd=finished.folder,
                env=finished.environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
        finally:
            config.write_text(kept, encoding="utf-8")

    return run


def test_a_manuscript_is_filled_and_every_number_in_it_is_supported(shidian, tmp_path):
    paper = tmp_path / "paper.md"
    paper.write_text(TEXT, encoding="utf-8")
    done = shidian("export", "castle_doctrine", "--to", paper)
    assert done.returncode == 0, done.stderr
    text = paper.read_text(encoding="utf-8")
    assert ">6.9%<" in text
    assert ">0.0559<" in text
    assert (tmp_path / "paper_figures" / "event_study.png").exists()
    checked = shidian("check-draft", paper, "castle_doctrine")
    assert checked.returncode == 0, checked.stdout
    assert " 0 unsupported" in checked.stdout
    paper.write_text(text + "\nIn all 0.0649.\n", encoding="utf-8")
    checked = shidian("check-draft", paper, "castle_doctrine")
    assert checked.returncode == 1
    assert "0.0649: no estimate supports it; nearest" in checked.stdout


def test_what_is_said_in_chinese(shidian, tmp_path):
    paper = tmp_path / "paper.md"
    paper.write_text("{{twfe:(1):past}}，上升0.0649。\n", encoding="utf-8")
    refused = shidian("export", "castle_doctrine", "--to", paper, "--as-they-are", language="zh")
    assert refused.returncode == 1
    assert "第 1 行，{{twfe:(1):past}}：图表“twfe”的列“(1)”没有项“past”" in refused.stderr
    assert "没有写入任何内容" in refused.stderr
    checked = shidian("check-draft", paper, "castle_doctrine", language="zh")
    assert "第 1 行：0.0649：没有估计值支持；最接近的是" in checked.stdout


def test_results_that_were_edited_or_are_stale_give_no_number(finished, shidian, tmp_path):
    paper = tmp_path / "paper.md"
    paper.write_text(TEXT, encoding="utf-8")
    study = finished.folder / "config" / "studies" / "castle_doctrine.yaml"
    kept = study.read_text(encoding="utf-8")
    study.write_text(kept.replace("seed: ", "seed: 1"), encoding="utf-8")
    stale = shidian("export", "castle_doctrine", "--to", paper)
    study.write_text(kept, encoding="utf-8")
    assert "results of 'castle_doctrine' are stale" in stale.stderr
    assert len(stale.stderr.splitlines()) == 1
    result = finished.folder / "results" / "castle_doctrine" / "estimates" / "twfe.json"
    content = result.read_bytes()
    result.write_bytes(content.replace(b"0.0694", b"0.0794"))
    edited = shidian("export", "castle_doctrine", "--to", paper, "--as-they-are")
    result.write_bytes(content)
    assert "twfe.json is not what its job wrote" in edited.stderr
    assert paper.read_text(encoding="utf-8") == TEXT
