"""Mistakes in data and options: a clear error or a stored status, never a wrong score."""

import numpy as np
import pandas as pd
import pytest
from shidian.efficiency import clean, super_sbm
from shidian.errors import EstimationError

from tests.efficiency.technologies import TONE_2003, random_technology

PANEL = pd.DataFrame({
    "city": ["110000", "120000", "130000", "140000"] * 2, "year": [2010] * 4 + [2011] * 4,
    "capital": [1.0, 2, 3, 4, 2, 3, 4, 5], "gdp": [2.0, 3, 3, 5, 3, 4, 6, 6], "so2": [1.0, 2, 2, 1, 1, 1, 2, 3],
})  # fmt: skip
COLUMNS = {"unit": "city", "year": "year"}


def run(frame=PANEL, inputs=("capital",), desirable=("gdp",), undesirable=("so2",), **options):
    return super_sbm(list(inputs), list(desirable), list(undesirable), data=frame, **{**COLUMNS, **options})


@pytest.mark.parametrize(("value", "word"), [(0.0, "0"), (-3.0, "-3"), (np.nan, "missing"), (np.inf, "inf")])
def test_values_that_are_not_positive_name_unit_year_and_variable(value, word):
    frame = PANEL.copy()
    frame.loc[5, "so2"] = value
    with pytest.raises(EstimationError, match=rf"1 are not: unit 120000, year 2011, so2: {word}\."):
        run(frame)


def test_many_bad_values_are_counted():
    frame = PANEL.assign(gdp=0.0)
    with pytest.raises(EstimationError, match=r"8 are not: .* and 3 more\. Correct them, or declare a rule"):
        run(frame)


def test_fewer_units_than_variables():
    with pytest.raises(EstimationError, match="frontier 2010 has 2 units for 3 variables"):
        run(PANEL[PANEL["city"] < "130000"])
    assert len(run(PANEL[PANEL["city"] < "130000"], frontier="global").score) == 4


def test_duplicated_unit_years_are_refused_and_duplicated_units_are_not_super_efficient():
    with pytest.raises(EstimationError, match="unit 110000, year 2010 is there more than once"):
        run(pd.concat([PANEL, PANEL.iloc[:1]]))
    twin = pd.concat([TONE_2003, TONE_2003.query("unit == 'D'").assign(unit="D2")])
    scores = super_sbm("x", "y", "b", data=twin, unit="unit").scores().set_index("unit")["score"]
    assert scores["D"] == pytest.approx(1.0, abs=1e-12)
    assert scores["D2"] == pytest.approx(1.0, abs=1e-12)
    assert scores["C"] == pytest.approx(1.0909090909)


def test_constant_columns_give_right_scores_and_a_warning():
    x, y, b = random_technology(20, (1, 1, 1), 1)
    constant = [np.hstack([x, np.full_like(x, 7.0)]), y, b]
    results = {engine: super_sbm(*constant, engine=engine) for engine in ("fast", "highs", "pulp")}
    np.testing.assert_allclose(results["fast"].score, results["pulp"].score, rtol=1e-9)
    np.testing.assert_allclose(results["fast"].score, results["highs"].score, rtol=1e-9)
    assert any("'input2' is constant" in warning for warning in results["fast"].warnings)


@pytest.mark.parametrize("engine", ["fast", "highs", "pulp"])
def test_infeasible_super_efficiency_is_a_stored_status(engine):
    # the unit with the least input cannot be reached by the others from below under input orientation and VRS
    x, y = [[1.0], [2.0], [3.0], [4.0]], [[1.0], [4.0], [5.0], [5.5]]
    result = super_sbm(x, y, returns="vrs", orientation="input", engine=engine)
    scores = result.scores()
    last = scores.iloc[3]
    assert np.isnan(last["score"])
    assert last["sbm"] == pytest.approx(1.0)
    assert (last["status_super"], last["reason"]) == ("infeasible", "super-efficiency is infeasible")
    assert result.counts()["infeasible"] == 1
    best = "scores missing, super-efficiency is infeasible, of units on the frontier (SBM score 1), the best: "
    assert result.ledger()[-1] == {
        "step": "efficiency",
        "subject": "score",
        "units": 1,
        "rows": 1,
        "reason": best + "3",
    }
    assert result.ledger({3: "D"})[-1]["reason"] == best + "D"
    (warning,) = result.infeasible_warnings({3: "D"})
    assert warning.startswith("1 of 4 scores are missing because super-efficiency is infeasible, and they are those of")
    assert "without them, D; means" in warning
    for way in ("orientation: none", "returns: crs", "super_efficiency: false"):
        assert way in warning
    assert super_sbm(x, y, returns="vrs", orientation="none", engine=engine).infeasible_warnings() == ()


def test_columns_and_options_that_do_not_exist():
    for options, message in (
        ({"inputs": ["capitol"]}, r"no column 'capitol' \(did you mean 'capital'"),
        ({"unit": "town"}, "no column 'town'"),
        ({"inputs": ["capital", "gdp"]}, "'gdp' is named twice"),
        ({"inputs": []}, "at least one input"),
        ({"desirable": []}, "at least one input and one desirable"),
        ({"returns": "vsr"}, r"returns 'vsr' is not one of crs, vrs, nirs, ndrs \(did you mean 'vrs'"),
        ({"orientation": "inputs"}, "did you mean 'input'"),
        ({"frontier": "yearly"}, "frontier 'yearly' is not one of"),
        ({"engine": "highspy"}, r"engine 'highspy' .*did you mean 'highs'"),
        ({"frontier": "window", "window": 3}, "a window of 3 years does not fit into the 2 years"),
        ({"weights": {"co2": 1.0}}, r"'co2', no input or output \(did you mean 'so2'"),
        ({"weights": {"so2": 0.0}}, "weight of 'so2' is 0.0"),
    ):
        with pytest.raises(EstimationError, match=message):
            run(**options)
    with pytest.raises(EstimationError, match="column 'gdp' holds"):
        run(PANEL.assign(gdp=PANEL["gdp"].astype(str)))
    with pytest.raises(EstimationError, match="something else than numbers"):
        super_sbm("capital", "gdp")
    with pytest.raises(EstimationError, match="of one length"):
        super_sbm(np.ones((3, 1)), np.ones((4, 1)))
    with pytest.raises(EstimationError, match="2 unit labels for 4 rows"):
        super_sbm(np.ones((4, 1)), np.ones((4, 1)), unit=[1, 2])
    with pytest.raises(EstimationError, match="there is no row"):
        run(PANEL.iloc[:0])


def test_labels_that_are_no_labels():
    with pytest.raises(EstimationError, match="years must be whole numbers; found '2010年'"):
        run(PANEL.assign(year=["2010年"] * 8))
    with pytest.raises(EstimationError, match="1 rows have no unit"):
        run(PANEL.assign(city=[None, *PANEL["city"][1:]]))
    assert run(PANEL.assign(year=PANEL["year"].astype(str))).scores()["year"].tolist()[:5] == [2010] * 4 + [2011]


def test_input_is_not_changed():
    before = PANEL.copy()
    run()
    pd.testing.assert_frame_equal(PANEL, before)


@pytest.fixture
def dirty():
    frame = PANEL.copy()
    frame.loc[1, "so2"] = 0.0
    frame.loc[6, "so2"] = -1.0
    frame.loc[6, "gdp"] = np.nan
    return frame


COLUMN_NAMES = ["capital", "gdp", "so2"]


def test_cleaning_by_default_names_unit_year_and_indicator(dirty):
    message = r"2 values are zero or negative: unit 120000, year 2010, so2; unit 130000, year 2011, so2\. .*zeros: drop"
    with pytest.raises(EstimationError, match=message):
        clean(dirty, COLUMN_NAMES, **COLUMNS)
    with pytest.raises(EstimationError, match="1 values are missing: unit 130000, year 2011, gdp"):
        clean(dirty, COLUMN_NAMES, zeros="drop", **COLUMNS)


def test_cleaning_drops_unit_years_and_counts_them(dirty):
    cleaned = clean(dirty, COLUMN_NAMES, zeros="drop", missing="drop", **COLUMNS)
    assert cleaned.frame.index.tolist() == [0, 2, 3, 4, 5, 7]
    assert cleaned.ledger == [
        {
            "step": "efficiency",
            "subject": "so2",
            "units": 2,
            "rows": 2,
            "reason": "zero or negative: unit-year dropped: 120000 (2010), 130000 (2011)",
        },
        {
            "step": "efficiency",
            "subject": "gdp",
            "units": 1,
            "rows": 1,
            "reason": "missing: unit-year dropped: 130000 (2011)",
        },
    ]
    assert dirty.loc[1, "so2"] == 0.0


def test_cleaning_replaces_by_the_declared_value_and_warns_of_tiny_ones(dirty):
    cleaned = clean(dirty, COLUMN_NAMES, zeros={"replace": 0.01}, missing={"replace": 0.5}, **COLUMNS)
    assert cleaned.frame.loc[[1, 6], "so2"].tolist() == [0.01, 0.01]
    assert cleaned.frame.loc[6, "gdp"] == 0.5
    assert cleaned.ledger[0]["reason"] == "zero or negative: replaced by 0.01: 120000 (2010), 130000 (2011)"
    assert cleaned.warnings == ()
    tiny = clean(dirty, COLUMN_NAMES, zeros={"replace": 1e-12}, missing="drop", **COLUMNS)
    assert "decides the score of its unit" in tiny.warnings[0]
    with pytest.raises(EstimationError, match="replacement of zero or negative values must be positive, not 0"):
        clean(dirty, COLUMN_NAMES, zeros={"replace": 0}, **COLUMNS)
    with pytest.raises(EstimationError, match="must be error, drop or replace"):
        clean(dirty, COLUMN_NAMES, zeros="ignore", **COLUMNS)
    with pytest.raises(EstimationError, match="no unit-year is left"):
        clean(dirty.assign(so2=0.0), COLUMN_NAMES, zeros="drop", missing="drop", **COLUMNS)


def test_cleaning_names_a_column_of_text_and_data_without_rows():
    texts = PANEL.assign(gdp=PANEL["gdp"].astype(object))
    texts.loc[2, "gdp"] = "n.a."
    with pytest.raises(EstimationError, match=r"column 'gdp' holds object, not numbers, such as 'n\.a\.'"):
        clean(texts, COLUMN_NAMES, **COLUMNS)
    with pytest.raises(EstimationError, match=r"^column 'gdp' holds (object|str), not numbers$"):
        clean(PANEL.assign(gdp=PANEL["gdp"].astype(str)), COLUMN_NAMES, zeros="drop", missing="drop", **COLUMNS)
    with pytest.raises(EstimationError, match="there is no row to measure"):
        clean(PANEL.iloc[:0], COLUMN_NAMES, zeros="drop", **COLUMNS)
