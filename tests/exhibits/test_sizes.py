"""Published means beside the panel's: what is ten times as large, or a tenth, is named before the estimates."""

import pandas as pd
import pytest
from shidian.estimates import normalise
from shidian.exhibits.data.data_checks.estimate import run as summarise
from shidian.exhibits.result import ExhibitResult, StudyInfo
from shidian.exhibits.truth.comparison.estimate import run
from shidian.exhibits.truth.sizes import as_findings, sizes_apart
from shidian.panel.checks import CHECK_COLUMNS
from shidian.report.words import in_words

INFO = StudyInfo("s", "city", "did", {"talents": "Talents"}, seed=1)
PUBLISHED = {"source": "A study.", "d": {"talents": ["0.0273", "0.0157"], "gov": ["0.2291", "0.2845"]}}


def described(exhibit="table1", **variables):
    rows = [
        {"study": "s", "exhibit": exhibit, "column": column, "term": name, "estimate": value, "n_obs": 10}
        for name, values in variables.items()
        for column, value in zip(("mean", "sd"), values, strict=True)
    ]
    return {exhibit: ExhibitResult(normalise(pd.DataFrame(rows)))}


def numbers(*variables, statistics=("mean", "sd")):
    return [
        {"what": f"{v}, {s}", "at": f"d.{v}.{n}", "exhibit": "table1", "column": s, "term": v}
        for v in variables
        for n, s in enumerate(statistics)
    ]


def apart(published, ours, statistics=("mean", "sd")):
    return sizes_apart(described(v=ours), {"d": {"v": list(published)}}, numbers("v", statistics=statistics))


def test_the_slip_of_the_real_panel_is_named_with_its_factor():
    found = run(
        described(talents=(2.9e-06, 1.6e-06), gov=(0.2, 0.3)), PUBLISHED,
        {"id": "c", "numbers": numbers("gov", "talents")}, INFO,
    )  # fmt: skip
    assert found.warnings == (
        "Talents: its mean is 2.9e-06, the published one 0.0273: 1/9,414 of it; compare the units of measure of its "
        "series (shidian check --variables)",
        "4 published numbers are not reproduced.",
    )
    assert (
        in_words(found, "zh").warnings[0].startswith("Talents：其均值为 2.9e-06，论文为 0.0273：为其 1/9,414；请核对")
    )


@pytest.mark.parametrize(
    ("published", "ours", "factor"),
    [
        (("0.5", "0.2"), (5.0, 2.0), 10.0),
        (("0.5", "0.2"), (4.99, 2.0), None),
        (("0.5", "0.2"), (0.05, 0.02), 0.1),
        (("0.5", "0.2"), (0.0501, 0.02), None),
        (("-0.5", "0.2"), (50.0, 20.0), 100.0),
        (("0.001", "0.2"), (0.03, 0.21), None),  # a mean of about zero says nothing: the deviations are alike
        (("0.001", "0.2"), (0.001, 20.0), 100.0),
        (("0", "0"), (3.0, 1.0), None),
        (("0.5", "0.2"), (float("nan"), float("nan")), None),
    ],
)
def test_ten_times_or_a_tenth_of_a_mean_that_is_no_zero(published, ours, factor):
    found = apart(published, ours)
    assert [round(size.factor, 6) for size in found] == ([factor] if factor else [])


def test_a_mean_alone_is_enough_and_a_zero_of_ours_is_named():
    (size,) = apart(("0.5",), (0.0, 0.0), statistics=("mean",))
    assert size.said("V") == "V: its mean is 0, the published one 0.5"


def test_a_mean_of_draws_is_no_size_of_a_variable():
    placebo = described("placebo", v=(0.5, 0.2))
    placebo["placebo"].estimates.loc[0, "column"] = "p"
    given = [{**number, "exhibit": "placebo"} for number in numbers("v")]
    assert sizes_apart(placebo, {"d": {"v": ["0.001", "0.02"]}}, given) == ()


def test_data_checks_name_it_first_and_are_as_before_without_it():
    none = pd.DataFrame(columns=list(CHECK_COLUMNS))
    spec = {"id": "checks", "kind": "data_checks", "examples": 2}
    sizes = as_findings(apart(("0.5", "0.2"), (5000.0, 2.0)), {"v": "Value"})
    found = summarise(none, spec, INFO, sizes)
    (row,) = found.table.rows
    assert (row.label, row.cells[0].text, row.cells[1].text) == ("v", "published size", "1")
    assert row.cells[3].text.startswith("Value: its mean is 5000, the published one 0.5: 10,000 times as large")
    assert found.warnings == (row.cells[3].text,)
    place = found.estimates.set_index(["column", "term"])["estimate"]
    assert place[row.cells[1].ref[:2]] == 1.0
    chinese = in_words(found, "zh").table.rows[0]
    assert chinese.cells[0].text == "与论文量级比较"
    assert "论文为 0.5：为其 10,000 倍" in chinese.cells[3].text
    assert summarise(none, spec, INFO).to_json() == summarise(none, spec, INFO, sizes.iloc[:0]).to_json()
