"""Every table and figure with numbers in resources/published is an exhibit of its study, under its printed number."""

import re
from collections.abc import Iterator

import pytest
import yaml
from shidian.code_digests import ROOT
from shidian.exhibits.result import read_result
from shidian.exhibits.truth.printed import Printed, printed_at, read_published
from shidian.report.complete import has_numbers, printed_numbers
from shidian.study.paths import pseudo_true_results, published_files, result_file
from shidian.study.plan import load_plan
from shidian.study.read import read_study

STUDIES = (
    "green_innovation_cities",
    "income_gap_cities",
    "industry_clusters_counties",
    "productive_forces_provinces",
    "talent_agglomeration",
)
OTHERS = (
    "castle_doctrine",
    "low_carbon_cities",
    "green_efficiency_real",
    "talent_agglomeration_real",
    "innovative_city_structure_real",
)
KINDS = {"placebo": "placebo", "twfe_weights": "twfe_weights", "psm": "psm_did", "index": "index_weights"}
"""What a text prints without a number -> the kind of exhibit that holds it."""
BEYOND = {"did": ("staggered_did", "honest_did", "comparison", "data_checks"), "level": ("comparison", "data_checks")}


def printed(study: str) -> tuple[set[str], set[str]]:
    """Return the numbers and the kinds of exhibits that the printed numbers of a study call for."""
    content = yaml.safe_load((ROOT / "resources" / "published" / f"{study}.yaml").read_text(encoding="utf-8"))
    keys = [*content, *content.get("tables", {})]
    return set(printed_numbers(content)), {kind for key, kind in KINDS.items() if key in keys}


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
    truth = yaml.safe_load((ROOT / "config" / "truth" / f"{study}.yaml").read_text(encoding="utf-8"))
    printed = published(study)
    for number in compared(study):
        found = printed_at(printed, number["at"]) if "at" in number else Printed("0")
        for text in (found.value, found.se or "0", found.stars or "0"):
            float(text)
        place = truth
        for step in number["planted"].split(".") if "planted" in number else []:
            place = place[step]
        assert "planted" not in number or isinstance(place, int | float)


@pytest.mark.parametrize("study", STUDIES)
def test_every_printed_coefficient_is_compared(study: str) -> None:
    """Each [coefficient, standard error, stars] of the file is one, and once."""
    paths = [number["at"] for number in compared(study) if "at" in number]
    assert len(paths) == len(set(paths))
    wanted = set(coefficients(published(study), ()))
    assert len(wanted) > 20 or study == "talent_agglomeration"
    assert sorted(wanted - set(paths)) == []


@pytest.mark.parametrize("study", STUDIES)
def test_printed_means_and_deviations_are_compared_and_not_graded(study: str) -> None:
    printed, numbers = published(study).get("descriptives", {}), compared(study)
    ours = {(n["term"], n["column"]) for n in numbers if n["exhibit"] == "descriptives" and not n["graded"]}
    assert ours == {(name, statistic) for name in printed for statistic in ("mean", "sd")}
    plan = load_plan(ROOT, "no raw workbooks")
    assert not any("descriptives" in path for path in pseudo_true_results(plan, study, "recovered"))


def compared(study: str) -> list[dict[str, str]]:
    declared, _ = read_study(ROOT, study)
    return [number for exhibit in declared.exhibits for number in exhibit.get("numbers", [])]


def published(study: str):
    return read_published(ROOT / "resources" / "published" / f"{study}.yaml")


def coefficients(place: object, path: tuple[str, ...]) -> Iterator[str]:
    """Give the paths of the [coefficient, standard error, stars] in a file of printed numbers."""
    if isinstance(place, dict):
        for key, value in place.items():
            if key != "descriptives":
                yield from coefficients(value, (*path, key))
    elif isinstance(place, list) and len(place) == 3 and re.fullmatch(r"-?\d*\.?\d+", place[0]):
        assert re.fullmatch(r"null|[0-3]", place[2]), path
        yield ".".join(path)


@pytest.mark.parametrize("study", STUDIES)
def test_the_report_is_made_only_whole(study: str) -> None:
    """The job that writes a report reads the printed numbers, so that a run without one of these exhibits fails."""
    plan = load_plan(ROOT)
    assert published_files(plan, study) == [str(ROOT / "resources" / "published" / f"{study}.yaml")]


@pytest.mark.parametrize("study", STUDIES)
def test_numbers_of_exhibits_rise_and_are_given_once(study: str) -> None:
    declared, _ = read_study(ROOT, study)
    check_order([str(e["number"]) for e in declared.exhibits])


@pytest.mark.parametrize(
    "study",
    OTHERS,
)
def test_numbers_of_the_other_studies_have_no_gap(study: str) -> None:
    declared, _ = read_study(ROOT, study)
    series = check_order([str(e["number"]) for e in declared.exhibits])
    for places in series.values():
        assert places == list(range(1, len(places) + 1))


def check_order(numbers: list[str]) -> dict[str, list[int]]:
    """Return series ("Table", "Table A", "Figure", ...) -> its places, each higher than the one before."""
    series: dict[str, list[int]] = {}
    for number in numbers:
        name, place = re.fullmatch(r"(.*?)(\d+)", number).groups()
        series.setdefault(name, []).append(int(place))
    for name, places in series.items():
        assert places == sorted(set(places)), name
    return series


@pytest.mark.parametrize("study", STUDIES)
def test_finished_results_hold_every_exhibit(study: str) -> None:
    """Of a finished run: each exhibit has a table with rows or a figure with data, a number or why there is none."""
    if not (ROOT / "results" / study / "report.html").is_file():
        pytest.skip("the report has not been made here: `make run`")
    plan = load_plan(ROOT)
    paths = {e["id"]: ROOT / result_file(plan, study, e["id"]) for e in plan.studies[study].exhibits}
    missing = [name for name, path in paths.items() if not path.is_file()]
    assert missing == [], f"{study}: exhibits of the study file without a result (`make run` after editing it)"
    results = {name: read_result(str(path)) for name, path in paths.items()}
    numbers = {str(e["number"]): e["id"] for e in plan.studies[study].exhibits}
    for number in printed(study)[0]:
        assert has_numbers(results[numbers[number]]), f"{study}: {number} holds no number"
    for name, result in results.items():
        assert (result.estimates["reason"] == "").any() or result.estimates.empty, f"{study}: {name}"
