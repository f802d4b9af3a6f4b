"""Published against reproduced: digits, standard errors, refused estimates, misspelt names, dotted keys, no number."""

import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.estimates import missing, normalise
from shidian.exhibits.result import Cell, ExhibitResult, Row, StudyInfo, Table
from shidian.exhibits.truth.comparison.estimate import run
from shidian.exhibits.truth.printed import Printed, printed_at
from shidian.report.words import in_words

from tests.report.chinese import english_left

INFO = StudyInfo("s", "city", "did", {}, seed=1)
PUBLISHED = {
    "source": "A study.",
    "t": {"c1": {"did": ["0.25", "0.10", "3"], "n": "120"}, "regimes": {"below_3.420": ["-4.866", "null", "null"]}},
    "moments": ["1", "2"],
}
DID = {"what": "did", "at": "t.c1.did", "exhibit": "m", "column": "(1)", "term": "did"}
WHY = "no treated unit is left"


def result(*more: pd.DataFrame) -> ExhibitResult:
    row = {
        "study": "s", "exhibit": "m", "column": "(1)", "term": "did", "estimate": 0.2481, "se": 0.1302, "p": 0.06,
        "ci_low": -0.01, "ci_high": 0.5, "n_obs": 118, "reason": "",
    }  # fmt: skip
    table = Table(((("", 1), ("x", 1)),), (Row("x", (Cell(""),)),))
    return ExhibitResult(pd.concat([normalise(pd.DataFrame([row])), *more], ignore_index=True), table)


def compared(*numbers, more=(), **spec) -> ExhibitResult:
    return run({"m": result(*more)}, PUBLISHED, {"id": "r", "kind": "comparison", "numbers": numbers, **spec}, INFO)


def texts(found: ExhibitResult) -> list[list[str]]:
    return [[row.label, *(cell.text for cell in row.cells)] for row in found.table.rows]


def test_a_coefficient_is_compared_with_its_standard_error_and_its_stars():
    n = {**DID, "what": "N", "at": "t.c1.n", "field": "n_obs"}
    found = compared({**DID, "group": "Table 2"}, n, verdicts=True)
    assert texts(found) == [
        ["Table 2", *[""] * 9],
        ["did", "0.25", "0.25", "-1.9e-03", "yes", "-0.01", "yes", "NO", "yes", "comes back"],
        ["standard error", "0.10", "0.13", "3.0e-02", "NO", *[""] * 5],
        ["N", "120", "118", "-2.0e+00", "NO", *[""] * 5],
    ]
    assert found.table.rows[2].cells[1].ref == ("m: (1)", "did", "se")
    assert found.notes[0] == "1 of 3 published numbers are reproduced to the printed digits."
    assert found.warnings == ("2 published numbers are not reproduced.",)


@pytest.mark.parametrize(
    ("refused", "number"),
    [
        (missing("s", "m", "", "did", WHY), {"column": "(2)"}),  # the whole exhibit, or the column, was refused
        (missing("s", "m", "(2)", "x", WHY), {"column": "(2) first stage"}),
        (missing("s", "m", "(2)", "did", WHY), {"column": "(2)"}),
        (missing("s", "m", "(2)", "did", WHY), {"column": "(2)", "term": "fin"}),
    ],
)
def test_a_refused_estimate_is_a_dash_and_its_reason_a_note(refused, number):
    found = compared(DID, {**DID, "what": "second", **number}, more=[refused])
    assert texts(found)[2:] == [["second", "0.25", "—", "", "—"], ["standard error", "0.10", "—", "", "—"]]
    cell = found.table.rows[2].cells[1]
    place = found.estimates.set_index(["column", "term"])
    assert place.loc[cell.ref[:2], cell.ref[2]] == WHY
    assert f"No estimate of 'second': {WHY}." in found.notes
    assert found.notes[0].startswith("1 of 4 ")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ({"column": "(11)"}, r"exhibit 'm' has no column '\(11\)'.*\(1\)"),
        ({"term": "dit"}, "has no term 'dit'.*did"),
        ({"field": "ses"}, "no field 'ses'.*se"),
        ({"field": "r2"}, r"'did' of column '\(1\)' has no r2"),
        ({"at": "t.c2.did"}, "nothing at 't.c2.did': no 'c2'.*c1"),
        ({"at": "t.c1"}, "neither one number nor a coefficient"),
        ({"at": "moments"}, "neither one number nor a coefficient"),
    ],
)
def test_what_is_misspelt_is_named(number, words):
    with pytest.raises(EstimationError, match=words):
        compared({**DID, **number})


def test_a_misspelt_term_is_named_also_where_another_column_was_refused():
    with pytest.raises(EstimationError, match="has no term 'dit'"):
        compared({**DID, "term": "dit"}, more=[missing("s", "m", "(2)", "did", WHY)])


def test_a_key_may_hold_dots():
    assert printed_at(PUBLISHED, "t.regimes.below_3.420") == Printed("-4.866")
    assert printed_at(PUBLISHED, "t.regimes.below_3.420.0") == Printed("-4.866")
    assert printed_at(PUBLISHED, "t.c1.did") == Printed("0.25", "0.10", "3")
    with pytest.raises(EstimationError, match=r"no 'below_3'.*below_3\.420"):
        printed_at(PUBLISHED, "t.regimes.below_3.42")


def test_where_the_text_prints_no_number_ours_stand_alone():
    own = {key: value for key, value in DID.items() if key != "at"}
    found = compared(own, {**own, "what": "West", "column": "West"}, more=[missing("s", "m", "West", "did", WHY)])
    assert texts(found) == [["did", "0.2481", "0.1302", "[-0.0100, 0.5000]"], ["West", "—", "—", "—"]]
    assert found.notes == (
        "None of these numbers is printed in the text at hand: A study.", f"No estimate of 'West': {WHY}.",
    )  # fmt: skip
    assert found.warnings == ()


def test_a_comparison_is_chinese_in_a_chinese_report():
    own = {key: value for key, value in DID.items() if key != "at"}
    refused = missing("s", "m", "(2)", "did", WHY)
    found = compared(DID, {**DID, "what": "second", "column": "(2)"}, more=[refused], verdicts=True)
    alone = compared(own, {**own, "column": "(2)"}, more=[refused])
    for one in (found, alone):
        assert english_left(one, ["A study.", WHY]) == []
    chinese = in_words(found, "zh")
    assert texts(chinese)[1] == ["标准误", "0.10", "0.13", "3.0e-02", "否", *[""] * 5]
    assert chinese.notes[0] == "4 个原文数字中有 1 个复现至所印位数。"


def test_conclusions_without_a_coefficient_say_how_many_estimates_keep_to_them():
    more = [
        normalise(pd.DataFrame([{"study": "s", "exhibit": "m", "column": "(2)", "reason": "", **row}]))
        for row in (
            {"term": "tau-2", "estimate": 0.1, "p": 0.2}, {"term": "tau-1", "estimate": -12.0, "p": 0.04},
            {"term": "tau+0", "estimate": 2.0, "p": 0.001}, {"term": "tau+1", "estimate": 3.0, "p": 0.001},
            {"term": "[x]", "estimate": 3.0}, {"term": "none", "estimate": float("nan"), "reason": WHY},
        )
    ]  # fmt: skip
    cases = [
        ("none before", ["tau-*"], ["p > 0.1"], "p > 0.1", "1 of 2", "does not come back"),
        ("more and more", ["tau+*"], ["estimate > 0", "rising"], "> 0, rising", "2 of 2", "comes back"),
        ("less and less", ["tau+*"], ["falling"], "falling", "1 of 2", "does not come back"),
        ("small", ["tau-*"], ["|estimate| < 10"], "size < 10", "1 of 2", "does not come back"),
        ("named", ["[x]"], ["estimate >= 3"], "≥ 3", "1 of 1", "comes back"),
        ("refused", ["none"], ["estimate > 0"], "> 0", "—", ""),
    ]
    said = [
        {"group": "Figure 1", "what": what, "exhibit": "m", "columns": ["(2)"], "terms": terms, "holds": holds}
        for what, terms, holds, *_ in cases
    ]
    found = compared(DID, more=more, verdicts=True, conclusions=said)
    assert [[row[0], row[1], row[2], row[-1]] for row in texts(found)[3:]] == [
        [what, shown, count, verdict] for what, _, _, shown, count, verdict in cases
    ]
    assert "Conclusions that the paper prints no coefficient for: 2 of 5 come back." in found.notes
    assert "Not: Figure 1: none before; Figure 1: less and less; Figure 1: small." in found.notes
    assert (
        english_left(found, ["A study.", WHY, "none before", "more and more", "less and less", "small", "named"]) == []
    )
    for change, words in (
        ({"terms": ["tau-9"]}, "has no term 'tau-9'"), ({"columns": ["(3)"]}, r"has no column '\(3\)'"),
        ({"holds": ["size > 0"]}, "'size > 0' is no condition"),
    ):  # fmt: skip
        with pytest.raises(EstimationError, match=words):
            compared(DID, more=more, verdicts=True, conclusions=[{**said[0], **change}])
