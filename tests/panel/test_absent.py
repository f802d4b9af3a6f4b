"""Unit-years of a source that the panel's frame lacks are counted and named."""

import pandas as pd
from shidian.panel.absent import absent_lines, spans
from shidian.period import Period
from shidian.report.catalogue import in_language


def long(*pairs: tuple[str, int | None]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["unit", "year"]).astype({"year": "Int64"})


ROWS = pd.DataFrame({"unit": ["a", "a", "b"], "year": [2013, 2014, 2013]})


def test_lost_unit_years_are_named_with_their_spans() -> None:
    values = long(
        ("a", 2010), ("a", 2011), ("a", 2012), ("a", 2013), ("b", 2012), ("b", 2014), ("b", None), ("b", 2014)
    )
    (line,) = absent_lines(ROWS, values, "join s", "s", Period())
    assert (line["units"], line["rows"]) == (2, 5)
    assert line["reason"] == (
        "unit-years that the panel does not have (not in its frame, or excluded): a 2010-2012, b 2012, 2014"
    )
    assert in_language(line["reason"], "zh").startswith("面板中没有的单位年份")


def test_a_source_within_the_frame_says_nothing() -> None:
    assert absent_lines(ROWS, long(("a", 2013), ("b", 2013), ("b", None)), "join s", "s", Period()) == []


def test_spans_of_other_periods() -> None:
    quarter = Period("quarter")
    assert spans([8052, 8053, 8055], quarter) == "2013Q1-2013Q2, 2013Q4"
