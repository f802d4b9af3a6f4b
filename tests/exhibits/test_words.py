"""Words and digits of a note and of a table."""

import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.exhibits.data.descriptives import estimate as descriptives
from shidian.exhibits.notes import by_column
from shidian.exhibits.regression_table import Style
from shidian.exhibits.result import StudyInfo
from shidian.exhibits.subsample import subsample
from shidian.messages import counted
from shidian.report.catalogue import in_language

SAMPLE = "Sample: {} rows of {} counties; {} singleton rows dropped; no rows left out for missing values."


def test_sentences_that_all_columns_share_stand_alone():
    shared, own = "County fixed effects.", "Rows restricted to: Region = 1."
    assert by_column([("(1)", shared), ("(2)", shared), ("(2)", own)]) == [shared, f"Column (2): {own}"]


def test_counts_of_columns_stand_in_turn_in_one_sentence():
    sentences = [("(1)", SAMPLE.format(10800, 1200, "no")), ("(2)", SAMPLE.format(783, 87, 5))]
    turned = "Sample, columns in turn: 10800, 783 rows of 1200, 87 counties; no, 5 singleton rows dropped; no rows left"
    (one,) = by_column(sentences)
    assert one.startswith(turned)
    assert by_column([*sentences, ("(3)", "Not estimated: no row.")])[0].startswith(f"Columns (1), (2): {turned}")
    assert by_column([("(1)", SAMPLE.format(9, 3, 1)), ("(2)", SAMPLE.format(9, 3, 1))]) == [SAMPLE.format(9, 3, 1)]


def test_other_sentences_that_differ_in_a_number_name_their_column():
    rows = [("(1)", "Rows restricted to: Region = 1."), ("(2)", "Rows restricted to: Region = 2.")]
    assert by_column(rows) == [f"Column {label}: {sentence}" for label, sentence in rows]


@pytest.mark.parametrize(
    ("value", "digits", "zero"),
    [
        (0.0343, "0.034", "0.034"),
        (0.00043, "0.00043", "0.000"),
        (-1.8e-05, "-1.8e-05", "-0.000"),
        (-0.0, "0.000", "0.000"),
        (0.0, "0.000", "0.000"),
    ],
)
def test_a_number_that_would_round_to_zero(value, digits, zero):
    assert Style(3).number(value) == digits
    assert Style.of({"digits": 3, "tiny": "zero"}).number(value) == zero


def test_words_of_a_subsample_carry_labels():
    panel = pd.DataFrame({"unit": ["a", "b"], "year": [2020, 2020], "loans": [1e6, 3e6], "area": [1, 2]})
    labels = {"loans": "Outstanding loans", "area": "Region"}
    _, words = subsample(panel, {"median": {"variable": "loans", "side": "high"}}, labels.__getitem__)
    assert words == "Outstanding loans above its median over rows (2,000,000)"
    _, words = subsample(panel, {"keep": {"area": [1, 2]}}, labels.__getitem__)
    assert words == "Region = 1 or 2"


def test_descriptives_stand_in_groups_with_definitions():
    panel = pd.DataFrame({"unit": ["a", "b", "c"], "year": 2020, "y": [1.0, 2.0, 3.0], "x": [1e5, 2e5, 6e5]})
    info = StudyInfo("demo", "county", "x", labels={"y": "Gap", "x": "Loans"})
    spec = {
        "id": "t1", "kind": "descriptives", "variables": ["x", "y"], "statistics": ["n", "mean"],
        "groups": [{"heading": "Explained", "variables": ["y"]}, {"heading": "Controls", "variables": ["x"]}],
        "definitions": {"y": "Theil index"},
    }  # fmt: skip
    table = descriptives.run(panel, spec, info).table
    assert table.header == ((("Variable", 1), ("Definition", 1), ("N", 1), ("Mean", 1)),)
    printed = [(row.label, *(cell.text for cell in row.cells)) for row in table.rows]
    assert printed == [
        ("Explained", "", "", ""), ("Gap", "Theil index", "3", "2.0000"),
        ("Controls", "", "", ""), ("Loans", "", "3", "300,000"),
    ]  # fmt: skip
    with pytest.raises(EstimationError, match="each variable must stand in one group"):
        descriptives.run(panel, {**spec, "groups": spec["groups"][:1]}, info)


def test_extremes_of_whole_numbers_are_whole():
    panel = pd.DataFrame({"unit": ["a", "b", "c"], "year": 2020, "d": [0.0, 1.0, 1.0], "s": [0.0, 0.5, 2000.5],
                          "p": [727.0, 80000.0, float("nan")]})  # fmt: skip
    spec = {"id": "t1", "kind": "descriptives", "variables": ["d", "s", "p"], "digits": 2,
            "statistics": ["mean", "min", "max"]}  # fmt: skip
    table = descriptives.run(panel, spec, StudyInfo("demo", "city", "d")).table
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["0.67", "0", "1"], ["667", "0", "2,000"], ["40,364", "727", "80,000"],
    ]  # fmt: skip


def test_the_coefficient_of_variation_is_the_deviation_over_the_mean_or_a_dash():
    panel = pd.DataFrame({"unit": ["a", "b", "c"], "year": 2020, "y": [1.0, 2.0, 6.0], "z": [-1.0, 2.0, 6.0]})
    spec = {"id": "t1", "kind": "descriptives", "variables": ["y", "z"], "statistics": ["mean", "cv"], "digits": 4}
    result = descriptives.run(panel, spec, StudyInfo("demo", "city", "y"))
    assert [[cell.text for cell in row.cells] for row in result.table.rows] == [["3.0000", "0.8819"], ["2.3333", "—"]]
    gone = result.estimates[result.estimates["estimate"].isna()]
    assert gone["reason"].tolist() == ["a coefficient of variation wants values of zero or more, and a mean above zero"]
    assert "CV = SD / mean." in result.notes
    assert [in_language(text, "zh") for text in ("CV", "CV = SD / mean.")] == ["变异系数", "变异系数 = 标准差 / 均值。"]


@pytest.mark.parametrize(
    ("count", "word", "printed"),
    [
        (1, "city", "1 city"),
        (3, "city", "3 cities"),
        (2, "day", "2 days"),
        (294, "城市", "294 城市"),
        (1, "县", "1 县"),
    ],
)
def test_units_are_counted(count, word, printed):
    assert counted(count, word) == printed
