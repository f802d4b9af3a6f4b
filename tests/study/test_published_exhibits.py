"""Every table and figure with numbers in resources/published is an exhibit of its study, under its printed number."""

import re
from pathlib import Path

import pytest
import yaml
from shidian.provenance import ROOT
from shidian.study.read import read_study

STUDIES = (
    "green_innovation_cities",
    "income_gap_cities",
    "industry_clusters_counties",
    "productive_forces_provinces",
    "talent_agglomeration",
)
KINDS = {"placebo": "placebo", "twfe_weights": "twfe_weights", "psm": "psm_did", "index": "index_weights"}
"""What a text prints without a number -> the kind of exhibit that holds it."""
WORDS = {"table": "Table", "figure": "Figure"}
BEYOND = {"did": ("staggered_did", "honest_did", "comparison", "data_checks"), "level": ("comparison", "data_checks")}


def printed(study: str) -> tuple[set[str], set[str]]:
    """Return the numbers and the kinds of exhibits that the printed numbers of a study call for."""
    content = yaml.safe_load((ROOT / "resources" / "published" / f"{study}.yaml").read_text(encoding="utf-8"))
    keys = [*content, *content.get("tables", {})]
    found = [re.match(r"(table|figure)(\d+)", key) for key in keys]
    numbers = {f"{WORDS[m[1]]} {m[2]}" for m in found if m}
    if "descriptives" in content:
        numbers.add("Table 1")
    return numbers, {kind for key, kind in KINDS.items() if key in keys}


@pytest.mark.parametrize("study", STUDIES)
def test_every_printed_table_and_figure_is_an_exhibit(study: str) -> None:
    declared, _ = read_study(ROOT, study)
    numbers, kinds = printed(study)
    assert study == "talent_agglomeration" or len(numbers) > 5
    assert numbers - {str(e.get("number", "")) for e in declared.exhibits} == set()
    assert kinds - {e["kind"] for e in declared.exhibits} == set()


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_goes_beyond_the_paper(study: str) -> None:
    declared, _ = read_study(ROOT, study)
    kinds = {e["kind"] for e in declared.exhibits}
    wanted = BEYOND["level" if study == "productive_forces_provinces" else "did"]
    assert set(wanted) <= kinds
    assert any("wild_bootstrap" in e for e in declared.exhibits)


@pytest.mark.parametrize("study", STUDIES)
def test_every_compared_number_is_printed(study: str) -> None:
    """Paths to printed and planted numbers are right before any job runs."""
    declared, _ = read_study(ROOT, study)
    folder = Path("resources") / "published", Path("config") / "truth"
    published, truth = (
        yaml.load((ROOT / f / f"{study}.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader) for f in folder
    )
    for exhibit in declared.exhibits:
        for number in exhibit.get("numbers", []):
            for key, content in (("at", published), ("stars", published), ("planted", truth)):
                place = content
                for step in number[key].split(".") if key in number else []:
                    place = place[int(step)] if isinstance(place, list) else place[step]
                if key in number:
                    float(place)


def test_results_hold_no_empty_exhibit() -> None:
    """Of a finished run: each exhibit has a table with rows or a figure with data, or says why there is no number."""
    from shidian.exhibits.result import read_result
    from shidian.study.paths import result_file
    from shidian.study.plan import load_plan

    if not all((ROOT / "results" / study / "report.html").is_file() for study in STUDIES):
        pytest.skip("the five reports have not been made here: `make run`")
    plan = load_plan(ROOT)
    for study in STUDIES:
        for exhibit in plan.studies[study].exhibits:
            result = read_result(ROOT / result_file(plan, study, exhibit["id"]))
            rows = 0 if result.table is None else len(result.table.rows)
            points = 0 if result.figure is None else sum(len(frame) for frame in result.figure.data.values())
            assert rows + points > 0, f"{study}: {exhibit['id']} is empty"
            assert (result.estimates["reason"] == "").any() or result.estimates.empty, f"{study}: {exhibit['id']}"
