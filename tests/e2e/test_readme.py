"""The README's walk-through, followed word by word by a user with a CSV of his own."""

import re
import textwrap

import pytest

from tests.study.own_data import rows
from tests.workflow.project import ROOT, Project

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """A project in which the README's source file and study file were saved, beside the CSV that it supposes."""
    project = Project(tmp_path_factory.mktemp("readme") / "project", studies=("town_wages",))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    source, study = (textwrap.dedent(b) for b in re.findall(r"^   ```yaml\n(.*?)^   ```", text, re.S | re.M))
    (project.folder / "config" / "sources" / "towns.yaml").write_text(source, encoding="utf-8")
    (project.folder / "config" / "studies" / "town_wages.yaml").write_text(study, encoding="utf-8")
    lines = ["code,town,year,wage,people,policy", *(",".join(map(str, row)) for row in rows())]
    project.raw.mkdir(parents=True)
    (project.raw / "towns.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    project.snakemake()
    return project


def test_a_report_stands_without_touching_code(followed):
    results = followed.folder / "results" / "town_wages"
    assert {"report.html", "report.pdf", "report.docx", "panel.parquet", "ledger.csv"} <= {
        p.name for p in results.iterdir()
    }
    exhibits = {p.name for p in (results / "exhibits").iterdir()}
    for exhibit in ("descriptives", "baseline", "event_study", "placebo"):
        assert {f"{exhibit}.{end}" for end in ("csv", "tex", "docx", "xlsx")} <= exhibits
    assert {"event_study.png", "event_study.pdf", "placebo.png", "placebo.pdf"} <= exhibits
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "Does the policy raise wages?" in page
    assert "Standard errors" in page


def test_the_estimate_is_near_the_truth_that_was_planted(followed):
    import pandas as pd

    table = pd.read_csv(followed.folder / "results/town_wages/exhibits/baseline_estimates.csv", encoding="utf-8-sig")
    did = table[(table["term"] == "did") & (table["column"] == "(2)")].iloc[0]
    assert abs(did["estimate"] - 0.2) < 4 * did["se"]
    assert (did["n_obs"], did["n_clusters"], did["df"]) == (96, 12, 11)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("config/studies/town_wages.yaml", "outcome: ln_wage", "outcome: ln_wagge", "did you mean 'ln_wage'?"),
        ("config/sources/towns.yaml", "header: wage,", "header: wages,", "'wages'"),
        ("resources/raw/towns.csv", "101,Town 1,2003", "101,Town 1,2002", "2002"),
        ("resources/raw/towns.csv", "102,Town 2,2004,", "102,Town 2,2004,n.a.", "n.a."),
    ],
)
def test_a_mistake_stops_the_run_with_one_clear_message(followed, file, old, new, words):
    path = followed.folder / file
    kept = path.read_text(encoding="utf-8")
    report = followed.folder / "results" / "town_wages" / "report.html"
    before = report.read_bytes()
    followed.edit(file, old, new)
    printed = followed.snakemake(check=False)
    path.write_text(kept, encoding="utf-8")
    assert words in printed
    assert "Traceback" not in printed
    assert not report.exists() or report.read_bytes() == before
