"""Counts of the values that a panel has, by hand."""

import numpy as np
import pandas as pd
from shidian.coverage.counts import beyond_rows, complete_rows, having, lacking, percent, rows_by_period

NAN = np.nan
PANEL = pd.DataFrame({
    "unit": ["a", "a", "a", "b", "b", "c"], "unit_name": ["A", "A", "A", "B", "B", "C"],
    "year": [2010, 2011, 2012, 2010, 2012, 2012], "x": [1.0, NAN, 3.0, 4.0, 5.0, NAN],
    "y": [1.0, NAN, 3.0, 4.0, NAN, 6.0], "text": ["p", "q", None, "p", "p", "q"],
})  # fmt: skip
YEARS = [2009, 2010, 2011, 2012]


def test_units_with_a_value_by_year_also_where_no_row_is() -> None:
    assert having(PANEL, ["x", "y", "text"], YEARS).to_numpy().tolist() == [[0, 2, 0, 2], [0, 2, 0, 2], [0, 2, 1, 2]]
    assert rows_by_period(PANEL, YEARS).tolist() == [0, 2, 1, 3]


def test_units_that_lack_most_come_first_with_their_years() -> None:
    found = lacking(PANEL, ["x", "y"], YEARS)
    assert found.to_numpy().tolist() == [
        ["c", "x", (2009, 2010, 2011, 2012), 4],
        ["c", "y", (2009, 2010, 2011), 3],
        ["b", "x", (2009, 2011), 2],
        ["b", "y", (2009, 2011, 2012), 3],
        ["a", "x", (2009, 2011), 2],
        ["a", "y", (2009, 2011), 2],
    ]
    assert lacking(PANEL.iloc[:1], ["x"], [2010]).empty


def test_lacking_and_having_are_one_table_in_any_order_of_rows() -> None:
    rng = np.random.default_rng(0)
    panel = pd.DataFrame({"unit": np.repeat(list("abcdefgh"), 6), "year": np.tile(range(2000, 2006), 8)})
    panel = panel.assign(x=rng.normal(size=48), y=rng.normal(size=48)).mask(rng.random((48, 4)) < 0.3)
    panel = panel.dropna(subset=["unit", "year"]).astype({"year": int})
    years = list(range(2000, 2006))
    gaps = lacking(panel, ["x", "y"], years)
    shuffled = panel.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(gaps, lacking(shuffled, ["x", "y"], years))
    counts = having(shuffled, ["x", "y"], years)
    lost = gaps.groupby("variable")["n"].sum()
    assert (counts.sum(axis=1) + lost).tolist() == [8 * 6] * 2


def test_complete_rows_and_what_each_variable_costs() -> None:
    n, cost = complete_rows(PANEL, ["x", "y", "text"])
    assert n == 2
    assert cost.to_dict("index") == {
        "x": {"missing": 2, "alone": 1},
        "y": {"missing": 2, "alone": 1},
        "text": {"missing": 1, "alone": 1},
    }


def test_values_of_the_sources_without_a_row_are_counted() -> None:
    long = pd.DataFrame(
        [("a", 2009, 1.0), ("a", 2010, 2.0), ("a", 2011, NAN), ("b", 2011, NAN), ("b", None, 3.0), ("z", 2010, 4.0)],
        columns=["unit", "year", "value"],
    ).assign(source_id="s", indicator="i")
    found = beyond_rows(PANEL, long.astype({"year": "Int64"}))
    assert found.to_dict("index") == {"s.i": {"known": 2, "blank": 1, "lost": 1}}


def test_a_hundred_per_cent_is_all_and_none_is_zero() -> None:
    assert [percent(n, 1000) for n in (0, 1, 4, 500, 996, 999, 1000)] == [0, 1, 1, 50, 99, 99, 100]
    assert percent(0, 0) == 0
