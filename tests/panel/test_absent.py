"""Unit-years of a source that the panel's frame lacks are counted and named."""

from pathlib import Path

import numpy as np
import pandas as pd
from shidian.panel.absent import absent_lines, spans, unserved_lines
from shidian.panel.join import Frame, Joined, join_source
from shidian.period import Period
from shidian.report.catalogue import in_language
from shidian.study.model import SourceUse

from tests.study.firms_in_cities import YEARS, firms, nested, pilot_source


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


def test_larger_units_in_which_no_row_lies_for_a_time_are_counted() -> None:
    keys = pd.Series(["p", "p", "q"])
    values = long(("p", 2012), ("p", 2013), ("q", 2013), ("q", 2014), ("q", 2015), ("r", 2013), ("q", None))
    (line,) = unserved_lines(ROWS, keys, values, "join s", "s", Period())
    assert (line["units"], line["rows"]) == (2, 3)
    assert line["reason"].endswith("p 2012, q 2014-2015")
    assert "没有" in in_language(line["reason"], "zh")


def test_rows_in_no_larger_unit_do_not_count_as_one() -> None:
    keys = pd.Series([None, "p", None])
    (line,) = unserved_lines(ROWS, keys, long(("p", 2013), ("p", 2014)), "join s", "s", Period())
    assert line["reason"].endswith("p 2013")
    assert unserved_lines(ROWS, keys, long(("p", 2014)), "join s", "s", Period()) == []


def test_years_of_a_province_without_a_city_of_it_in_the_panel_are_counted() -> None:
    rows = pd.DataFrame({"unit": ["130100", "130100", "320100"], "unit_name": "x", "year": [2011, 2012, 2012]})
    printed = [(code, year) for code in ("130000", "320000", "650000") for year in (2010, 2011, 2012)]
    records = pd.DataFrame(printed, columns=["unit_code", "year"]).assign(
        source_id="s", unit_name=None, province=None, indicator="z", value=1.0, measure="1", flag="", cell_id="c"
    )
    use = SourceUse("s", is_frame=False, join="province", level="province")
    key = pd.Series([code for code, _ in printed])
    table = records[["unit_code", "unit_name", "province", "year"]].assign(key=key, fate="", why="no")
    _, lines = join_source(Frame(rows), Joined(records.astype({"year": "Int64"}), np.arange(9), table), use)
    said = {line["reason"]: (line["units"], line["rows"]) for line in lines}
    (reason,) = [text for text in said if text.startswith("unit-years in which no row")]
    assert reason.endswith("130000 2010, 320000 2010-2011")
    assert said[reason] == (2, 3)


def test_years_of_a_city_without_a_firm_of_it_in_the_panel_are_counted(tmp_path: Path) -> None:
    table = firms()
    table = table[~((table["city"] == 3) & table["year"].between(2003, 2004))]
    table = table[~((table["city"] == 4) & (table["year"] == 2006))]
    on = [(city, year, int(city == 1 and year >= 2003)) for city in (1, 2, 3, 4, 9) for year in YEARS]
    pilots = pd.DataFrame(on, columns=["city", "year", "on"])
    built = nested(
        tmp_path, table=table, pilots=pilots, source=pilot_source({"on": "1"}, "year"),
        treatment={"name": "did", "status": "pilots.on"},
    )  # fmt: skip
    ledger = built.panel.ledger
    (line,) = ledger[ledger["reason"].str.startswith("unit-years in which no row")].to_dict("records")
    assert (line["step"], line["units"], line["rows"]) == ("join pilots", 2, 3)
    assert line["reason"].endswith("3 2003-2004, 4 2006")
