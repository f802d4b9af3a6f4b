"""Panels as arrays: what is no whole grid of units and years is refused."""

import pandas as pd
import pytest
from shidian.errors import EstimationError
from shidian.spatial.arrays import balanced

GRID = pd.DataFrame({"unit": list("abab"), "year": [1, 1, 2, 2], "y": [1.0, 2.0, 3.0, 4.0]})


def test_rows_of_any_order_fill_years_by_units():
    assert balanced(GRID.iloc[[2, 1, 0, 3]], ["y"]).column("y").tolist() == [[1, 2], [3, 4]]


def test_a_row_given_twice_does_not_make_up_for_a_missing_one():
    with pytest.raises(EstimationError, match="unit 'a' has 2 rows in 1"):
        balanced(GRID.iloc[[0, 0, 1, 2]], ["y"])
