"""Filling of gaps at the boundaries of what was declared: gaps of just so many years, ends just so far away."""

import pandas as pd
import pytest
from shidian.panel.fill import fill_gaps
from shidian.study.model import Fill


def filled(known: dict[int, float], years: range, max_gap: int, ends: bool = False):
    """Fill one unit's values; return year -> (value, flag) of what was added, and the ledger."""
    long = pd.DataFrame({
        "unit": "a", "year": list(known), "value": list(known.values()), "source_id": "s", "indicator": "x",
        "measure": "", "factor": 1.0, "flag": "", "cell_id": [f"!{y}" for y in known],
    })  # fmt: skip
    rows = pd.DataFrame({"unit": "a", "year": list(years)})
    found, ledger = fill_gaps(long, rows, [Fill("s.x", max_gap, ends)])
    new = found[found["flag"] != ""]
    return {r["year"]: (r["value"], r["flag"]) for r in new.to_dict("records")}, ledger


@pytest.mark.parametrize(("max_gap", "values"), [(2, []), (3, [2.0, 4.0, 6.0]), (4, [2.0, 4.0, 6.0])])
def test_a_gap_of_three_years(max_gap, values):
    """0 in 2000 and 8 in 2004: the missing years step by two; a gap longer than declared stays empty whole."""
    found, _ = filled({2000: 0.0, 2004: 8.0}, range(2000, 2005), max_gap=max_gap)
    assert list(found.values()) == [(value, "interpolated") for value in values]
    assert list(found) == [2001, 2002, 2003][: len(values)]


@pytest.mark.parametrize("max_gap", [1, 2, 3])
def test_ends_are_carried_as_many_years_as_declared(max_gap):
    found, ledger = filled({2005: 1.0, 2006: 3.0}, range(2000, 2012), max_gap=max_gap, ends=True)
    before, after = range(2005 - max_gap, 2005), range(2007, 2007 + max_gap)
    assert found == dict.fromkeys(before, (1.0, "carried")) | dict.fromkeys(after, (3.0, "carried"))
    assert (ledger[0]["units"], ledger[0]["rows"]) == (1, 2 * max_gap)


def test_ends_stay_empty_where_they_are_not_declared():
    assert filled({2005: 1.0, 2006: 3.0}, range(2003, 2009), max_gap=3) == ({}, [])
