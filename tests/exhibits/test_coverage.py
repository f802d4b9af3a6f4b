"""The kind ``coverage``: counts by hand, absent rows, one variable by unit, both languages, the drawing."""

import numpy as np
import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.exhibits.data.coverage.estimate import run
from shidian.exhibits.result import StudyInfo
from shidian.report.figures.draw import draw_figure
from shidian.report.words import in_words

NAN = np.nan
INFO = StudyInfo("s", "city", "did", {"x": "Income"})
PANEL = pd.DataFrame({
    "unit": ["a", "a", "a", "b", "b", "c"], "unit_name": ["A", "A", "A", "B", "B", "A"],
    "year": [2010, 2011, 2012, 2010, 2012, 2012], "x": [1.0, NAN, 3.0, 4.0, 5.0, NAN],
    "y": [1.0, 2.0, 3.0, 4.0, NAN, 6.0], "did": 0.0, "adoption_year": pd.array([None] * 6, dtype="Int64"),
})  # fmt: skip


def estimates(**spec):
    found = run(PANEL, {"id": "c", "kind": "coverage", **spec}, INFO)
    return found, found.estimates.set_index(["column", "term"])["estimate"].to_dict()


def test_values_are_counted_of_every_unit_in_every_year():
    found, numbers = estimates(variables=["x", "y"])
    assert [numbers[column, "x"] for column in ("unit_years", "share", "complete", "none")] == [4, 4 / 9, 0, 1]
    assert [numbers[column, "y"] for column in ("unit_years", "share", "complete", "none")] == [5, 5 / 9, 1, 0]
    assert [numbers[str(year), "x"] for year in (2010, 2011, 2012)] == [2 / 3, 0, 2 / 3]
    assert [cell.text for cell in found.table.rows[0].cells] == ["4", "44.4%", "0", "1"]
    assert found.notes[0] == "3 cities, 2010–2012: 6 rows of 9 unit-years."
    assert found.figure.data["cells"]["value"].tolist() == [2 / 3, 0, 2 / 3, 2 / 3, 1 / 3, 2 / 3]
    assert {row.label for row in found.table.rows} == {"Income", "y"}


def test_outcome_treatment_and_controls_where_none_are_named():
    assert [row.label for row in estimates(outcome="x", controls=["y"])[0].table.rows] == ["Income", "did", "y"]


def test_one_variable_by_unit_tells_an_absent_row_from_a_missing_value():
    found, numbers = estimates(variable="x")
    assert [numbers["units", year] for year in ("2010", "2011", "2012")] == [2, 0, 2]
    assert [numbers["lacking", year] for year in ("2010", "2011", "2012")] == [1, 3, 1]
    cells = found.figure.data["cells"]
    assert cells.groupby("row", sort=False)["value"].agg(list).to_dict() == {
        "A a": [2, 1, 2],  # two cities of one name have their codes behind it
        "B": [2, 0, 2],
        "A c": [0, 0, 1],
    }
    assert found.notes[0] == "Income: 4 of 9 unit-years have a value; 3 have no row in the panel."


def test_a_sample_counts_its_own_years_and_units():
    numbers = estimates(variables=["x", "y"], sample={"first_year": 2012})[1]
    assert (numbers["unit_years", "x"], numbers["share", "x"], numbers["none", "x"]) == (2, 2 / 3, 1)
    numbers = estimates(variables=["x", "y"], sample={"exclude_years": [2011]})[1]
    assert (numbers["share", "x"], numbers["complete", "x"], numbers["none", "x"]) == (4 / 6, 2, 1)


def test_it_is_chinese_and_drawn_in_both_languages():
    for spec in ({"variables": ["x", "y"]}, {"variable": "x"}):
        found = estimates(**spec)[0]
        chinese = in_words(found, "zh")
        assert "单元年份" in " ".join(chinese.notes)
        assert len(draw_figure(found.figure).axes) == (2 if "variables" in spec else 1)
        drawing = draw_figure(chinese.figure, lang="zh")
        texts = [text.get_text() for legend in drawing.legends for text in legend.get_texts()]
        assert texts == ([] if "variables" in spec else ["无此行", "无数值", "有值"])


def test_both_keys_at_once_are_refused():
    with pytest.raises(EstimationError, match="give 'variables', or one 'variable' by unit"):
        estimates(variable="x", variables=["x", "y"])
