"""Planted beside recovered: what has no pseudo-true value says why, what the paper does not print has no column."""

import pandas as pd
import pytest
from shidian.estimates import missing, normalise
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.truth.printed import PSEUDO_TRUE
from shidian.exhibits.truth.recovery import run
from shidian.report.words import in_words

from tests.report.chinese import english_left

INFO = StudyInfo("s", "city", "did", {}, seed=1, simulated=True)
TRUTH = {"planted": 0.3}
PUBLISHED = {"source": "A study.", "table": {"did": "0.28"}}
NUMBER = {"what": "First step", "exhibit": "m", "column": "m: mediator", "term": "did", "field": "estimate"}
DIRECT = NUMBER | {"what": "Second step", "column": "m: direct", "term": "m"}
WHY = "'m' cannot be estimated: collinear with did"


def result(*rows, more=()):
    frame = pd.DataFrame([
        {"study": "s", "exhibit": "m", "column": column, "term": term, "estimate": value, "se": 0.1,
         "ci_low": value - 0.2, "ci_high": value + 0.2, "reason": ""} for column, term, value in rows
    ])  # fmt: skip
    table = Table(((("", 1), ("x", 1)),), (Row("x", (Cell(""),)),))
    return ExhibitResult(pd.concat([normalise(frame), *more], ignore_index=True), table)


def recovered(*numbers):
    ours = {"m": result(("m: mediator", "did", 0.25), ("m: direct", "m", 0.9))}
    true = {"m": result(("m: mediator", "did", 0.31), more=[missing("s", "m", "m: direct", "m", WHY)])}
    spec = {"id": "r", "kind": "comparison", "numbers": list(numbers)}
    return run(ours, true, TRUTH, PUBLISHED, spec, INFO)


def test_a_number_without_pseudo_true_value_says_why_in_the_note():
    found = recovered(NUMBER | {"planted": "planted", "at": "table.did"}, DIRECT)
    first, direct = ([cell.text for cell in row.cells] for row in found.table.rows)
    assert first == ["0.3000", "0.3100", "0.2500", "0.1000", "[0.0500, 0.4500]", "yes", "0.28", ""]
    assert direct[1:3] == ["—", "0.9000"]
    assert f"No pseudo-true value of 'Second step': without disturbances {WHY}." in found.notes
    assert "1 of 1 intervals hold" in " ".join(found.notes)
    rows = found.estimates.set_index(["column", "term"])
    assert rows.loc[(f"m: m: direct{PSEUDO_TRUE}", "m"), "reason"] == WHY
    assert rows.loc[(f"m: m: mediator{PSEUDO_TRUE}", "did"), "estimate"] == pytest.approx(0.31)


def test_what_is_no_estimate_of_the_planted_process_is_not_graded():
    moments = NUMBER | {"what": "Mean", "exhibit": "descriptives", "column": "mean", "graded": False}
    found = recovered(NUMBER, moments, NUMBER | {"what": "N", "field": "n_obs"})
    assert [row.label for row in found.table.rows] == ["First step"]


def test_numbers_that_no_text_prints_have_no_column_for_them():
    found = recovered(NUMBER)
    assert [text for text, _ in found.table.header[0]][-1] == "Holds pseudo-true"
    assert len(found.table.rows[0].cells) == 6
    assert found.notes[-1] == "None of these numbers is printed in the text at hand: A study."


def test_a_refused_estimate_is_a_dash_and_numbers_stand_under_their_groups():
    ours = {"m": result(("m: mediator", "did", 0.25), more=[missing("s", "m", "m: direct", "m", WHY)])}
    true = {"m": result(("m: mediator", "did", 0.31), ("m: direct", "m", 0.9))}
    spec = {"id": "r", "kind": "comparison", "numbers": [NUMBER | {"group": "Table 7"}, DIRECT | {"group": "Table 8"}]}
    found = run(ours, true, TRUTH, PUBLISHED, spec, INFO)
    assert [row.label for row in found.table.rows] == ["Table 7", "First step", "Table 8", "Second step"]
    cells = found.table.rows[3].cells
    assert [cell.text for cell in cells] == ["", "0.9000", "—", "—", "—", "—"]
    assert cells[2].ref == ("m: m: direct", "m", "reason")
    assert f"No estimate of 'Second step': {WHY}." in found.notes


def test_a_recovery_is_chinese_in_a_chinese_report():
    own = ["A study.", WHY, "First step", "Second step"]
    for found in (recovered(NUMBER | {"at": "table.did"}, DIRECT), recovered(NUMBER, DIRECT)):
        assert english_left(found, own) == []
    outside = {"m": result(("m: mediator", "did", 0.9))}
    far = run(
        outside, {"m": result(("m: mediator", "did", 0.3))}, TRUTH, PUBLISHED, {"id": "r", "numbers": [NUMBER]}, INFO
    )
    assert in_words(far, "zh").table.rows[0].cells[5].text == "否"


def test_a_number_may_be_graded_on_the_truth_of_another():
    ours = {"m": result(("m: mediator", "did", 0.25)), "s": result(("Corrected", "did", 0.28))}
    true = {"m": result(("m: mediator", "did", 0.31))}
    second = {**NUMBER, "what": "Second stage", "exhibit": "s", "column": "Corrected",
              "truth_of": {"exhibit": "m", "column": "m: mediator"}}  # fmt: skip
    found = run(ours, true, TRUTH, PUBLISHED, {"id": "r", "kind": "comparison", "numbers": [NUMBER, second]}, INFO)
    assert [cell.text for cell in found.table.rows[1].cells][1:3] == ["0.3100", "0.2800"]
    assert found.used[f"m: m: mediator{PSEUDO_TRUE}"].noise_free
    assert found.warnings == ()


def test_more_intervals_outside_than_chance_gives_are_a_warning():
    numbers = [NUMBER | {"what": f"Number {i}", "column": f"({i})"} for i in range(6)]
    ours = {"m": result(*((f"({i})", "did", 0.25 + 0.3 * (i < 3)) for i in range(6)))}
    true = {"m": result(*((f"({i})", "did", 0.25) for i in range(6)))}
    found = run(ours, true, TRUTH, PUBLISHED, {"id": "r", "kind": "comparison", "numbers": numbers}, INFO)
    (said,) = found.warnings
    assert "only 3 of 6 95% intervals hold the pseudo-true value; those of Number 0, Number 1, Number 2 do not" in said
